"""GDAL's C interface, through the library that pyogrio brings.

pyogrio reads rows as Arrow streams, and says nothing of aliases, domains, defaults and M values.
These are one call away in the same library, so no second GDAL is needed.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, c_char_p, c_double, c_int, c_int64, c_void_p
from functools import cache
from pathlib import Path
from typing import Any

OF_RASTER = 0x02
OF_VECTOR = 0x04
OF_UPDATE = 0x01

_POINTER_RESULTS = {
    "GDALOpenEx": [c_char_p, ctypes.c_uint, c_void_p, c_void_p, c_void_p],
    "GDALGetDatasetDriver": [c_void_p],
    "GDALGetSpatialRef": [c_void_p],
    "GDALDatasetGetLayer": [c_void_p, c_int],
    "GDALDatasetGetLayerByName": [c_void_p, c_char_p],
    "GDALDatasetExecuteSQL": [c_void_p, c_char_p, c_void_p, c_char_p],
    "GDALDatasetGetFieldDomain": [c_void_p, c_char_p],
    "GDALVectorTranslateOptionsNew": [c_void_p, c_void_p],
    "GDALVectorTranslate": [c_char_p, c_void_p, c_int, c_void_p, c_void_p, POINTER(c_int)],
    "OGR_L_GetLayerDefn": [c_void_p],
    "OGR_L_GetSpatialRef": [c_void_p],
    "OGR_L_GetNextFeature": [c_void_p],
    "OGR_L_GetGeometryTypes": [c_void_p, c_int, c_int, POINTER(c_int), c_void_p, c_void_p],
    "OGR_FD_GetFieldDefn": [c_void_p, c_int],
    "OGR_CodedFldDomain_GetEnumeration": [c_void_p],
    "OGR_RangeFldDomain_GetMin": [c_void_p, c_void_p],
    "OGR_RangeFldDomain_GetMax": [c_void_p, c_void_p],
    "CPLGetLastErrorMsg": [],
    "GDALCreate": [c_void_p, c_char_p, c_int, c_int, c_int, c_int, c_void_p],
    "GDALDatasetGetFieldDomainNames": [c_void_p, c_void_p],
    "GDALDatasetGetRootGroup": [c_void_p],
    "GDALGetDriverByName": [c_char_p],
    "GDALGroupGetGroupNames": [c_void_p, c_void_p],
    "GDALGroupGetVectorLayerNames": [c_void_p, c_void_p],
    "GDALGroupOpenGroup": [c_void_p, c_char_p, c_void_p],
    "OGR_CodedFldDomain_Create": [c_char_p, c_char_p, c_int, c_int, c_void_p],
    "OGR_F_Create": [c_void_p],
    "OGR_F_GetFieldAsBinary": [c_void_p, c_int, POINTER(c_int)],
    "OGR_F_GetGeometryRef": [c_void_p],
    "OGR_Fld_Create": [c_char_p, c_int],
    "OGR_G_ForceTo": [c_void_p, c_int, c_void_p],
    "OGR_G_GetLinearGeometry": [c_void_p, c_double, c_void_p],
    "OGR_L_GetFeature": [c_void_p, c_int64],
    "OGR_RangeFldDomain_Create": [
        c_char_p,
        c_char_p,
        c_int,
        c_int,
        c_void_p,
        ctypes.c_bool,
        c_void_p,
        ctypes.c_bool,
    ],
}
_TEXT_RESULTS = {
    "GDALGetDriverShortName": [c_void_p],
    "OGR_L_GetName": [c_void_p],
    "OGR_L_GetFIDColumn": [c_void_p],
    "OGR_L_GetGeometryColumn": [c_void_p],
    "OGR_Fld_GetNameRef": [c_void_p],
    "OGR_Fld_GetAlternativeNameRef": [c_void_p],
    "OGR_Fld_GetDefault": [c_void_p],
    "OGR_Fld_GetDomainName": [c_void_p],
    "OGR_F_GetFieldAsString": [c_void_p, c_int],
    "OGR_FldDomain_GetDescription": [c_void_p],
    "GDALGetMetadataItem": [c_void_p, c_char_p, c_char_p],
}
_NUMBER_RESULTS = {
    "GDALClose": [c_void_p],
    "GDALDatasetGetLayerCount": [c_void_p],
    "GDALGetGeoTransform": [c_void_p, POINTER(c_double)],
    "GDALGetRasterCount": [c_void_p],
    "GDALGetRasterXSize": [c_void_p],
    "GDALGetRasterYSize": [c_void_p],
    "GDALDatasetReleaseResultSet": [c_void_p, c_void_p],
    "GDALVectorTranslateOptionsFree": [c_void_p],
    "OGR_L_GetGeomType": [c_void_p],
    "OGR_L_GetExtent": [c_void_p, POINTER(c_double), c_int],
    "OGR_L_SetAttributeFilter": [c_void_p, c_char_p],
    "OGR_FD_GetFieldCount": [c_void_p],
    "OGR_Fld_GetType": [c_void_p],
    "OGR_Fld_GetSubType": [c_void_p],
    "OGR_Fld_GetWidth": [c_void_p],
    "OGR_Fld_IsNullable": [c_void_p],
    "OGR_FldDomain_GetDomainType": [c_void_p],
    "OGR_FldDomain_GetFieldType": [c_void_p],
    "OGR_F_Destroy": [c_void_p],
    "OSRExportToWktEx": [c_void_p, POINTER(c_void_p), c_void_p],
    "VSIFree": [c_void_p],
    "VSIRename": [c_char_p, c_char_p],
    "CSLDestroy": [c_void_p],
    "GDALGroupRelease": [c_void_p],
    "OGR_FldDomain_GetFieldSubType": [c_void_p],
    "GDALDatasetDeleteLayer": [c_void_p, c_int],
    "GDALDatasetAddFieldDomain": [c_void_p, c_void_p, c_void_p],
    "GDALDatasetDeleteFieldDomain": [c_void_p, c_char_p, c_void_p],
    "GDALDatasetUpdateFieldDomain": [c_void_p, c_void_p, c_void_p],
    "OGR_F_IsFieldSetAndNotNull": [c_void_p, c_int],
    "OGR_F_GetFieldAsInteger": [c_void_p, c_int],
    "OGR_F_GetFieldAsDateTimeEx": [
        c_void_p,
        c_int,
        *[POINTER(c_int)] * 5,
        POINTER(ctypes.c_float),
        POINTER(c_int),
    ],
    "OGR_F_SetFieldBinary": [c_void_p, c_int, c_int, c_char_p],
    "OGR_F_SetFieldDateTimeEx": [c_void_p, c_int, *[c_int] * 5, ctypes.c_float, c_int],
    "OGR_F_SetFieldDouble": [c_void_p, c_int, c_double],
    "OGR_F_SetFieldInteger": [c_void_p, c_int, c_int],
    "OGR_F_SetFieldInteger64": [c_void_p, c_int, c_int64],
    "OGR_F_SetFieldNull": [c_void_p, c_int],
    "OGR_F_SetFieldString": [c_void_p, c_int, c_char_p],
    "OGR_F_SetGeometryDirectly": [c_void_p, c_void_p],
    "OGR_F_SetFID": [c_void_p, c_int64],
    "OGR_FD_GetFieldIndex": [c_void_p, c_char_p],
    "OGR_FldDomain_Destroy": [c_void_p],
    "OGR_Fld_Destroy": [c_void_p],
    "OGR_Fld_SetAlternativeName": [c_void_p, c_char_p],
    "OGR_Fld_SetDefault": [c_void_p, c_char_p],
    "OGR_Fld_SetDomainName": [c_void_p, c_char_p],
    "OGR_Fld_SetName": [c_void_p, c_char_p],
    "OGR_Fld_SetNullable": [c_void_p, c_int],
    "OGR_Fld_SetPrecision": [c_void_p, c_int],
    "OGR_Fld_SetSubType": [c_void_p, c_int],
    "OGR_Fld_SetType": [c_void_p, c_int],
    "OGR_Fld_SetWidth": [c_void_p, c_int],
    "OGR_G_CreateFromWkb": [c_char_p, c_void_p, POINTER(c_void_p), c_int],
    "OGR_G_ExportToIsoWkb": [c_void_p, c_int, c_char_p],
    "OGR_G_HasCurveGeometry": [c_void_p, c_int],
    "OGR_G_DestroyGeometry": [c_void_p],
    "OGR_G_WkbSize": [c_void_p],
    "OGR_L_AlterFieldDefn": [c_void_p, c_int, c_void_p, c_int],
    "OGR_L_CommitTransaction": [c_void_p],
    "OGR_L_CreateFeature": [c_void_p, c_void_p],
    "OGR_L_CreateField": [c_void_p, c_void_p, c_int],
    "OGR_L_DeleteFeature": [c_void_p, c_int64],
    "OGR_L_DeleteField": [c_void_p, c_int],
    "OGR_L_ResetReading": [c_void_p],
    "OGR_L_Rename": [c_void_p, c_char_p],
    "OGR_L_RollbackTransaction": [c_void_p],
    "OGR_L_SetFeature": [c_void_p, c_void_p],
    "OGR_L_StartTransaction": [c_void_p],
    "OGR_L_SyncToDisk": [c_void_p],
    "CPLErrorReset": [],
    "CPLPushErrorHandler": [c_void_p],
    "CPLPopErrorHandler": [],
    "CPLGetLastErrorType": [],
    "CPLSetThreadLocalConfigOption": [c_char_p, c_char_p],
}


class GdalError(OSError):
    """What GDAL said when a call failed."""


class CodedValue(ctypes.Structure):
    """GDAL's `OGRCodedValue`."""

    _fields_ = (("code", c_char_p), ("value", c_char_p))


