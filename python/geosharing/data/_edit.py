"""Changing rows and columns of a dataset in place, through GDAL."""

from __future__ import annotations

import ctypes
import datetime
import os
import uuid
from collections.abc import Iterator
from ctypes import c_float, c_int, c_void_p
from types import TracebackType
from typing import Any, NamedTuple

from geosharing.exceptions import (
    DeniedError,
    InvalidInputError,
    NotSupportedError,
    SharingError,
    StorageError,
)

from . import _gdal
from ._describe import unreadable
from ._gdal import GdalError, text
from ._query import set_filter
from ._schema import open_layer
from ._source import locate

__all__ = ["Column", "Editor"]

# Esri's names of field types as OGR type, subtype and default width.
_KINDS = {
    "SHORT": (0, 2, 0),
    "LONG": (0, 0, 0),
    "BIGINTEGER": (12, 0, 0),
    "FLOAT": (2, 3, 0),
    "DOUBLE": (2, 0, 0),
    "TEXT": (4, 0, 255),
    "DATE": (11, 0, 0),
    "DATEONLY": (9, 0, 0),
    "TIMEONLY": (10, 0, 0),
    "BLOB": (8, 0, 0),
    "GUID": (4, 5, 38),
}
_SYNONYMS = {
    "BIGINT": "BIGINTEGER",
    "INTEGER": "LONG",
    "SMALLINTEGER": "SHORT",
    "SINGLE": "FLOAT",
    "STRING": "TEXT",
    "DATEHIGHPRECISION": "DATE",
    "GLOBALID": "GUID",
}
_INTEGER, _REAL, _STRING, _BINARY, _DATE, _TIME, _DATETIME, _INTEGER64 = 0, 2, 4, 8, 9, 10, 11, 12
ALTER_NAME, ALTER_WIDTH, ALTER_NULLABLE, ALTER_DOMAIN, ALTER_ALIAS = 0x1, 0x4, 0x8, 0x40, 0x80


class Column(NamedTuple):
    """One column of an open layer."""

    name: str
    kind: int
    subtype: int
    place: int


