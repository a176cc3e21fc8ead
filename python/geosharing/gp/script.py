"""arcpy's functions for scripts: parameters, progress, licences, where things are installed."""

from __future__ import annotations

import os
import sys
from typing import Any, cast

from ..exceptions import InvalidInputError
from .messages import _stack
from .parameter import Parameter
from .values import given

__all__ = [
    "CheckExtension",
    "CheckInExtension",
    "CheckOutExtension",
    "CheckProduct",
    "GetArgumentCount",
    "GetInstallInfo",
    "GetLogHistory",
    "GetLogMetadata",
    "GetParameter",
    "GetParameterAsText",
    "GetParameterCount",
    "GetParameterInfo",
    "GetParameterValue",
    "IsSynchronous",
    "ProductInfo",
    "ResetProgressor",
    "SetLogHistory",
    "SetLogMetadata",
    "SetParameter",
    "SetParameterAsText",
    "SetProduct",
    "SetProgressor",
    "SetProgressorLabel",
    "SetProgressorPosition",
    "Usage",
]

_parameters: dict[int, Any] = {}


def _own(index: int | str) -> Parameter | None:
    """Return a parameter of the tool that runs; None in a script that was started by itself.

    Raises:
        IndexError: the tool has no such parameter.
    """
    frame = _stack.frame
    if frame is None:
        return None
    if isinstance(index, str):
        for parameter in frame.parameters:
            if parameter.name.lower() == index.lower():
                return cast("Parameter", parameter)
        raise IndexError(f"{frame.tool} has no parameter `{index}`")
    if not isinstance(index, int):
        raise TypeError(f"parameters have numbers; `{index}` is none")
    if not 0 <= index < len(frame.parameters):
        raise IndexError(f"{frame.tool} has {len(frame.parameters)} parameters, none at {index}")
    return cast("Parameter", frame.parameters[index])


def GetParameterAsText(index: int) -> str:
    """Return a parameter of the running tool, or an argument of the script; empty when it was not given.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/getparameterastext.htm
    """
    own = _own(index)
    if own is not None:
        return own.valueAsText or ""
    value = GetParameter(index)
    return "" if value is None else str(value)


def GetParameter(index: int) -> Any:
    """Return a parameter in its own type, or an argument of the script; empty when not given.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/getparameter.htm
    """
    own = _own(index)
    if own is not None:
        return own.values if own.multiValue and not own.is_table else own.value
    if not isinstance(index, int):
        raise TypeError(f"parameters have numbers; `{index}` is none")
    if index in _parameters:
        return _parameters[index]
    arguments = sys.argv[1:]
    if 0 <= index < len(arguments):
        return "" if arguments[index] == "#" else arguments[index]
    return ""


def GetParameterInfo(tool_name: str | None = None) -> list[Parameter]:
    """Return the parameters of a tool: of the running one when no name is given.

    Args:
        tool_name: `Report_reports`, `reports.Report`, or the name of a tool of arcpy.

    Raises:
        InvalidInputError: no such tool is known, or no tool runs.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/getparameterinfo.htm
    """
    if given(tool_name) is None:
        frame = _stack.frame
        if frame is None:
            raise InvalidInputError("no tool is running; pass the name of a tool to GetParameterInfo")
        return list(frame.parameters)
    from .importing import find_tool

    return find_tool(str(tool_name)).parameters()


def GetParameterValue(tool_name: str, index: int) -> Any:
    """Return the default of one parameter of a tool."""
    return GetParameterInfo(tool_name)[index].value


def GetParameterCount(tool_name: str | None = None) -> int:
    """Return how many parameters a tool has; without a name how many the running tool or script got."""
    if given(tool_name) is not None:
        return len(GetParameterInfo(tool_name))
    return GetArgumentCount()


def GetArgumentCount() -> int:
    """Return how many parameters the running tool has, or how many arguments the script got."""
    frame = _stack.frame
    return len(frame.parameters) if frame is not None else len(sys.argv) - 1


def SetParameter(index: int, value: Any) -> None:
    """Set an output parameter of the tool or script."""
    own = _own(index)
    if own is not None:
        own.value = value
    else:
        _parameters[int(index)] = value


