"""Statistics of raster cells by zone, window by window."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..exceptions import InvalidInputError
from .outputs import Output, write
from .pointing import must_be
from .rasters import _windows
from .reading import Batch, read, schema_of
from .sources import Source

__all__ = ["zonal"]

_GROUPS = {
    "ALL": ("MIN", "MAX", "RANGE", "MEAN", "STD", "SUM"),
    "MEAN": ("MEAN",),
    "MAXIMUM": ("MAX",),
    "MINIMUM": ("MIN",),
    "RANGE": ("RANGE",),
    "STD": ("STD",),
    "SUM": ("SUM",),
    "MIN_MAX": ("MIN", "MAX"),
    "MEAN_STD": ("MEAN", "STD"),
    "MIN_MAX_MEAN": ("MIN", "MAX", "MEAN"),
}


def zonal(zones: Source, zone_field: str, path: str, made: Output, kind: str, ignore_nodata: bool) -> str:
    """Write one row for each zone that has cells; zones are held, the raster is not.

    Raises:
        InvalidInputError: ERROR 000366 for what is no polygon, ERROR 000728 for an unknown field.
    """
    import pyarrow as pa
    import pyproj
    import rasterio
    import shapely
    from rasterio.features import rasterize

    from .projecting import reproject, transformer

    must_be(zones, "in_zone_data", "esriGeometryPolygon")
    by_oid = zone_field.lower() == (zones.about["objectIdField"] or "OBJECTID").lower()
    name = zone_field if by_oid else zones.field(zone_field, "Zone field")["name"]
    whole = read(zones, [] if by_oid else [name])
    keys = whole.oids.tolist() if by_oid else whole.rows.column(name).to_pylist()
    values = sorted({key for key in keys if key is not None})
    number = {value: at + 1 for at, value in enumerate(values)}
    count, total, square = (np.zeros(len(values) + 1) for _ in range(3))
    low, high = np.full(len(values) + 1, np.inf), np.full(len(values) + 1, -np.inf)
    lost = np.zeros(len(values) + 1, bool)
    with rasterio.open(path) as raster:
        crs = pyproj.CRS.from_wkt(raster.crs.to_wkt()) if raster.crs else None
        shapes = whole.shapes
        if crs is not None and zones.crs is not None and crs != zones.crs:
            shapes = reproject(shapes, transformer(zones.crs, crs))
        tree = shapely.STRtree(shapes)
        cell = abs(raster.transform.a * raster.transform.e)
        for window in _windows(raster.width, raster.height):
            box = shapely.box(*rasterio.windows.bounds(window, raster.transform))
            near = [int(at) for at in tree.query(box) if keys[int(at)] is not None]
            if not near:
                continue
            size = (int(window.height), int(window.width))
            place = rasterio.windows.transform(window, raster.transform)
            burned = rasterize(
                [(shapes[at], number[keys[at]]) for at in near], size, transform=place, dtype="int32"
            )
            cells = raster.read(1, window=window, masked=True)
            good = ~np.ma.getmaskarray(cells)
            lost[np.unique(burned[~good])] = True
            inside = (burned > 0) & good
            zone, cells = burned[inside], cells.data[inside].astype("float64")
            count += np.bincount(zone, minlength=len(count))
            total += np.bincount(zone, cells, len(count))
            square += np.bincount(zone, cells**2, len(count))
            np.minimum.at(low, zone, cells)
            np.maximum.at(high, zone, cells)
    if not count[1:].any():
        raise InvalidInputError("Input zone data: no zone meets a cell of the raster", 10092)
    rows = []
    for value in values:
        at = number[value]
        if not count[at] or (lost[at] and not ignore_nodata):
            continue
        mean = total[at] / count[at]
        every = {
            "MIN": low[at],
            "MAX": high[at],
            "RANGE": high[at] - low[at],
            "MEAN": mean,
            "STD": max(square[at] / count[at] - mean**2, 0.0) ** 0.5,
            "SUM": total[at],
        }
        row: dict[str, Any] = {
            name: value,
            "ZONE_CODE": at,
            "COUNT": int(count[at]),
            "AREA": count[at] * cell,
        }
        rows.append(row | {key: float(every[key]) for key in _GROUPS[kind]})
    first = pa.field("ZONE_ID", pa.int32()) if by_oid else schema_of(zones, [name]).field(name)
    if by_oid:
        rows = [{"ZONE_ID": row.pop(name), **row} for row in rows]
    schema = pa.schema(
        [
            first,
            pa.field("ZONE_CODE", pa.int32()),
            pa.field("COUNT", pa.int32()),
            pa.field("AREA", pa.float64()),
        ]
        + [pa.field(key, pa.float64()) for key in _GROUPS[kind]]
    )
    batch = pa.RecordBatch.from_pylist(rows, schema=schema)
    return write(made, schema, [Batch(np.arange(len(rows)), batch, None)], shape=None)
