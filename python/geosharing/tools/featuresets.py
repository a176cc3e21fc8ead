"""Feature sets and record sets: JSON in, datasets in memory, JSON out."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from ..exceptions import InvalidInputError
from .outputs import Output, output, write
from .reading import Batch, batches
from .sources import Source

__all__ = ["from_json", "rows_json", "to_memory", "write_json"]

_numbers = itertools.count(1)
_ARROW = {
    "esriFieldTypeSmallInteger": "int16",
    "esriFieldTypeInteger": "int32",
    "esriFieldTypeBigInteger": "int64",
    "esriFieldTypeSingle": "float32",
    "esriFieldTypeDouble": "float64",
    "esriFieldTypeDate": "timestamp[ms]",
}
_GEOJSON = {
    "Point": "esriGeometryPoint",
    "MultiPoint": "esriGeometryMultipoint",
    "LineString": "esriGeometryPolyline",
    "MultiLineString": "esriGeometryPolyline",
    "Polygon": "esriGeometryPolygon",
    "MultiPolygon": "esriGeometryPolygon",
}


def to_memory(value: dict[str, Any]) -> str:
    """Write a feature set to memory and return its path."""
    path = f"memory\\feature_set_{os.getpid()}_{next(_numbers)}"
    from_json(value, output(path, "out_features", spatial="geometryType" in value))
    return path


def from_json(value: dict[str, Any], made: Output, *, shape: str | None = None) -> str:
    """Write Esri JSON or GeoJSON as a dataset.

    Raises:
        InvalidInputError: If it is no feature set.
    """
    import pyarrow as pa
    import shapely

    if value.get("type") == "FeatureCollection":
        value = _from_geojson(value)
    features = value.get("features", [])
    if not isinstance(features, list):
        raise InvalidInputError("the JSON is no feature set: `features` is missing", 840)
    kind = value.get("geometryType")
    if shape and kind and shape != kind:
        raise InvalidInputError(f"the features are of the type {kind}, not {shape}", 840)
    fields = value.get("fields") or _guessed(features)
    known = [f for f in fields if f.get("type") not in ("esriFieldTypeOID", "esriFieldTypeGeometry")]
    schema = pa.schema([_field(f) for f in known])
    rows = [feature.get("attributes") or {} for feature in features]
    columns = [pa.array([_value(row.get(f.name), f.type) for row in rows], f.type) for f in schema]
    shapes = None
    if kind:
        from ..gp.geometry import shape_from_json

        shapes = np.empty(len(features), object)
        for index, feature in enumerate(features):
            shapes[index] = shape_from_json(feature.get("geometry"), kind)
    batch = (
        pa.RecordBatch.from_arrays(columns, schema=schema)
        if columns
        else pa.RecordBatch.from_pylist([{} for _ in rows], schema=schema)
    )
    crs = None
    if kind and value.get("spatialReference"):
        from ..gp.reference import SpatialReference

        crs = SpatialReference.from_value(value["spatialReference"])._crs()
    has_z = bool(value.get("hasZ")) or (shapes is not None and bool(shapely.has_z(shapes).any()))
    found = [Batch(np.arange(len(rows)), batch, shapes)]
    return write(made, schema, found, shape=kind, has_z=has_z, crs=crs, project=False)


def _field(item: dict[str, Any]) -> Any:
    import pyarrow as pa

    kind = _ARROW.get(item.get("type", ""), "string")
    metadata = {}
    if item.get("length") and kind == "string":
        metadata["GDAL:OGR:width"] = str(item["length"])
    if item.get("alias") and item["alias"] != item["name"]:
        metadata["GDAL:OGR:alternative_name"] = item["alias"]
    if kind == "int16":
        metadata["GDAL:OGR:subtype"] = "Int16"
    return pa.field(
        item["name"],
        pa.type_for_alias(kind) if "timestamp" not in kind else pa.timestamp("ms"),
        metadata=metadata,
    )


def _value(value: Any, kind: Any) -> Any:
    text = str(kind)
    if value is None:
        return None
    if text == "string":
        return (
            value
            if isinstance(value, str)
            else json.dumps(value)
            if isinstance(value, dict | list)
            else str(value)
        )
    if text.startswith(("int", "timestamp")):
        return int(value)
    return float(value)


def _guessed(features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kinds: dict[str, str] = {}
    for feature in features:
        for name, value in (feature.get("attributes") or {}).items():
            if value is None:
                kinds.setdefault(name, "")
            elif isinstance(value, bool) or not isinstance(value, int | float):
                kinds[name] = "esriFieldTypeString"
            elif isinstance(value, int) and kinds.get(name) in (None, "", "esriFieldTypeInteger"):
                wide = not -(2**31) <= value < 2**31
                kinds[name] = "esriFieldTypeDouble" if wide else "esriFieldTypeInteger"
            elif kinds.get(name) != "esriFieldTypeString":
                kinds[name] = "esriFieldTypeDouble"
    return [{"name": name, "type": kind or "esriFieldTypeString"} for name, kind in kinds.items()]


def _from_geojson(value: dict[str, Any]) -> dict[str, Any]:
    from shapely.geometry import shape as from_mapping

    from ..gp.geometry import json_from_shape

    features, kinds = [], set()
    for feature in value.get("features", []):
        geometry = feature.get("geometry")
        shown = None
        if geometry:
            kind = _GEOJSON.get(geometry["type"])
            if kind is None:
                raise InvalidInputError(
                    f"GeoJSON geometries of the type {geometry['type']} are not read", 840
                )
            kinds.add(kind)
            shown = json_from_shape(from_mapping(geometry))
        features.append({"attributes": feature.get("properties") or {}, "geometry": shown})
    if len(kinds) > 1:
        raise InvalidInputError(
            f"the GeoJSON mixes {' and '.join(sorted(kinds))}; name the geometry type", 840
        )
    made: dict[str, Any] = {"features": features, "spatialReference": {"wkid": 4326}}
    if kinds:
        made["geometryType"] = kinds.pop()
    return made


def head(source: Source) -> dict[str, Any]:
    """Return a feature set's description, without its features."""
    about = source.about
    oid = {"name": about["objectIdField"] or "OBJECTID", "type": "esriFieldTypeOID", "alias": "OBJECTID"}
    fields = [oid]
    for item in about["fields"]:
        if item["name"].lower() in source.hidden:
            continue
        fields.append({key: item[key] for key in ("name", "type", "alias", "length") if item.get(key)})
    made: dict[str, Any] = {"displayFieldName": "", "fieldAliases": {f["name"]: f["alias"] for f in fields}}
    if about["geometryType"]:
        made["geometryType"] = about["geometryType"]
        made["spatialReference"] = about["spatialReference"] or {}
        if about["hasZ"]:
            made["hasZ"] = True
    made["fields"] = fields
    return made


