"""Buffers, in the plane and on the ellipsoid."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..exceptions import InvalidInputError
from ..gp.messages import ToolRun
from .outputs import Output, write
from .reading import Batch, batches, fields_of, schema_of
from .sources import Source
from .units import METRES, crs_unit, split

__all__ = ["QUARTER", "SIDES", "Options", "buffer", "geodesic", "planar"]

SIDES = ("FULL", "LEFT", "RIGHT", "OUTSIDE_ONLY")
QUARTER = 16
"""Straight pieces of a quarter circle."""


@dataclass
class Options:
    """What a buffer is to be."""

    distance: Any
    side: str = "FULL"
    flat: bool = False
    dissolve: str = "NONE"
    fields: list[str] = field(default_factory=list)
    geodesic: bool = False


def planar(shapes: np.ndarray, distances: Any, options: Options) -> np.ndarray:
    """Return buffers in the units of the geometries."""
    import shapely

    cap = "flat" if options.flat else "round"
    if options.side in ("LEFT", "RIGHT"):
        signed = distances if options.side == "LEFT" else -np.asarray(distances)
        return np.asarray(
            shapely.buffer(shapes, signed, quad_segs=QUARTER, single_sided=True, cap_style="flat")
        )
    made = shapely.buffer(shapes, distances, quad_segs=QUARTER, cap_style=cap)
    if options.side == "OUTSIDE_ONLY":
        made = shapely.difference(made, shapes)
    return np.asarray(made)


def geodesic(shapes: np.ndarray, metres: np.ndarray, crs: Any, options: Options | None = None) -> np.ndarray:
    """Return buffers on the ellipsoid.

    Circles around points are exact. Lines and polygons are buffered in an azimuthal equidistant
    projection about their centre: for features of 100 km the error is below one thousandth.
    """
    import pyproj
    import shapely

    if crs is None:
        raise InvalidInputError("a geodesic buffer needs a coordinate system; use DefineProjection", 1024)
    from .projecting import reproject, transformer

    plain = options or Options(0)
    base = crs.geodetic_crs if crs.is_projected else crs
    degrees = reproject(shapes, transformer(crs, base)) if crs.is_projected else shapes
    assert degrees is not None
    geod = base.get_geod()
    made: Any = np.full(len(shapes), None, dtype=object)
    around = np.linspace(360, 0, 4 * QUARTER, endpoint=False)
    for index, shape in enumerate(degrees):
        if shape is None or shape.is_empty:
            continue
        reach = float(metres[index])
        if shape.geom_type == "Point":
            if reach <= 0:
                continue
            count = len(around)
            x, y, _ = geod.fwd([shape.x] * count, [shape.y] * count, around, [reach] * count)
            made[index] = shapely.Polygon(_unwrapped(np.column_stack([x, y]), shape.x))
            continue
        centre = shape.centroid
        local = pyproj.CRS.from_dict(
            {"proj": "aeqd", "lat_0": centre.y, "lon_0": centre.x, "a": geod.a, "b": geod.b, "units": "m"}
        )
        there = pyproj.Transformer.from_crs(base, local, always_xy=True)
        fine = shapely.segmentize(shape, 0.1)
        flat = shapely.transform(fine, there.transform, interleaved=False)
        grown = planar(np.array([flat], dtype=object), reach, plain)[0]
        grown = shapely.segmentize(grown, 10_000.0)
        made[index] = shapely.transform(
            grown,
            lambda x, y, back=there: back.transform(x, y, direction="INVERSE"),
            interleaved=False,
        )
    if crs.is_projected:
        made = reproject(made, transformer(base, crs)) if len(made) else made
    return made


def _unwrapped(ring: np.ndarray, longitude: float) -> np.ndarray:
    """Keep a ring together that crosses the date line."""
    ring[:, 0] = longitude + (ring[:, 0] - longitude + 180.0) % 360.0 - 180.0
    return ring


def _distances(
    run: ToolRun, source: Source, options: Options
) -> tuple[str | None, Callable[[Batch], Any], bool]:
    """Return the field that holds distances, what gives those of a batch, and whether they are metres.

    Raises:
        InvalidInputError: ERROR 000728 when the value is neither a distance nor a field.
    """
    value = options.distance
    constant = split(value)
    fields = {f["name"].lower(): f for f in source.about["fields"]}
    named = fields.get(str(value).lower())
    unit = crs_unit(source.crs)
    on_ellipsoid = options.geodesic or (unit is None and source.crs is not None)
    if named is None:
        if constant is None:
            raise InvalidInputError(
                f"Distance [value or field]: Field {value} does not exist within table", 728
            )
        number, word = constant
        metric = on_ellipsoid and (word in METRES or (options.geodesic and not word))
        reach = _converted(number, word, unit, metric)
        return None, lambda batch: reach, metric
    name = named["name"]
    if named["type"] == "esriFieldTypeString":
        metric = on_ellipsoid

        def texts(batch: Batch) -> np.ndarray:
            made = []
            for text in batch.rows.column(name).to_pylist():
                parts = split(text) if text is not None else (0.0, "")
                if parts is None:
                    raise InvalidInputError(f"the field {name} holds `{text}`, which is no distance", 800)
                made.append(_converted(*parts, unit, metric))
            return np.asarray(made, dtype=float)

        return name, texts, metric

    def numbers(batch: Batch) -> np.ndarray:
        import pyarrow as pa

        column = batch.rows.column(name).cast(pa.float64())
        values = np.nan_to_num(column.to_numpy(zero_copy_only=False))
        return values * (unit or 1.0) if options.geodesic else values

    return name, numbers, options.geodesic


def _converted(number: float, word: str, unit: float | None, metric: bool) -> float:
    if metric:
        if word == "DECIMALDEGREES":
            raise InvalidInputError("a geodesic buffer needs a distance in metres, feet and so on", 800)
        return number * (METRES[word] if word else (unit or 1.0))
    if word in METRES and unit is not None:
        return number * METRES[word] / unit
    return number


def _check(run: ToolRun, source: Source, options: Options) -> None:
    lines, areas = source.shape == "esriGeometryPolyline", source.shape == "esriGeometryPolygon"
    if source.shape not in ("esriGeometryPoint", "esriGeometryMultipoint") and not (lines or areas):
        raise InvalidInputError(f"Input Features: Invalid geometry type: {source.shape}", 366)
    if options.side in ("LEFT", "RIGHT") and not lines:
        raise InvalidInputError(f"Side Type: {options.side} needs lines", 800)
    if options.side == "OUTSIDE_ONLY" and not areas:
        raise InvalidInputError("Side Type: OUTSIDE_ONLY needs polygons", 800)
    if options.dissolve == "LIST" and not options.fields:
        raise InvalidInputError("Dissolve Field(s): Value is required", 735)


def buffer(run: ToolRun, source: Source, made: Output, options: Options) -> str:
    """Write buffers; batches are computed while others are read and written.

    Without dissolving, only a few batches are held; with it, the united shapes are.
    """
    import pyarrow as pa
    import shapely

    _check(run, source, options)
    by_field, distances, metric = _distances(run, source, options)
    keys = [source.field(name, "Dissolve Field(s)")["name"] for name in options.fields]
    plain = options.dissolve == "NONE"
    columns = fields_of(source) if plain else (keys if options.dissolve == "LIST" else [])
    needed = list(dict.fromkeys([*columns, *([by_field] if by_field else [])]))

    def compute(batch: Batch) -> tuple[Batch, np.ndarray, Any]:
        reach = distances(batch)
        shapes = batch.shapes if batch.shapes is not None else np.empty(0, object)
        if shapely.has_z(shapes).any():
            shapes = shapely.force_2d(shapes)
        if metric:
            grown = geodesic(shapes, np.broadcast_to(reach, len(shapes)), source.crs, options)
        else:
            grown = planar(shapes, reach, options)
        return batch, grown, reach

    computed = ahead(batches(source, needed), compute)
    schema = schema_of(source, columns)
    kept = [f for f in source.about["fields"] if f["name"] in columns]
    dropped = 0
    if plain:
        schema = schema.append(pa.field("BUFF_DIST", pa.float64())).append(pa.field("ORIG_FID", pa.int32()))

        def rows() -> Iterator[Batch]:
            nonlocal dropped
            for batch, grown, reach in computed:
                own = batch.rows.select(columns) if columns else batch.rows
                numbers = np.broadcast_to(reach, len(grown)).astype(float)
                added = [pa.array(numbers), pa.array(batch.oids.astype("int32"))]
                whole = pa.RecordBatch.from_arrays([*own.columns, *added], schema=schema)
                keep = ~(shapely.is_missing(grown) | shapely.is_empty(grown))
                result = Batch(batch.oids, whole, grown)
                if not keep.all():
                    dropped += int((~keep).sum())
                    result = result.take(np.flatnonzero(keep))
                yield result
    else:
        rows = _dissolved(computed, keys if options.dissolve == "LIST" else [], schema)

    path = write(made, schema, rows(), shape="esriGeometryPolygon", crs=source.crs, fields=kept)
    if dropped:
        run.warning(f"{dropped} features have no buffer, as they are empty or shrink to nothing", 117)
    return path


def _dissolved(computed: Any, keys: list[str], schema: Any) -> Callable[[], Iterator[Batch]]:
    import pyarrow as pa
    import shapely

    def rows() -> Iterator[Batch]:
        groups: dict[tuple[Any, ...], list[Any]] = {}
        for batch, grown, _ in computed:
            values = [batch.rows.column(name).to_pylist() for name in keys]
            found: dict[tuple[Any, ...], list[int]] = {}
            for index in range(len(grown)):
                found.setdefault(tuple(column[index] for column in values), []).append(index)
            for key, places in found.items():
                # Uniting batch by batch keeps less than all buffers at once.
                groups.setdefault(key, []).append(shapely.union_all(grown[places]))
        for key in sorted(groups, key=lambda entry: tuple((v is not None, str(type(v)), v) for v in entry)):
            united = np.empty(1, object)
            united[0] = shapely.union_all(groups.pop(key))
            row = pa.RecordBatch.from_pylist([dict(zip(keys, key, strict=True))], schema=schema)
            yield Batch(np.zeros(1, "int64"), row, united)

    return rows


def ahead(parts: Iterator[Batch], compute: Callable[[Batch], Any], workers: int = 2) -> Iterator[Any]:
    """Walk results in order while a few batches ahead are computed; GEOS runs without Python's lock."""
    pool = ThreadPoolExecutor(workers, thread_name_prefix="geosharing-tool")
    waiting: deque[Any] = deque()
    try:
        for part in parts:
            waiting.append(pool.submit(compute, part))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