class Editor:
    """A layer opened for reading and writing row by row; use it in a `with` block.

    Raises:
        MissingError: If there is no such dataset.
        DeniedError: ERROR 000499 if it cannot be written to.
    """

    def __init__(
        self, path: str | os.PathLike[str], layer: str | None = None, *, update: bool = True
    ) -> None:
        self.shown = os.fspath(path)
        self._target = locate(path, layer)
        self._update = update
        self._context: Any = None
        self._changed = False

    def __enter__(self) -> Editor:
        flags = _gdal.OF_VECTOR | (_gdal.OF_UPDATE if self._update else 0)
        name = self._target.name
        self._context = _gdal.opened(name, flags, [] if self._update else list(self._target.options))
        try:
            self.handle = self._context.__enter__()
        except GdalError as error:
            if self._update and os.path.exists(name):
                raise DeniedError(f"`{self.shown}` cannot be edited: {error}", 499) from error
            raise unreadable(self.shown, self._target, error) from error
        try:
            self.lib = _gdal.library()
            self.layer = open_layer(self.handle, self._target, self.shown)
            self.name = text(self.lib.OGR_L_GetName(self.layer))
            self._read_columns()
            if self._update:
                self.lib.OGR_L_StartTransaction(self.layer)
        except BaseException:
            self._context.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(failed=kind is not None)

    def close(self, *, failed: bool = False) -> None:
        """Commit and close; roll back where the format can if the work failed."""
        context, self._context = self._context, None
        if context is None:
            return
        try:
            if self._update:
                if failed:
                    self.lib.OGR_L_RollbackTransaction(self.layer)
                else:
                    self._check(self.lib.OGR_L_CommitTransaction(self.layer), "commit")
                    self.lib.OGR_L_SyncToDisk(self.layer)
        finally:
            context.__exit__(None, None, None)

    def _check(self, code: int, what: str) -> None:
        if code:
            raise StorageError(f"cannot {what} in `{self.shown}`: {_gdal.last_error() or 'no reason given'}")

    def _read_columns(self) -> None:
        lib = self.lib
        self._schema = lib.OGR_L_GetLayerDefn(self.layer)
        self.columns = []
        for index in range(lib.OGR_FD_GetFieldCount(self._schema)):
            field = lib.OGR_FD_GetFieldDefn(self._schema, index)
            self.columns.append(
                Column(
                    text(lib.OGR_Fld_GetNameRef(field)),
                    lib.OGR_Fld_GetType(field),
                    lib.OGR_Fld_GetSubType(field),
                    index,
                )
            )
        self._by_name = {column.name.lower(): column for column in self.columns}
        self.oid_name = text(lib.OGR_L_GetFIDColumn(self.layer)) or "FID"
        self.geometry_type = lib.OGR_L_GetGeomType(self.layer) & 0xFFFFFFFF

    def column(self, name: str) -> Column:
        """Return a column by name, in any case.

        Raises:
            InvalidInputError: ERROR 000728 if there is none.
        """
        found = self._by_name.get(name.lower())
        if found is None:
            raise InvalidInputError(f"Field {name} does not exist within table", 728)
        return found

    def has(self, name: str) -> bool:
        """Tell whether there is a column of this name."""
        return name.lower() in self._by_name

    # Columns

    def add_column(
        self,
        name: str,
        kind: str,
        *,
        length: int | None = None,
        alias: str | None = None,
        nullable: bool = True,
        domain: str | None = None,
        default: str | None = None,
    ) -> None:
        """Add a column.

        Args:
            name: Name of the column.
            kind: Esri's word such as `TEXT`, `LONG`, `DOUBLE`, `DATE`.
            length: Most characters of a text.
            alias: Alternative name.
            nullable: Whether rows may have no value.
            domain: Name of a domain of the geodatabase.
            default: Default as an SQL literal.
        """
        word = str(kind).upper().replace(" ", "")
        word = _SYNONYMS.get(word, word)
        if word == "RASTER":
            raise NotSupportedError("raster fields cannot be made; keep the raster's path in a text field")
        if word not in _KINDS:
            raise InvalidInputError(f"Field Type: The value is not a member of {' | '.join(_KINDS)}.", 800)
        number, subtype, width = _KINDS[word]
        if word == "DATE" and self._target.name.lower().endswith((".shp", ".dbf")):
            # dBASE has days only, and GDAL would write times as text.
            number = _DATE
        lib = self.lib
        field = lib.OGR_Fld_Create(name.encode(), number)
        try:
            if subtype:
                lib.OGR_Fld_SetSubType(field, subtype)
            if number == _STRING and subtype == 0:
                lib.OGR_Fld_SetWidth(field, int(length or width))
            if alias:
                lib.OGR_Fld_SetAlternativeName(field, alias.encode())
            if not nullable:
                lib.OGR_Fld_SetNullable(field, 0)
            if domain:
                lib.OGR_Fld_SetDomainName(field, domain.encode())
            if default is not None:
                lib.OGR_Fld_SetDefault(field, default.encode())
            self._check(lib.OGR_L_CreateField(self.layer, field, 1), f"add the field `{name}`")
        finally:
            lib.OGR_Fld_Destroy(field)
        self._read_columns()

    def delete_column(self, name: str) -> None:
        """Delete a column with its values."""
        self._check(
            self.lib.OGR_L_DeleteField(self.layer, self.column(name).place), f"delete the field `{name}`"
        )
        self._read_columns()

    def alter_column(
        self,
        name: str,
        *,
        new_name: str | None = None,
        alias: str | None = None,
        length: int | None = None,
        domain: str | None = None,
    ) -> None:
        """Change name, alias, length or domain of a column; an empty domain takes it away."""
        column = self.column(name)
        lib = self.lib
        old = lib.OGR_FD_GetFieldDefn(self._schema, column.place)
        field = lib.OGR_Fld_Create((new_name or column.name).encode(), column.kind)
        flags = 0
        try:
            lib.OGR_Fld_SetSubType(field, column.subtype)
            lib.OGR_Fld_SetWidth(field, lib.OGR_Fld_GetWidth(old))
            lib.OGR_Fld_SetNullable(field, lib.OGR_Fld_IsNullable(old))
            lib.OGR_Fld_SetAlternativeName(field, lib.OGR_Fld_GetAlternativeNameRef(old) or b"")
            lib.OGR_Fld_SetDomainName(field, lib.OGR_Fld_GetDomainName(old) or b"")
            if new_name and new_name != column.name:
                flags |= ALTER_NAME
            if alias is not None:
                lib.OGR_Fld_SetAlternativeName(field, alias.encode())
                flags |= ALTER_ALIAS
            if length is not None:
                lib.OGR_Fld_SetWidth(field, int(length))
                flags |= ALTER_WIDTH
            if domain is not None:
                lib.OGR_Fld_SetDomainName(field, domain.encode())
                flags |= ALTER_DOMAIN
            if flags:
                code = lib.OGR_L_AlterFieldDefn(self.layer, column.place, field, flags)
                self._check(code, f"change the field `{name}`")
        finally:
            lib.OGR_Fld_Destroy(field)
        self._read_columns()

    # Rows

    def ids(self, where: str | None = None) -> list[int]:
        """Return the ids of the rows that meet a condition, in the layer's order."""
        lib = self.lib
        set_filter(self.layer, where, self.name)
        found = []
        lib.OGR_L_ResetReading(self.layer)
        while feature := lib.OGR_L_GetNextFeature(self.layer):
            found.append(lib.OGR_F_GetFID(feature))
            lib.OGR_F_Destroy(feature)
        set_filter(self.layer, None, self.name)
        return found

    def feature(self, fid: int) -> Any:
        """Return a row to read and change; `release` it afterwards."""
        feature = self.lib.OGR_L_GetFeature(self.layer, fid)
        if not feature:
            raise SharingError(f"row {fid} of `{self.shown}` is gone")
        return feature

    def new(self) -> Any:
        """Return an empty row for `insert`."""
        return self.lib.OGR_F_Create(self._schema)

    def release(self, feature: Any) -> None:
        """Give a row back."""
        self.lib.OGR_F_Destroy(feature)

    def rows(self, ids: list[int]) -> Iterator[tuple[int, Any]]:
        """Walk rows by id."""
        for fid in ids:
            feature = self.feature(fid)
            try:
                yield fid, feature
            finally:
                self.release(feature)

    def store(self, feature: Any) -> None:
        """Write a changed row."""
        self._check(self.lib.OGR_L_SetFeature(self.layer, feature), "write a row")

    def insert(self, feature: Any) -> int:
        """Write a new row and return its id."""
        self._check(self.lib.OGR_L_CreateFeature(self.layer, feature), "add a row")
        return int(self.lib.OGR_F_GetFID(feature))

    def remove(self, fid: int) -> None:
        """Delete a row."""
        self._check(self.lib.OGR_L_DeleteFeature(self.layer, fid), f"delete row {fid}")

    # Values

    def get(self, feature: Any, column: Column) -> Any:
        """Return a value of a row; None for null."""
        lib, index, kind = self.lib, column.place, column.kind
        if not lib.OGR_F_IsFieldSetAndNotNull(feature, index):
            return None
        if kind == _INTEGER:
            return lib.OGR_F_GetFieldAsInteger(feature, index)
        if kind == _INTEGER64:
            return lib.OGR_F_GetFieldAsInteger64(feature, index)
        if kind == _REAL:
            return lib.OGR_F_GetFieldAsDouble(feature, index)
        if kind in (_DATE, _TIME, _DATETIME):
            return self._get_date(feature, index, kind)
        if kind == _BINARY:
            size = c_int()
            start = lib.OGR_F_GetFieldAsBinary(feature, index, ctypes.byref(size))
            return ctypes.string_at(start, size.value) if start else b""
        return text(lib.OGR_F_GetFieldAsString(feature, index))

    def _get_date(self, feature: Any, index: int, kind: int) -> Any:
        parts = [c_int() for _ in range(5)]
        second, zone = c_float(), c_int()
        self.lib.OGR_F_GetFieldAsDateTimeEx(
            feature, index, *map(ctypes.byref, parts), ctypes.byref(second), ctypes.byref(zone)
        )
        year, month, day, hour, minute = (part.value for part in parts)
        micro = round(second.value * 1000) * 1000
        whole, micro = min(micro // 1_000_000, 59), micro % 1_000_000
        if kind == _DATE:
            return datetime.date(year, month, day)
        if kind == _TIME:
            return datetime.time(hour, minute, whole, micro)
        return datetime.datetime(year, month, day, hour, minute, whole, micro)

    def put(self, feature: Any, column: Column, value: Any) -> None:
        """Set a value of a row.

        Raises:
            TypeError: If the column cannot hold it.
        """
        lib, index, kind = self.lib, column.place, column.kind
        if hasattr(value, "item"):
            value = value.item()
        if value is None or (isinstance(value, float) and value != value):
            lib.OGR_F_SetFieldNull(feature, index)
            return
        try:
            if kind in (_INTEGER, _INTEGER64):
                number = _whole(value)
                limit = {2: 1 << 15}.get(column.subtype, 1 << 31) if kind == _INTEGER else 1 << 63
                if not -limit <= number < limit:
                    raise TypeError(f"{number} is out of range")
                setter = lib.OGR_F_SetFieldInteger if kind == _INTEGER else lib.OGR_F_SetFieldInteger64
                setter(feature, index, number)
            elif kind == _REAL:
                lib.OGR_F_SetFieldDouble(feature, index, float(value))
            elif kind in (_DATE, _TIME, _DATETIME):
                self._put_date(feature, index, value)
            elif kind == _BINARY:
                content = bytes(value)
                lib.OGR_F_SetFieldBinary(feature, index, len(content), content)
            else:
                lib.OGR_F_SetFieldString(feature, index, _as_text(value, column.subtype).encode())
        except (ValueError, TypeError, OverflowError) as error:
            raise TypeError(f"the value {value!r} does not fit the field `{column.name}`: {error}") from error

    def _put_date(self, feature: Any, index: int, value: Any) -> None:
        if isinstance(value, str):
            value = _parse_date(value)
        second = getattr(value, "second", 0) + getattr(value, "microsecond", 0) / 1e6
        day = (getattr(value, part, 0) for part in ("year", "month", "day", "hour", "minute"))
        self.lib.OGR_F_SetFieldDateTimeEx(feature, index, *map(int, day), second, 0)

    def wkb(self, feature: Any) -> bytes | None:
        """Return the geometry of a row as ISO WKB, curves as straight pieces."""
        lib = self.lib
        geometry = lib.OGR_F_GetGeometryRef(feature)
        if not geometry:
            return None
        linear = (
            lib.OGR_G_GetLinearGeometry(geometry, 0.0, None)
            if lib.OGR_G_HasCurveGeometry(geometry, 0)
            else None
        )
        shape = linear or geometry
        size = lib.OGR_G_WkbSize(shape)
        buffer = ctypes.create_string_buffer(size)
        lib.OGR_G_ExportToIsoWkb(shape, 1, buffer)
        if linear:
            lib.OGR_G_DestroyGeometry(linear)
        return buffer.raw

    def put_wkb(self, feature: Any, wkb: bytes | None) -> None:
        """Set the geometry of a row, as the type that the layer has."""
        lib = self.lib
        if wkb is None:
            lib.OGR_F_SetGeometryDirectly(feature, None)
            return
        shape = c_void_p()
        self._check(lib.OGR_G_CreateFromWkb(wkb, None, ctypes.byref(shape), len(wkb)), "read a geometry")
        if self.geometry_type & 0x7FFFFFFF:
            shape = c_void_p(lib.OGR_G_ForceTo(shape, ctypes.c_int(self.geometry_type).value, None))
        self._check(lib.OGR_F_SetGeometryDirectly(feature, shape), "set a geometry")


def _whole(value: Any) -> int:
    if isinstance(value, str):
        value = float(value) if not value.strip().lstrip("+-").isdigit() else int(value)
    return int(value)


def _as_text(value: Any, subtype: int) -> str:
    if isinstance(value, uuid.UUID):
        return "{" + str(value).upper() + "}"
    if isinstance(value, bytes):
        raise TypeError("bytes are no text")
    return str(value)


def _parse_date(value: str) -> Any:
    for form in ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y", "%d.%m.%Y"):
        try:
            return datetime.datetime.strptime(value.strip(), form)
        except ValueError:
            continue
    try:
        return datetime.datetime.fromisoformat(value.strip())
    except ValueError:
        return datetime.time.fromisoformat(value.strip())