def rows_json(source: Source) -> Iterator[dict[str, Any]]:
    """Walk the features of a source in their REST form."""
    from ..gp.geometry import json_from_shape

    oid = source.about["objectIdField"] or "OBJECTID"
    names = [f["name"] for f in source.about["fields"] if f["name"].lower() not in source.hidden]
    for batch in batches(source, names):
        columns = {name: _plain(batch.rows.column(name)) for name in batch.rows.schema.names}
        for index, fid in enumerate(batch.oids):
            row: dict[str, Any] = {"attributes": {oid: int(fid)}}
            row["attributes"].update({name: values[index] for name, values in columns.items()})
            if batch.shapes is not None:
                row["geometry"] = json_from_shape(batch.shapes[index])
            yield row


def _plain(column: Any) -> list[Any]:
    import pyarrow as pa

    if pa.types.is_timestamp(column.type):
        milliseconds: list[Any] = column.cast(pa.timestamp("ms", column.type.tz)).cast(pa.int64()).to_pylist()
        return milliseconds
    if pa.types.is_binary(column.type):
        return [None] * len(column)
    values: list[Any] = column.to_pylist()
    if values and not isinstance(next((v for v in values if v is not None), 0), int | float | str | bool):
        return [None if value is None else str(value) for value in values]
    return values


def write_json(source: Source, path: str, *, geojson: bool = False, formatted: bool = False) -> None:
    """Write a source as an Esri JSON feature set or as GeoJSON, row by row."""
    indent = 2 if formatted else None
    part = f"{path}.{os.getpid()}.part"
    try:
        with open(part, "w", encoding="utf-8") as file:
            if geojson:
                file.write('{"type": "FeatureCollection", "features": [')
                _write_rows(file, _geojson_rows(source), indent)
            else:
                begin = json.dumps(head(source), indent=indent)
                file.write(begin.rstrip("}").rstrip() + ', "features": [')
                _write_rows(file, rows_json(source), indent)
            file.write("]}\n")
        os.replace(part, path)
    finally:
        if os.path.exists(part):
            os.unlink(part)


def _write_rows(file: Any, rows: Iterable[dict[str, Any]], indent: int | None) -> None:
    for index, row in enumerate(rows):
        file.write((",\n" if index else "") + json.dumps(row, indent=indent, allow_nan=False))


def _geojson_rows(source: Source) -> Iterator[dict[str, Any]]:
    import pyproj
    from shapely.geometry import mapping

    from .projecting import reproject, transformer

    wgs84 = pyproj.CRS.from_epsg(4326)
    change = None if source.crs is None or source.crs == wgs84 else transformer(source.crs, wgs84)
    for batch in batches(source):
        shapes = reproject(batch.shapes, change) if change is not None else batch.shapes
        columns = {name: _plain(batch.rows.column(name)) for name in batch.rows.schema.names}
        for index, fid in enumerate(batch.oids):
            shape = None if shapes is None else shapes[index]
            yield {
                "type": "Feature",
                "id": int(fid),
                "geometry": None if shape is None else mapping(shape),
                "properties": {name: values[index] for name, values in columns.items()},
            }
