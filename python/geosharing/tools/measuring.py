"""Areas, lengths and coordinates into fields."""

from __future__ import annotations

from typing import Any

from ..data._edit import Editor
from ..exceptions import InvalidInputError
from ..gp.geometry import from_shape
from ..gp.reference import SpatialReference
from .projecting import system
from .reading import ids
from .sources import Source

__all__ = ["PROPERTIES", "field_type", "measure"]

PROPERTIES = (
    "AREA", "AREA_GEODESIC", "LENGTH", "LENGTH_GEODESIC", "PERIMETER_LENGTH", "PERIMETER_LENGTH_GEODESIC",
    "CENTROID_X", "CENTROID_Y", "INSIDE_X", "INSIDE_Y", "POINT_X", "POINT_Y", "POINT_Z", "EXTENT_MIN_X",
    "EXTENT_MIN_Y", "EXTENT_MAX_X", "EXTENT_MAX_Y", "LINE_START_X", "LINE_START_Y", "LINE_END_X",
    "LINE_END_Y", "PART_COUNT", "POINT_COUNT", "HOLE_COUNT", "LINE_BEARING",
)  # fmt: skip


def field_type(word: str) -> str:
    """Return the type of field that a property needs."""
    return "LONG" if word.upper().endswith("_COUNT") else "DOUBLE"


def measure(
    source: Source,
    steps: list[tuple[str, str]],
    length_unit: str | None,
    area_unit: str | None,
    coordinate_system: Any,
) -> None:
    """Set fields to geometry properties of every row.

    Raises:
        InvalidInputError: ERROR 000800 for an unknown property.
    """
    for _, word in steps:
        if word.upper() not in PROPERTIES:
            raise InvalidInputError(f"Property: The value is not a member of {' | '.join(PROPERTIES)}.", 800)
    import shapely

    target = None
    if coordinate_system not in (None, "", "#"):
        target = SpatialReference(system(coordinate_system, "Coordinate System").to_wkt())
    reference = SpatialReference.from_value(source.about["spatialReference"])
    length = length_unit.replace("_", "") if length_unit else None
    area = area_unit.replace("_", "") if area_unit else None
    wanted = ids(source)
    with Editor(source.path, source.layer) as editor:
        columns = [(editor.column(name), word.upper()) for name, word in steps]
        for _, feature in editor.rows(wanted):
            wkb = editor.wkb(feature)
            shape = None if wkb is None else from_shape(shapely.from_wkb(wkb), reference)
            if shape is not None and target is not None and not shape.isEmpty:
                shape = shape.projectAs(target)
            for column, word in columns:
                value = None if shape is None or shape.isEmpty else _value(shape, word, length, area)
                editor.put(feature, column, value)
            editor.store(feature)


def _value(shape: Any, word: str, length: str | None, area: str | None) -> Any:
    raw = shape._shape
    if word.startswith("AREA"):
        return shape.getArea("GEODESIC" if word.endswith("GEODESIC") else "PLANAR", area)
    if "LENGTH" in word:
        return shape.getLength("GEODESIC" if word.endswith("GEODESIC") else "PLANAR", length)
    if word == "PART_COUNT":
        return shape.partCount
    if word == "POINT_COUNT":
        return shape.pointCount
    if word == "HOLE_COUNT":
        return sum(len(part.interiors) for part in getattr(raw, "geoms", (raw,)))
    if word == "LINE_BEARING":
        import math

        a, b = shape.firstPoint, shape.lastPoint
        return math.degrees(math.atan2(b.X - a.X, b.Y - a.Y)) % 360
    if word.startswith("EXTENT"):
        xmin, ymin, xmax, ymax = raw.bounds
        corners = {"EXTENT_MIN_X": xmin, "EXTENT_MIN_Y": ymin, "EXTENT_MAX_X": xmax, "EXTENT_MAX_Y": ymax}
        return corners[word]
    what, _, axis = word.rpartition("_")
    point = {
        "CENTROID": lambda: shape.centroid,
        "INSIDE": lambda: shape.labelPoint,
        "POINT": lambda: shape.firstPoint,
        "LINE_START": lambda: shape.firstPoint,
        "LINE_END": lambda: shape.lastPoint,
    }[what]()
    return getattr(point, axis)
