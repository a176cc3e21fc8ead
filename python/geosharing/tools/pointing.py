"""Points from coordinates and from features."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..exceptions import InvalidInputError
from ..gp.env import env
from ..gp.messages import ToolRun
from .outputs import Output, write
from .projecting import system
from .reading import Batch, batches, fields_of, schema_of
from .running import label
from .sources import Source

__all__ = ["from_table", "must_be", "of_features"]


def must_be(source: Source, parameter: str, *shapes: str) -> None:
    """Refuse another geometry type.

    Raises:
        InvalidInputError: ERROR 000366.
    """
    if source.shape not in shapes:
        shown = str(source.shape).removeprefix("esriGeometry")
        raise InvalidInputError(f"{label(parameter)}: Invalid geometry type: {shown}", 366)


def _numbers(column: Any) -> np.ndarray:
    import pyarrow as pa

    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        made = np.full(len(column), np.nan)
        for index, text in enumerate(column.to_pylist()):
            try:
                made[index] = float(str(text).replace(",", ".")) if text is not None else np.nan
            except ValueError:
                continue
        return made
    return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=float)


def from_table(
    run: ToolRun, source: Source, made: Output, x: str, y: str, z: str | None, reference: Any
) -> str:
    """Write points; rows without coordinates have no geometry, and a warning counts them."""
    import shapely

    chosen = [source.field(name, f"{axis} Field")["name"] for name, axis in ((x, "X"), (y, "Y"))]
    high = source.field(z, "Z Field")["name"] if z else None
    if reference in (None, "", "#"):
        crs = source.crs
        if crs is None:
            other = env.outputCoordinateSystem
            crs = system(other if other not in (None, "") else 4326, "Coordinate System")
    else:
        crs = system(reference, "Coordinate System")
    names = fields_of(source)
    empty = 0

    def rows() -> Iterator[Batch]:
        nonlocal empty
        for batch in batches(source, names):
            columns = [_numbers(batch.rows.column(name)) for name in chosen]
            if high:
                columns.append(np.nan_to_num(_numbers(batch.rows.column(high))))
            good = np.isfinite(columns[0]) & np.isfinite(columns[1])
            shapes = np.full(len(batch.oids), None, dtype=object)
            shapes[good] = shapely.points(*(column[good] for column in columns))
            empty += int((~good).sum())
            yield Batch(batch.oids, batch.rows, shapes)

    kept = [f for f in source.about["fields"] if f["name"] in names]
    path = write(
        made,
        schema_of(source, names),
        rows(),
        shape="esriGeometryPoint",
        has_z=bool(high),
        crs=crs,
        fields=kept,
    )
    if empty:
        run.warning(f"{empty} rows have no coordinates, so their features have no geometry", 635)
    return path


def of_features(source: Source, made: Output, inside: bool) -> str:
    """Write one point for each feature, with `ORIG_FID`."""
    import pyarrow as pa
    import shapely

    schema = schema_of(source).append(pa.field("ORIG_FID", pa.int32()))

    def rows() -> Iterator[Batch]:
        for batch in batches(source):
            centre = shapely.point_on_surface if inside else shapely.centroid
            columns = [*batch.rows.columns, pa.array(batch.oids.astype("int32"))]
            yield Batch(batch.oids, pa.RecordBatch.from_arrays(columns, schema=schema), centre(batch.shapes))

    return write(
        made, schema, rows(), shape="esriGeometryPoint", crs=source.crs, fields=source.about["fields"]
    )
