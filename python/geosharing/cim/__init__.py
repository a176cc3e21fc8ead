"""CIM objects: definitions of maps and layers with attribute access, as in `arcpy.cim`.

Classes come into being by name, so `cim.CIMRGBColor()` and `cim.CreateCIMObjectFromClassName(
"CIMRGBColor", "V3")` both work. A member that a definition leaves out reads as `None`, because
ArcGIS Pro leaves out what has its default value. Not supported: defaults of new objects, and
conversion between the V2 and V3 spelling of the few members that differ.

https://pro.arcgis.com/en/pro-app/latest/arcpy/mapping/python-cim-access.htm

Examples:
    >>> from geosharing import cim
    >>> color = cim.CIMRGBColor()
    >>> color.values = [255, 0, 0, 100]
    >>> cim.GetJSONForCIMObject(color, "V3")
    '{"type": "CIMRGBColor", "values": [255, 0, 0, 100]}'
"""

from __future__ import annotations

import json
from typing import Any

from geosharing.exceptions import InvalidInputError

__all__ = [
    "CIMObject",
    "CreateCIMObjectFromClassName",
    "GetCIMObjectFromJSON",
    "GetJSONForCIMObject",
    "from_value",
    "to_value",
]

VERSIONS = ("V2", "V3")


class CIMObject:
    """One object of the Cartographic Information Model."""

    def __init__(self, **members: Any) -> None:
        for name, value in members.items():
            setattr(self, name, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        # Members are spelled `uRI`, and scripts write `URI`.
        folded = name.lower()
        for key, value in self.__dict__.items():
            if key.lower() == folded:
                return value
        return None

    def __setattr__(self, name: str, value: Any) -> None:
        folded = name.lower()
        for key in self.__dict__:
            if key.lower() == folded:
                name = key
                break
        self.__dict__[name] = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CIMObject) and to_value(self) == to_value(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        name = self.__dict__.get("name")
        return f"<{type(self).__name__}{f' {name!r}' if name else ''}>"


class Plain(CIMObject):
    """An object without a CIM class, such as an extent or a spatial reference."""

    def __getitem__(self, name: str) -> Any:
        return self.__dict__[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self.__dict__[name] = value

    def __contains__(self, name: object) -> bool:
        return name in self.__dict__


_classes: dict[str, type[CIMObject]] = {}


def _class(name: str) -> type[CIMObject]:
    if name not in _classes:
        _classes[name] = type(name, (CIMObject,), {"__module__": __name__})
    return _classes[name]


def __getattr__(name: str) -> Any:
    if name.startswith("CIM") or name in ("PropertySet", "TimeInstant", "TimeExtent"):
        return _class(name)
    raise AttributeError(f"geosharing.cim has no `{name}`")


def from_value(value: Any) -> Any:
    """Return CIM objects for dictionaries that name their type, and everything else as it is."""
    if isinstance(value, list):
        return [from_value(item) for item in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("type")
    if not isinstance(kind, str) or not kind.startswith(("CIM", "PropertySet", "Time")):
        plain = Plain()
        plain.__dict__.update((key, from_value(item)) for key, item in value.items())
        return plain
    out = _class(kind)()
    out.__dict__.update((key, from_value(item)) for key, item in value.items() if key != "type")
    return out


def to_value(value: Any) -> Any:
    """Return plain dictionaries and lists for CIM objects; members that are `None` are left out."""
    if isinstance(value, CIMObject):
        out: dict[str, Any] = {} if isinstance(value, Plain) else {"type": type(value).__name__}
        out.update((key, to_value(item)) for key, item in value.__dict__.items() if item is not None)
        return out
    if isinstance(value, dict):
        return {key: to_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_value(item) for item in value]
    return value


def check_version(cim_version: str) -> None:
    """Raise unless the version is one that arcpy knows."""
    if str(cim_version).upper() not in VERSIONS:
        raise InvalidInputError(f"`{cim_version}` is no CIM version; use 'V3' or 'V2'")


def CreateCIMObjectFromClassName(class_name: str, cim_version: str) -> CIMObject:
    """Return a new object of a CIM class, without members.

    Args:
        class_name: Name of the class, `CIMSolidFill`.
        cim_version: `V2` or `V3`.

    Raises:
        InvalidInputError: If the name is no CIM class name or the version is unknown.
    """
    check_version(cim_version)
    if not class_name.startswith("CIM") or not class_name.isalnum():
        raise InvalidInputError(f"`{class_name}` is no CIM class; its name begins with CIM")
    return _class(class_name)()


def GetJSONForCIMObject(cim_object: CIMObject, cim_version: str) -> str:
    """Return a CIM object as JSON text.

    Args:
        cim_object: An object of a CIM class.
        cim_version: `V2` or `V3`.
    """
    check_version(cim_version)
    return json.dumps(to_value(cim_object))


def GetCIMObjectFromJSON(json_string: str, cim_version: str = "V3") -> CIMObject:
    """Return the CIM object that JSON text describes.

    Raises:
        InvalidInputError: If the text is no JSON of a CIM object.
    """
    check_version(cim_version)
    try:
        value = from_value(json.loads(json_string))
    except ValueError as error:
        raise InvalidInputError(f"the text is no JSON: {error}") from error
    if not isinstance(value, CIMObject) or isinstance(value, Plain):
        raise InvalidInputError("the JSON has no `type` that names a CIM class")
    return value
