"""Writing datasets from Arrow streams, into memory or into files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pyogrio

from geosharing.exceptions import InvalidInputError, MissingError, StorageError

from ._source import MEMORY_FOLDER, locate

_DRIVERS = {
    ".gpkg": "GPKG",
    ".gdb": "OpenFileGDB",
    ".shp": "ESRI Shapefile",
    ".geojson": "GeoJSON",
    ".csv": "CSV",
}


def write(
    rows: Any,
    path: str | os.PathLike[str],
    layer: str | None = None,
    *,
    geometry_type: str | None = None,
    crs: str | None = None,
    geometry_column: str | None = None,
) -> None:
    r"""Write a dataset from anything with `__arrow_c_stream__`.

    Args:
        rows: The rows, such as a pyarrow or polars table or an `ArrowReader`.
        path: `memory\name`, or a file whose suffix names the format.
        layer: Name inside a geodatabase or GeoPackage.
        geometry_type: `Point`, `MultiLineString`, `Polygon Z`, ...; `None` for tables.
        crs: `EPSG:4326`, or WKT.
        geometry_column: Column that holds WKB; the only binary one by default.

    Raises:
        InvalidInputError: If the format is not known or the rows do not fit it.
        StorageError: If it cannot be written.
    """
    target = locate(path, layer) if os.fspath(path).lower().startswith(("memory", "in_memory")) else None
    file = target.name if target else os.fspath(path)
    if file == MEMORY_FOLDER:
        raise InvalidInputError(r"data in memory needs a name, as in `memory\roads`")
    driver = _DRIVERS.get(Path(file).suffix.lower())
    if driver is None:
        raise InvalidInputError(
            f"`{file}` has a suffix that is not written; use one of {', '.join(_DRIVERS)}"
        )
    name = layer or Path(file).stem
    try:
        pyogrio.write_arrow(
            rows,
            file,
            layer=name,
            driver=driver,
            geometry_name=geometry_column,
            geometry_type=geometry_type,
            crs=crs,
            **({} if geometry_type else {"layer_options": {}}),
        )
    except pyogrio.errors.DataSourceError as error:
        raise StorageError(f"cannot write `{os.fspath(path)}`: {error}") from error
    except (ValueError, TypeError) as error:
        raise InvalidInputError(f"cannot write `{os.fspath(path)}`: {error}") from error


def delete(path: str) -> None:
    """Delete a dataset in memory.

    Raises:
        MissingError: If there is none of this name.
    """
    target = locate(path)
    if not target.name.startswith(MEMORY_FOLDER + "/"):
        raise InvalidInputError(rf"`{path}` is not in memory; only `memory\name` is deleted here")
    try:
        pyogrio.vsi_unlink(target.name)
    except FileNotFoundError as error:
        raise MissingError(f"there is no `{path}`", 732) from error
