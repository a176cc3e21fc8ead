"""What a script names: modules, tools, and paths of data."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..exceptions import InvalidInputError
from .toolbox._python import compile_source

__all__ = ["NamedPath", "ScriptScan", "local_files", "scan"]

# Python modules that every ArcGIS Server has, whatever this machine has.
_ON_SERVERS = {
    "arcgis", "arcgisscripting", "arcpy", "bs4", "comtypes", "dateutil", "fiona", "geosharing", "h5py", "jinja2",
    "lxml", "matplotlib", "netCDF4", "networkx", "numexpr", "numpy", "openpyxl", "osgeo", "pandas", "PIL", "psutil",
    "pyproj", "pytz", "pywintypes", "requests", "scipy", "seaborn", "shapely", "sklearn", "sqlalchemy", "sympy",
    "tqdm", "urllib3", "win32api", "win32com", "win32con", "winreg", "xarray", "xlrd", "xlsxwriter", "xlwt", "yaml",
}  # fmt: skip
_DRIVE = re.compile(r"^(?:[A-Za-z]:[\\/]|\\\\[^\\/?]+[\\/][^\\/])")
_DATA = re.compile(
    r"\.(?:gdb|sde|shp|dbf|csv|txt|xlsx?|json|geojson|gpkg|tiff?|img|jpg|png|lyrx?|stylx?|mxd|aprx|mapx|pagx|atbx|"
    r"pyt|tbx|prj|sqlite|db|xml|zip|kmz?|las|lasd|nc|crf|loc|mdb|accdb|rlt|py|html?|pdf|docx?)(?:$|[\\/])",
    re.IGNORECASE,
)
_PATTERN = re.compile(r"[{}*?<>|\n\r\t\"]|%[sdif(]|^\\[dwsWDSb]")
_OUTPUT = re.compile(r"out|temp|tmp|scratch|log|result|dest|target|save|export", re.IGNORECASE)
_TOOLBOXES = (".tbx", ".atbx", ".pyt")
MAX_FILES = 5000


@dataclass(frozen=True)
class NamedPath:
    """A path that stands in a script."""

    path: str
    line: int
    exists: bool
    found: str = ""
    """Where it is on this machine, absolute; empty when it is not."""

    @property
    def is_toolbox(self) -> bool:
        """Whether it names a toolbox."""
        return self.path.lower().endswith(_TOOLBOXES)


@dataclass
class ScriptScan:
    """What a script names."""

    syntax_error: str = ""
    unknown_imports: list[str] = field(default_factory=list)
    paths: list[NamedPath] = field(default_factory=list)
    tools: list[str] = field(default_factory=list)


def scan(source: bytes, path: str) -> ScriptScan:
    """Read a script without running it.

    Addresses on the web, docstrings, patterns and the names of outputs are no paths of data.

    Args:
        source: its bytes.
        path: where it stands; relative paths are looked for beside it.
    """
    try:
        _, tree = compile_source(source, path)
    except InvalidInputError as error:
        cause = error.__cause__
        if isinstance(cause, SyntaxError):
            return ScriptScan(f"line {cause.lineno}: {cause.msg}")
        return ScriptScan(str(cause or error))
    folder = os.path.dirname(path) or "."
    found = ScriptScan()
    outputs = _outputs(tree)
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            # Parts of a text that is put together are no paths by themselves.
            docs.update(id(part) for part in node.values)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).startswith(("re.", "logging.")):
            docs.update(id(part) for part in node.args)
    known: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            named = _named(node.value, node.lineno, folder)
            if named is None or named.path in known or (not named.exists and id(node) in outputs):
                continue
            known.add(named.path)
            found.paths.append(named)
        elif isinstance(node, ast.Call):
            tool = _tool(node.func)
            if tool and tool not in found.tools:
                found.tools.append(tool)
    found.unknown_imports = [name for name in _imports(tree) if not _importable(name, folder)]
    return found


def _named(text: str, line: int, folder: str) -> NamedPath | None:
    if not 3 < len(text) <= 400 or _PATTERN.search(text) or "://" in text or text.startswith(("//", "www.")):
        return None
    if text.endswith((":", " ")) or text.count("  "):
        return None
    if _DRIVE.match(text):
        places = [text, text.replace("\\", "/")]
    elif text.startswith("/"):
        # An absolute path, or the path of an address: only data has such endings.
        if not (_DATA.search(text) or os.path.exists(text)) or text.rstrip("/").count("/") < 2:
            return None
        places = [text]
    else:
        # Beside the script it is data; elsewhere it may be anything.
        plain = text.replace("\\", "/")
        if not (("/" in plain or _DATA.search(plain)) and not plain.startswith("..")):
            return None
        places = [os.path.join(folder, plain)]
    for place in places:
        real = _existing(place)
        if real:
            return NamedPath(text, line, True, real)
    if _DRIVE.match(text) or text.startswith("/"):
        return NamedPath(text, line, False)
    return None


def _existing(place: str) -> str:
    """Return a file or folder, or the geodatabase that holds a named dataset; empty when there is none."""
    if os.path.exists(place):
        return os.path.abspath(place)
    inside = re.match(r"(?i)(.*\.(?:gdb|gpkg|sde|sqlite))[\\/](.+)$", place)
    if inside and os.path.exists(inside[1]):
        from .datasets import Exists

        try:
            return os.path.abspath(place) if Exists(place) else ""
        except Exception:
            return ""
    return ""


def _outputs(tree: ast.AST) -> set[int]:
    """Return the ids of texts that are given to something that sounds like an output."""
    found: set[int] = set()
    for node in ast.walk(tree):
        named: list[tuple[str, ast.AST | None]] = []
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            named = [(ast.unparse(target), node.value) for target in targets]
        elif isinstance(node, ast.keyword) and node.arg:
            named = [(node.arg, node.value)]
        for name, value in named:
            if value is not None and _OUTPUT.search(name):
                found.update(id(part) for part in ast.walk(value))
    return found


def _tool(function: ast.AST) -> str:
    text = ast.unparse(function) if isinstance(function, ast.Attribute) else ""
    parts = text.split(".")
    if parts[0] != "arcpy" or len(parts) not in (2, 3):
        return ""
    if len(parts) == 3:
        return f"{parts[1]}.{parts[2]}" if parts[2][:1].isupper() else ""
    tool, _, module = parts[1].rpartition("_")
    return f"{module}.{tool}" if tool else ""


def _imports(tree: ast.AST) -> Iterator[str]:
    """Yield the modules that a script cannot do without: those it imports outside of `try`."""
    known: set[str] = set()

    def walk(node: ast.AST) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Try):
                continue
            if isinstance(child, ast.Import):
                yield from (alias.name for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                if child.module and not child.level:
                    yield child.module
            else:
                yield from walk(child)

    for name in walk(tree):
        top = name.partition(".")[0]
        if top not in known:
            known.add(top)
            yield top


def _importable(name: str, folder: str) -> bool:
    if name in _ON_SERVERS or name in sys.stdlib_module_names or name in sys.builtin_module_names:
        return True
    if os.path.isdir(os.path.join(folder, name)) or os.path.isfile(os.path.join(folder, f"{name}.py")):
        return True
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError, AttributeError):
        return False


def local_files(source: bytes, path: str, already: set[str] | None = None) -> list[str]:
    """Return the files of the modules beside a script that it imports, and those that they import.

    Args:
        source: the script's bytes.
        path: where it stands.
        already: files that are known.
    """
    found: set[str] = already if already is not None else set()
    try:
        _, tree = compile_source(source, path)
    except InvalidInputError:
        return sorted(found)
    folder = os.path.dirname(os.path.abspath(path))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
            names.update(alias.name for alias in node.names if not node.module)
    for name in sorted(names - {""}):
        module, package = os.path.join(folder, f"{name}.py"), os.path.join(folder, name)
        if os.path.isfile(module) and module not in found:
            found.add(module)
            with open(module, "rb") as file:
                local_files(file.read(), module, found)
        elif os.path.isdir(package) and _is_package(package):
            for base, folders, files in os.walk(package):
                folders[:] = [entry for entry in folders if entry != "__pycache__"]
                found.update(os.path.join(base, entry) for entry in files)
                if len(found) > MAX_FILES:
                    return sorted(found)
    return sorted(found)


def _is_package(folder: str) -> bool:
    return os.path.isfile(os.path.join(folder, "__init__.py")) or any(
        name.endswith(".py") for name in os.listdir(folder)
    )
