"""What a raster file is: size, bands, place."""

from __future__ import annotations

import ctypes
import os
import re
from typing import Any

from geosharing.exceptions import MissingError, NotSupportedError

from . import _gdal
from ._gdal import GdalError
from ._reference import spatial_reference

# Mosaic datasets and rasters in geodatabases, by a path that goes on inside.
_INSIDE = re.compile(r"^(?P<box>.*?\.(?:gdb|sde|geodatabase))[\\/](?P<name>[^\\/]+)$", re.IGNORECASE)


def describe_raster(path: str | os.PathLike[str]) -> dict[str, Any]:
    r"""Describe a raster file, or a raster in a file geodatabase.

    Args:
        path: A file that GDAL reads, or a path such as `x.gdb\heights`.

    Returns:
        `name`, `workspace`, `driver`, `width` and `height` in pixels, `bands`, `extent` in the units of
        `spatialReference` (`wkid`, `latestWkid` or `wkt`; None without one), `mosaic`.

    Raises:
        MissingError: If there is no such file.
        NotSupportedError: If GDAL does not read it: mosaic datasets and enterprise geodatabases.
    """
    text = os.path.abspath(os.fspath(path))
    inside = _INSIDE.match(text)
    box = inside["box"] if inside and not os.path.exists(text) else None
    if not os.path.exists(box or text):
        raise MissingError(f"Input Raster: Dataset {os.fspath(path)} does not exist or is not supported", 732)
    workspace, name = (box, inside["name"]) if box and inside else os.path.split(text)
    opened = f'OpenFileGDB:"{box}":{name}' if box else text
    try:
        with _gdal.opened(opened, _gdal.OF_RASTER) as handle:
            lib = _gdal.library()
            width, height = lib.GDALGetRasterXSize(handle), lib.GDALGetRasterYSize(handle)
            return {
                "name": name,
                "workspace": workspace,
                "driver": _gdal.text(lib.GDALGetDriverShortName(lib.GDALGetDatasetDriver(handle))),
                "width": width,
                "height": height,
                "bands": lib.GDALGetRasterCount(handle),
                "extent": _extent(handle, width, height),
                "spatialReference": spatial_reference(_gdal.wkt(lib.GDALGetSpatialRef(handle))),
                "mosaic": False,
            }
    except GdalError as error:
        raise NotSupportedError(
            f"`{os.fspath(path)}` cannot be read as a raster: {error}; mosaic datasets and enterprise "
            "geodatabases are not read, export the raster to a file such as GeoTIFF",
            732,
        ) from error


def _extent(handle: Any, width: int, height: int) -> dict[str, float] | None:
    transform = (ctypes.c_double * 6)()
    if _gdal.library().GDALGetGeoTransform(handle, transform) != 0:
        return None
    x, dx, rx, y, ry, dy = transform
    # A turned raster reaches as far as its corners do.
    corners = [(x + dx * c + rx * r, y + ry * c + dy * r) for c in (0, width) for r in (0, height)]
    xs, ys = zip(*corners, strict=True)
    return {"xmin": min(xs), "ymin": min(ys), "xmax": max(xs), "ymax": max(ys)}
