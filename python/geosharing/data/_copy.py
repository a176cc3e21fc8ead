"""Copying datasets into a new file geodatabase."""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from geosharing.exceptions import ExistsError, InvalidInputError, SharingError, StorageError

from . import _gdal
from ._describe import unreadable
from ._gdal import GdalError, text
from ._indexes import attribute_indexes
from ._query import to_gdal
from ._schema import describe_layer, open_layer
from ._source import locate

# GDAL writes these as text, or leaves them out, unless told.
_TOLD_TYPES = {"esriFieldTypeGUID", "esriFieldTypeGlobalID", "esriFieldTypeXML"}
# ArcGIS Pro before 3.2 opens no class with one of these.
_NEW_TYPES = {
    "esriFieldTypeBigInteger",
    "esriFieldTypeDateOnly",
    "esriFieldTypeTimeOnly",
    "esriFieldTypeTimestampOffset",
}
_LISTS = "IntegerList=String,Integer64List=String,RealList=String,StringList=String"


def copy_to_geodatabase(
    copies: Iterable[Mapping[str, str | None]], geodatabase: str | os.PathLike[str]
) -> list[str]:
    """Copy datasets into a new file geodatabase, with aliases, domains and indexes.

    Rows stream from one to the other. Row ids are kept where a geodatabase can hold them.

    Args:
        copies: For each dataset `path`, and optionally `layer`, `where` (definition query) and
            `target` (name in the geodatabase, the source's name by default).
        geodatabase: Folder to make, ending in `.gdb`.

    Returns:
        The names in the geodatabase.

    Raises:
        ExistsError: If the geodatabase exists.
        MissingError: If a source does not exist.
        NotSupportedError: If a source cannot be read.
        StorageError: If the folder cannot be written to or the disk is full. Nothing is left then.
    """
    out = Path(geodatabase)
    if out.suffix.lower() != ".gdb":
        raise InvalidInputError(f"`{out}` is no name for a file geodatabase; let it end in `.gdb`")
    if out.exists():
        raise ExistsError(f"`{out}` exists already", 725)
    if not out.parent.is_dir():
        raise StorageError(f"`{out.parent}` is no folder to write to")
    part = out.with_name(f".{out.stem}.{os.getpid()}.gdb")
    try:
        names = _fill(list(copies), part)
        part.rename(out)
    except OSError as error:
        if isinstance(error, SharingError):
            raise
        raise StorageError(f"cannot write `{out}`: {error}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return names


def _fill(copies: list[Mapping[str, str | None]], part: Path) -> list[str]:
    names: list[str] = []
    lib = _gdal.library()
    # Fresh GUIDs would make every copy different; those derived from what is copied are as good.
    seed = hashlib.sha256(repr([sorted(dict(copy).items(), key=str) for copy in copies]).encode()).digest()
    lib.CPLSetThreadLocalConfigOption(
        b"OPENFILEGDB_REPRODUCIBLE_UUID", str(int.from_bytes(seed[:3], "big")).encode()
    )
    try:
        for copy in copies:
            names.append(_add(copy, part, names))
    finally:
        lib.CPLSetThreadLocalConfigOption(b"OPENFILEGDB_REPRODUCIBLE_UUID", None)
    return names


def _add(copy: Mapping[str, str | None], part: Path, names: list[str]) -> str:
    path = copy["path"]
    if path is None:
        raise InvalidInputError("a copy needs a `path`")
    target = locate(path, copy.get("layer"))
    where = copy.get("where")
    try:
        with _gdal.opened(target.name, open_options=list(target.options)) as source:
            layer = open_layer(source, target, path)
            schema = describe_layer(source, layer, where)
            name = copy.get("target") or schema["name"]
            if name.lower() in (known.lower() for known in names):
                raise InvalidInputError(f"two datasets cannot both be called `{name}` in one geodatabase")
            is_geodatabase = schema["driver"] == "OpenFileGDB"
            found = attribute_indexes(source, Path(target.name), schema["name"]) if is_geodatabase else []
            _translate(source, schema, where, name, part, append=bool(names))
    except GdalError as error:
        raise unreadable(path, target, error) from error
    _check(part, name, schema, found)
    return name


def _translate(
    source: Any, schema: dict[str, Any], where: str | None, name: str, part: Path, *, append: bool
) -> None:
    arguments = _arguments(schema, to_gdal(where), name, append=append)
    lib = _gdal.library()
    parsed = lib.GDALVectorTranslateOptionsNew(_gdal.options(arguments), None)
    if not parsed:
        raise GdalError(_gdal.last_error())
    sources = (ctypes.c_void_p * 1)(source)
    problem = ctypes.c_int()
    lib.CPLErrorReset()
    try:
        if append:
            with _gdal.opened(str(part), _gdal.OF_VECTOR | _gdal.OF_UPDATE) as target:
                done = lib.GDALVectorTranslate(None, target, 1, sources, parsed, ctypes.byref(problem))
        else:
            done = lib.GDALVectorTranslate(
                str(part).encode(), None, 1, sources, parsed, ctypes.byref(problem)
            )
            if done:
                lib.GDALClose(done)
    finally:
        lib.GDALVectorTranslateOptionsFree(parsed)
    if not done:
        raise StorageError(f"copying `{schema['name']}` failed: {_gdal.last_error() or 'no reason given'}")


def _arguments(schema: dict[str, Any], where: str | None, name: str, *, append: bool) -> list[str]:
    fields = schema["fields"]
    kinds = {field["type"] for field in fields}
    arguments = [*(["-update"] if append else ["-f", "OpenFileGDB"]), "-nln", name]
    wide = ",Integer64=Real" if schema["driver"] == "ESRI Shapefile" else ""
    arguments += ["-mapFieldType", _LISTS + wide]
    if schema["geometryType"] == "esriGeometryMultiPatch":
        arguments += ["-lco", "CREATE_MULTIPATCH=YES"]
    if where:
        arguments += ["-where", where]
    # Shapefiles and text count rows from 0, geodatabases from 1.
    if schema["objectIdField"]:
        arguments += ["-preserve_fid", "-lco", f"FID={_free_name(schema['objectIdField'], fields)}"]
    else:
        arguments += ["-unsetFid", "-lco", f"FID={_free_name('OBJECTID', fields)}"]
    if kinds & _NEW_TYPES:
        arguments += ["-lco", "TARGET_ARCGIS_VERSION=ARCGIS_PRO_3_2_OR_LATER"]
    told = [f"{field['name']}={field['type']}" for field in fields if field["type"] in _TOLD_TYPES]
    if told:
        arguments += ["-lco", f"COLUMN_TYPES={','.join(told)}"]
    if schema["alias"]:
        arguments += ["-lco", f"LAYER_ALIAS={schema['alias']}"]
    # The layer is the only one that was opened under this name.
    return [*arguments, schema["name"]]


def _free_name(wanted: str, fields: list[dict[str, Any]]) -> str:
    taken = {field["name"].lower() for field in fields}
    name, number = wanted, 1
    while name.lower() in taken:
        name, number = f"{wanted}_{number}", number + 1
    return name


def _check(part: Path, name: str, schema: dict[str, Any], found: list[tuple[str, str]]) -> None:
    """Count what was written, since a full disk shows late, and add the source's indexes."""
    with _gdal.opened(str(part), _gdal.OF_VECTOR | _gdal.OF_UPDATE) as handle:
        lib = _gdal.library()
        layer = _gdal.layer(handle, name)
        written = lib.OGR_L_GetFeatureCount(layer, 1) if layer else 0
        if written != schema["count"]:
            raise StorageError(
                f"copying `{schema['name']}` wrote {written} of {schema['count']} rows: "
                f"{_gdal.last_error() or 'is the disk full?'}"
            )
        columns = lib.OGR_L_GetLayerDefn(layer)
        names = {
            text(lib.OGR_Fld_GetNameRef(lib.OGR_FD_GetFieldDefn(columns, i))).lower()
            for i in range(lib.OGR_FD_GetFieldCount(columns))
        }
        for index, column in found:
            # Names of geodatabase indexes have at most 16 characters.
            if column.lower() in names and index.replace("_", "").isalnum() and len(index) <= 16:
                statement = f"CREATE INDEX {index} ON {name}({column})"
                lib.GDALDatasetExecuteSQL(handle, statement.encode(), None, None)
