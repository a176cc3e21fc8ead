"""What only some questions need of a dataset: indexes, registration, overviews."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from . import _gdal
from ._gdal import GdalError
from ._indexes import attribute_indexes
from ._reference import spatial_reference
from ._source import MEMORY_FOLDER, locate

__all__ = ["details"]

OF_RASTER = 0x02


def details(path: str | os.PathLike[str], layer: str | None = None) -> dict[str, Any]:
    """Tell what a data source says beyond its schema; what its format does not tell is left out.

    Args:
        path: a file, a geodatabase, or a path that goes on inside one.
        layer: name inside the container.

    Returns:
        Some of `indexed_fields`, `has_spatial_index`, `registration` (`plain`, `archived`,
        `traditional`, `branch`), `has_attachments`, `has_class_extension`, and for rasters
        `has_overviews`, `raster_size`, `raster_reference`.

    Raises:
        MissingError: if the file does not exist.
    """
    target = locate(path, layer)
    if target.name.startswith(MEMORY_FOLDER):
        return {"registration": "plain"}
    file = Path(target.name)
    try:
        if file.suffix.lower() == ".shp":
            return {
                "has_spatial_index": any(file.with_suffix(suffix).exists() for suffix in (".sbn", ".qix")),
                "registration": "plain",
            }
        if target.name.lower().rstrip("/\\").endswith(".gdb") and target.layer:
            with _gdal.opened(target.name) as handle:
                return _geodatabase(handle, file, target.layer)
        if file.is_file():
            return _raster(target.name)
    except GdalError:
        return {}
    return {}


def _geodatabase(handle: Any, geodatabase: Path, name: str) -> dict[str, Any]:
    quoted = name.replace("'", "''")
    xml = _gdal.first_text(handle, f"GetLayerDefinition {name}")
    try:
        root = ElementTree.fromstring(xml or "<none/>")
    except ElementTree.ParseError:
        return {}
    said = {node.tag.rsplit("}", 1)[-1]: (node.text or "").strip() for node in root}
    found: dict[str, Any] = {"registration": "plain"}
    number = _gdal.first_text(handle, f"SELECT FID FROM GDB_SystemCatalog WHERE Name = '{quoted}'")
    if number and number.isdigit():
        indexes = attribute_indexes(handle, geodatabase, name)
        found["indexed_fields"] = [column.strip() for _, column in indexes]
        stem = f"a{int(number):08x}"
        found["has_spatial_index"] = (geodatabase / f"{stem}.spx").exists()
    if "EXTCLSID" in said:
        found["has_class_extension"] = bool(said["EXTCLSID"])
    return found


def _raster(name: str) -> dict[str, Any]:
    lib = _gdal.library()
    for function, arguments, result in (
        ("GDALGetRasterXSize", [ctypes.c_void_p], ctypes.c_int),
        ("GDALGetRasterYSize", [ctypes.c_void_p], ctypes.c_int),
        ("GDALGetRasterBand", [ctypes.c_void_p, ctypes.c_int], ctypes.c_void_p),
        ("GDALGetOverviewCount", [ctypes.c_void_p], ctypes.c_int),
        ("GDALGetSpatialRef", [ctypes.c_void_p], ctypes.c_void_p),
    ):
        call = getattr(lib, function)
        call.argtypes, call.restype = arguments, result
    with _gdal.opened(name, OF_RASTER) as handle:
        size = (lib.GDALGetRasterXSize(handle), lib.GDALGetRasterYSize(handle))
        band = lib.GDALGetRasterBand(handle, 1)
        return {
            "raster_size": size,
            "has_overviews": bool(band and lib.GDALGetOverviewCount(band) > 0),
            "raster_reference": spatial_reference(_gdal.wkt(lib.GDALGetSpatialRef(handle))),
        }
