"""Values of one table in the rows of another."""

from __future__ import annotations

from typing import Any

from ..data._edit import Editor
from ..exceptions import InvalidInputError
from .reading import batches, fields_of, ids
from .sources import Source

__all__ = ["join_field"]

_KINDS = {
    "esriFieldTypeSmallInteger": "SHORT",
    "esriFieldTypeInteger": "LONG",
    "esriFieldTypeBigInteger": "BIGINTEGER",
    "esriFieldTypeSingle": "FLOAT",
    "esriFieldTypeDouble": "DOUBLE",
    "esriFieldTypeString": "TEXT",
    "esriFieldTypeDate": "DATE",
    "esriFieldTypeDateOnly": "DATEONLY",
    "esriFieldTypeTimeOnly": "TIMEONLY",
    "esriFieldTypeGUID": "GUID",
    "esriFieldTypeGlobalID": "GUID",
    "esriFieldTypeBlob": "BLOB",
}


def join_field(source: Source, in_field: str, other: Source, join_field: str, wanted: list[str]) -> None:
    """Add fields of `other` to `source`; the joined values are held in memory.

    Raises:
        InvalidInputError: ERROR 000728 for an unknown field.
    """
    by_oid = join_field.lower() == (other.about["objectIdField"] or "OBJECTID").lower()
    key = None if by_oid else other.field(join_field, "Join Table Field")["name"]
    chosen = wanted or [name for name in fields_of(other) if name != key]
    described = [other.field(name, "Transfer Fields") for name in chosen]
    columns = list(dict.fromkeys([*([key] if key else []), *(f["name"] for f in described)]))
    values: dict[Any, tuple[Any, ...]] = {}
    for batch in batches(other, columns):
        keys = batch.oids.tolist() if key is None else batch.rows.column(key).to_pylist()
        rows = zip(*(batch.rows.column(f["name"]).to_pylist() for f in described), strict=True)
        for value, row in zip(keys, rows, strict=True):
            if value is not None:
                values.setdefault(_key(value), row)
    wanted_ids = ids(source)
    with Editor(source.path, source.layer) as editor:
        column = None
        if in_field.lower() != editor.oid_name.lower():
            column = editor.column(in_field)
        targets = []
        for item in described:
            name, number = item["name"], 1
            while editor.has(name) or name.lower() == editor.oid_name.lower():
                name, number = f"{item['name'][:28]}_{number}", number + 1
            if item["type"] not in _KINDS:
                raise InvalidInputError(
                    f"the field {item['name']} of the type {item['type']} cannot be joined"
                )
            editor.add_column(name, _KINDS[item["type"]], length=item["length"], alias=item["alias"])
            targets.append(name)
        placed = [editor.column(name) for name in targets]
        for fid, feature in editor.rows(wanted_ids):
            own = fid if column is None else editor.get(feature, column)
            joined = values.get(_key(own))
            if joined is None:
                continue
            for target, value in zip(placed, joined, strict=True):
                editor.put(feature, target, value)
            editor.store(feature)


def _key(value: Any) -> Any:
    # 1 and 1.0 meet, as they do in databases.
    return int(value) if isinstance(value, float) and value.is_integer() else value
