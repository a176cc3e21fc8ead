"""A place of its own for the code of one toolbox: its modules, its search path, and arcpy."""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import threading
import types
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..._run import provide_arcpy

__all__ = ["Space"]


_entering = threading.RLock()


class _Absent:
    """Something of a module that is not here; using it says so, naming it is allowed."""

    def __init__(self, name: str, space: Space) -> None:
        self.__dict__.update(_name=name, _space=space)

    def _use(self) -> ModuleNotFoundError:
        module = self._name.split(".")[0]
        if module == "arcpy":
            text = f"geosharing has no `{self._name}`: it belongs to an engine of ArcGIS; see its README"
        else:
            text = f"No module named '{module}', which `{self._name}` belongs to; install it to run this tool"
        return ModuleNotFoundError(text, name=self._name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return _Absent(f"{self._name}.{name}", self._space)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not self._space.loading:
            raise self._use()
        # A decorator leaves what it decorates.
        if len(args) == 1 and not kwargs and callable(args[0]):
            return args[0]
        return self

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        return ()

    def __setattr__(self, name: str, value: Any) -> None:
        self.__dict__[name] = value

    def _refuse(self, *_: Any) -> Any:
        raise self._use()

    __iter__ = __len__ = __getitem__ = __enter__ = __add__ = __sub__ = __mul__ = __truediv__ = _refuse


class _AbsentModule(types.ModuleType):
    def __init__(self, name: str, space: Space) -> None:
        super().__init__(name)
        self.__dict__.update(_space=space, __all__=[], __path__=[])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return _Absent(f"{self.__name__}.{name}", self._space)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Lets a toolbox name modules that are not here, so that its parameters can be read."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.asking = False

    def find_spec(
        self, fullname: str, path: Any = None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        top, _, rest = fullname.partition(".")
        # `from arcpy import sa` asks for a part of the package that arcpy stands for.
        engine = top in ("arcpy", "geosharing") and bool(rest)
        if self.asking or not (engine or self.space.tolerates(top, _importer())):
            return None
        if top == "geosharing" and not self.space.wrote(_importer()):
            return None
        self.asking = True
        try:
            if isinstance(sys.modules.get(fullname.rpartition(".")[0]), _AbsentModule):
                found = False
            else:
                found = importlib.util.find_spec(fullname) is not None
        except (ImportError, ValueError, AttributeError):
            found = False
        finally:
            self.asking = False
        return None if found else importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        name = spec.name.replace("geosharing.", "arcpy.", 1)
        module = self.space._modules[spec.name] = _AbsentModule(name, self.space)
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def _importer() -> str:
    """Return the file of the statement that imports."""
    frame: types.FrameType | None = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith("<frozen importlib") and name != __file__:
            return name
        frame = frame.f_back
    return ""


def plain_imports(tree: ast.AST) -> set[str]:
    """Return the modules that code imports without asking first whether they are there."""
    found: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
        elif isinstance(node, (ast.If, ast.With, ast.Module)):
            found |= plain_imports(node)
    return found


class Space:
    """Where the code of one toolbox lives: two toolboxes with a module `utils` each do not meet.

    Inside `with space:` the toolbox's folder is on the search path, `import arcpy` is this package, and the
    modules that the toolbox brought are the ones that `import` finds. Outside, nothing of it is left.
    """

    def __init__(self, folder: str) -> None:
        self.folder = os.path.abspath(folder)
        self.tolerated: set[str] = set()
        self._plain: dict[str, set[str]] = {}
        self.loading = False
        self._modules: dict[str, types.ModuleType] = {}
        self._path: list[str] = [self.folder]
        self._depth = 0
        self._before: list[str] = []

    def wrote(self, file: str) -> bool:
        """Return whether a file of code belongs to the toolbox."""
        path = os.path.abspath(file)
        return any(path.startswith(os.path.abspath(entry) + os.sep) for entry in self._own_path() if entry)

    def _own_path(self) -> list[str]:
        return [*self._path, *(entry for entry in sys.path if entry not in self._before)]

    def tolerates(self, module: str, file: str) -> bool:
        """Return whether a missing module may be named by a file, which fails only when it is used."""
        if module in self.tolerated:
            return True
        if not file or not self.wrote(file):
            return False
        if file not in self._plain:
            try:
                with warnings.catch_warnings(), open(file, "rb") as opened:
                    warnings.simplefilter("ignore")
                    self._plain[file] = plain_imports(ast.parse(opened.read()))
            except (OSError, SyntaxError, ValueError):
                self._plain[file] = set()
        return module in self._plain[file]

    @contextmanager
    def active(self, *, loading: bool = False) -> Iterator[Space]:
        """Enter the space; one thread at a time, since modules are of the whole process."""
        with _entering:
            if self._depth:
                yield self
            else:
                with self._entered(loading):
                    yield self

    @contextmanager
    def _entered(self, loading: bool) -> Iterator[None]:
        before, path = dict(sys.modules), sys.path[:]
        self._before = path
        own = dict(self._modules)
        for name in own:
            sys.modules.pop(name, None)
        # A module of this name that another toolbox or script brought must not be found.
        hidden = {name: sys.modules.pop(name) for name in self._shadowed(before)}
        sys.modules.update(own)
        self._attach()
        sys.path[:] = [*self._path, *(entry for entry in path if entry not in self._path)]
        finder = _Finder(self)
        self._depth, self.loading = 1, loading
        try:
            with provide_arcpy():
                sys.meta_path.insert(0, finder)
                try:
                    yield
                finally:
                    sys.meta_path.remove(finder)
        finally:
            self._depth, self.loading = 0, False
            self._path = [entry for entry in sys.path if entry not in path or entry == self.folder]
            for name, module in list(sys.modules.items()):
                if before.get(name) is not module and self._owns(module):
                    self._modules[name] = module
                    del sys.modules[name]
                    if name in before:
                        sys.modules[name] = before[name]
            self._detach()
            sys.modules.update(hidden)
            sys.path[:] = path

    def _engines(self) -> list[tuple[str, types.ModuleType]]:
        return [
            (name.partition(".")[2], module)
            for name, module in self._modules.items()
            if isinstance(module, _AbsentModule)
            and name.startswith(("arcpy.", "geosharing."))
            and name.count(".") == 1
        ]

    def _attach(self) -> None:
        """Let `arcpy.sa` be found as an attribute, too, where the toolbox imported it."""
        import geosharing

        for name, module in self._engines():
            setattr(geosharing, name, module)

    def _detach(self) -> None:
        import geosharing

        for name, module in self._engines():
            # The import system made it an attribute of the package that arcpy stands for.
            if vars(geosharing).get(name) is module:
                delattr(geosharing, name)

    def _shadowed(self, modules: dict[str, types.ModuleType]) -> list[str]:
        """Return the loaded modules that a file beside the toolbox would replace."""
        try:
            beside = {os.path.splitext(name)[0] for name in os.listdir(self.folder)}
        except OSError:
            return []
        return [
            name
            for name, module in modules.items()
            if name.partition(".")[0] in beside
            and name != "__main__"
            and name.partition(".")[0] not in sys.stdlib_module_names
            and not name.startswith(("geosharing", "arcpy"))
            and getattr(module, "__file__", None)
            and "site-packages" not in str(module.__file__)
            and not self._owns(module)
        ]

    def _owns(self, module: Any) -> bool:
        if isinstance(module, _AbsentModule):
            return True
        file = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", None) or []), None)
        if not isinstance(file, str):
            return False
        path = os.path.abspath(file)
        if "site-packages" in path or "dist-packages" in path:
            return False
        return any(path.startswith(os.path.abspath(entry) + os.sep) for entry in self._path if entry)
