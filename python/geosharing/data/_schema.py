"""Describing datasets in the terms of the REST API."""

from __future__ import annotations

import ctypes
import math
from typing import Any

from geosharing.exceptions import InvalidInputError, MissingError, NotSupportedError

from . import _gdal
from ._definition import Definition, parse
from ._gdal import text
from ._query import set_filter
from ._reference import spatial_reference
from ._source import Target

_STRING, _BINARY, _DATE, _TIME, _DATETIME, _INTEGER64 = 4, 8, 9, 10, 11, 12
_TYPES = {
    0: "esriFieldTypeInteger",
    2: "esriFieldTypeDouble",
    _STRING: "esriFieldTypeString",
    _BINARY: "esriFieldTypeBlob",
    _DATE: "esriFieldTypeDate",
    _TIME: "esriFieldTypeTimeOnly",
    _DATETIME: "esriFieldTypeDate",
    _INTEGER64: "esriFieldTypeBigInteger",
}
_SUBTYPES = {
    1: "esriFieldTypeSmallInteger",
    2: "esriFieldTypeSmallInteger",
    3: "esriFieldTypeSingle",
    5: "esriFieldTypeGUID",
}
_GEOMETRIES = {
    1: "esriGeometryPoint",
    2: "esriGeometryPolyline",
    3: "esriGeometryPolygon",
    4: "esriGeometryMultipoint",
    5: "esriGeometryPolyline",
    6: "esriGeometryPolygon",
    8: "esriGeometryPolyline",
    9: "esriGeometryPolyline",
    10: "esriGeometryPolygon",
    11: "esriGeometryPolyline",
    12: "esriGeometryPolygon",
    15: "esriGeometryMultiPatch",
    16: "esriGeometryMultiPatch",
}
_NO_GEOMETRY = 100
# Types that a geodatabase tells and GDAL folds into others.
_FINER = {
    "esriFieldTypeGUID",
    "esriFieldTypeGlobalID",
    "esriFieldTypeXML",
    "esriFieldTypeDate",
    "esriFieldTypeDateOnly",
    "esriFieldTypeTimeOnly",
    "esriFieldTypeTimestampOffset",
    "esriFieldTypeBigInteger",
    "esriFieldTypeRaster",
}
_GUIDS = {"esriFieldTypeGUID", "esriFieldTypeGlobalID"}


def open_layer(handle: Any, target: Target, shown: str) -> Any:
    """Return the layer that a target names.

    Raises:
        MissingError: If the container has no such layer; the text lists those it has.
        InvalidInputError: If it has several and none was named.
    """
    lib = _gdal.library()
    found = _gdal.layer(handle, target.layer)
    names = [
        text(lib.OGR_L_GetName(lib.GDALDatasetGetLayer(handle, i)))
        for i in range(lib.GDALDatasetGetLayerCount(handle))
    ]
    if not found and target.layer is not None:
        same = [name for name in names if name.lower() == target.layer.lower()]
        found = _gdal.layer(handle, same[0]) if same else None
    if not found:
        listed = ", ".join(f"`{name}`" for name in names[:8]) or "nothing that GDAL reads"
        raise MissingError(f"`{shown}` has no `{target.layer}`; it holds {listed}", 732)
    if target.layer is None and len(names) > 1:
        listed = ", ".join(f"`{name}`" for name in names[:8])
        raise InvalidInputError(f"`{shown}` holds {len(names)} datasets; name one of {listed}")
    return found


def describe_layer(handle: Any, layer: Any, filter_: str | None) -> dict[str, Any]:
    """Describe an open layer; see `geosharing.data.describe` for the keys."""
    lib = _gdal.library()
    name = text(lib.OGR_L_GetName(layer))
    driver = text(lib.GDALGetDriverShortName(lib.GDALGetDatasetDriver(handle)))
    definition = _definition(handle, name) if driver == "OpenFileGDB" else Definition()
    kind, has_z, has_m = _geometry(layer, name, definition)
    fields = _fields(handle, layer, definition, driver)
    set_filter(layer, filter_, name)
    count = lib.OGR_L_GetFeatureCount(layer, 1)
    set_filter(layer, None, name)
    reference = None
    if kind is not None:
        reference = definition.reference or spatial_reference(_gdal.wkt(lib.OGR_L_GetSpatialRef(layer)))
    return {
        "name": name,
        "alias": definition.alias or _layer_alias(layer, driver),
        "driver": driver,
        "geometryType": kind,
        "hasZ": has_z,
        "hasM": has_m,
        "spatialReference": reference,
        "extent": _extent(layer) if kind is not None else None,
        "count": max(count, 0),
        "objectIdField": text(lib.OGR_L_GetFIDColumn(layer)) or None,
        "globalIdField": definition.global_id,
        "fields": fields,
        "subtypes": definition.subtypes,
    }


