"""Domains of file geodatabases and GeoPackages."""

from __future__ import annotations

import ctypes
from typing import Any

from ..data import _gdal
from ..data._edit import Editor
from ..exceptions import ExistsError, InvalidInputError, MissingError, StorageError

__all__ = ["Domain", "add", "add_described", "delete", "names", "read"]

_KINDS = {"SHORT": 0, "LONG": 0, "BIGINTEGER": 12, "FLOAT": 2, "DOUBLE": 2, "TEXT": 4, "DATE": 11}
_ESRI_KINDS = {
    "esriFieldTypeSmallInteger": "SHORT",
    "esriFieldTypeInteger": "LONG",
    "esriFieldTypeBigInteger": "BIGINTEGER",
    "esriFieldTypeSingle": "FLOAT",
    "esriFieldTypeDouble": "DOUBLE",
    "esriFieldTypeDate": "DATE",
}


class Domain:
    """A domain: `name`, `domainType` and its values or range, as `arcpy.da.ListDomains` shows it.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/data-access/domain.htm
    """

    def __init__(
        self, name: str, kind: str, values: dict[Any, str] | None, limits: tuple[Any, Any] | None
    ) -> None:
        self.name = name
        self.type = {0: "Long", 12: "BigInteger", 2: "Double", 4: "Text", 11: "Date"}.get(
            _KINDS.get(kind, 4), "Text"
        )
        if kind == "SHORT":
            self.type = "Short"
        self.domainType = "CodedValue" if values is not None else "Range"
        self.codedValues = values
        self.range = limits
        self.description = ""
        self.mergePolicy = "DefaultValue"
        self.splitPolicy = "DefaultValue"
        self.owner = ""

    def __repr__(self) -> str:
        return f"<Domain {self.name} ({self.domainType})>"


def _native(kind: str, value: Any) -> Any:
    if value is None:
        return None
    number = _KINDS[kind]
    try:
        if number in (0, 12):
            return int(float(value))
        return float(value) if number == 2 else str(value)
    except ValueError as error:
        raise InvalidInputError(f"Code Value: `{value}` is not of the domain's type {kind}", 800) from error


def add(
    handle: Any,
    name: str,
    description: str,
    kind: str,
    values: dict[Any, str] | None,
    limits: tuple[Any, Any] | None = None,
    *,
    replace: bool = False,
) -> None:
    """Add a domain to an open container, or replace it."""
    lib = _gdal.library()
    word = {"INTEGER": "LONG", "STRING": "TEXT", "SINGLE": "FLOAT"}.get(kind.upper(), kind.upper())
    if word not in _KINDS:
        raise InvalidInputError(f"Field Type: The value is not a member of {' | '.join(_KINDS)}.", 800)
    number, subtype = _KINDS[word], {"SHORT": 2, "FLOAT": 3}.get(word, 0)
    title, text = name.encode(), (description or "").encode()
    if values is not None:
        pairs = (_gdal.CodedValue * (len(values) + 1))()
        for index, (code, shown) in enumerate(values.items()):
            pairs[index].code = str(_native(word, code)).encode()
            pairs[index].value = str(shown).encode()
        domain = lib.OGR_CodedFldDomain_Create(title, text, number, subtype, pairs)
    else:
        low, high = (_native(word, limit) for limit in limits or (None, None))
        boxes = [_gdal.FieldValue() for _ in range(2)]
        for box, limit in zip(boxes, (low, high), strict=True):
            if limit is not None:
                attribute = {0: "integer", 12: "integer64", 2: "real"}.get(number)
                if attribute is None:
                    raise InvalidInputError("a range domain needs numbers", 800)
                setattr(box, attribute, limit)
        domain = lib.OGR_RangeFldDomain_Create(
            title,
            text,
            number,
            subtype,
            ctypes.byref(boxes[0]) if low is not None else None,
            True,
            ctypes.byref(boxes[1]) if high is not None else None,
            True,
        )
    if not domain:
        raise StorageError(f"cannot make the domain `{name}`: {_gdal.last_error()}")
    put = lib.GDALDatasetUpdateFieldDomain if replace else lib.GDALDatasetAddFieldDomain
    try:
        # These return a C bool, of which only the lowest byte counts.
        if not put(handle, domain, None) & 0xFF:
            raise StorageError(f"cannot store the domain `{name}`: {_gdal.last_error() or 'no reason given'}")
    finally:
        lib.OGR_FldDomain_Destroy(domain)


def add_described(editor: Editor, domain: dict[str, Any], field_type: str) -> None:
    """Add a domain as `data.describe` shows it, unless there is one of its name."""
    lib = _gdal.library()
    if lib.GDALDatasetGetFieldDomain(editor.handle, domain["name"].encode()):
        return
    kind = _ESRI_KINDS.get(field_type, "TEXT")
    if domain["type"] == "range":
        add(editor.handle, domain["name"], "", kind, None, tuple(domain["range"]))
    else:
        values = {entry["code"]: entry["name"] for entry in domain["codedValues"]}
        add(editor.handle, domain["name"], "", kind, values)


def names(handle: Any) -> list[str]:
    """Return the names of the domains of an open container."""
    lib = _gdal.library()
    return _gdal.texts(lib.GDALDatasetGetFieldDomainNames(handle, None))


def read(handle: Any, name: str) -> Domain:
    """Return a domain of an open container.

    Raises:
        MissingError: ERROR 000800 when there is none.
    """
    from ..data._schema import _domain

    lib = _gdal.library()
    domain = lib.GDALDatasetGetFieldDomain(handle, name.encode())
    if not domain:
        raise MissingError(f"Domain Name: there is no domain `{name}` in the geodatabase", 800)
    number = lib.OGR_FldDomain_GetFieldType(domain)
    subtype = lib.OGR_FldDomain_GetFieldSubType(domain)
    kind = {0: "LONG", 12: "BIGINTEGER", 2: "DOUBLE", 11: "DATE"}.get(number, "TEXT")
    kind = {2: "SHORT", 3: "FLOAT"}.get(subtype, kind)
    described = _domain(handle, name) or {"type": "range", "range": (None, None)}
    if described["type"] == "range":
        made = Domain(name, kind, None, tuple(described["range"]))
    else:
        made = Domain(name, kind, {entry["code"]: entry["name"] for entry in described["codedValues"]}, None)
    made.description = _gdal.text(lib.OGR_FldDomain_GetDescription(domain))
    made._kind = kind  # type: ignore[attr-defined]
    return made


def delete(handle: Any, name: str) -> None:
    """Delete a domain."""
    lib = _gdal.library()
    if not lib.GDALDatasetDeleteFieldDomain(handle, name.encode(), None) & 0xFF:
        raise MissingError(f"Domain Name: cannot delete the domain `{name}`: {_gdal.last_error()}", 800)


def ensure_absent(handle: Any, name: str) -> None:
    """Refuse a name that is taken."""
    if name in names(handle):
        raise ExistsError(f"Domain Name: the domain `{name}` already exists", 800)
