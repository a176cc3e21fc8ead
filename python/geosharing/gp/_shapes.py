"""Geometries of the REST API as shapely's, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["from_esri", "project", "to_esri"]


def from_esri(shape: Mapping[str, Any] | None, kind: str, shapely: Any) -> Any:
    """Return a geometry, `None` for an empty one."""
    if not shape:
        return None
    if "xmin" in shape:
        return shapely.MultiPolygon([shapely.box(shape["xmin"], shape["ymin"], shape["xmax"], shape["ymax"])])
    cut = 3 if shape.get("hasZ") else 2
    try:
        if kind == "esriGeometryPoint":
            if shape.get("x") in (None, "NaN"):
                return None
            sides = [shape["x"], shape["y"]] + ([shape["z"]] if shape.get("z") is not None else [])
            return shapely.Point(sides)
        if kind == "esriGeometryMultipoint":
            return shapely.MultiPoint([point[:cut] for point in shape["points"]])
        if kind == "esriGeometryPolyline":
            paths = [[point[:cut] for point in path] for path in shape["paths"] if len(path) > 1]
            return shapely.MultiLineString(paths) if paths else None
        rings = [[point[:cut] for point in ring] for ring in shape["rings"] if len(ring) > 3]
        return _polygons(rings, shapely) if rings else None
    except (KeyError, TypeError, ValueError, IndexError) as error:
        from .wire import WireError

        raise WireError(f"ERROR 000840: a geometry is no {kind}: {error}") from error


def _polygons(rings: list[Any], shapely: Any) -> Any:
    """Put holes, which turn the other way, into the rings around them."""
    made = [shapely.LinearRing(ring) for ring in rings]
    outer = [shapely.Polygon(ring) for ring in made if not ring.is_ccw]
    holes = [ring for ring in made if ring.is_ccw]
    if not outer:
        return shapely.MultiPolygon([shapely.Polygon(ring) for ring in made])
    inside: list[list[Any]] = [[] for _ in outer]
    lone = []
    for hole in holes:
        point = shapely.Polygon(hole).representative_point()
        around = [i for i, shell in enumerate(outer) if shell.contains(point)]
        if around:
            inside[min(around, key=lambda i: outer[i].area)].append(hole)
        else:
            lone.append(shapely.Polygon(hole))
    return shapely.MultiPolygon(
        [shapely.Polygon(shell.exterior, own) for shell, own in zip(outer, inside, strict=True)] + lone
    )


def to_esri(shape: Any, kind: str, shapely: Any) -> dict[str, Any] | None:
    """Return a geometry as JSON, `None` for an empty one."""
    if shape is None or shape.is_empty:
        return None
    flag = {"hasZ": True} if shape.has_z else {}

    def places(part: Any) -> list[list[float]]:
        return [list(point) for point in shapely.get_coordinates(part, include_z=shape.has_z).tolist()]

    if kind == "esriGeometryPoint":
        point = shape if shape.geom_type == "Point" else shape.geoms[0]
        found = {"x": point.x, "y": point.y}
        return found | ({"z": point.z} if shape.has_z else {})
    if kind == "esriGeometryMultipoint":
        return flag | {"points": places(shape)}
    parts = list(getattr(shape, "geoms", [shape]))
    if kind == "esriGeometryPolyline":
        return flag | {"paths": [places(part) for part in parts]}
    rings = []
    for part in parts:
        if part.geom_type != "Polygon":
            continue
        turned = shapely.geometry.polygon.orient(part, -1.0)
        rings += [places(ring) for ring in (turned.exterior, *turned.interiors)]
    return flag | {"rings": rings}


def project(shapes: Any, reference: Mapping[str, Any] | None, given: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return geometries in the system that the request asks for, and that system."""
    asked = given.get("outSR")
    if not asked or not reference:
        return shapes, reference
    try:
        wanted = json.loads(asked) if isinstance(asked, str) else asked
    except ValueError:
        wanted = asked
    target = dict(wanted) if isinstance(wanted, Mapping) else {"wkid": int(wanted)}
    if _code(target) == _code(reference):
        return shapes, reference
    import pyproj
    import shapely

    change = pyproj.Transformer.from_crs(_code(reference), _code(target), always_xy=True)

    def moved(points: Any) -> Any:
        import numpy

        return numpy.column_stack(change.transform(*points.T))

    has_z = bool(shapely.has_z(shapes).any())
    return shapely.transform(shapes, moved, include_z=has_z), target


def _code(reference: Mapping[str, Any]) -> str:
    number = int(reference.get("latestWkid") or reference.get("wkid") or 0)
    number = {102100: 3857, 102113: 3857}.get(number, number)
    if not number:
        return str(reference.get("wkt"))
    return f"{'ESRI' if number >= 37000 else 'EPSG'}:{number}"
