"""How a function becomes a geoprocessing tool: validation, messages, and a Result."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Concatenate, ParamSpec

from ..exceptions import InvalidInputError, NotSupportedError, SharingError
from ..gp.messages import ToolRun, run_tool
from ..gp.result import Result
from ..gp.values import given

__all__ = ["label", "required", "tool"]

P = ParamSpec("P")


def label(parameter: str) -> str:
    """Return the title of a parameter as arcpy's messages show it: `in_features` is `Input Features`."""
    words = parameter.split("_")
    first = {"in": "Input", "out": "Output"}.get(words[0])
    return " ".join(word.capitalize() if not (first and i == 0) else first for i, word in enumerate(words))


def required(parameter: str, value: Any) -> None:
    """Refuse an empty value.

    Raises:
        InvalidInputError: ERROR 000735.
    """
    empty = value is None or (isinstance(value, list | tuple) and not value)
    if empty or (isinstance(value, str) and given(value) is None):
        raise InvalidInputError(f"{label(parameter)}: Value is required", 735)


def tool(
    function: Callable[Concatenate[ToolRun, P], Mapping[str, Any] | None],
) -> Callable[P, Result]:
    """Make a tool of a function that takes the run first and returns the outputs by name.

    Parameters without default are required; the tool is called as arcpy calls it, without the run.
    """
    whole = inspect.signature(function)
    shown = whole.replace(parameters=list(whole.parameters.values())[1:], return_annotation=Result)
    needed = [name for name, p in shown.parameters.items() if p.default is inspect.Parameter.empty]
    name = getattr(function, "__name__", "tool")

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> Result:
        values = shown.bind(*args, **kwargs)
        values.apply_defaults()

        def work(run: ToolRun) -> Mapping[str, Any] | None:
            for parameter in needed:
                required(parameter, values.arguments[parameter])
            try:
                return function(run, *values.args, **values.kwargs)
            except ModuleNotFoundError as error:
                if error.name not in ("pyarrow", "shapely", "rasterio", "openpyxl"):
                    raise
                raise NotSupportedError(
                    f"{name} needs {error.name}; run `pip install geosharing[tools]`"
                ) from error
            except TypeError as error:
                # A wrong value inside a tool is an error of the tool, never of the caller's Python.
                raise SharingError(str(error)) from error

        # Where the tool lives decides which toolbox its Result names.
        work.__module__ = function.__module__
        # Results say of which toolbox they are by where the tool is written.
        work.__module__ = function.__module__
        return run_tool(name, work, dict(values.arguments))

    call.__signature__ = shown  # type: ignore[attr-defined]
    # Annotations of the wrapped function would bring back the run.
    call.__annotations__ = {key: value for key, value in call.__annotations__.items() if key != "run"}
    del call.__wrapped__
    return call
