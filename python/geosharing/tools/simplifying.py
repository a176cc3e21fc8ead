"""Geometries with fewer vertices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..exceptions import InvalidInputError
from ..gp.geometry import areal_unit
from ..gp.values import given
from .outputs import Output, write
from .reading import Batch, batches, schema_of
from .sources import Source
from .spatialjoin import radius
from .units import crs_unit

__all__ = ["simplify"]


def simplify(source: Source, made: Output, tolerance: Any, least: Any) -> str:
    """Write simplified features; polygons under a least area are left out."""
    import pyarrow as pa
    import shapely

    reach = radius(tolerance, "Simplification Tolerance", source.crs)
    if reach is None or reach < 0:
        raise InvalidInputError("Simplification Tolerance: Value is required", 735)
    floor = 0.0
    if given(least) is not None:
        number, _, word = str(least).strip().partition(" ")
        floor = float(number)
        unit = crs_unit(source.crs)
        if word and unit is not None:
            floor *= areal_unit(word) / unit**2
    origin = "InLine_FID" if source.shape == "esriGeometryPolyline" else "InPoly_FID"
    schema = schema_of(source).append(pa.field(origin, pa.int32()))

    def rows() -> Iterator[Batch]:
        for batch in batches(source):
            shapes = shapely.simplify(batch.shapes, reach, preserve_topology=True)
            columns = [*batch.rows.columns, pa.array(batch.oids.astype("int32"))]
            whole = Batch(batch.oids, pa.RecordBatch.from_arrays(columns, schema=schema), shapes)
            if floor:
                whole = whole.take(np.flatnonzero(shapely.area(shapes) >= floor))
            yield whole

    return write(
        made,
        schema,
        rows(),
        shape=source.shape,
        has_z=source.about["hasZ"],
        crs=source.crs,
        fields=source.about["fields"],
    )
