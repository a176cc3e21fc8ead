"""arcpy's functions for scripts: parameters, progress, licences, where things are installed."""

from __future__ import annotations

import os
import sys
from typing import Any

from ..exceptions import NotSupportedError
from .values import given

__all__ = [
    "AddToolbox",
    "CheckExtension",
    "CheckInExtension",
    "CheckOutExtension",
    "CheckProduct",
    "GetArgumentCount",
    "GetInstallInfo",
    "GetParameter",
    "GetParameterAsText",
    "GetParameterCount",
    "ImportToolbox",
    "ProductInfo",
    "ResetProgressor",
    "SetLogHistory",
    "SetParameter",
    "SetParameterAsText",
    "SetProduct",
    "SetProgressor",
    "SetProgressorLabel",
    "SetProgressorPosition",
]

_parameters: dict[int, Any] = {}


def GetParameterAsText(index: int) -> str:
    """Return an argument of the script; empty when it was not given.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/getparameterastext.htm
    """
    value = GetParameter(index)
    return "" if value is None else str(value)


def GetParameter(index: int) -> Any:
    """Return an argument of the script, or what SetParameter put there; empty when not given."""
    if not isinstance(index, int):
        raise TypeError(f"parameters have numbers; `{index}` is none")
    if index in _parameters:
        return _parameters[index]
    arguments = sys.argv[1:]
    if 0 <= index < len(arguments):
        return "" if arguments[index] == "#" else arguments[index]
    return ""


def GetArgumentCount() -> int:
    """Return how many arguments the script got."""
    return len(sys.argv) - 1


def GetParameterCount() -> int:
    """Return how many arguments the script got."""
    return len(sys.argv) - 1


def SetParameter(index: int, value: Any) -> None:
    """Set an output parameter of the script."""
    _parameters[int(index)] = value


def SetParameterAsText(index: int, text: Any) -> None:
    """Set an output parameter of the script by a text."""
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


def SetProgressor(
    type: str = "default",
    message: str | None = None,
    min_range: int = 0,
    max_range: int = 100,
    step_value: int = 1,
) -> None:
    """Say what goes on, where arcpy draws a progress bar."""
    if message:
        SetProgressorLabel(message)


def SetProgressorLabel(label: str) -> None:
    """Say what goes on, in a terminal only."""
    if given(label) and getattr(sys.stderr, "isatty", lambda: False)():
        print(label, file=sys.stderr)


def SetProgressorPosition(position: int | None = None) -> None:
    """Do nothing: there is no progress bar."""


def ResetProgressor() -> None:
    """Do nothing: there is no progress bar."""


def SetLogHistory(log_history: bool) -> None:
    """Do nothing: no history is kept."""


def ImportToolbox(input_file: str, module_name: str | None = None) -> Any:
    """Raise: toolboxes are not run yet.

    Raises:
        NotSupportedError: always.
    """
    raise NotSupportedError(
        f"cannot import toolbox `{input_file}`: running toolboxes is not supported yet; call its functions from Python"
    )


AddToolbox = ImportToolbox
