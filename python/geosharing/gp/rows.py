"""Feature sets and record sets of web tools: from JSON to datasets, and back."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["ensure_geodatabase", "read_rows", "write_rows"]

_TYPES = {
    "esriFieldTypeInteger": "int32",
    "esriFieldTypeSmallInteger": "int16",
    "esriFieldTypeOID": "int32",
    "esriFieldTypeBigInteger": "int64",
    "esriFieldTypeDouble": "float64",
    "esriFieldTypeSingle": "float32",
    "esriFieldTypeDate": "datetime64[ms]",
}
_KINDS = {
    "esriGeometryPoint": "Point",
    "esriGeometryMultipoint": "MultiPoint",
    "esriGeometryPolyline": "MultiLineString",
    "esriGeometryPolygon": "MultiPolygon",
    "esriGeometryEnvelope": "MultiPolygon",
}


def ensure_geodatabase(scratch: str) -> str:
    """Return the path of the job's scratch geodatabase, made if it is missing."""
    path = os.path.join(scratch, "scratch.gdb")
    if not os.path.isdir(path):
        from .. import management

        make = getattr(management, "CreateFileGDB", None)
        if make is not None:
            make(scratch, "scratch.gdb")
    return path


def write_rows(value: Mapping[str, Any], scratch: str, name: str) -> str:
    """Write a feature set or a record set into the job's scratch geodatabase.

    Args:
        value: JSON of the set, or a feature collection with one.
        scratch: the job's scratch folder.
        name: the parameter; the dataset is named after it.

    Returns:
        The dataset's path.
    """
    import numpy
    import pyogrio.raw

    if isinstance(value.get("featureSet"), Mapping):
        value = dict(value["featureSet"]) | {
            key: entry for key, entry in (value.get("layerDefinition") or {}).items() if key == "fields"
        }
    rows = value.get("features")
    if rows is None:
        rows = value.get("records") or []
    fields = _fields(value, rows)
    table = re.sub(r"\W", "_", name)[:60] or "rows"
    if table[0].isdigit():
        table = f"t{table}"
    path = os.path.join(scratch, "scratch.gdb")
    names = [field["name"] for field in fields if field.get("type") not in ("esriFieldTypeGeometry",)]
    columns, masks = [], []
    for field in fields:
        if field.get("type") == "esriFieldTypeGeometry":
            continue
        column, mask = _column(field, [row.get("attributes") or {} for row in rows], numpy)
        columns.append(column)
        masks.append(mask)
    shapes = [row.get("geometry") for row in rows]
    kind = value.get("geometryType") or next((_kind(shape) for shape in shapes if shape), None)
    options: dict[str, Any] = {"layer": table, "driver": "OpenFileGDB", "field_mask": masks or None}
    if kind is None:
        pyogrio.raw.write(path, None, columns, _without_oid(names), **options)
        return os.path.join(path, table)
    import shapely

    from ._shapes import from_esri

    shapes = [from_esri(shape, kind, shapely) for shape in shapes]
    flags = any(shape is not None and shape.has_z for shape in shapes)
    options |= {
        "geometry_type": _KINDS.get(kind, "Unknown") + (" Z" if flags else ""),
        "crs": _system(value, rows),
    }
    wkb = numpy.array([None if shape is None else shapely.to_wkb(shape) for shape in shapes], dtype=object)
    pyogrio.raw.write(path, wkb, columns, _without_oid(names), **options)
    return os.path.join(path, table)


def _without_oid(names: list[str]) -> list[str]:
    # The geodatabase numbers its rows itself, and takes these names for nothing else.
    return [f"{name}_1" if name.upper() in ("OBJECTID", "SHAPE") else name for name in names]


def _fields(value: Mapping[str, Any], rows: list[Any]) -> list[dict[str, Any]]:
    listed = [dict(field) for field in value.get("fields") or [] if field.get("name")]
    known = {field["name"] for field in listed}
    for row in rows:
        for name, entry in (row.get("attributes") or {}).items():
            if name in known or entry is None:
                continue
            known.add(name)
            kind = {
                bool: "esriFieldTypeSmallInteger",
                int: "esriFieldTypeBigInteger",
                float: "esriFieldTypeDouble",
            }
            listed.append({"name": name, "type": kind.get(type(entry), "esriFieldTypeString")})
    # A column that has whole numbers in one row and fractions in another is one of fractions.
    for field in listed:
        values = [(row.get("attributes") or {}).get(field["name"]) for row in rows]
        if _TYPES.get(field.get("type", ""), "").startswith("int") and any(
            isinstance(entry, float) and not entry.is_integer() for entry in values
        ):
            field["type"] = "esriFieldTypeDouble"
        elif field.get("type") == "esriFieldTypeBigInteger" and all(
            entry is None or abs(entry) < 2**31 for entry in values if isinstance(entry, (int, type(None)))
        ):
            field["type"] = "esriFieldTypeInteger"
    return listed


