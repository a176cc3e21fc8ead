"""Attribute indexes of file geodatabases, which GDAL uses and does not list."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

from . import _gdal

# A geodatabase allows far fewer; more means that the file is broken.
_MOST = 1000


def attribute_indexes(handle: Any, geodatabase: Path, name: str) -> list[tuple[str, str]]:
    """Return the name and the column of each index of a class, without those of ids and shapes.

    Args:
        handle: the open geodatabase.
        geodatabase: its folder.
        name: name of the class.
    """
    quoted = name.replace("'", "''")
    number = _gdal.first_text(handle, f"SELECT FID FROM GDB_SystemCatalog WHERE Name = '{quoted}'")
    if number is None or not number.isdigit():
        return []
    file = geodatabase / f"a{int(number):08x}.gdbindexes"
    try:
        content = file.read_bytes()
    except OSError:
        return []
    return [entry for entry in _parse(content) if (file.with_suffix(f".{entry[0]}.atx")).exists()]


def _parse(content: bytes) -> list[tuple[str, str]]:
    found = []
    try:
        (count,) = struct.unpack_from("<I", content)
        at = 4
        for _ in range(min(count, _MOST)):
            index, at = _text(content, at)
            column, at = _text(content, at + 12)
            at += 2
            found.append((index, column))
    except (struct.error, UnicodeDecodeError):
        # An index is speed, not data: one that cannot be read is not copied.
        return found
    return found


def _text(content: bytes, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<I", content, at)
    end = at + 4 + 2 * length
    if end > len(content):
        raise struct.error("an index name goes beyond the file")
    return content[at + 4 : end].decode("utf-16-le"), end
