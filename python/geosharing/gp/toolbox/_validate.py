"""What arcpy checks before a tool runs: required values, choices, ranges and data that must exist."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ..convert import as_text
from ..parameter import Filter, Parameter

__all__ = ["check_values"]

_MUST_EXIST = {
    "DEFeatureClass",
    "DEFile",
    "DEFolder",
    "DERasterDataset",
    "DEShapeFile",
    "DETable",
    "DETextFile",
    "DEWorkspace",
    "GPFeatureLayer",
    "GPRasterLayer",
    "GPTableView",
}


def check_values(parameters: list[Parameter], refused: Collection[str] = ()) -> dict[str, str]:
    """Return what is wrong, by name of the parameter; those in `refused` are left out."""
    wrong: dict[str, str] = {}
    for parameter in parameters:
        if parameter.name in refused or parameter.parameterType == "Derived":
            continue
        label = parameter.displayName or parameter.name
        if parameter._value is None:
            if parameter.parameterType == "Required" and parameter.enabled:
                wrong[parameter.name] = f"ERROR 000735: {label}: Value is required"
            continue
        text = _choices(parameter) or _missing(parameter)
        if text:
            wrong[parameter.name] = text.format(label=label)
    return wrong


def _choices(parameter: Parameter) -> str:
    if parameter.is_table:
        return next(
            (
                bad
                for row in parameter.values or []
                for cell, entry in zip(row, parameter.filters, strict=False)
                if cell not in ("", None) and (bad := _outside(entry, [cell]))
            ),
            "",
        )
    if parameter.keyword == "GPBoolean" or (len(parameter.keywords) > 1 and not parameter.filter._type):
        return ""
    return _outside(parameter.filter, parameter.values or [])


def _outside(rule: Filter, values: list[Any]) -> str:
    listed = rule._list
    if not listed:
        return ""
    if rule.type == "Range" and len(listed) == 2:
        low, high = listed
        for value in values:
            if isinstance(value, (int, float)) and not low <= value <= high:
                return f"ERROR 000800: {{label}}: The value {value} is not between {low} and {high}."
        return ""
    if rule.type != "ValueList":
        return ""
    known = {as_text(entry).lower() for entry in listed}
    for value in values:
        if as_text(value).lower() not in known:
            words = " | ".join(as_text(entry) for entry in listed[:50]).replace("{", "{{").replace("}", "}}")
            return f"ERROR 000800: {{label}}: The value is not a member of {words}."
    return ""


def _missing(parameter: Parameter) -> str:
    if parameter.direction != "Input" or not set(parameter.keywords) <= _MUST_EXIST:
        return ""
    from ..datasets import Exists

    for value in parameter.values or []:
        # Layers, feature sets and services are there by being passed.
        if not isinstance(value, str) or value.lstrip().startswith(("{", "http://", "https://")):
            continue
        if not Exists(value):
            shown = value.replace("{", "{{").replace("}", "}}")
            return f"ERROR 000732: {{label}}: Dataset {shown} does not exist or is not supported"
    return ""