def SetParameterAsText(index: int, text: Any) -> None:
    """Set an output parameter of the tool or script by a text."""
    own = _own(index)
    if own is not None:
        own.value = (
            text if text is None or isinstance(text, str) or hasattr(text, "dataSource") else str(text)
        )
    else:
        _parameters[int(index)] = str(text)


def CheckExtension(extension_code: str) -> str:
    """Return `Available`: nothing here needs a licence."""
    return "Available"


def CheckOutExtension(extension_code: str) -> str:
    """Return `CheckedOut`: nothing here needs a licence."""
    return "CheckedOut"


def CheckInExtension(extension_code: str) -> str:
    """Return `CheckedIn`."""
    return "CheckedIn"


def CheckProduct(code: str) -> str:
    """Return `AlreadyInitialized`."""
    return "AlreadyInitialized"


def SetProduct(code: str) -> str:
    """Return `AlreadyInitialized`."""
    return "AlreadyInitialized"


def ProductInfo() -> str:
    """Return the licence level that scripts test for, `ArcInfo`."""
    return "ArcInfo"


def GetInstallInfo(install_name: str | None = None) -> dict[str, str]:
    """Return where this package is and which ArcGIS Pro it stands in for.

    `Version` is the newest version of arcpy whose names are mirrored, since scripts compare it.
    """
    from .. import __version__

    return {
        "Version": "3.6",
        "ProductName": "ArcGISPro",
        "Provider": f"geosharing {__version__}",
        "InstallDir": os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
        "LicenseLevel": "Advanced",
        "BuildNumber": "0",
        "InstallType": "N/A",
        "InstallDate": "N/A",
        "InstallTime": "N/A",
        "SourceDir": "N/A",
        "SPNumber": "N/A",
        "SPBuild": "N/A",
    }


def _report(label: str | None, position: int | None) -> None:
    frame = _stack.frame
    if frame is not None:
        before = frame.progress
        frame.report(before[0] if label is None else label, position)
    elif given(label) and getattr(sys.stderr, "isatty", lambda: False)():
        print(label, file=sys.stderr)


def SetProgressor(
    type: str = "default",
    message: str | None = None,
    min_range: int = 0,
    max_range: int = 100,
    step_value: int = 1,
) -> None:
    """Say what goes on, where arcpy draws a progress bar.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/setprogressor.htm
    """
    _progressor.update(step=str(type).lower() == "step", at=min_range, by=step_value)
    if message or _stack.frame is not None:
        _report(message or "", min_range if _progressor["step"] else None)


def SetProgressorLabel(label: str) -> None:
    """Say what goes on: to who listens to the tool, else in a terminal."""
    _report(label, _progressor["at"] if _progressor["step"] else None)


def SetProgressorPosition(position: int | None = None) -> None:
    """Move on by one step, or to a position."""
    _progressor["at"] = _progressor["at"] + _progressor["by"] if position is None else position
    if _stack.frame is not None:
        _report(None, _progressor["at"])


def ResetProgressor() -> None:
    """Forget how far the tool is."""
    _progressor.update(step=False, at=0, by=1)


_progressor: dict[str, Any] = {"step": False, "at": 0, "by": 1}


def SetLogHistory(log_history: bool) -> None:
    """Do nothing: no history is kept."""


def GetLogHistory() -> bool:
    """Return False: no history is kept."""
    return False


def SetLogMetadata(log_metadata: bool) -> None:
    """Do nothing: tools write no history into metadata."""


def GetLogMetadata() -> bool:
    """Return False: tools write no history into metadata."""
    return False


def IsSynchronous(tool_name: str) -> bool:
    """Return True: what runs here runs while the script waits."""
    return True


def Usage(tool_name: str) -> str:
    """Return how a tool or function is called.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/usage.htm
    """
    import inspect

    import geosharing

    from .importing import find_tool

    try:
        tool = find_tool(str(tool_name))
    except InvalidInputError:
        function = getattr(geosharing, str(tool_name), None)
        if function is None or not callable(function):
            raise
        return f"Function: {tool_name}{inspect.signature(function)}"
    parts = [
        f"<{p.name}>" if p.parameterType == "Required" else f"{{{p.name}}}"
        for p in tool.parameters()
        if p.parameterType != "Derived"
    ]
    return f"Tool: {tool.name}_{tool.toolbox.alias} {' '.join(parts)}"
