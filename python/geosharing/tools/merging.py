"""Rows of several datasets in one."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from ..exceptions import InvalidInputError
from ..gp.messages import ToolRun
from . import fieldmaps
from .outputs import output, write
from .projecting import reproject, transformer
from .reading import Batch, batches, schema_of
from .running import label
from .sources import Source

__all__ = ["append", "from_geometries", "merge"]

_numbers = itertools.count(1)
_RANK = ["int16", "int32", "int64", "float32", "float64", "string"]


def from_geometries(items: Iterable[Any]) -> str:
    """Write geometry objects to memory and return the path."""
    import pyarrow as pa

    shapes = list(items)
    if not shapes or not all(hasattr(item, "_shape") for item in shapes):
        raise InvalidInputError("Input Features: a list must hold geometry objects", 840)
    kinds = {
        "point": "esriGeometryPoint",
        "multipoint": "esriGeometryMultipoint",
        "polyline": "esriGeometryPolyline",
        "polygon": "esriGeometryPolygon",
    }
    types = {item.type for item in shapes}
    if len(types) > 1 or not types <= kinds.keys():
        raise InvalidInputError(f"Input Features: geometries must be of one type, not {sorted(types)}", 840)
    array = np.empty(len(shapes), object)
    array[:] = [item._shape for item in shapes]
    made = output(f"memory\\geometries_{os.getpid()}_{next(_numbers)}", "out")
    rows = pa.RecordBatch.from_pylist([{} for _ in shapes], schema=pa.schema([]))
    schema = pa.schema([])
    crs = shapes[0].spatialReference._crs() if shapes[0].spatialReference else None
    batch = Batch(np.arange(len(shapes)), rows, array)
    has_z = any(item.hasZ for item in shapes)
    return write(made, schema, [batch], shape=kinds[types.pop()], has_z=has_z, crs=crs, project=False)


def _united(schemas: list[Any]) -> Any:
    """Return a schema with the fields of all, each wide enough."""
    import pyarrow as pa

    fields: dict[str, Any] = {}
    for schema in schemas:
        for item in schema:
            key = item.name.lower()
            known = fields.get(key)
            if known is None:
                fields[key] = item
            elif known.type != item.type:
                texts = (str(known.type), str(item.type))
                wide = max(texts, key=_RANK.index) if all(t in _RANK for t in texts) else "string"
                kind = pa.type_for_alias(wide)
                fields[key] = pa.field(known.name, kind)
            elif pa.types.is_string(item.type):
                width = b"GDAL:OGR:width"
                if int((item.metadata or {}).get(width, 0)) > int((known.metadata or {}).get(width, 0)):
                    fields[key] = known.with_metadata(item.metadata)
    return pa.schema(list(fields.values()))


def merge(run: ToolRun, sources: list[Source], out: Any, mapping: Any, source_info: bool) -> str:
    """Write the rows of all sources to a new dataset, in the first one's coordinate system.

    Raises:
        InvalidInputError: ERROR 000840 for different geometry types.
    """
    import pyarrow as pa

    shapes = {source.shape for source in sources}
    if len(shapes) > 1:
        raise InvalidInputError(
            f"{label('inputs')}: the datasets have different types: {', '.join(str(s) for s in shapes)}", 840
        )
    shape = shapes.pop()
    made = output(out, "output", spatial=shape is not None, sources=sources)
    plan = fieldmaps.parse(mapping) if mapping not in (None, "", "#") else []
    schema = fieldmaps.schema(plan, sources) if plan else _united([schema_of(source) for source in sources])
    told = pa.field("MERGE_SRC", pa.string(), metadata={"GDAL:OGR:width": "255"})
    whole = schema.append(told) if source_info else schema
    crs = next((source.crs for source in sources if source.crs is not None), None)

    def rows() -> Iterator[Batch]:
        for source in sources:
            change = None
            if shape and crs is not None and source.crs is not None and source.crs != crs:
                change = transformer(source.crs, crs)
            columns = fieldmaps.columns(plan, source) if plan else None
            for batch in batches(source, columns):
                if plan:
                    rows = fieldmaps.apply(plan, source, batch.rows, schema, len(batch.oids))
                else:
                    rows = fitted(batch.rows, schema, len(batch.oids))
                if source_info:
                    names = pa.array([source.catalog_path] * len(batch.oids), pa.string())
                    rows = pa.RecordBatch.from_arrays([*rows.columns, names], schema=whole)
                moved = batch.shapes if change is None else reproject(batch.shapes, change)
                yield Batch(batch.oids, rows, moved)

    has_z = any(source.about["hasZ"] for source in sources)
    fields = [item for source in sources for item in source.about["fields"]]
    return write(made, whole, rows(), shape=shape, has_z=has_z, crs=crs, fields=fields)


def fitted(rows: Any, schema: Any, count: int) -> Any:
    """Return rows with the columns of a schema; absent ones are null.

    The number of rows is told, since rows without columns do not know it.
    """
    import pyarrow as pa

    known = {name.lower(): name for name in rows.schema.names}
    columns = []
    for item in schema:
        name = known.get(item.name.lower())
        columns.append(
            pa.nulls(count, item.type) if name is None else fieldmaps.cast(rows.column(name), item.type)
        )
    if not columns:
        return rows
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def append(run: ToolRun, sources: list[Source], into: Source, mode: str, mapping: Any) -> int:
    """Add the rows of sources to a dataset and return how many.

    Raises:
        InvalidInputError: ERROR 000840 for another geometry type, ERROR 000466 for other fields.
    """
    import pyarrow as pa
    import pyogrio
    import shapely

    from ..data._source import locate
    from .outputs import _GEOMETRY, _TYPES, _uniform

    plan = fieldmaps.parse(mapping) if mapping not in (None, "", "#") else []
    schema = schema_of(into)
    wanted = {name.lower() for name in schema.names}
    ready = []
    for source in sources:
        if source.shape != into.shape:
            raise InvalidInputError(
                f"{label('inputs')}: {source.name} is {source.shape}, the target {into.shape}", 840
            )
        same = {f["name"].lower() for f in source.about["fields"]} >= wanted
        if mode == "TEST" and not same:
            raise InvalidInputError(f"{source.name} does not match the schema of target {into.name}", 466)
        if mode == "TEST_AND_SKIP" and not same:
            run.warning(f"{source.name} does not match the schema of target {into.name}", 466)
            continue
        ready.append(source)
    whole = schema if into.shape is None else schema.append(pa.field(_GEOMETRY, pa.binary()))
    count = 0
    failure: list[BaseException] = []

    def rows() -> Iterator[Any]:
        nonlocal count
        try:
            for source in ready:
                change = None
                if into.shape and source.crs is not None and into.crs is not None and source.crs != into.crs:
                    change = transformer(source.crs, into.crs)
                for batch in batches(source, fieldmaps.columns(plan, source) if plan else None):
                    if plan:
                        mapped = fieldmaps.apply(
                            plan, source, batch.rows, fieldmaps.schema(plan, [source]), len(batch.oids)
                        )
                        columns = list(fitted(mapped, schema, len(batch.oids)).columns)
                    else:
                        columns = list(fitted(batch.rows, schema, len(batch.oids)).columns)
                    if into.shape:
                        moved: Any = batch.shapes if change is None else reproject(batch.shapes, change)
                        packed = shapely.to_wkb(_uniform(moved, into.shape), flavor="iso")
                        columns.append(pa.array(packed, pa.binary()))
                    count += len(batch.oids)
                    yield pa.RecordBatch.from_arrays(columns, schema=whole)
        except BaseException as error:
            failure.append(error)
            raise

    kind = None
    if into.shape:
        kind = _TYPES[into.shape] + (" Z" if into.about["hasZ"] else "")
    target = locate(into.path, into.layer)
    try:
        pyogrio.write_arrow(
            pa.RecordBatchReader.from_batches(whole, rows()),
            target.name,
            layer=into.about["name"],
            driver=into.about["driver"],
            geometry_name=_GEOMETRY if into.shape else None,
            geometry_type=kind,
            crs=into.crs.to_wkt() if into.crs is not None and into.shape else None,
            append=True,
        )
    except (RuntimeError, ValueError, OSError) as error:
        if failure:
            raise failure[0] from None
        raise InvalidInputError(f"cannot add rows to `{into.name}`: {error}") from error
    return count