class FieldValue(ctypes.Union):
    """The numeric members of GDAL's `OGRField`."""

    _fields_ = (("integer", c_int), ("integer64", c_int64), ("real", c_double))


class GeometryTypeCount(ctypes.Structure):
    """GDAL's `OGRGeometryTypeCounter`."""

    _fields_ = (("kind", c_int), ("count", c_int64))


@cache
def library() -> Any:
    """Load the GDAL that pyogrio uses.

    Raises:
        ImportError: If pyogrio is not installed or hides its GDAL.
    """
    import pyogrio._ogr as extension

    # Looking up through the extension finds whatever GDAL it is linked with, bundled or not;
    # only Windows resolves names per library.
    candidates = [Path(extension.__file__)]
    if sys.platform == "win32":
        candidates = sorted(Path(extension.__file__).parents[1].glob("pyogrio.libs/gdal*.dll"))
    for candidate in candidates:
        lib = ctypes.CDLL(str(candidate))
        if hasattr(lib, "GDALOpenEx"):
            return _typed(lib)
    raise ImportError(
        "pyogrio's GDAL library was not found: install pyogrio 0.12 or later from PyPI or conda-forge"
    )


def _typed(lib: Any) -> Any:
    for names, result in ((_POINTER_RESULTS, c_void_p), (_TEXT_RESULTS, c_char_p), (_NUMBER_RESULTS, c_int)):
        for name, arguments in names.items():
            function = getattr(lib, name)
            function.argtypes = arguments
            function.restype = result
    lib.CPLGetLastErrorMsg.restype = c_char_p
    lib.OGR_L_GetFeatureCount.argtypes = [c_void_p, c_int]
    lib.OGR_L_GetFeatureCount.restype = c_int64
    lib.OGR_F_GetFID.argtypes = [c_void_p]
    lib.OGR_F_GetFID.restype = c_int64
    lib.OGR_F_GetFieldAsInteger64.argtypes = [c_void_p, c_int]
    lib.OGR_F_GetFieldAsInteger64.restype = c_int64
    lib.OGR_F_GetFieldAsDouble.argtypes = [c_void_p, c_int]
    lib.OGR_F_GetFieldAsDouble.restype = c_double
    return lib


