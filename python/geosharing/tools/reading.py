"""Rows of a source as batches: Arrow attributes beside shapely geometries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..gp.env import env
from .sources import Source

if TYPE_CHECKING:
    import pyarrow

__all__ = ["Batch", "batches", "environment_box", "fields_of", "ids", "read"]

ROWS = 8_192
_SYSTEM = {"shape_length", "shape_area", "shape__length", "shape__area"}


@dataclass
class Batch:
    """Some rows of a source."""

    oids: np.ndarray
    rows: pyarrow.RecordBatch
    """Attributes without ids and geometries."""
    shapes: Any
    """Array of shapely geometries, None where a row has none; None for tables."""

    def take(self, index: np.ndarray, shapes: np.ndarray | None = None) -> Batch:
        """Return rows by position, which may repeat, with their own or other geometries."""
        import pyarrow as pa

        rows = take_rows(self.rows, pa.array(index))
        if shapes is None and self.shapes is not None:
            shapes = self.shapes[index]
        return Batch(self.oids[index], rows, shapes)


def take_rows(rows: pyarrow.RecordBatch, index: Any) -> pyarrow.RecordBatch:
    """Return rows by position; keeps their number when there are no columns."""
    import pyarrow as pa

    if rows.num_columns:
        return rows.take(index)
    return pa.RecordBatch.from_pylist([{} for _ in range(len(index))], schema=rows.schema)


def fields_of(source: Source) -> list[str]:
    """Return the names of the fields that tools carry over: all but ids, lengths and areas."""
    system = _SYSTEM if source.about["driver"] in ("OpenFileGDB", "GPKG") else set()
    return [
        field["name"]
        for field in source.about["fields"]
        if field["name"].lower() not in system and field["name"].lower() not in source.hidden
    ]


def environment_box(source: Source) -> tuple[float, float, float, float] | None:
    """Return env.extent in the units of the source, as a box that rows must meet."""
    extent = env.extent
    if extent in (None, "", "DEFAULT", "MAXOF", "MINOF", "DISPLAY"):
        return None
    reference = getattr(extent, "spatialReference", None)
    if isinstance(extent, str):
        numbers = [float(part) for part in extent.replace(",", " ").split()[:4]]
        if len(numbers) < 4:
            raise ValueError(f"`{extent}` is no extent: xmin ymin xmax ymax")
        box = (numbers[0], numbers[1], numbers[2], numbers[3])
    else:
        box = (extent.XMin, extent.YMin, extent.XMax, extent.YMax)
    other = reference._crs() if reference is not None else None
    if other is None or source.crs is None or other == source.crs:
        return box
    import pyproj

    moved = pyproj.Transformer.from_crs(other, source.crs, always_xy=True).transform_bounds(*box)
    return (moved[0], moved[1], moved[2], moved[3])


def batches(
    source: Source,
    columns: Iterable[str] | None = None,
    *,
    box: tuple[float, float, float, float] | None = None,
    rows: int = ROWS,
) -> Iterator[Batch]:
    """Walk the rows of a source; one batch is held at a time.

    Args:
        source: What to read; its query and selection are obeyed, and env.extent.
        columns: Names of the fields wanted; all that tools carry over by default.
        box: Envelope that geometries must meet, in the units of the source.
        rows: Most rows of a batch.
    """
    import pyarrow as pa

    from .. import data

    names = fields_of(source) if columns is None else list(columns)
    if box is None and source.shape is not None:
        box = environment_box(source)
    selected = None
    if source.selection is not None:
        selected = np.fromiter(source.selection, dtype=np.int64, count=len(source.selection))
    with data.open_arrow(
        source.path, source.layer, where=source.where, columns=names, bbox=box, batch_rows=rows
    ) as reader:
        stream = pa.RecordBatchReader.from_stream(reader)
        for batch in stream:
            oids = np.asarray(batch.column(reader.oid_column))
            keep = None if selected is None else np.isin(oids, selected)
            if keep is not None and not keep.any():
                continue
            shapes = None
            if reader.geometry_column is not None and reader.geometry_column in batch.schema.names:
                packed = batch.column(reader.geometry_column).to_numpy(zero_copy_only=False)
                shapes = _shapes(packed)
            present = [name for name in names if name in batch.schema.names]
            attributes = batch.select(present)
            if source.renamed:
                attributes = attributes.rename_columns(
                    [source.renamed.get(name.lower(), name) for name in present]
                )
            made = Batch(oids, attributes, shapes)
            if not present:
                made.rows = pa.RecordBatch.from_pylist([{} for _ in oids], schema=pa.schema([]))
            if keep is not None:
                made = made.take(np.flatnonzero(keep))
            yield made


def _shapes(packed: Any) -> np.ndarray:
    """Unpack WKB; curves, which GEOS has not, become straight pieces."""
    import shapely

    try:
        return np.asarray(shapely.from_wkb(packed))
    except NotImplementedError:
        from ..data._gdal import straightened

        plain = np.empty(len(packed), object)
        plain[:] = [None if wkb is None else straightened(bytes(wkb)) for wkb in packed]
        return np.asarray(shapely.from_wkb(plain))


def read(source: Source, columns: Iterable[str] | None = None, **more: Any) -> Batch:
    """Read a whole source, for what must be looked up at random such as a clip's features."""
    import pyarrow as pa

    parts = list(batches(source, columns, **more))
    if not parts:
        return empty(source, columns)
    rows = [part.rows for part in parts]
    whole = pa.Table.from_batches(rows).combine_chunks().to_batches()
    joined = whole[0] if whole and rows[0].num_columns else rows[0]
    if not rows[0].num_columns:
        count = sum(len(part.oids) for part in parts)
        joined = pa.RecordBatch.from_pylist([{} for _ in range(count)], schema=rows[0].schema)
    shapes = None if parts[0].shapes is None else np.concatenate([part.shapes for part in parts])
    return Batch(np.concatenate([part.oids for part in parts]), joined, shapes)


def empty(source: Source, columns: Iterable[str] | None = None) -> Batch:
    """Return no rows, with the columns of a source."""
    import pyarrow as pa

    schema = schema_of(source, columns)
    rows = pa.RecordBatch.from_pylist([], schema=schema)
    return Batch(np.empty(0, "int64"), rows, np.empty(0, object) if source.shape else None)


def schema_of(source: Source, columns: Iterable[str] | None = None) -> pyarrow.Schema:
    """Return the Arrow schema of the fields that tools carry over."""
    import pyarrow as pa

    from .. import data

    names = fields_of(source) if columns is None else list(columns)
    with data.open_arrow(source.path, source.layer, columns=names) as reader:
        whole = pa.RecordBatchReader.from_stream(reader).schema
    made = [whole.field(name) for name in names if name in whole.names]
    return pa.schema([f.with_name(source.renamed.get(f.name.lower(), f.name)) for f in made])


def ids(source: Source) -> list[int]:
    """Return the ids of the rows that query and selection leave."""
    if source.selection is not None and not source.where:
        return sorted(source.selection)
    from ..data._edit import Editor

    with Editor(source.path, source.layer, update=False) as editor:
        found = editor.ids(source.where)
    return found if source.selection is None else [fid for fid in found if fid in source.selection]
