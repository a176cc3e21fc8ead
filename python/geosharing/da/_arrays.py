"""Rows as NumPy structured arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..exceptions import InvalidInputError
from ..tools.outputs import output, write
from ..tools.projecting import system
from ..tools.reading import Batch
from ._search import SearchCursor

__all__ = ["FeatureClassToNumPyArray", "NumPyArrayToFeatureClass", "NumPyArrayToTable", "TableToNumPyArray"]

_KINDS = {
    "esriFieldTypeSmallInteger": "<i2",
    "esriFieldTypeInteger": "<i4",
    "esriFieldTypeBigInteger": "<i8",
    "esriFieldTypeSingle": "<f4",
    "esriFieldTypeDouble": "<f8",
    "esriFieldTypeDate": "<M8[us]",
}


def _array(cursor: SearchCursor, skip_nulls: Any, null_value: Any) -> np.ndarray:
    source = cursor._source
    fields = {f["name"]: f for f in source.about["fields"]}
    dtype: list[Any] = []
    for name in cursor.fields:
        item = fields.get(name)
        if item is not None:
            kind = _KINDS.get(item["type"], f"<U{min(item['length'] or 255, 4000)}")
            dtype.append((name, kind))
        elif name in ("SHAPE@XY", "Shape", "SHAPE@TRUECENTROID"):
            dtype.append((name, "<f8", (2,)))
        elif name == "SHAPE@XYZ":
            dtype.append((name, "<f8", (3,)))
        elif name in ("SHAPE@X", "SHAPE@Y", "SHAPE@Z", "SHAPE@M", "SHAPE@AREA", "SHAPE@LENGTH"):
            dtype.append((name, "<f8"))
        elif name in ("SHAPE@JSON", "SHAPE@WKT", "SHAPE@WKB", "SHAPE@"):
            raise InvalidInputError(f"`{name}` does not fit into an array; use SHAPE@XY or a cursor")
        else:
            dtype.append((name, "<i4"))
    rows = []
    for row in cursor:
        if any(value is None for value in row):
            if skip_nulls:
                if callable(skip_nulls):
                    skip_nulls(row[0])
                continue
            row = tuple(
                _null(name, entry, null_value) if value is None else value
                for value, name, entry in zip(row, cursor.fields, dtype, strict=True)
            )
        rows.append(row)
    return np.array(rows, dtype=dtype)


def _null(name: str, entry: Any, null_value: Any) -> Any:
    chosen = null_value.get(name) if isinstance(null_value, dict) else null_value
    if chosen is not None:
        return chosen
    kind = np.dtype(entry[1])
    if kind.kind == "f":
        return (np.nan,) * entry[2][0] if len(entry) == 3 else np.nan
    if kind.kind == "U":
        return "None"
    if kind.kind == "M":
        return np.datetime64("NaT")
    raise TypeError(
        f"the field `{name}` holds a null, which no whole number shows; pass null_value or skip_nulls"
    )


def TableToNumPyArray(
    in_table: Any,
    field_names: Any,
    where_clause: str | None = None,
    skip_nulls: Any = False,
    null_value: Any = None,
) -> np.ndarray:
    """Return rows as a structured array.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/data-access/tabletonumpyarray.htm
    """
    with SearchCursor(in_table, field_names, where_clause) as cursor:
        return _array(cursor, skip_nulls, null_value)


def FeatureClassToNumPyArray(
    in_table: Any,
    field_names: Any,
    where_clause: str | None = None,
    spatial_reference: Any = None,
    explode_to_points: bool = False,
    skip_nulls: Any = False,
    null_value: Any = None,
) -> np.ndarray:
    """Return features as a structured array.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/data-access/featureclasstonumpyarray.htm
    """
    with SearchCursor(in_table, field_names, where_clause, spatial_reference, explode_to_points) as cursor:
        return _array(cursor, skip_nulls, null_value)


def _columns(in_array: np.ndarray, names: list[str]) -> Any:
    import pyarrow as pa

    columns, fields = [], []
    for name in names:
        values = in_array[name]
        if values.ndim > 1:
            raise InvalidInputError(f"the column `{name}` holds arrays, which no field can")
        if values.dtype.kind in "US":
            texts = [v.decode() if isinstance(v, bytes) else v for v in values.tolist()]
            column = pa.array(texts, pa.string())
            size = values.dtype.itemsize // (4 if values.dtype.kind == "U" else 1)
            fields.append(pa.field(name, pa.string(), metadata={"GDAL:OGR:width": str(max(size, 1))}))
        else:
            if values.dtype.kind == "M":
                values = values.astype("datetime64[ms]")
            elif values.dtype.kind == "b":
                values = values.astype("int16")
            elif values.dtype.kind == "u":
                values = values.astype(f"int{min(64, values.dtype.itemsize * 16)}")
            elif values.dtype == np.int8:
                values = values.astype("int16")
            column = pa.array(np.ascontiguousarray(values))
            metadata = {"GDAL:OGR:subtype": "Int16"} if values.dtype == np.int16 else None
            fields.append(pa.field(name, column.type, metadata=metadata))
        columns.append(column)
    schema = pa.schema(fields)
    if not columns:
        return pa.RecordBatch.from_pylist([{} for _ in range(len(in_array))], schema=schema)
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def NumPyArrayToTable(in_array: np.ndarray, out_table: Any) -> None:
    """Write a structured array as a table.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/data-access/numpyarraytotable.htm
    """
    made = output(out_table, "out_table", spatial=False)
    rows = _columns(in_array, list(in_array.dtype.names or ()))
    write(made, rows.schema, [Batch(np.arange(len(in_array)), rows, None)], shape=None)


def NumPyArrayToFeatureClass(
    in_array: np.ndarray, out_table: Any, shape_fields: Any, spatial_reference: Any = None
) -> None:
    """Write a structured array as points: one field of x and y, or fields of x, y and z.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/data-access/numpyarraytofeatureclass.htm
    """
    import shapely

    made = output(out_table, "out_table")
    named = [shape_fields] if isinstance(shape_fields, str) else list(shape_fields)
    parts = [np.asarray(in_array[name], dtype=float) for name in named]
    points = shapely.points(parts[0]) if parts[0].ndim == 2 else shapely.points(*parts)
    names = [name for name in in_array.dtype.names or () if name not in named or parts[0].ndim == 1]
    rows = _columns(in_array, names)
    crs = None if spatial_reference in (None, "", "#") else system(spatial_reference, "spatial_reference")
    has_z = bool(shapely.has_z(points).any())
    batch = Batch(np.arange(len(in_array)), rows, points)
    write(made, rows.schema, [batch], shape="esriGeometryPoint", has_z=has_z, crs=crs)
