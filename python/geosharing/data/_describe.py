"""What stands in a container, and what each dataset is."""

from __future__ import annotations

import os
from typing import Any

from geosharing.exceptions import MissingError, NotSupportedError

from . import _gdal
from ._gdal import GdalError
from ._schema import describe_layer, open_layer
from ._source import MEMORY_FOLDER, Target, locate

_READABLE = (".shp", ".csv", ".geojson", ".gpkg")


def describe(
    path: str | os.PathLike[str], layer: str | None = None, *, where: str | None = None
) -> dict[str, Any]:
    r"""Describe a feature class, table or file.

    Args:
        path: A file, a geodatabase, a folder, or a path that goes on inside one, as in
            `x.gdb\roads` or `memory\roads`.
        layer: Name inside the container; may be left out if it holds one dataset.
        where: Definition query that rows must meet to be counted.

    Returns:
        `name`, `alias`, `driver`, `geometryType` (`None` for tables), `hasZ`, `hasM`,
        `spatialReference` (`wkid`, `latestWkid` or `wkt`), `extent` (of all rows, in the units of the
        spatial reference), `count`, `objectIdField`, `globalIdField`, `subtypes`, and `fields`: each with
        `name`, `type`, `alias`, `length`, `nullable`, `editable`, `domain`, `defaultValue`.

    Raises:
        MissingError: If the file or layer does not exist.
        NotSupportedError: If the format or its geometry type cannot be read.
        InvalidInputError: If the query is not understood, or several datasets could be meant.
    """
    target = locate(path, layer)
    try:
        with _gdal.opened(target.name, open_options=list(target.options)) as handle:
            return describe_layer(handle, open_layer(handle, target, os.fspath(path)), where)
    except GdalError as error:
        raise unreadable(path, target, error) from error


def list_datasets(path: str | os.PathLike[str]) -> list[str]:
    """List the feature classes and tables of a container, in its own order.

    Args:
        path: A geodatabase, a GeoPackage, a folder of files, or `memory`.

    Raises:
        MissingError: If it does not exist.
        NotSupportedError: If it is in no format that GDAL reads.
    """
    target = locate(path)
    if target.name == MEMORY_FOLDER:
        return _memory_names()
    if os.path.isdir(target.name) and not target.name.lower().endswith(".gdb"):
        return sorted(name for name in os.listdir(target.name) if name.lower().endswith(_READABLE))
    try:
        with _gdal.opened(target.name, open_options=list(target.options)) as handle:
            lib = _gdal.library()
            count = lib.GDALDatasetGetLayerCount(handle)
            return [_gdal.text(lib.OGR_L_GetName(lib.GDALDatasetGetLayer(handle, i))) for i in range(count)]
    except GdalError as error:
        raise unreadable(path, target, error) from error


def feature_datasets(path: str | os.PathLike[str]) -> dict[str, list[str]]:
    """Return the feature datasets of a file geodatabase with the names of their classes."""
    target = locate(path)
    if not (target.name.lower().endswith(".gdb") and os.path.isdir(target.name)):
        return {}
    found: dict[str, list[str]] = {}
    with _gdal.opened(target.name) as handle:
        lib = _gdal.library()
        root = lib.GDALDatasetGetRootGroup(handle)
        if not root:
            return {}
        for name in _gdal.texts(lib.GDALGroupGetGroupNames(root, None)):
            group = lib.GDALGroupOpenGroup(root, name.encode(), None)
            if group:
                found[name] = _gdal.texts(lib.GDALGroupGetVectorLayerNames(group, None))
                lib.GDALGroupRelease(group)
        lib.GDALGroupRelease(root)
    return found


def unreadable(path: str | os.PathLike[str], target: Target, error: GdalError) -> Exception:
    """Return the error for what GDAL would not open."""
    shown = os.fspath(path)
    if target.name.startswith(MEMORY_FOLDER):
        return MissingError(f"there is no `{shown}` in memory", 732)
    return NotSupportedError(f"`{shown}` cannot be read: {error}", 732)


def _memory_names() -> list[str]:
    from pyogrio import vsi_listtree

    try:
        entries = vsi_listtree(MEMORY_FOLDER, "*.gpkg")
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(os.path.basename(entry).removesuffix(".gpkg") for entry in entries)
