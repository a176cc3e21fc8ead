"""Running scripts that were written for arcpy."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import os
import sys
import traceback
import types
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

__all__ = ["own_traceback", "provide_arcpy", "run_script"]

_PACKAGE = os.path.dirname(os.path.abspath(__file__))
_ALIASES = {"_mp": "mp"}
# Modules of arcpy that geosharing does not have; their names deserve a better text than Python's.
_MISSING = {
    "analysis", "ba", "cartography", "charts", "conversion", "da", "ddd", "edit", "ga", "geoai", "geocoding",
    "ia", "mapping", "na", "nax", "nd", "sa", "sr", "stats", "toolbox", "un", "wmx",
}  # fmt: skip


class _Alias(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds `arcpy` and everything below it in this package."""

    def find_spec(
        self, fullname: str, path: Any = None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        top, _, rest = fullname.partition(".")
        if fullname == "arcgisscripting":
            return importlib.machinery.ModuleSpec(fullname, self)
        if top != "arcpy":
            return None
        if rest in _MISSING:
            raise ModuleNotFoundError(f"geosharing does not have arcpy.{rest}; see its README", name=fullname)
        own = self._own(fullname)
        if rest and importlib.util.find_spec(own) is None:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=not rest)

    @staticmethod
    def _own(fullname: str) -> str:
        rest = fullname.partition(".")[2]
        return "geosharing" + (f".{_ALIASES.get(rest, rest)}" if rest else "")

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        if spec.name == "arcgisscripting":
            return types.ModuleType(spec.name, "The exceptions of arcpy under their older name.")
        module = importlib.import_module(self._own(spec.name))
        spec.loader_state = (module.__spec__, getattr(module, "__loader__", None))
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        from . import exceptions

        if module.__name__ == "arcgisscripting":
            module.ExecuteError = exceptions.ExecuteError  # type: ignore[attr-defined]
            module.ExecuteWarning = exceptions.ExecuteWarning  # type: ignore[attr-defined]
            return
        # The import system has written the alias into the module; give it its own name back.
        spec = module.__spec__
        assert spec is not None
        module.__spec__, module.__loader__ = spec.loader_state


_finder = _Alias()


@contextmanager
def provide_arcpy() -> Iterator[None]:
    """Let `import arcpy` and `from arcpy import mp` find this package, within the block."""
    before = {name for name in sys.modules if _is_arcpy(name)}
    sys.meta_path.insert(0, _finder)
    try:
        yield
    finally:
        sys.meta_path.remove(_finder)
        for name in [name for name in sys.modules if _is_arcpy(name) and name not in before]:
            del sys.modules[name]


def _is_arcpy(name: str) -> bool:
    return name in ("arcpy", "arcgisscripting") or name.startswith("arcpy.")


def run_script(path: str | os.PathLike[str], arguments: Sequence[str] = ()) -> int:
    """Run a script as Python would, with arcpy provided; return its exit status.

    Args:
        path: the script.
        arguments: what it finds in `sys.argv`.
    """
    script = os.fspath(path)
    with io.open_code(os.path.abspath(script)) as file:
        source = file.read()
    main = types.ModuleType("__main__")
    main.__dict__.update(__file__=script, __builtins__=__builtins__, __loader__=None, __spec__=None)
    saved = sys.argv, sys.path[:], sys.modules["__main__"]
    sys.argv = [script, *arguments]
    sys.path.insert(0, os.path.dirname(os.path.abspath(script)))
    sys.modules["__main__"] = main
    try:
        with provide_arcpy():
            return _execute(source, script, main)
    finally:
        sys.argv, sys.path[:], sys.modules["__main__"] = saved


def _execute(source: bytes, script: str, main: types.ModuleType) -> int:
    try:
        exec(compile(source, script, "exec", dont_inherit=True), main.__dict__)
    except SystemExit as leave:
        return _status(leave.code)
    except KeyboardInterrupt as error:
        _show(error)
        return 130
    except BaseException as error:
        _show(error)
        return 1
    return 0


def _status(code: Any) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code
    print(code, file=sys.stderr)
    return 1


def _ours(frame: traceback.FrameSummary) -> bool:
    return os.path.abspath(frame.filename).startswith(_PACKAGE + os.sep)


def own_traceback(error: BaseException) -> str:
    """Return a traceback of the script's own frames, without those of this package."""
    shown: traceback.TracebackException | None = traceback.TracebackException.from_exception(error)
    first = shown
    while shown is not None:
        frames = list(shown.stack)
        within = bool(frames) and _ours(frames[-1])
        shown.stack[:] = [frame for frame in frames if not _ours(frame)]
        if within:
            # What we met on the way is in the text already.
            shown.__cause__ = shown.__context__ = None
        shown = shown.__cause__ or (None if shown.__suppress_context__ else shown.__context__)
    assert first is not None
    return "".join(first.format())


def _show(error: BaseException) -> None:
    """Print a traceback of the script's own frames; GEOSHARING_TRACEBACK=full shows all."""
    sys.stdout.flush()
    if os.environ.get("GEOSHARING_TRACEBACK") == "full":
        traceback.print_exception(error)
        return
    print(own_traceback(error), file=sys.stderr, end="")