def _column(field: Mapping[str, Any], rows: list[Mapping[str, Any]], numpy: Any) -> tuple[Any, Any]:
    word = _TYPES.get(str(field.get("type")))
    values = [row.get(field["name"]) for row in rows]
    mask = numpy.array([entry is None for entry in values], dtype=bool)
    if word is None:
        texts = [None if e is None else e if isinstance(e, str) else json.dumps(e) for e in values]
        return numpy.array(texts, dtype=object), mask
    if word.startswith("datetime"):
        moments = [numpy.datetime64("NaT") if e is None else numpy.datetime64(int(e), "ms") for e in values]
        return numpy.array(moments, dtype=word), mask
    try:
        return numpy.array([0 if entry is None else entry for entry in values], dtype=word), mask
    except (ValueError, TypeError, OverflowError) as error:
        from .wire import WireError

        raise WireError(f"ERROR 000840: field `{field['name']}`: {error}") from error


def _kind(shape: Mapping[str, Any]) -> str | None:
    keys = {"x": "Point", "points": "Multipoint", "paths": "Polyline", "rings": "Polygon", "xmin": "Envelope"}
    return next((f"esriGeometry{kind}" for key, kind in keys.items() if key in shape), None)


def _system(value: Mapping[str, Any], rows: list[Any]) -> str | None:
    found = value.get("spatialReference")
    if not found:
        shapes = (row.get("geometry") or {} for row in rows)
        found = next((shape["spatialReference"] for shape in shapes if shape.get("spatialReference")), None)
    if not found:
        return None
    if found.get("wkt"):
        return str(found["wkt"])
    number = int(found.get("latestWkid") or found.get("wkid") or 0)
    number = {102100: 3857, 102113: 3857}.get(number, number)
    return None if not number else f"{'ESRI' if number >= 37000 else 'EPSG'}:{number}"


def read_rows(
    value: Any, kind: str, order: Mapping[str, Any], wrong: Callable[[], Exception]
) -> dict[str, Any]:
    """Return a dataset that a tool made as JSON.

    Args:
        value: the dataset's path, a layer, or a feature set.
        kind: `GPFeatureRecordSetLayer` or `GPRecordSet`.
        order: the job, with the most rows of a result and `outSR`.
        wrong: makes the error for what is no dataset.
    """
    from ..exceptions import SharingError
    from .convert import as_text

    if hasattr(value, "JSON"):
        return dict(json.loads(value.JSON))
    text = as_text(value)
    path = text if os.path.isabs(text) or text.lower().startswith(("memory", "in_memory")) else None
    try:
        return _read(path or os.path.join(order["folder"], "scratch", text), kind, order)
    except (SharingError, OSError) as error:
        raise wrong() from error


def _read(path: str, kind: str, order: Mapping[str, Any]) -> dict[str, Any]:
    import numpy
    import pyogrio.raw

    from ..data import describe
    from ..data._source import locate

    described = describe(path)
    target = locate(path, None)
    most = int(order.get("records") or 1000)
    layer = getattr(target, "layer", None) or described["name"]
    meta, ids, shapes, columns = pyogrio.raw.read(
        target.name, layer=layer, max_features=most + 1, return_fids=True, datetime_as_string=False
    )
    names = list(meta["fields"])
    geometry = described["geometryType"] if kind == "GPFeatureRecordSetLayer" else None
    count = min(len(ids), most)
    oid = described.get("objectIdField") or "OBJECTID"
    fields = [
        {key: field.get(key) for key in ("name", "type", "alias", "length") if field.get(key) is not None}
        for field in described["fields"]
        if field["type"] not in ("esriFieldTypeGeometry", "esriFieldTypeOID")
    ]
    answer: dict[str, Any] = {
        "displayFieldName": "",
        "fields": [{"name": oid, "type": "esriFieldTypeOID", "alias": oid}, *fields],
    }
    by_name = dict(zip(names, columns, strict=True))
    listed = [
        (field["name"], _plain_column(by_name[field["name"]], numpy))
        for field in fields
        if field["name"] in by_name
    ]
    rows: list[dict[str, Any]] = [
        {"attributes": {oid: int(ids[i])} | {name: column[i] for name, column in listed}}
        for i in range(count)
    ]
    if geometry is not None:
        import shapely

        from ._shapes import project, to_esri

        found, reference = project(
            shapely.from_wkb(shapes[:count]), described["spatialReference"], order.get("environment") or {}
        )
        answer |= {"hasZ": bool(described["hasZ"]), "hasM": bool(described["hasM"])}
        answer |= {"geometryType": geometry, "spatialReference": reference}
        for row, shape in zip(rows, found, strict=True):
            row["geometry"] = to_esri(shape, geometry, shapely)
    answer["features"] = rows
    answer["exceededTransferLimit"] = len(ids) > most
    return answer


def _plain_column(column: Any, numpy: Any) -> list[Any]:
    if column.dtype.kind == "M":
        moments = column.astype("datetime64[ms]").astype("int64")
        return [None if gone else int(m) for gone, m in zip(numpy.isnat(column), moments, strict=True)]
    if column.dtype.kind == "f":
        return [None if value != value else value for value in column.tolist()]
    return [str(v) if isinstance(v, (bytes, numpy.generic)) else v for v in column.tolist()]
