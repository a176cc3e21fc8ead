"""arcpy's own tools, seen as toolboxes: their parameters come from the functions themselves."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...exceptions import InvalidInputError
from ..convert import as_text
from ..messages import GetAllMessages
from ..parameter import Parameter
from ..result import Message, Result, Source
from ._tool import Tool

__all__ = ["SYSTEM", "SystemTool", "described_run", "load_system", "system_parameters"]

SYSTEM = {
    "analysis": "Analysis Tools",
    "cartography": "Cartography Tools",
    "conversion": "Conversion Tools",
    "management": "Data Management Tools",
    "server": "Server Tools",
}
"""Modules of arcpy that hold tools, with the labels of their toolboxes."""

# The first pattern that a parameter's name fits names its type.
_PATTERNS: list[tuple[str, str | list[str]]] = [
    (
        r"(in|near|clip|select|identity|erase|overlay)_(features|layer|layers|layer_or_view)$",
        "GPFeatureLayer",
    ),
    (r"in_(rows|table|table_or_view|dataset|datasets|data)$", "GPTableView"),
    (r"(in|out)_raster$", "GPRasterLayer"),
    (r"out_(feature_class|features?|layer)$", "DEFeatureClass"),
    (r"out_table$", "DETable"),
    (r"out_(json_file|xlsx|folder_path)?file$|.*_file$", "DEFile"),
    (r".*distance_or_field", ["GPLinearUnit", "Field"]),
    (r".*distance.*|search_radius|cluster_tolerance", "GPLinearUnit"),
    (r"(row_)?count|.*_count$|.*_id$|field_(length|scale|precision)", "GPLong"),
    (r".*(where_clause|expression)$", "GPSQLExpression"),
    (r".*(coor_system|coordinate_system|spatial_reference)$", "GPSpatialReference"),
    (r".*workspace$|.*_path$", "DEWorkspace"),
    (r".*field(_name)?s?$", "Field"),
]
_MANY = re.compile(r"(dissolve_field|near_features|inputs|.*_fields)$")


def load_system(module: str, make: Callable[..., Any]) -> Any:
    """Return one of arcpy's modules as a toolbox."""
    toolbox = make(label=SYSTEM[module], alias=module, path=module)
    space = _module(module)
    for name in getattr(space, "__all__", ()):
        function = getattr(space, name)
        if inspect.isfunction(function) and name[:1].isupper():
            toolbox.tools[name] = SystemTool(toolbox, name, function)
    return toolbox


def _module(name: str) -> Any:
    try:
        return importlib.import_module(f"geosharing.{name}")
    except ModuleNotFoundError:
        return None


def system_parameters(module: str, tool: str) -> list[Parameter]:
    """Return the parameters of one of arcpy's tools; none for a tool that is not here."""
    if module not in SYSTEM:
        return []
    function = getattr(_module(module), tool, None)
    return _parameters(function) if inspect.isfunction(function) else []


def described_run(
    source: Source, inputs: Mapping[str, Any], outputs: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the parameters of a run of one of arcpy's tools, with its values as texts.

    Outputs that are no parameters of the function, such as counts, are derived ones.
    """
    from ...tools.running import label

    found = []
    known = system_parameters(source.toolbox, source.tool)
    names = {parameter.name for parameter in known}
    for parameter in known:
        value = outputs.get(parameter.name, inputs.get(parameter.name))
        if value is None:
            value = inputs.get(parameter.name)
        if value not in (None, "", "#"):
            try:
                parameter.value = value
            except InvalidInputError:
                # A field where a distance may stand, for example.
                parameter._value = as_text(value)
        found.append(parameter.describe() | parameter.text_value())
    for name, value in outputs.items():
        if name not in names:
            word = "GPLong" if name.endswith("count") else "GPString"
            derived = Parameter(name, label(name), "Output", word, "Derived")
            found.append(derived.describe() | ({} if value is None else {"value": as_text(value)}))
    return found


def _parameters(function: Any) -> list[Parameter]:
    from ...tools.running import label

    found = []
    for entry in inspect.signature(function).parameters.values():
        if entry.kind not in (entry.POSITIONAL_OR_KEYWORD, entry.KEYWORD_ONLY):
            continue
        output = entry.name.startswith("out_") and "coor" not in entry.name
        annotation = str(entry.annotation)
        word = next((word for pattern, word in _PATTERNS if re.fullmatch(pattern, entry.name)), "GPString")
        if word == "GPString" and annotation in ("int", "int | None"):
            word = "GPLong"
        parameter = Parameter(
            name=entry.name,
            displayName=label(entry.name),
            direction="Output" if output else "Input",
            datatype=word,
            parameterType="Required" if entry.default is entry.empty else "Optional",
            multiValue=bool(_MANY.fullmatch(entry.name)),
        )
        if isinstance(entry.default, (str, int, float)) and entry.default not in ("", False, True):
            try:
                parameter.value = entry.default
            except InvalidInputError:
                parameter._value = str(entry.default)
        found.append(parameter)
    return found


class SystemTool(Tool):
    """One of arcpy's own tools."""

    def __init__(self, toolbox: Any, name: str, function: Callable[..., Result]) -> None:
        super().__init__(toolbox, name)
        self.kind = "system"
        self._function = function
        self.label = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
        self.description = (inspect.getdoc(function) or "").partition("\n")[0]

    def parameters(self) -> list[Parameter]:
        """Return the parameters that the function has."""
        return _parameters(self._function)

    def run(
        self,
        values: Mapping[str, Any] | Sequence[Any] = (),
        messages: Callable[[Message], None] | None = None,
    ) -> Result:
        """Call the function."""
        given = (
            {
                name: self._spoken(name, value)
                for name, value in values.items()
                if value not in (None, "", "#")
            }
            if isinstance(values, Mapping)
            else values
        )
        try:
            return self._function(**given) if isinstance(given, Mapping) else self._function(*given)
        finally:
            if messages is not None:
                # Also what a failed run said: whoever listens has no other account of it.
                for severity, code, text in GetAllMessages():
                    messages(Message(severity, code, text))

    def _spoken(self, name: str, value: Any) -> Any:
        """Return a value of a web tool's request, such as a distance with its unit, as scripts spell it."""
        parameter = next((known for known in self.parameters() if known.name == name), None)
        if parameter is None or not isinstance(value, Mapping):
            return value
        parameter.value = value
        return parameter.valueAsText
