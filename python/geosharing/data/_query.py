"""Definition queries: from the SQL of geodatabases to what GDAL filters by."""

from __future__ import annotations

import re
from typing import Any

from geosharing.exceptions import InvalidInputError

from . import _gdal

_STRING_OR_TYPED = re.compile(r"'(?:[^']|'')*'|\b(?:date|timestamp|time)(?=\s*')", re.IGNORECASE)


def to_gdal(where: str | None) -> str | None:
    """Return a definition query without what GDAL's SQL does not know.

    Geodatabases write `date '2020-01-01'` and `timestamp '...'`; GDAL compares with the plain text.
    """
    if where is None or not where.strip():
        return None
    return _STRING_OR_TYPED.sub(lambda found: found[0] if found[0].startswith("'") else "", where)


def set_filter(layer: Any, where: str | None, name: str) -> None:
    """Set or clear the definition query of a layer.

    Raises:
        InvalidInputError: If GDAL does not understand it.
    """
    query = to_gdal(where)
    lib = _gdal.library()
    lib.CPLErrorReset()
    failed = lib.OGR_L_SetAttributeFilter(layer, query.encode() if query else None)
    if failed:
        raise InvalidInputError(
            f"the definition query `{where}` of `{name}` is not understood: {_gdal.last_error() or 'no reason given'}"
        )
