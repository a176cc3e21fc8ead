"""What features have in common, and what not."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..exceptions import InvalidInputError, NotSupportedError
from .buffering import ahead
from .outputs import Output, output, write
from .projecting import reproject, transformer
from .reading import Batch, batches, empty, fields_of, read, schema_of
from .running import label
from .sources import Source

__all__ = ["clip", "erase", "intersect", "of_dimension", "union"]

_DIMENSIONS = {
    "esriGeometryPoint": 0,
    "esriGeometryMultipoint": 0,
    "esriGeometryPolyline": 1,
    "esriGeometryPolygon": 2,
}
_numbers = itertools.count(1)


def of_dimension(shapes: np.ndarray, dimension: int) -> np.ndarray:
    """Keep the parts of one dimension: 0 points, 1 lines, 2 areas."""
    import shapely

    mixed = shapely.get_type_id(shapes) == 7
    other = ~mixed & (shapely.get_dimensions(shapes) != dimension)
    made = shapes.copy()
    made[other] = None
    for index in np.flatnonzero(mixed):
        parts = [p for p in made[index].geoms if shapely.get_dimensions(p) == dimension and not p.is_empty]
        made[index] = shapely.union_all(parts) if parts else None
    return made


def solid(shapes: np.ndarray | None) -> np.ndarray:
    """Return geometries that overlay takes: flat and valid."""
    import shapely

    if shapes is None:
        return np.empty(0, object)
    shapes = shapely.force_2d(shapes)
    bad = ~(shapely.is_valid(shapes) | shapely.is_missing(shapes))
    if bad.any():
        shapes = shapes.copy()
        shapes[bad] = shapely.make_valid(shapes[bad])
    return np.asarray(shapes)


def aligned(other: Source, crs: Any, columns: list[str] | None = None) -> Batch:
    """Read a source whole, in the coordinate system of another one."""
    whole = read(other, columns)
    if crs is not None and other.crs is not None and crs != other.crs:
        whole.shapes = reproject(whole.shapes, transformer(other.crs, crs))
    whole.shapes = solid(whole.shapes)
    return whole


def _cut(source: Source, other: Source, made: Output, keep_inside: bool) -> str:
    import shapely

    mask = aligned(other, source.crs, []).shapes
    assert mask is not None
    tree = shapely.STRtree(mask)
    dimension = _DIMENSIONS[source.shape or ""]

    def compute(batch: Batch) -> Batch:
        shapes = solid(batch.shapes)
        ours, theirs = tree.query(shapes, predicate="intersects")
        result = np.full(len(shapes), None, dtype=object) if keep_inside else shapes.copy()
        order = np.argsort(ours, kind="stable")
        ours, theirs = ours[order], theirs[order]
        starts: Any = np.flatnonzero(np.r_[True, ours[1:] != ours[:-1]]) if len(ours) else []
        for begin, end in zip(starts, [*starts[1:], len(ours)], strict=False):
            index = ours[begin]
            near = mask[theirs[begin:end]]
            whole = near[0] if len(near) == 1 else shapely.union_all(near)
            operation = shapely.intersection if keep_inside else shapely.difference
            result[index] = operation(shapes[index], whole)
        result = of_dimension(result, dimension)
        keep = ~(shapely.is_missing(result) | shapely.is_empty(result))
        return batch.take(np.flatnonzero(keep), result[keep])

    rows = ahead(batches(source), compute)
    return write(
        made, schema_of(source), rows, shape=source.shape, crs=source.crs, fields=source.about["fields"]
    )


def clip(source: Source, other: Source, made: Output) -> str:
    """Write the parts of features inside the polygons of another source."""
    _not_less(source, other, "clip_features")
    return _cut(source, other, made, True)


def erase(source: Source, other: Source, made: Output) -> str:
    """Write the parts of features outside of those of another source."""
    _not_less(source, other, "erase_features")
    return _cut(source, other, made, False)


def _not_less(source: Source, other: Source, parameter: str) -> None:
    if _DIMENSIONS[other.shape or ""] < _DIMENSIONS[source.shape or ""]:
        shown = str(other.shape).removeprefix("esriGeometry")
        raise InvalidInputError(f"{label(parameter)}: Invalid geometry type: {shown}", 366)


def _columns(source: Source, attributes: str) -> list[str]:
    return [] if attributes == "ONLY_FID" else fields_of(source)


def _joined_schema(parts: list[tuple[Source, list[str]]], attributes: str) -> Any:
    """Return the fields of all inputs; names that come again get a number."""
    import pyarrow as pa

    fields: list[Any] = []
    taken: set[str] = set()

    def unique(name: str) -> str:
        made, number = name, 1
        while made.lower() in taken:
            made, number = f"{name}_{number}", number + 1
        taken.add(made.lower())
        return made

    for source, columns in parts:
        if attributes != "NO_FID":
            stem = os.path.splitext(source.name)[0]
            fields.append(pa.field(unique(f"FID_{stem}"), pa.int32()))
        fields += [f.with_name(unique(f.name)) for f in schema_of(source, columns)]
    return pa.schema(fields)


def _with_ids(
    batch: Batch, index: np.ndarray, attributes: str, missing: np.ndarray | None = None
) -> list[Any]:
    """Return the columns of some rows, ids first; a missing row has id -1 and nulls."""
    import pyarrow as pa

    made = []
    where = None if missing is None else pa.array(index, mask=missing)
    if attributes != "NO_FID":
        fids = batch.oids[index].astype("int32") if len(batch.oids) else np.full(len(index), -1, "int32")
        if missing is not None:
            fids = np.where(missing, -1, fids).astype("int32")
        made.append(pa.array(fids))
    places = pa.array(index) if where is None else where
    made += [column.take(places) for column in batch.rows.columns]
    return made


def intersect(sources: list[Source], made: Output, attributes: str, kind: str) -> str:
    """Write what the features of all inputs have in common.

    Raises:
        NotSupportedError: For a single input.
    """
    import pyarrow as pa
    import shapely

    if len(sources) < 2:
        raise NotSupportedError("Intersect needs two inputs; overlaps inside one are not looked for")
    lowest = min(_DIMENSIONS[source.shape or ""] for source in sources)
    dimension = min(lowest, {"INPUT": 2, "LINE": 1, "POINT": 0}[kind])
    shape = {0: "esriGeometryMultipoint", 1: "esriGeometryPolyline", 2: "esriGeometryPolygon"}[dimension]
    if dimension == 0 and any(source.shape == "esriGeometryPoint" for source in sources):
        shape = "esriGeometryPoint"
    first, *_others = sources
    parts = [(source, _columns(source, attributes)) for source in sources]
    schema = _joined_schema(parts, attributes)
    held = [aligned(other, first.crs, columns) for other, columns in parts[1:]]
    trees = [shapely.STRtree(batch.shapes) for batch in held]

    def compute(batch: Batch) -> Batch:
        shapes = solid(batch.shapes)
        columns = _with_ids(batch, np.arange(len(shapes)), attributes)
        for other, tree in zip(held, trees, strict=True):
            ours, theirs = tree.query(shapes, predicate="intersects")
            order = np.lexsort((theirs, ours))
            ours, theirs = ours[order], theirs[order]
            assert other.shapes is not None
            common = of_dimension(shapely.intersection(shapes[ours], other.shapes[theirs]), dimension)
            keep = ~(shapely.is_missing(common) | shapely.is_empty(common))
            ours, theirs, shapes = ours[keep], theirs[keep], common[keep]
            columns = [c.take(pa.array(ours)) for c in columns] + _with_ids(other, theirs, attributes)
        rows = pa.RecordBatch.from_arrays(columns, schema=schema) if columns else batch.rows.slice(0, 0)
        return Batch(np.arange(len(shapes)), rows, shapes)

    fields = [f for source in sources for f in source.about["fields"]]
    return write(
        made, schema, ahead(batches(first, parts[0][1]), compute), shape=shape, crs=first.crs, fields=fields
    )


def union(sources: list[Source], made: Output, attributes: str) -> str:
    """Write the pieces of polygon inputs; more than two are taken one after the other.

    Raises:
        InvalidInputError: ERROR 000366 for what is no polygon.
    """
    for source in sources:
        if source.shape != "esriGeometryPolygon":
            raise InvalidInputError(f"{label('in_features')}: Invalid geometry type: {source.shape}", 366)
    if len(sources) == 1:
        raise NotSupportedError("Union needs two inputs; overlaps inside one are not looked for")
    while len(sources) > 2:
        path = f"memory\\union_{os.getpid()}_{next(_numbers)}"
        step = _union(sources[0], sources[1], output(path, "out_feature_class"), attributes)
        sources = [Source(step, name=sources[0].name), *sources[2:]]
    return _union(sources[0], sources[1], made, attributes)


def _union(first: Source, second: Source, made: Output, attributes: str) -> str:
    import pyarrow as pa
    import shapely

    parts = [(source, _columns(source, attributes)) for source in (first, second)]
    schema = _joined_schema(parts, attributes)
    held = aligned(second, first.crs, parts[1][1])
    assert held.shapes is not None
    tree = shapely.STRtree(held.shapes)
    covers: list[list[Any]] = [[] for _ in held.oids]

    def rows() -> Iterator[Batch]:
        for batch in batches(first, parts[0][1]):
            shapes = solid(batch.shapes)
            ours, theirs = tree.query(shapes, predicate="intersects")
            common = of_dimension(shapely.intersection(shapes[ours], held.shapes[theirs]), 2)
            keep = ~(shapely.is_missing(common) | shapely.is_empty(common))
            ours, theirs, common = ours[keep], theirs[keep], common[keep]
            left = shapes.copy()
            for a, b in zip(ours, theirs, strict=True):
                left[a] = shapely.difference(left[a], held.shapes[b])
                covers[b].append(shapes[a])
            left = of_dimension(left, 2)
            rest = np.flatnonzero(~(shapely.is_missing(left) | shapely.is_empty(left)))
            yield piece(batch, ours, held, theirs, common)
            yield piece(batch, rest, held, np.zeros(len(rest), "int64"), left[rest], lacks_second=True)
        alone = held.shapes.copy()
        for index, cover in enumerate(covers):
            if cover:
                alone[index] = shapely.difference(alone[index], shapely.union_all(cover))
        alone = of_dimension(alone, 2)
        rest = np.flatnonzero(~(shapely.is_missing(alone) | shapely.is_empty(alone)))
        none = empty(first, parts[0][1])
        yield piece(none, np.zeros(len(rest), "int64"), held, rest, alone[rest], lacks_first=True)

    def piece(
        batch: Batch,
        ours: Any,
        other: Batch,
        theirs: Any,
        shapes: Any,
        *,
        lacks_first: bool = False,
        lacks_second: bool = False,
    ) -> Batch:
        none = np.ones(len(shapes), bool)
        columns = _with_ids(batch, ours, attributes, none if lacks_first else None)
        columns += _with_ids(other, theirs, attributes, none if lacks_second else None)
        return Batch(np.arange(len(shapes)), pa.RecordBatch.from_arrays(columns, schema=schema), shapes)

    return write(made, schema, rows(), shape="esriGeometryPolygon", crs=first.crs)
