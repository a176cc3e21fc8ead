"""Polygons of raster cells."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from .outputs import Output, write
from .reading import ROWS, Batch

__all__ = ["polygons"]


def polygons(path: str, about: dict[str, Any], made: Output) -> str:
    """Write one polygon for each patch of cells of a value; one band is held in memory."""
    import pyarrow as pa
    import pyproj
    import rasterio
    import shapely
    from rasterio.features import shapes as patches

    schema = pa.schema([pa.field("Id", pa.int32()), pa.field("gridcode", pa.int32())])
    crs = pyproj.CRS.from_wkt(about["crs"]) if about["crs"] else None
    with rasterio.open(path) as raster:
        band = raster.read(1)
        mask = raster.read_masks(1)
        kind = band.dtype if band.dtype in (np.uint8, np.int16, np.uint16, np.int32) else np.dtype("int32")
        found = patches(band.astype(kind), mask=mask.astype(bool), connectivity=4, transform=raster.transform)

        def rows() -> Iterator[Batch]:
            number = 0
            while some := list(islice(found, ROWS)):
                made_shapes = np.empty(len(some), object)
                made_shapes[:] = [shapely.Polygon(s["coordinates"][0], s["coordinates"][1:]) for s, _ in some]
                ids = pa.array(range(number + 1, number + 1 + len(some)), pa.int32())
                codes = pa.array([int(value) for _, value in some], pa.int32())
                number += len(some)
                batch = pa.RecordBatch.from_arrays([ids, codes], schema=schema)
                yield Batch(np.arange(len(some)), batch, made_shapes)

        return write(made, schema, rows(), shape="esriGeometryPolygon", crs=crs)
