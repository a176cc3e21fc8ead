"""Values of tool parameters: from what callers pass to what tools work with, and to text."""

from __future__ import annotations

import datetime
import math
import os
import re
from collections.abc import Callable, Mapping
from typing import Any

from ..exceptions import InvalidInputError
from .datatypes import DATASETS, display_name
from .reference import SpatialReference

__all__ = ["AREAL_UNITS", "LINEAR_UNITS", "as_text", "convert"]

LINEAR_UNITS: dict[str, tuple[str, float]] = {
    "Unknown": ("esriUnknownUnits", math.nan),
    "Inches": ("esriInches", 0.0254),
    "Points": ("esriPoints", 0.0254 / 72),
    "Feet": ("esriFeet", 0.3048),
    "Yards": ("esriYards", 0.9144),
    "Miles": ("esriMiles", 1609.344),
    "NauticalMiles": ("esriNauticalMiles", 1852.0),
    "Millimeters": ("esriMillimeters", 0.001),
    "Centimeters": ("esriCentimeters", 0.01),
    "Meters": ("esriMeters", 1.0),
    "Kilometers": ("esriKilometers", 1000.0),
    "DecimalDegrees": ("esriDecimalDegrees", math.nan),
    "Decimeters": ("esriDecimeters", 0.1),
    "FeetInt": ("esriFeetInt", 0.3048),
    "FeetUS": ("esriFeetUS", 1200 / 3937),
    "MilesInt": ("esriMilesInt", 1609.344),
    "MilesUS": ("esriMilesUS", 5280 * 1200 / 3937),
    "YardsInt": ("esriYardsInt", 0.9144),
    "NauticalMilesInt": ("esriNauticalMilesInt", 1852.0),
}
"""Linear units: the name in values, the name in services, and metres."""

AREAL_UNITS: dict[str, tuple[str, float]] = {
    "Unknown": ("esriUnknownAreaUnits", math.nan),
    "Ares": ("esriAres", 100.0),
    "Acres": ("esriAcres", 4046.8564224),
    "Hectares": ("esriHectares", 10_000.0),
    "SquareInches": ("esriSquareInches", 0.0254**2),
    "SquareFeet": ("esriSquareFeet", 0.3048**2),
    "SquareYards": ("esriSquareYards", 0.9144**2),
    "SquareMiles": ("esriSquareMiles", 1609.344**2),
    "SquareMillimeters": ("esriSquareMillimeters", 1e-6),
    "SquareCentimeters": ("esriSquareCentimeters", 1e-4),
    "SquareDecimeters": ("esriSquareDecimeters", 1e-2),
    "SquareMeters": ("esriSquareMeters", 1.0),
    "SquareKilometers": ("esriSquareKilometers", 1e6),
}
"""Areal units: the name in values, the name in services, and square metres."""

_DATES = (
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y",
    "%I:%M:%S %p",
    "%H:%M:%S",
)
_TRUE = {"true", "yes", "1", "t", "on"}
_FALSE = {"false", "no", "0", "f", "off"}


def _wrong(word: str, value: Any) -> InvalidInputError:
    return InvalidInputError(
        f"The value `{_short(value)}` is not of the type {display_name(word)} ({word}).", 840
    )


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 200 else text[:200] + "..."


def _long(value: Any) -> int:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float):
        if not value.is_integer():
            raise ValueError(value)
        return int(value)
    return int(str(value).strip())


def _double(value: Any) -> float:
    number = float(value if not isinstance(value, str) else value.strip())
    if not math.isfinite(number):
        raise ValueError(value)
    return number


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError(value)


def _date(value: Any) -> datetime.datetime:
    if isinstance(value, datetime.datetime):
        return value
    if isinstance(value, datetime.date):
        return datetime.datetime(value.year, value.month, value.day)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        # Services pass milliseconds since 1970.
        return datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=value)
    text = str(value).strip()
    for form in _DATES:
        try:
            return datetime.datetime.strptime(text, form)
        except ValueError:
            continue
    return datetime.datetime.fromisoformat(text)


def _unit(value: Any, units: Mapping[str, tuple[str, float]], key: str) -> str:
    if isinstance(value, Mapping):
        amount, name = value.get(key), str(value.get("units", "Unknown"))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        amount, name = value, "Unknown"
    else:
        match = re.fullmatch(r"\s*'?([-+]?[\d.,]+(?:[eE][-+]?\d+)?)\s*([A-Za-z ]*?)'?\s*", str(value))
        if match is None:
            raise ValueError(value)
        amount, name = match[1].replace(",", "."), match[2] or "Unknown"
    plain = re.sub(r"^esri|[^a-z]", "", name.lower())
    for known, (service, _) in units.items():
        spellings = {known.lower(), service.removeprefix("esri").lower(), known.lower().rstrip("s")}
        if plain in spellings or (known.endswith("Feet") and plain == known[:-4].lower() + "foot"):
            number = _double(amount)
            return f"{int(number) if number.is_integer() else number} {known}"
    raise ValueError(value)


def _extent(value: Any) -> Any:
    from .datasets import Extent

    if hasattr(value, "XMin"):
        return value
    if isinstance(value, Mapping):
        reference = value.get("spatialReference")
        system = SpatialReference(reference) if reference else None
        return Extent(value["xmin"], value["ymin"], value["xmax"], value["ymax"], spatial_reference=system)
    text = str(value).strip()
    parts = re.split(r"[\s,]+", text)
    try:
        sides = [float(part) for part in parts[:4]]
    except ValueError:
        # A dataset, or a word such as MAXOF.
        return text
    if len(sides) != 4:
        raise ValueError(value)
    return Extent(sides[0], sides[1], sides[2], sides[3])


def _reference(value: Any) -> SpatialReference:
    if isinstance(value, SpatialReference):
        return value
    reference = SpatialReference(value)
    if not reference.to_value():
        raise ValueError(value)
    return reference


def _text(value: Any) -> str:
    return value if isinstance(value, str) else as_text(value)


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "GPArealUnit": lambda value: _unit(value, AREAL_UNITS, "area"),
    "GPBoolean": _boolean,
    "GPCoordinateSystem": _reference,
    "GPDate": _date,
    "GPDouble": _double,
    "GPEncryptedString": _text,
    "GPEnvelope": _extent,
    "GPExtent": _extent,
    "GPLinearUnit": lambda value: _unit(value, LINEAR_UNITS, "distance"),
    "GPLong": _long,
    "GPSQLExpression": _text,
    "GPSpatialReference": _reference,
    "GPString": _text,
    "GPStringHidden": _text,
}


def convert(word: str, value: Any) -> Any:
    """Return a value in the type of a parameter.

    Args:
        word: keyword of the data type.
        value: what a caller passed; never None.

    Raises:
        InvalidInputError: ERROR 000840, the value is not of this type.
    """
    if hasattr(value, "getOutput"):
        # A Result where its output is meant.
        value = value.getOutput(0)
    if word in DATASETS:
        return os.fspath(value) if hasattr(value, "__fspath__") else value
    converter = _CONVERTERS.get(word)
    if converter is None:
        return value
    try:
        return converter(value)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise _wrong(word, value) from error


def as_text(value: Any) -> str:
    """Return one value as tools spell it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, SpatialReference):
        return value.exportToString()
    if hasattr(value, "exportToString"):
        return str(value.exportToString())
    # Layers are known to tools by their name, or by where their data stands.
    for attribute in ("dataSource", "longName", "name"):
        found = getattr(value, attribute, None)
        if isinstance(found, str) and not isinstance(value, str) and found:
            return found
    return str(value)
