"""What cursors take as field names, and what each gives of a row."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..exceptions import InvalidInputError, NotSupportedError
from ..gp.geometry import Geometry, Point, from_shape, shape_from_json
from ..gp.reference import SpatialReference
from ..tools.sources import Source

__all__ = ["Clause", "clause", "field_names", "shape_reader", "to_shape"]

_TOKENS = {
    "SHAPE@", "SHAPE@XY", "SHAPE@XYZ", "SHAPE@TRUECENTROID", "SHAPE@X", "SHAPE@Y", "SHAPE@Z", "SHAPE@M",
    "SHAPE@JSON", "SHAPE@WKB", "SHAPE@WKT", "SHAPE@AREA", "SHAPE@LENGTH",
}  # fmt: skip


def field_names(source: Source, value: Any) -> list[str]:
    """Return the names that a cursor was asked for; `*` means all, the shape as its centre.

    Raises:
        InvalidInputError: For a name that is no field and no token.
    """
    if isinstance(value, str):
        value = [part.strip() for part in re.split("[;,]", value)] if value != "*" else ["*"]
    listed: list[str] = []
    fields = source.about["fields"]
    oid = source.about["objectIdField"] or "FID"
    for name in value:
        if name == "*":
            listed.append(oid)
            if source.shape:
                listed.append("Shape")
            listed += [f["name"] for f in fields]
            continue
        upper = str(name).upper()
        known = next((f["name"] for f in fields if f["name"].lower() == str(name).lower()), None)
        known = known or next((o for o, n in source.renamed.items() if n.lower() == str(name).lower()), None)
        if known is not None:
            listed.append(next(f["name"] for f in fields if f["name"].lower() == known.lower()))
        elif upper == "OID@" or upper == oid.upper():
            listed.append("OID@" if upper == "OID@" else oid)
        elif upper in _TOKENS or upper == "SHAPE":
            if not source.shape:
                raise InvalidInputError(f"`{source.name}` is a table, it has no `{name}`", 728)
            listed.append(upper if "@" in upper else "Shape")
        elif upper in (
            "SHAPE@IS_CURVE",
            "CREATED@",
            "CREATOR@",
            "EDITED@",
            "EDITOR@",
            "GLOBALID@",
            "SUBTYPE@",
        ):
            raise NotSupportedError(f"the token `{name}` is not supported")
        else:
            raise InvalidInputError(f"Cannot find field '{name}'", 728)
    return listed


def shape_reader(token: str, reference: SpatialReference) -> Callable[[Any], Any]:
    """Return what turns a shapely geometry into the value of a token."""
    import shapely

    def centre(shape: Any) -> Any:
        return shape if shape.geom_type == "Point" else shape.centroid

    def pair(shape: Any) -> Any:
        point = centre(shape)
        return (None, None) if point.is_empty else (point.x, point.y)

    def triple(shape: Any) -> Any:
        point = centre(shape)
        z = point.z if point.has_z else _mean_z(shape)
        return (point.x, point.y, z)

    def mean(shape: Any) -> Any:
        return shape.z if shape.geom_type == "Point" and shape.has_z else _mean_z(shape)

    readers: dict[str, Callable[[Any], Any]] = {
        "SHAPE@": lambda shape: from_shape(shape, reference),
        "SHAPE@XY": pair,
        "Shape": pair,
        "SHAPE@TRUECENTROID": pair,
        "SHAPE@XYZ": triple,
        "SHAPE@X": lambda shape: pair(shape)[0],
        "SHAPE@Y": lambda shape: pair(shape)[1],
        "SHAPE@Z": mean,
        "SHAPE@M": lambda shape: None,
        "SHAPE@JSON": lambda shape: from_shape(shape, reference).JSON,
        "SHAPE@WKB": lambda shape: bytearray(shapely.to_wkb(shape, flavor="iso")),
        "SHAPE@WKT": lambda shape: shape.wkt,
        "SHAPE@AREA": lambda shape: float(shape.area),
        "SHAPE@LENGTH": lambda shape: float(shape.length),
    }
    read = readers[token]
    return lambda shape: None if shape is None else read(shape)


def _mean_z(shape: Any) -> float | None:
    import shapely

    if not shape.has_z:
        return None
    return float(shapely.get_coordinates(shape, include_z=True)[:, 2].mean())


def to_shape(token: str, value: Any) -> Any:
    """Return the shapely geometry that a cursor was given for a token.

    Raises:
        TypeError: For what is no geometry.
    """
    import shapely

    if value is None:
        return None
    try:
        if isinstance(value, Geometry):
            return value._shape
        if isinstance(value, Point):
            return shapely.Point(*value._tuple())
        if token == "SHAPE@JSON":
            return shape_from_json(json.loads(value) if isinstance(value, str) else value)
        if token == "SHAPE@WKT":
            return shapely.from_wkt(value)
        if token == "SHAPE@WKB":
            return shapely.from_wkb(bytes(value))
        if token in ("SHAPE@XY", "SHAPE@XYZ", "Shape", "SHAPE@TRUECENTROID"):
            return shapely.Point(*(float(v) for v in value if v is not None))
        if token == "SHAPE@" and hasattr(value, "geom_type"):
            return value
    except (ValueError, TypeError, shapely.errors.ShapelyError) as error:
        raise TypeError(f"{value!r} is no geometry for {token}: {error}") from error
    raise TypeError(f"{value!r} is no geometry for {token}")


@dataclass
class Clause:
    """What an SQL clause of a cursor asks for."""

    distinct: bool = False
    top: int | None = None
    order: list[tuple[str, bool]] = field(default_factory=list)
    """Fields to sort by, and whether from the greatest."""


def clause(value: Any, known: Iterable[str]) -> Clause:
    """Read `(prefix, postfix)`: DISTINCT and TOP before, ORDER BY after.

    Raises:
        NotSupportedError: For GROUP BY and whatever else.
    """
    made = Clause()
    prefix, postfix = [*(value or ()), None, None][:2]
    if prefix and str(prefix).strip():
        text = str(prefix).strip().upper()
        top = re.fullmatch(r"(DISTINCT)?\s*(?:TOP\s+(\d+))?", text)
        if top is None:
            raise NotSupportedError(f"the SQL prefix `{prefix}` is not supported; use DISTINCT or TOP n")
        made.distinct = bool(top[1])
        made.top = int(top[2]) if top[2] else None
    if postfix and str(postfix).strip():
        match = re.fullmatch(r"\s*ORDER\s+BY\s+(.+?)\s*;?\s*", str(postfix), re.IGNORECASE | re.DOTALL)
        if match is None:
            raise NotSupportedError(f"the SQL postfix `{postfix}` is not supported; use ORDER BY")
        names = {name.lower(): name for name in known}
        for part in match[1].split(","):
            word, _, direction = part.strip().partition(" ")
            name = names.get(word.strip('"').lower())
            if name is None:
                raise InvalidInputError(f"ORDER BY: cannot find field '{word}'", 728)
            made.order.append((name, direction.strip().upper().startswith("DESC")))
    return made


def sort_rows(rows: list[Any], keys: Sequence[tuple[Callable[[Any], Any], bool]]) -> None:
    """Sort rows by several keys; nulls come first."""
    for key, backwards in reversed(keys):
        rows.sort(key=lambda row: ((v := key(row)) is not None, v if v is not None else 0), reverse=backwards)