def _definition(handle: Any, name: str) -> Definition:
    xml = _gdal.first_text(handle, f"GetLayerDefinition {name}")
    return parse(xml) if xml else Definition()


def _layer_alias(layer: Any, driver: str) -> str | None:
    if driver != "GPKG":
        return None
    return text(_gdal.library().GDALGetMetadataItem(layer, b"IDENTIFIER", None)) or None


def _geometry(layer: Any, name: str, definition: Definition) -> tuple[str | None, bool, bool]:
    raw = _gdal.library().OGR_L_GetGeomType(layer) & 0xFFFFFFFF
    if raw & 0x7FFFFFFF == _NO_GEOMETRY:
        return None, False, False
    if raw & 0x7FFFFFFF == 0:
        return _mixed_geometry(layer, name)
    flat, has_z, has_m = _flat(raw)
    kind = _GEOMETRIES.get(flat)
    if definition.shape_type == "esriGeometryMultiPatch":
        kind = "esriGeometryMultiPatch"
    if kind is None:
        raise NotSupportedError(f"`{name}` has geometries of OGC type {flat}, which no layer can have")
    return kind, has_z, has_m


def _flat(raw: int) -> tuple[int, bool, bool]:
    """Split an OGC geometry type into its flat type, Z and M."""
    old_z = bool(raw & 0x80000000)
    code = raw & 0x7FFFFFFF
    return code % 1000, old_z or code // 1000 in (1, 3), code // 1000 in (2, 3)


class _Counters(ctypes.Structure):
    _fields_ = (("kind", ctypes.c_int), ("count", ctypes.c_int64))


def _mixed_geometry(layer: Any, name: str) -> tuple[str | None, bool, bool]:
    """Look at the rows of a layer that declares no geometry type."""
    lib = _gdal.library()
    size = ctypes.c_int()
    counters = lib.OGR_L_GetGeometryTypes(layer, 0, 0, ctypes.byref(size), None, None)
    kinds, has_z, has_m = set(), False, False
    if counters:
        for counter in ctypes.cast(counters, ctypes.POINTER(_Counters))[: size.value]:
            raw = counter.kind & 0xFFFFFFFF
            if raw & 0x7FFFFFFF == _NO_GEOMETRY:
                continue
            flat, z, m = _flat(raw)
            kinds.add(_GEOMETRIES.get(flat, f"OGC type {flat}"))
            has_z, has_m = has_z or z, has_m or m
        lib.VSIFree(counters)
    if not kinds:
        return None, False, False
    if len(kinds) > 1:
        raise NotSupportedError(
            f"`{name}` mixes geometries ({', '.join(sorted(kinds))}); a layer has one type, so split it first"
        )
    kind = kinds.pop()
    if not kind.startswith("esri"):
        raise NotSupportedError(f"`{name}` has geometries of {kind}, which no layer can have")
    return kind, has_z, has_m


def _extent(layer: Any) -> dict[str, float] | None:
    bounds = (ctypes.c_double * 4)()
    if _gdal.library().OGR_L_GetExtent(layer, bounds, 1) != 0:
        return None
    xmin, xmax, ymin, ymax = bounds
    if not all(map(math.isfinite, bounds)) or xmin > xmax or ymin > ymax:
        return None
    return {"xmin": xmin, "ymin": ymin, "xmax": xmax, "ymax": ymax}


