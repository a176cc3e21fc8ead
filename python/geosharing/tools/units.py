"""Lengths with units, and what one unit of a coordinate system is."""

from __future__ import annotations

import re
from typing import Any

from ..exceptions import InvalidInputError

__all__ = ["METRES", "crs_unit", "linear", "split"]

METRES = {
    "METERS": 1.0,
    "KILOMETERS": 1000.0,
    "CENTIMETERS": 0.01,
    "DECIMETERS": 0.1,
    "MILLIMETERS": 0.001,
    "FEET": 0.3048,
    "FEETINT": 0.3048,
    "FEETUS": 1200 / 3937,
    "YARDS": 0.9144,
    "YARDSINT": 0.9144,
    "YARDSUS": 3600 / 3937,
    "INCHES": 0.0254,
    "INCHESINT": 0.0254,
    "INCHESUS": 100 / 3937,
    "MILES": 1609.344,
    "MILESINT": 1609.344,
    "STATUTEMILES": 1609.344,
    "MILESUS": 5280 * 1200 / 3937,
    "NAUTICALMILES": 1852.0,
    "NAUTICALMILESINT": 1852.0,
}
_SAME = {
    "METER": "METERS",
    "METRE": "METERS",
    "METRES": "METERS",
    "M": "METERS",
    "KILOMETER": "KILOMETERS",
    "KILOMETRES": "KILOMETERS",
    "KM": "KILOMETERS",
    "FOOT": "FEET",
    "FOOTUS": "FEETUS",
    "USSURVEYFEET": "FEETUS",
    "MILE": "MILES",
    "YARD": "YARDS",
    "INCH": "INCHES",
    "NAUTICALMILE": "NAUTICALMILES",
    "DEGREE": "DECIMALDEGREES",
    "DEGREES": "DECIMALDEGREES",
    "UNKNOWN": "",
}
_LINEAR = re.compile(r"^\s*([-+]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][-+]?\d+)?)\s*([A-Za-z _]*)\s*$")


def split(value: Any) -> tuple[float, str] | None:
    """Return number and unit of `100 Meters`; an empty unit for a bare number, None for other text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value), ""
    match = _LINEAR.match(str(value))
    if match is None:
        return None
    unit = re.sub(r"[ _]", "", match[2]).upper()
    unit = _SAME.get(unit, unit)
    if unit and unit not in METRES and unit != "DECIMALDEGREES":
        return None
    return float(match[1].replace(",", ".")), unit


def linear(value: Any, parameter: str, crs: Any) -> tuple[float, bool]:
    """Return a length in metres, or in the units of the data when it names none.

    Args:
        value: `100 Meters`, `5`, `0.1 DecimalDegrees`.
        parameter: Title of the parameter, for messages.
        crs: System of the data; None when unknown.

    Returns:
        The length, and whether it is in metres; otherwise it is in the data's own units.

    Raises:
        InvalidInputError: ERROR 000800 for what is no length.
    """
    parts = split(value)
    if parts is None:
        raise InvalidInputError(f"{parameter}: `{value}` is no distance; write `100 Meters`", 800)
    number, unit = parts
    if unit == "DECIMALDEGREES" or not unit:
        return number, False
    if crs is None:
        return number, False
    return number * METRES[unit], True


def crs_unit(crs: Any) -> float | None:
    """Return the metres of one unit of a projected system; None for geographic and unknown ones."""
    if crs is None or not crs.is_projected:
        return None
    return float(crs.axis_info[0].unit_conversion_factor)