@contextmanager
def quiet() -> Iterator[Any]:
    """Keep GDAL from printing; the last message is read by `last_error`."""
    lib = library()
    lib.CPLErrorReset()
    lib.CPLPushErrorHandler(ctypes.cast(lib.CPLQuietErrorHandler, c_void_p))
    try:
        yield lib
    finally:
        lib.CPLPopErrorHandler()


def last_error() -> str:
    """Return GDAL's last message on this thread."""
    return text(library().CPLGetLastErrorMsg())


def text(value: bytes | None) -> str:
    """Decode a C string; GDAL speaks UTF-8, broken files may not."""
    return (value or b"").decode("utf-8", "replace")


def options(values: list[str]) -> Any:
    """Return a null-terminated list of C strings."""
    array = (c_char_p * (len(values) + 1))()
    array[: len(values)] = [value.encode() for value in values]
    return array


@contextmanager
def opened(name: str, flags: int = OF_VECTOR, open_options: list[str] | None = None) -> Iterator[Any]:
    """Open a dataset and close it at the end.

    Args:
        name: GDAL's name of the dataset.
        flags: GDAL open flags.
        open_options: `KEY=VALUE` open options of the driver.

    Raises:
        GdalError: If GDAL cannot open it.
    """
    with quiet() as lib:
        handle = lib.GDALOpenEx(name.encode(), flags, None, options(open_options or []), None)
        if not handle and not flags & OF_UPDATE and name.lower().endswith(".gdb") and Path(name).is_dir():
            # An empty geodatabase is nothing to read for GDAL, only to write to.
            lib.CPLErrorReset()
            handle = lib.GDALOpenEx(name.encode(), flags | OF_UPDATE, None, None, None)
        if not handle:
            raise GdalError(last_error() or f"`{name}` is in no format that GDAL reads")
        try:
            yield handle
        finally:
            lib.GDALClose(handle)


