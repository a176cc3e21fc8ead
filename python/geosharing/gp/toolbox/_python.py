"""Python toolboxes (`.pyt`)."""

from __future__ import annotations

import ast
import os
import re
import types
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..._run import own_traceback
from ...exceptions import InvalidInputError, LimitError
from ..messages import Frame, _stack
from ..parameter import Parameter
from ..result import Message, Result
from ..running import InvalidParametersError, ToolMessages
from ._metadata import LIMIT, ToolMetadata, read_metadata
from ._space import Space, plain_imports
from ._tool import Tool

__all__ = ["PythonTool", "compile_source", "load_python"]

MAX_SOURCE = 32_000_000


def compile_source(data: bytes, path: str) -> tuple[Any, ast.Module]:
    """Return the code and the tree of a script, in UTF-8 or, as older ones are, in a Windows code page.

    Raises:
        InvalidInputError: it is no Python 3.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            data.decode("utf-8")
            source: bytes | str = data
        except UnicodeDecodeError:
            named = re.search(rb"coding[:=]\s*[-\w.]+", data[:400])
            source = data if named else data.decode("cp1252", "replace")
        try:
            tree = ast.parse(source, path)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = f" line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
            raise InvalidInputError(
                f"`{path}`{line} is no Python 3: {getattr(error, 'msg', error)}; "
                "scripts for ArcMap must be converted"
            ) from error
        return compile(tree, path, "exec", dont_inherit=True), tree


def load_python(path: str, make: Callable[..., Any]) -> Any:
    """Return the toolbox of a `.pyt` file."""
    if os.path.getsize(path) > MAX_SOURCE:
        raise LimitError(f"`{path}` is larger than {MAX_SOURCE} bytes, which no Python toolbox is")
    with open(path, "rb") as file:
        code, tree = compile_source(file.read(), path)
    import geosharing

    space = Space(os.path.dirname(path))
    space.tolerated = plain_imports(tree)
    name = os.path.splitext(os.path.basename(path))[0]
    module = types.ModuleType(name)
    module.__file__ = path
    module.__dict__["arcpy"] = geosharing
    with space.active(loading=True):
        try:
            exec(code, module.__dict__)
            describe = module.__dict__.get("Toolbox")
            if describe is None:
                raise InvalidInputError(f"`{path}` has no class `Toolbox`, so that it is no Python toolbox")
            box = describe()
        except InvalidInputError:
            raise
        except (Exception, SystemExit) as error:
            raise InvalidInputError(
                f"cannot load `{path}`: {type(error).__name__}: {error}",
                details=own_traceback(error).splitlines(),
            ) from error
    toolbox = make(
        label=str(getattr(box, "label", None) or name),
        alias=str(getattr(box, "alias", None) or ""),
        path=path,
        description=str(getattr(box, "description", None) or ""),
    )
    for entry in getattr(box, "tools", None) or []:
        tool = PythonTool(toolbox, entry, space)
        if tool.name in toolbox.tools:
            raise InvalidInputError(
                f"`{path}` lists two tools named `{tool.name}`; rename one of the classes"
            )
        toolbox.tools[tool.name] = tool
    return toolbox


class PythonTool(Tool):
    """A class of a Python toolbox."""

    def __init__(self, toolbox: Any, described: Any, space: Space) -> None:
        kind = described if isinstance(described, type) else type(described)
        super().__init__(toolbox, kind.__name__)
        self.kind = "python"
        self._class = kind
        self._space = space
        try:
            with space.active():
                instance = kind()
        except (Exception, SystemExit):
            # Its parameters will say what is wrong; the other tools are usable.
            return
        self.label = str(getattr(instance, "label", None) or self.name)
        self.description = str(getattr(instance, "description", None) or "")
        self.category = str(getattr(instance, "category", None) or "")

    def _fresh(self) -> tuple[Any, list[Parameter]]:
        with self._space.active():
            outer = _stack.frame
            # What it says while it is asked belongs to no run.
            _stack.frame = Frame(self.name)
            try:
                instance = self._class()
                asked = getattr(instance, "getParameterInfo", None)
                found = asked() if asked is not None else []
            except (Exception, SystemExit) as error:
                raise InvalidInputError(
                    f"{self.name} of `{self.toolbox.path}` cannot tell its parameters: "
                    f"{type(error).__name__}: {error}",
                    details=own_traceback(error).splitlines(),
                ) from error
            finally:
                _stack.frame = outer
        parameters = list(found or [])
        for i, parameter in enumerate(parameters):
            if not isinstance(parameter, Parameter):
                raise InvalidInputError(
                    f"{self.name}.getParameterInfo of `{self.toolbox.path}` returned "
                    f"a {type(parameter).__name__} at {i}; it must return a list of arcpy.Parameter"
                )
            _unnumbered(parameter, parameters)
        names = [p.name.lower() for p in parameters]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise InvalidInputError(
                f"{self.name} of `{self.toolbox.path}` has two parameters named `{twice}`"
            )
        return instance, parameters

    def parameters(self) -> list[Parameter]:
        """Return the parameters that `getParameterInfo` gives."""
        return self._described(self._fresh()[1])

    def run(
        self,
        values: Mapping[str, Any] | Sequence[Any] = (),
        messages: Callable[[Message], None] | None = None,
    ) -> Result:
        """Run `execute`, between validation and `postExecute`."""
        instance, parameters = self._fresh()
        self._described(parameters)

        def call(name: str, *args: Any) -> Any:
            method = getattr(instance, name, None)
            return method(*args) if method is not None else True

        def body(frame: Frame) -> None:
            if call("isLicensed") is False:
                raise InvalidParametersError([f"ERROR 000824: The tool is not licensed ({self.name})."])
            execute = getattr(instance, "execute", None)
            if execute is None:
                raise InvalidInputError(f"{self.name} of `{self.toolbox.path}` has no method `execute`")
            execute(*(parameters, ToolMessages())[: _arity(execute)])
            if not any(message.severity == 2 for message in frame.messages):
                call("postExecute", parameters)

        with self._space.active():
            return self._execute(
                parameters,
                values,
                body,
                messages,
                lambda: call("updateParameters", parameters),
                lambda: call("updateMessages", parameters),
            )

    def _read_metadata(self) -> ToolMetadata:
        stem = os.path.splitext(self.toolbox.path)[0]
        for path in (f"{stem}.{self.name}.pyt.xml", f"{self.toolbox.path}.{self.name}.xml"):
            if os.path.isfile(path) and os.path.getsize(path) <= LIMIT:
                with open(path, "rb") as file:
                    return read_metadata(file.read())
        return ToolMetadata()

    @property
    def files(self) -> list[str]:
        """Files of modules that the toolbox brought from beside itself."""
        found = (getattr(module, "__file__", None) for module in self._space._modules.values())
        return sorted({os.path.abspath(file) for file in found if isinstance(file, str)})


def _arity(execute: Any) -> int:
    code = getattr(execute, "__code__", None)
    if code is None or code.co_flags & 0x04:
        return 2
    return max(0, min(2, code.co_argcount - (1 if hasattr(execute, "__self__") else 0)))


def _unnumbered(parameter: Parameter, parameters: list[Parameter]) -> None:
    """Name the parameters that one depends on; toolboxes also give their positions."""
    parameter.parameterDependencies = [
        parameters[entry].name if isinstance(entry, int) and 0 <= entry < len(parameters) else str(entry)
        for entry in parameter.parameterDependencies or []
    ]
