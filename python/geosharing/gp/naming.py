"""Names of fields and tables: what is allowed, and how SQL writes them."""

from __future__ import annotations

import os
import re
from typing import Any

__all__ = ["AddFieldDelimiters", "ParseFieldName", "ParseTableName", "ValidateFieldName", "ValidateTableName"]

_RESERVED = {
    "add", "alter", "and", "as", "asc", "between", "by", "column", "create", "date", "delete", "desc", "drop",
    "exists", "for", "from", "group", "in", "insert", "into", "is", "like", "not", "null", "or", "order",
    "select", "set", "table", "update", "values", "where",
}  # fmt: skip


def AddFieldDelimiters(datasource: Any, field: str) -> str:
    """Return a field name as the SQL of a data source writes it.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/addfielddelimiters.htm
    """
    text = str(getattr(datasource, "dataSource", datasource) or "").lower()
    if text.startswith(("memory", "in_memory")) or ".gdb" in text:
        return str(field)
    quoted = text.endswith((".shp", ".dbf", ".csv", ".txt")) or ".gpkg" in text or os.path.isdir(text)
    return f'"{field}"' if quoted else str(field)


def ParseFieldName(name: str, workspace: Any = None) -> str:
    """Return database, owner, table and field of a qualified name, joined by `, `.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/parsefieldname.htm
    """
    return _parsed(name, 4)


def ParseTableName(name: str, workspace: Any = None) -> str:
    """Return database, owner and table of a qualified name, joined by `, `.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/parsetablename.htm
    """
    return _parsed(name, 3)


def _parsed(name: str, size: int) -> str:
    parts = str(name).split(".")[-size:]
    return ", ".join(["(null)"] * (size - len(parts)) + parts)


def ValidateFieldName(name: str, workspace: Any = None) -> str:
    """Return a name that a field of a workspace may have; a folder's has ten characters at most.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/validatefieldname.htm
    """
    return _valid(name, workspace, 64)


def ValidateTableName(name: str, workspace: Any = None) -> str:
    """Return a name that a table of a workspace may have.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/validatetablename.htm
    """
    return _valid(name, None, 160)


def _valid(name: str, workspace: Any, length: int) -> str:
    from .env import env

    made = re.sub(r"\W", "_", str(name))
    if not made or not (made[0].isalpha() or made[0] == "_"):
        made = "F" + made if made[:1].isdigit() else made or "Field"
    if made.lower() in _RESERVED:
        made += "_"
    place = str(workspace or env.workspace or "")
    folder = place and os.path.isdir(place) and not place.lower().endswith(".gdb")
    return made[: 10 if folder and length == 64 else length]