def texts(pointer: Any) -> list[str]:
    """Return the texts of a null-terminated list, and free it."""
    found: list[str] = []
    if pointer:
        entries = ctypes.cast(pointer, POINTER(c_char_p))
        while entries[len(found)] is not None:
            found.append(text(entries[len(found)]))
        library().CSLDestroy(pointer)
    return found


def straightened(wkb: bytes) -> bytes:
    """Return a geometry without curves, as ISO WKB."""
    lib = library()
    shape = c_void_p()
    if lib.OGR_G_CreateFromWkb(wkb, None, ctypes.byref(shape), len(wkb)):
        raise GdalError(last_error() or "a geometry is broken")
    linear = lib.OGR_G_GetLinearGeometry(shape, 0.0, None)
    lib.OGR_G_DestroyGeometry(shape)
    buffer = ctypes.create_string_buffer(lib.OGR_G_WkbSize(linear))
    lib.OGR_G_ExportToIsoWkb(linear, 1, buffer)
    lib.OGR_G_DestroyGeometry(linear)
    return buffer.raw


def layer(handle: Any, name: str | None) -> Any:
    """Return a layer of a dataset by name, or its only one; `None` if there is none."""
    lib = library()
    if name is None:
        return lib.GDALDatasetGetLayer(handle, 0)
    return lib.GDALDatasetGetLayerByName(handle, name.encode())


def first_text(handle: Any, sql: str) -> str | None:
    """Return the first column of the first row of a statement; `None` if it has no rows."""
    lib = library()
    result = lib.GDALDatasetExecuteSQL(handle, sql.encode(), None, None)
    if not result:
        return None
    try:
        feature = lib.OGR_L_GetNextFeature(result)
        if not feature:
            return None
        value = text(lib.OGR_F_GetFieldAsString(feature, 0))
        lib.OGR_F_Destroy(feature)
        return value
    finally:
        lib.GDALDatasetReleaseResultSet(handle, result)


def wkt(reference: Any, form: str = "WKT2_2019") -> str | None:
    """Return the WKT of a spatial reference handle."""
    if not reference:
        return None
    lib = library()
    out = c_void_p()
    failed = lib.OSRExportToWktEx(reference, ctypes.byref(out), options([f"FORMAT={form}"]))
    if failed or not out.value:
        return None
    try:
        return text(ctypes.cast(out, c_char_p).value)
    finally:
        lib.VSIFree(out)
