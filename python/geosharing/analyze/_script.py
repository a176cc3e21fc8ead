"""Scripts of tools: what they import, which paths they name, whether they compile."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["scan_script"]

_WINDOWS = re.compile(r"^(?:[A-Za-z]:[\\/]|\\\\)[^\r\n\t*?\"<>|]+$")
_POSIX = re.compile(r"^/[\w.-]+(?:/[\w .@+-]+)+/?$")
_DATA = re.compile(
    r"^[^\r\n\t*?\"<>|:{}%]+\.(?:gdb|shp|csv|xlsx?|tif|tiff|img|gpkg|dbf|lyrx|mapx|aprx|sde|tbx|atbx|pyt)"
    r"(?:[\\/][^\r\n\t*?\"<>|:{}%]+)?$",
    re.IGNORECASE,
)
_TOOLBOX = (".tbx", ".atbx", ".pyt")
_ALWAYS = {"arcpy", "arcgis", "arcgisscripting", "geosharing"}


def scan_script(
    path: str | os.PathLike[str] | None = None, *, text: str | None = None, folder: str | None = None
) -> dict[str, Any]:
    """Return what a script says of itself without running it, as `GpScript` of the core has it.

    Addresses on the web, docstrings, format patterns and patterns of regular expressions are no paths.

    Args:
        path: the file of the script.
        text: its text, when it lies inside a toolbox.
        folder: what relative paths and imports count from; that of the file by default.

    Returns:
        `path`, `missing`, `syntax_error`, `unknown_imports`, `paths`, `tools`.

    Examples:
        >>> scan_script(text="import nosuchmodule_")["unknown_imports"]
        ['nosuchmodule_']
        >>> scan_script(text="print(")["syntax_error"]
        "line 1: '(' was never closed"
    """
    found: dict[str, Any] = {"path": os.fspath(path or ""), "missing": False, "syntax_error": None}
    found |= {"unknown_imports": [], "paths": [], "tools": []}
    if text is None:
        try:
            text = Path(found["path"]).read_bytes().decode("utf-8-sig", "replace")
        except OSError:
            return found | {"missing": True}
    base = folder or os.path.dirname(os.path.abspath(found["path"])) if found["path"] else folder or "."
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        reason = getattr(error, "msg", None) or str(error)
        return found | {"syntax_error": f"line {line}: {reason}" if line else reason}
    found["unknown_imports"] = sorted(set(_unknown_imports(tree, base)))
    found["paths"] = list(_paths(tree, base))
    found["tools"] = sorted(set(_tools(tree)))
    return found


def _unknown_imports(tree: ast.Module, folder: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module]
        else:
            continue
        for name in names:
            top = name.partition(".")[0]
            if top not in _ALWAYS and not _is_there(top, folder):
                yield top


def _is_there(module: str, folder: str) -> bool:
    if module in sys.stdlib_module_names:
        return True
    beside = Path(folder, module)
    if beside.with_suffix(".py").is_file() or beside.is_dir() or beside.with_suffix(".pyt").is_file():
        return True
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _docstrings(tree: ast.Module) -> set[int]:
    found = set()
    for node in ast.walk(tree):
        # Texts that stand alone are comments, wherever they stand.
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found.add(id(node.value))
    return found


def _paths(tree: ast.Module, folder: str) -> Iterator[dict[str, Any]]:
    skip = _docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skip.update(id(part) for part in node.values)
        elif isinstance(node, ast.Call) and _dotted(node.func).startswith(("re.", "logging.")):
            skip.update(id(argument) for argument in node.args)
    seen = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in skip:
            continue
        text = node.value.strip()
        if text in seen or not _is_path(text):
            continue
        seen.add(text)
        yield {
            "path": text,
            "exists": _exists(text, folder),
            "is_toolbox": text.lower().endswith(_TOOLBOX),
            "line": node.lineno,
        }


def _is_path(text: str) -> bool:
    if not text or len(text) > 1000 or "://" in text or text.startswith(("in_memory", "memory\\", "memory/")):
        return False
    return bool(
        _WINDOWS.match(text) or _POSIX.match(text) or (_DATA.match(text) and re.search(r"[\\/]", text))
    )


def _exists(text: str, folder: str) -> bool:
    native = text.replace("\\", "/")
    path = Path(native) if os.path.isabs(native) else Path(folder, native)
    # A class in a geodatabase exists when the geodatabase does; a workspace says the rest.
    return any(part.exists() for part in (path, *_containers(path)))


def _containers(path: Path) -> Iterator[Path]:
    for parent in path.parents:
        if parent.suffix.lower() in (".gdb", ".gpkg", ".sde", ".tbx", ".atbx"):
            yield parent


def _dotted(node: ast.AST) -> str:
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
    return ".".join(reversed(parts))


def _tools(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = _dotted(node.func)
            if name.startswith("arcpy.") and name.rsplit(".", 1)[-1][:1].isupper():
                yield name.removeprefix("arcpy.")
