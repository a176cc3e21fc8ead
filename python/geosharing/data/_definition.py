"""What a file geodatabase says of a class beyond fields and types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree


@dataclass
class Definition:
    """The parts of `DEFeatureClassInfo` and `DETableInfo` that publishing needs."""

    alias: str | None = None
    shape_type: str | None = None
    global_id: str | None = None
    reference: dict[str, Any] | None = None
    fields: dict[str, dict[str, Any]] = field(default_factory=dict)
    subtypes: dict[str, Any] | None = None


def parse(xml: str) -> Definition:
    """Read the XML of the statement `GetLayerDefinition`; an unreadable one says nothing."""
    try:
        root = ElementTree.fromstring(xml)
    except ElementTree.ParseError:
        return Definition()
    definition = Definition(
        alias=_text(root, "AliasName"),
        shape_type=_text(root, "ShapeType"),
        global_id=_text(root, "GlobalIDFieldName"),
        reference=_reference(_child(root, "SpatialReference")),
        subtypes=_subtypes(root),
    )
    for info in _children(_child(root, "GPFieldInfoExs")):
        name = _text(info, "Name")
        if name:
            definition.fields[name] = {
                "type": _text(info, "FieldType"),
                "alias": _text(info, "AliasName"),
                "length": int(_text(info, "Length") or 0),
                "nullable": _text(info, "IsNullable") != "false",
                "required": _text(info, "Required") == "true",
                "editable": _text(info, "Editable") != "false",
            }
    return definition


def _subtypes(root: ElementTree.Element) -> dict[str, Any] | None:
    name = _text(root, "SubtypeFieldName")
    if not name:
        return None
    entries = []
    for subtype in _children(_child(root, "Subtypes")):
        defaults, domains = {}, {}
        for info in _children(_child(subtype, "FieldInfos")):
            column = _text(info, "FieldName")
            if column is None:
                continue
            if (value := _text(info, "DefaultValue")) is not None:
                defaults[column] = value
            if (domain := _text(info, "DomainName")) is not None:
                domains[column] = domain
        entries.append(
            {
                "code": int(_text(subtype, "SubtypeCode") or 0),
                "name": _text(subtype, "SubtypeName") or "",
                "defaults": defaults,
                "domains": domains,
            }
        )
    default = _text(root, "DefaultSubtypeCode")
    return {"field": name, "default": int(default) if default else None, "entries": entries}


def _reference(node: ElementTree.Element | None) -> dict[str, Any] | None:
    if node is None:
        return None
    wkid, latest = _text(node, "WKID"), _text(node, "LatestWKID")
    if not (wkid or latest):
        return None
    return {"wkid": int(wkid or latest or 0), "latestWkid": int(latest or wkid or 0)}


def _tag(node: ElementTree.Element) -> str:
    return node.tag.rpartition("}")[2]


def _children(node: ElementTree.Element | None) -> Iterator[ElementTree.Element]:
    return iter(()) if node is None else iter(node)


def _child(node: ElementTree.Element, tag: str) -> ElementTree.Element | None:
    return next((child for child in node if _tag(child) == tag), None)


def _text(node: ElementTree.Element, tag: str) -> str | None:
    child = _child(node, tag)
    return child.text.strip() if child is not None and child.text and child.text.strip() else None