def _fields(handle: Any, layer: Any, definition: Definition, driver: str) -> list[dict[str, Any]]:
    lib = _gdal.library()
    columns = lib.OGR_L_GetLayerDefn(layer)
    fields = []
    for index in range(lib.OGR_FD_GetFieldCount(columns)):
        column = lib.OGR_FD_GetFieldDefn(columns, index)
        name = text(lib.OGR_Fld_GetNameRef(column))
        told = definition.fields.get(name, {})
        kind = _field_type(column, told, driver)
        domain = text(lib.OGR_Fld_GetDomainName(column))
        fields.append(
            {
                "name": name,
                "type": kind,
                "alias": told.get("alias") or text(lib.OGR_Fld_GetAlternativeNameRef(column)) or name,
                "length": _length(column, kind, told),
                "nullable": bool(lib.OGR_Fld_IsNullable(column)) and told.get("nullable", True),
                "editable": told.get("editable", True) and kind != "esriFieldTypeGlobalID",
                "domain": _domain(handle, domain) if domain else None,
                "defaultValue": _default(text(lib.OGR_Fld_GetDefault(column)), kind),
            }
        )
    return fields


def _field_type(column: Any, told: dict[str, Any], driver: str) -> str:
    lib = _gdal.library()
    kind = _SUBTYPES.get(lib.OGR_Fld_GetSubType(column)) or _TYPES.get(
        lib.OGR_Fld_GetType(column), "esriFieldTypeString"
    )
    finer = told.get("type")
    if finer in _FINER:
        return "esriFieldTypeBlob" if finer == "esriFieldTypeRaster" else finer
    if driver == "GPKG" and lib.OGR_Fld_GetType(column) == _DATE:
        return "esriFieldTypeDateOnly"
    # dBASE numbers of ten digits and more are doubles to ArcGIS.
    if driver == "ESRI Shapefile" and kind == "esriFieldTypeBigInteger":
        return "esriFieldTypeDouble"
    return kind


def _length(column: Any, kind: str, told: dict[str, Any]) -> int | None:
    if kind in _GUIDS:
        return 38
    if kind != "esriFieldTypeString":
        return None
    return _gdal.library().OGR_Fld_GetWidth(column) or told.get("length") or 255


def _default(value: str, kind: str) -> Any:
    if not value or value.upper() == "NULL" or value.startswith("FILEGEODATABASE_"):
        return None
    try:
        if kind in ("esriFieldTypeSmallInteger", "esriFieldTypeInteger", "esriFieldTypeBigInteger"):
            return int(float(value))
        if kind in ("esriFieldTypeSingle", "esriFieldTypeDouble"):
            return float(value)
    except ValueError:
        return None
    if len(value) > 1 and value[0] == value[-1] == "'":
        return value[1:-1].replace("''", "'")
    # Expressions such as CURRENT_TIMESTAMP are no values.
    return None


def _domain(handle: Any, name: str) -> dict[str, Any] | None:
    lib = _gdal.library()
    domain = lib.GDALDatasetGetFieldDomain(handle, name.encode())
    if not domain:
        return None
    whole = lib.OGR_FldDomain_GetFieldType(domain) in (0, _INTEGER64)
    real = lib.OGR_FldDomain_GetFieldType(domain) == 2
    kind = lib.OGR_FldDomain_GetDomainType(domain)
    if kind == 0:
        entries = ctypes.cast(lib.OGR_CodedFldDomain_GetEnumeration(domain), ctypes.POINTER(_gdal.CodedValue))
        values = []
        index = 0
        while entries and entries[index].code is not None:
            code = text(entries[index].code)
            values.append({"name": text(entries[index].value) or code, "code": _number(code, whole, real)})
            index += 1
        return {"type": "codedValue", "name": name, "codedValues": values}
    if kind == 1 and (whole or real):
        limits = []
        for read in (lib.OGR_RangeFldDomain_GetMin, lib.OGR_RangeFldDomain_GetMax):
            pointer = read(domain, None)
            if not pointer:
                return None
            value = ctypes.cast(pointer, ctypes.POINTER(_gdal.FieldValue)).contents
            limits.append(value.real if real else value.integer)
        return {"type": "range", "name": name, "range": limits}
    return None


def _number(code: str, whole: bool, real: bool) -> Any:
    try:
        return int(code) if whole else float(code) if real else code
    except ValueError:
        return code
