"""arcpy's geometry classes, over shapely.

Curves become straight pieces when they are read; M values are kept where shapely keeps them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from typing import Any

from ..exceptions import InvalidInputError
from .datasets import Extent
from .reference import SpatialReference

__all__ = [
    "Array",
    "AsShape",
    "FromWKB",
    "FromWKT",
    "Geometry",
    "Multipoint",
    "Point",
    "PointGeometry",
    "Polygon",
    "Polyline",
    "from_shape",
    "json_from_shape",
    "shape_from_json",
]

_LINEAR_UNITS = {
    "METERS": 1.0,
    "METRES": 1.0,
    "KILOMETERS": 1000.0,
    "FEET": 0.3048,
    "FEETUS": 1200 / 3937,
    "MILES": 1609.344,
    "MILESUS": 5280 * 1200 / 3937,
    "YARDS": 0.9144,
    "NAUTICALMILES": 1852.0,
    "CENTIMETERS": 0.01,
    "MILLIMETERS": 0.001,
    "DECIMETERS": 0.1,
    "INCHES": 0.0254,
}
_AREAL_UNITS = {
    "HECTARES": 10_000.0,
    "ACRES": 4046.8564224,
    "ACRESUS": 4046.872609874252,
    "ARES": 100.0,
}
_SQUARES = {
    "SQUAREMETERS": "METERS",
    "SQUAREKILOMETERS": "KILOMETERS",
    "SQUAREFEET": "FEET",
    "SQUAREFEETUS": "FEETUS",
    "SQUAREMILES": "MILES",
    "SQUAREMILESUS": "MILESUS",
    "SQUAREYARDS": "YARDS",
    "SQUAREINCHES": "INCHES",
    "SQUARECENTIMETERS": "CENTIMETERS",
    "SQUAREMILLIMETERS": "MILLIMETERS",
}


class Point:
    """A position, which is no geometry yet.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/classes/point.htm
    """

    def __init__(
        self, X: float = 0.0, Y: float = 0.0, Z: float | None = None, M: float | None = None, ID: int = 0
    ) -> None:
        self.X, self.Y, self.Z, self.M, self.ID = float(X), float(Y), Z, M, ID

    def _tuple(self) -> tuple[float, ...]:
        return (self.X, self.Y) if self.Z is None else (self.X, self.Y, self.Z)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Point) and self._tuple() == other._tuple()

    def __hash__(self) -> int:
        return hash(self._tuple())

    def __repr__(self) -> str:
        z, m = ("NaN" if v is None else v for v in (self.Z, self.M))
        return f"<Point ({self.X}, {self.Y}, {z}, {m})>"

    __str__ = __repr__


class Array:
    """Points, or arrays of points; None between points begins another ring.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/classes/array.htm
    """

    def __init__(self, items: Any = None) -> None:
        self._items: list[Any] = []
        if items is not None:
            self._items = [items] if isinstance(items, Point) else list(items)

    @property
    def count(self) -> int:
        """How many items there are."""
        return len(self._items)

    def add(self, value: Any) -> None:
        """Put an item at the end."""
        self._items.append(value)

    append = add

    def extend(self, items: Iterable[Any]) -> None:
        """Put items at the end."""
        self._items.extend(items)

    def insert(self, index: int, value: Any) -> None:
        """Put an item at a position."""
        self._items.insert(index, value)

    def remove(self, index: int) -> None:
        """Take the item at a position away."""
        del self._items[index]

    def removeAll(self) -> None:
        """Take all items away."""
        self._items.clear()

    def replace(self, index: int, value: Any) -> None:
        """Put another item at a position."""
        self._items[index] = value

    def getObject(self, index: int) -> Any:
        """Return the item at a position."""
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: int) -> Any:
        return self._items[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)

    def __repr__(self) -> str:
        return f"<Array [{', '.join(map(repr, self._items))}]>"


class Geometry:
    """A geometry with a spatial reference; `Polygon` and its kin make one from points.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/classes/geometry.htm
    """

    _type = "geometry"

    def __init__(
        self,
        geometry: Any = None,
        inputs: Any = None,
        spatial_reference: Any = None,
        has_z: bool = False,
        has_m: bool = False,
    ) -> None:
        if isinstance(geometry, str):
            maker = {k._type: k for k in (PointGeometry, Multipoint, Polyline, Polygon)}.get(geometry.lower())
            if maker is None:
                raise InvalidInputError(f"`{geometry}` is no geometry type")
            made = maker(inputs, spatial_reference, has_z, has_m)
            self.__class__ = made.__class__
            self._shape: Any = made._shape
            self.spatialReference: SpatialReference = made.spatialReference
            return
        self._shape = geometry
        self.spatialReference = _reference(spatial_reference)

    @property
    def type(self) -> str:
        """`point`, `multipoint`, `polyline` or `polygon`."""
        return {"pointgeometry": "point"}.get(self._type, self._type)

    def _of(self, shape: Any) -> Geometry:
        return from_shape(shape, self.spatialReference)

    # Measures

    @property
    def area(self) -> float:
        """Area in the units of the spatial reference."""
        return float(self._shape.area)

    @property
    def length(self) -> float:
        """Length or perimeter in the units of the spatial reference."""
        return float(self._shape.length)

    def getArea(self, type: str | None = None, units: str | None = None) -> float:
        """Return the area.

        Args:
            type: `PLANAR`, or `GEODESIC` on the ellipsoid.
            units: Such as `SQUAREMETERS`; the units of the spatial reference, or square metres for
                geodesic ones, by default.
        """
        metres = self._metres()
        if (type or "PLANAR").upper() != "PLANAR":
            square = abs(self._geod().geometry_area_perimeter(self._geographic())[0])
        elif units and metres is not None:
            square = self.area * metres**2
        else:
            return self.area
        return square / areal_unit(units) if units else square

    def getLength(self, measurement_type: str | None = None, units: str | None = None) -> float:
        """Return the length or perimeter; see `getArea`."""
        metres = self._metres()
        if (measurement_type or "PLANAR").upper() != "PLANAR":
            geod, shape = self._geod(), self._geographic()
            polygon = self._type == "polygon"
            length = geod.geometry_area_perimeter(shape)[1] if polygon else geod.geometry_length(shape)
        elif units and metres is not None:
            length = self.length * metres
        else:
            return self.length
        return length / linear_unit(units) if units else length

    def _metres(self) -> float | None:
        crs = self.spatialReference._crs() if self.spatialReference else None
        return crs.axis_info[0].unit_conversion_factor if crs is not None and crs.is_projected else None

    def _geod(self) -> Any:
        crs = self.spatialReference._crs() if self.spatialReference else None
        if crs is None:
            raise InvalidInputError("a geodesic measure needs a spatial reference")
        return crs.get_geod()

    def _geographic(self) -> Any:
        crs = self.spatialReference._crs()
        if crs is None or not crs.is_projected:
            return self._shape
        return _moved(self._shape, crs, crs.geodetic_crs)

    # Parts

    @property
    def centroid(self) -> Point:
        """The centre of mass."""
        return _point(self._shape.centroid)

    @property
    def trueCentroid(self) -> Point:
        """The centre of mass."""
        return self.centroid

    @property
    def labelPoint(self) -> Point:
        """A point that lies inside."""
        return _point(self._shape.representative_point())

    @property
    def firstPoint(self) -> Point:
        """The first vertex."""
        return next(_points(self._shape))

    @property
    def lastPoint(self) -> Point:
        """The last vertex."""
        return list(_points(self._shape))[-1]

    @property
    def extent(self) -> Extent:
        """The rectangle around it."""
        xmin, ymin, xmax, ymax = self._shape.bounds or (None,) * 4
        return Extent(xmin, ymin, xmax, ymax, self.spatialReference)

    @property
    def hullRectangle(self) -> str:
        """Corners of the smallest rectangle around it, as text."""
        corners = list(self._shape.minimum_rotated_rectangle.exterior.coords)[:4]
        return " ".join(f"{x} {y}" for x, y in corners)

    @property
    def isMultipart(self) -> bool:
        """Whether it has several parts."""
        return self.partCount > 1

    @property
    def isEmpty(self) -> bool:
        """Whether it has no points."""
        return bool(self._shape.is_empty)

    @property
    def hasCurves(self) -> bool:
        """False: curves are straight pieces here."""
        return False

    @property
    def hasZ(self) -> bool:
        """Whether its points have heights."""
        return bool(self._shape.has_z)

    @property
    def partCount(self) -> int:
        """How many parts it has."""
        return len(getattr(self._shape, "geoms", (self._shape,)))

    @property
    def pointCount(self) -> int:
        """How many vertices it has."""
        import shapely

        return int(shapely.get_num_coordinates(self._shape))

    def getPart(self, index: int | None = None) -> Any:
        """Return a part as an `Array`, or all parts; rings of a polygon are parted by None."""
        parts = [_part(part) for part in getattr(self._shape, "geoms", (self._shape,))]
        if self._type == "pointgeometry":
            return parts[0][0]
        return Array(parts) if index is None else parts[index]

    def __iter__(self) -> Iterator[Any]:
        return iter([self.getPart()] if self._type == "pointgeometry" else self.getPart())

    def __len__(self) -> int:
        return self.partCount

    def __getitem__(self, index: int) -> Any:
        return list(self)[index]

    # Forms

    @property
    def JSON(self) -> str:
        """Esri JSON."""
        value = json_from_shape(self._shape) or {}
        if self.spatialReference:
            value["spatialReference"] = self.spatialReference.to_value()
        return json.dumps(value)

    @property
    def WKT(self) -> str:
        """Well-known text."""
        return str(self._shape.wkt)

    @property
    def WKB(self) -> bytearray:
        """Well-known binary."""
        import shapely

        return bytearray(shapely.to_wkb(self._shape, flavor="iso"))

    @property
    def __geo_interface__(self) -> dict[str, Any]:
        made: dict[str, Any] = self._shape.__geo_interface__
        return made

    # Operations

    def buffer(self, distance: float) -> Geometry:
        """Return what lies within a distance."""
        return self._of(self._shape.buffer(distance, quad_segs=32))

    def boundary(self) -> Geometry:
        """Return the edge."""
        return self._of(self._shape.boundary)

    def convexHull(self) -> Geometry:
        """Return the convex hull."""
        return self._of(self._shape.convex_hull)

    def clip(self, envelope: Extent) -> Geometry:
        """Return what lies in a rectangle."""
        import shapely

        box = shapely.box(envelope.XMin, envelope.YMin, envelope.XMax, envelope.YMax)
        return self._of(self._shape.intersection(box))

    def intersect(self, other: Geometry, dimension: int = 4) -> Geometry:
        """Return what both have in common, of one dimension: 1 points, 2 lines, 4 areas."""
        import shapely

        common = self._shape.intersection(other._shape)
        wanted = {1: 0, 2: 1, 4: 2}[dimension]
        pieces = [p for p in getattr(common, "geoms", (common,)) if shapely.get_dimensions(p) == wanted]
        if len(pieces) == 1:
            return self._of(pieces[0])
        makers = {0: shapely.multipoints, 1: shapely.multilinestrings, 2: shapely.multipolygons}
        return self._of(makers[wanted](pieces))

    def union(self, other: Geometry) -> Geometry:
        """Return both together."""
        return self._of(self._shape.union(other._shape))

    def difference(self, other: Geometry) -> Geometry:
        """Return what the other does not cover."""
        return self._of(self._shape.difference(other._shape))

    def symmetricDifference(self, other: Geometry) -> Geometry:
        """Return what only one of them covers."""
        return self._of(self._shape.symmetric_difference(other._shape))

    def generalize(self, max_offset: float) -> Geometry:
        """Return it with fewer vertices, none further off than an offset."""
        return self._of(self._shape.simplify(max_offset))

    def projectAs(self, spatial_reference: Any, transformation_name: str | None = None) -> Geometry:
        """Return it in another spatial reference."""
        target = _reference(spatial_reference)
        source = self.spatialReference._crs() if self.spatialReference else None
        if source is None or target is None:
            raise InvalidInputError("projecting needs two known spatial references")
        return from_shape(_moved(self._shape, source, target._crs()), target)

    def positionAlongLine(self, value: float, use_percentage: bool = False) -> PointGeometry:
        """Return the point at a distance along the line."""
        point = self._shape.interpolate(value, normalized=use_percentage)
        return PointGeometry(_point(point), self.spatialReference)

    def measureOnLine(self, in_point: Any, use_percentage: bool = False) -> float:
        """Return how far along the line a point lies."""
        return float(self._shape.project(_shape_of(in_point), normalized=use_percentage))

    def contains(self, other: Any, relation: str | None = None) -> bool:
        """Tell whether it contains the other."""
        return bool(self._shape.contains(_shape_of(other)))

    def within(self, other: Any, relation: str | None = None) -> bool:
        """Tell whether it lies within the other."""
        return bool(self._shape.within(_shape_of(other)))

    def crosses(self, other: Any) -> bool:
        """Tell whether the two cross."""
        return bool(self._shape.crosses(_shape_of(other)))

    def disjoint(self, other: Any) -> bool:
        """Tell whether the two have nothing in common."""
        return bool(self._shape.disjoint(_shape_of(other)))

    def equals(self, other: Any) -> bool:
        """Tell whether the two cover the same."""
        return bool(self._shape.equals(_shape_of(other)))

    def overlaps(self, other: Any) -> bool:
        """Tell whether the two overlap."""
        return bool(self._shape.overlaps(_shape_of(other)))

    def touches(self, other: Any) -> bool:
        """Tell whether the two touch."""
        return bool(self._shape.touches(_shape_of(other)))

    def distanceTo(self, other: Any) -> float:
        """Return the shortest distance to the other, in the units of the spatial reference."""
        return float(self._shape.distance(_shape_of(other)))

    def angleAndDistanceTo(self, other: Any, method: str = "GEODESIC") -> tuple[float, float]:
        """Return azimuth in degrees and distance in metres between two points."""
        if method.upper() == "PLANAR":
            a, b = self._shape, _shape_of(other)
            angle = math.degrees(math.atan2(b.x - a.x, b.y - a.y))
            return angle, float(a.distance(b))
        here = self._geographic()
        there = other._geographic() if isinstance(other, Geometry) else _shape_of(other)
        azimuth, _, distance = self._geod().inv(here.x, here.y, there.x, there.y)
        return float(azimuth), float(distance)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Geometry) and bool(self._shape.equals_exact(other._shape, 0.0))

    def __hash__(self) -> int:
        return hash(self._shape)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._shape.geom_type}>"


class PointGeometry(Geometry):
    """A point with a spatial reference.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/classes/pointgeometry.htm
    """

    _type = "pointgeometry"

    def __init__(
        self, inputs: Any = None, spatial_reference: Any = None, has_z: bool = False, has_m: bool = False
    ) -> None:
        from shapely import Point as ShapelyPoint

        point = inputs[0] if isinstance(inputs, Array) else inputs
        values = point._tuple() if isinstance(point, Point) else tuple(point) if point else ()
        super().__init__(ShapelyPoint(*values), spatial_reference=spatial_reference)


class Multipoint(Geometry):
    """Points as one geometry.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/classes/multipoint.htm
    """

    _type = "multipoint"

    def __init__(
        self, inputs: Any = None, spatial_reference: Any = None, has_z: bool = False, has_m: bool = False
    ) -> None:
        from shapely import MultiPoint

        points = [_xyz(item) for item in inputs or ()]
        super().__init__(MultiPoint(points), spatial_reference=spatial_reference)


class Polyline(Geometry):
    """Lines as one geometry.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/classes/polyline.htm
    """

    _type = "polyline"

    def __init__(
        self, inputs: Any = None, spatial_reference: Any = None, has_z: bool = False, has_m: bool = False
    ) -> None:
        from shapely import LineString, MultiLineString

        parts = [part for group in _parts(inputs) for part in _split(group)]
        lines = [LineString(part) for part in parts if len(part) > 1]
        shape = lines[0] if len(lines) == 1 else MultiLineString(lines)
        super().__init__(shape, spatial_reference=spatial_reference)


class Polygon(Geometry):
    """Areas as one geometry; clockwise rings are outer ones, as in Esri's formats.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/classes/polygon.htm
    """

    _type = "polygon"

    def __init__(
        self, inputs: Any = None, spatial_reference: Any = None, has_z: bool = False, has_m: bool = False
    ) -> None:
        rings = [ring for group in _parts(inputs) for ring in _split(group)]
        super().__init__(_polygon(rings), spatial_reference=spatial_reference)


def _reference(value: Any) -> SpatialReference:
    if value is None:
        return SpatialReference()
    return value if isinstance(value, SpatialReference) else SpatialReference(value)


def _shape_of(other: Any) -> Any:
    if isinstance(other, Geometry):
        return other._shape
    if isinstance(other, Point):
        from shapely import Point as ShapelyPoint

        return ShapelyPoint(*other._tuple())
    raise TypeError(f"{other!r} is no geometry")


def _xyz(item: Any) -> tuple[float, ...]:
    return item._tuple() if isinstance(item, Point) else tuple(float(v) for v in item)


def _parts(inputs: Any) -> list[list[Any]]:
    items = list(inputs or ())
    first = next((item for item in items if item is not None), None)
    nested = isinstance(first, Array) or (
        isinstance(first, list | tuple) and bool(first) and not isinstance(first[0], int | float)
    )
    return [list(item) for item in items] if nested else [items]


def _split(points: list[Any]) -> list[list[tuple[float, ...]]]:
    """Part the points of an array at None."""
    rings: list[list[tuple[float, ...]]] = [[]]
    for item in points:
        if item is None:
            rings.append([])
        else:
            rings[-1].append(_xyz(item))
    return [ring for ring in rings if ring]


def _polygon(rings: list[list[tuple[float, ...]]]) -> Any:
    """Sort rings into polygons: what lies inside an odd number of others is a hole."""
    import shapely

    good = [ring for ring in rings if len({p[:2] for p in ring}) > 2]
    if not good:
        return shapely.Polygon()
    if len(good) == 1:
        return shapely.Polygon(good[0])
    areas = [shapely.Polygon(ring) for ring in good]
    order = sorted(range(len(good)), key=lambda i: -areas[i].area)
    shells: list[tuple[int, list[Any]]] = []
    for index in order:
        inside = areas[index].representative_point()
        holders = [entry for entry in shells if areas[entry[0]].contains(inside)]
        in_hole = holders and any(shapely.Polygon(h).contains(inside) for h in holders[-1][1])
        if holders and not in_hole:
            holders[-1][1].append(good[index])
        else:
            shells.append((index, []))
    made = [shapely.Polygon(good[index], holes) for index, holes in shells]
    return made[0] if len(made) == 1 else shapely.MultiPolygon(made)


def _point(shape: Any) -> Point:
    return Point(shape.x, shape.y, shape.z if shape.has_z else None)


def _points(shape: Any) -> Iterator[Point]:
    import shapely

    for x, y, *z in shapely.get_coordinates(shape, include_z=bool(shape.has_z)):
        yield Point(x, y, z[0] if z else None)


def _part(shape: Any) -> Array:
    if shape.geom_type != "Polygon":
        return Array(list(_points(shape)))
    made = Array(_ring(shape.exterior, clockwise=True))
    for hole in shape.interiors:
        made.add(None)
        made.extend(_ring(hole, clockwise=False))
    return made


def _ring(ring: Any, *, clockwise: bool) -> list[Point]:
    points = list(_points(ring))
    return points if ring.is_ccw != clockwise else points[::-1]


def _moved(shape: Any, source: Any, target: Any) -> Any:
    import pyproj
    import shapely

    change = pyproj.Transformer.from_crs(source, target, always_xy=True)
    if shape.has_z:
        return shapely.transform(
            shape, lambda x, y, z: (*change.transform(x, y), z), include_z=True, interleaved=False
        )
    return shapely.transform(shape, change.transform, interleaved=False)


def _unit(units: str) -> str:
    return units.upper().replace("_", "").replace(" ", "").replace("INTERNATIONAL", "").removesuffix("INT")


def linear_unit(units: str) -> float:
    """Return the metres of a linear unit."""
    try:
        return _LINEAR_UNITS[_unit(units)]
    except KeyError:
        raise InvalidInputError(
            f"`{units}` is no linear unit; there are {', '.join(_LINEAR_UNITS)}", 800
        ) from None


def areal_unit(units: str) -> float:
    """Return the square metres of an areal unit."""
    word = _unit(units)
    if word in _SQUARES:
        return _LINEAR_UNITS[_SQUARES[word]] ** 2
    if word in _AREAL_UNITS:
        return _AREAL_UNITS[word]
    return linear_unit(units) ** 2


def from_shape(shape: Any, spatial_reference: Any = None) -> Geometry:
    """Return the arcpy geometry of a shapely geometry."""
    kind = {
        "Point": PointGeometry,
        "MultiPoint": Multipoint,
        "LineString": Polyline,
        "LinearRing": Polyline,
        "MultiLineString": Polyline,
        "Polygon": Polygon,
        "MultiPolygon": Polygon,
    }.get(shape.geom_type, Geometry)
    made = kind.__new__(kind)
    made._shape, made.spatialReference = shape, _reference(spatial_reference)
    return made


def json_from_shape(shape: Any) -> dict[str, Any] | None:
    """Return the Esri JSON of a shapely geometry, without its spatial reference."""
    import shapely

    if shape is None:
        return None
    z = bool(shape.has_z)

    def coordinates(part: Any) -> list[list[float]]:
        listed: list[list[float]] = shapely.get_coordinates(part, include_z=z).tolist()
        return listed

    kind = shape.geom_type
    if kind == "Point":
        if shape.is_empty:
            return {"x": "NaN", "y": "NaN"}
        made = {"x": shape.x, "y": shape.y}
        return {**made, "z": shape.z} if z else made
    parts = getattr(shape, "geoms", (shape,))
    flags = {"hasZ": True} if z else {}
    if kind == "MultiPoint":
        return {**flags, "points": coordinates(shape)}
    if kind in ("LineString", "LinearRing", "MultiLineString"):
        return {**flags, "paths": [coordinates(part) for part in parts]}
    rings = []
    for part in parts:
        if part.is_empty:
            continue
        for index, ring in enumerate([part.exterior, *part.interiors]):
            turned = ring if ring.is_ccw == bool(index) else ring.reverse()
            rings.append(coordinates(turned))
    return {**flags, "rings": rings}


def shape_from_json(value: dict[str, Any] | None, kind: str | None = None) -> Any:
    """Return the shapely geometry of Esri JSON.

    Raises:
        InvalidInputError: If it is no geometry.
    """
    import shapely

    if not value:
        return None
    try:
        if "x" in value:
            if value["x"] in (None, "NaN"):
                return shapely.Point()
            z = value.get("z")
            return shapely.Point(value["x"], value["y"], *(() if z is None else (z,)))
        if "xmin" in value:
            return shapely.box(value["xmin"], value["ymin"], value["xmax"], value["ymax"])
        size = 3 if value.get("hasZ") else 2

        def trimmed(points: list[list[float]]) -> list[tuple[float, ...]]:
            wide = size if value.get("hasZ") is not None or value.get("hasM") else 3
            return [tuple(point[:wide]) for point in points]

        if "points" in value:
            return shapely.MultiPoint(trimmed(value["points"]))
        if "paths" in value:
            lines = [shapely.LineString(trimmed(path)) for path in value["paths"] if len(path) > 1]
            return lines[0] if len(lines) == 1 else shapely.MultiLineString(lines)
        if "rings" in value:
            return _polygon([trimmed(ring) for ring in value["rings"]])
    except (TypeError, ValueError, KeyError, IndexError, shapely.errors.ShapelyError) as error:
        raise InvalidInputError(f"a geometry cannot be read: {error}") from error
    what = "curves" if {"curvePaths", "curveRings"} & value.keys() else ", ".join(list(value)[:4])
    raise InvalidInputError(f"a geometry with {what} cannot be read; use x, points, paths or rings")


def AsShape(geojson_struct: Any, esri_json: bool = False) -> Geometry:
    """Return a geometry from GeoJSON or Esri JSON.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/asshape.htm
    """
    value = json.loads(geojson_struct) if isinstance(geojson_struct, str) else geojson_struct
    if esri_json or not {"coordinates", "geometries"} & value.keys():
        shape = shape_from_json(value)
        return from_shape(shape, SpatialReference.from_value(value.get("spatialReference")))
    from shapely.geometry import shape as from_mapping

    return from_shape(from_mapping(value), SpatialReference(4326))


def FromWKT(wkt_string: str, spatial_reference: Any = None) -> Geometry:
    """Return a geometry from well-known text.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/fromwkt.htm
    """
    import shapely

    try:
        return from_shape(shapely.from_wkt(wkt_string), spatial_reference)
    except shapely.errors.ShapelyError as error:
        raise InvalidInputError(f"this is no well-known text: {error}") from error


def FromWKB(byte_array: bytes | bytearray, spatial_reference: Any = None) -> Geometry:
    """Return a geometry from well-known binary.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/fromwkb.htm
    """
    import shapely

    try:
        return from_shape(shapely.from_wkb(bytes(byte_array)), spatial_reference)
    except shapely.errors.ShapelyError as error:
        raise InvalidInputError(f"this is no well-known binary: {error}") from error
