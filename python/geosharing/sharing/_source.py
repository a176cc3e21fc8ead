"""What a draft shares: the map, its layers and tables, and what they say about themselves."""

from __future__ import annotations

import functools
import os
import platform
from typing import Any

from .. import _portal
from ..exceptions import InvalidInputError, SharingError

__all__ = ["Shared"]

SHAREABLE = {"CIMFeatureLayer", "CIMAnnotationLayer", "CIMDimensionLayer", "CIMSubtypeGroupLayer"}


class Shared:
    """A map and the part of it that is shared.

    Args:
        map: the map.
        chosen: a layer or table, their name, or a list of these; all of the map when None or empty.
    """

    def __init__(self, map: Any, chosen: Any = None) -> None:
        self.map = map
        if chosen is None or chosen == "" or chosen == "#":
            self.chosen: list[Any] | None = None
        elif isinstance(chosen, str) or not hasattr(chosen, "__iter__"):
            self.chosen = self._members([chosen])
        else:
            self.chosen = self._members(list(chosen)) or None

    def __str__(self) -> str:
        count = len(self._layers()) + len(self._tables())
        return f"map {self.map.name!r}, {count} layer{'' if count == 1 else 's'}"

    def _members(self, chosen: list[Any]) -> list[Any]:
        found: list[Any] = []
        for thing in chosen:
            if hasattr(thing, "URI") or hasattr(thing, "longName"):
                found.append(thing)
                continue
            known = [*self.map.listLayers(), *self.map.listTables()]
            same = [entry for entry in known if str(thing) in (entry.name, entry.longName)]
            if not same:
                raise InvalidInputError(
                    f"map `{self.map.name}` has no layer or table `{thing}`: pass members of listLayers() or "
                    "listTables()"
                )
            found.extend(same)
        return found

    def _layers(self) -> list[Any]:
        if self.chosen is None:
            return list(self.map.listLayers())
        layers: list[Any] = []
        for layer in self.chosen:
            if _is_table(layer):
                continue
            inside = list(layer.listLayers()) if _is(layer, "isGroupLayer") else []
            layers += [entry for entry in (layer, *inside) if entry not in layers]
        return layers

    def _tables(self) -> list[Any]:
        if self.chosen is None:
            return list(self.map.listTables())
        return [table for table in self.chosen if _is_table(table)]

    def resolve(self, long_name: str) -> Any:
        """Return the layer or table of a long name; None when it is gone."""
        every = [*self._layers(), *self._tables()]
        return next((entry for entry in every if _long_name(entry) == long_name), None)

    def describe(self, path: str | None = None) -> dict[str, Any]:
        """Return the facts that the draft is made of, in the form of the core's `MapSource`.

        Args:
            path: where the draft goes; its folder is in the draft.
        """
        definition = _definition(self.map)
        single = self.chosen[0] if self.chosen and len(self.chosen) == 1 else None
        return {
            "document": os.path.abspath(self.map._native.path),
            "folder": os.path.dirname(os.path.abspath(path)) if path else "",
            "cim_path": _text(getattr(self.map, "URI", "")),
            "map_name": self.map.name,
            "spatial_reference": _reference(definition),
            "extent": _extent(definition),
            "unique_ids": bool(definition.get("useServiceLayerIDs", False)),
            "members": [*map(_layer, self._layers()), *map(_table, self._tables())],
            "text": _words(single if single is not None else self.map, self.map),
            "portal": _signed_in(),
            "machine": platform.node().upper(),
        }

    def snapshot(self, source: dict[str, Any], path: str) -> dict[str, Any]:
        """Return the facts with a document that is on disk.

        The draft names the project by its path, so one with unsaved changes is copied beside the draft.
        """
        document = self.map._native
        if not document.is_dirty:
            return source
        stem = os.path.splitext(os.path.abspath(path))[0]
        copy = f"{stem}.snapshot{os.path.splitext(document.path)[1]}"
        document.save_copy(copy)
        return {**source, "document": copy}


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _is(layer: Any, name: str) -> bool:
    return bool(getattr(layer, name, False))


def _is_table(thing: Any) -> bool:
    return type(thing).__name__ == "Table"


def _long_name(thing: Any) -> str:
    return str(getattr(thing, "longName", "") or thing.name)


def _definition(thing: Any) -> dict[str, Any]:
    definition: dict[str, Any] = thing._native.document(thing.URI)
    return definition


def _data_source(thing: Any) -> str:
    # Groups have none, and say so by raising.
    return _text(getattr(thing, "dataSource", ""))


def _member(thing: Any, kind: str, type_name: str) -> dict[str, Any]:
    return {
        "uri": str(thing.URI),
        "long_name": _long_name(thing),
        "kind": kind,
        "type_name": type_name,
        "broken": _is(thing, "isBroken"),
        "data_source": _data_source(thing),
    }


def _layer(layer: Any) -> dict[str, Any]:
    type_name = str(layer._native.get(layer.URI, "/type") or "")
    if _is(layer, "isGroupLayer"):
        kind = "group"
    elif type_name in SHAREABLE and not (_is(layer, "isWebLayer") or _is(layer, "isBasemapLayer")):
        kind = "feature"
    else:
        kind = "other"
    return _member(layer, kind, type_name)


def _table(table: Any) -> dict[str, Any]:
    return _member(table, "table", "CIMStandaloneTable")


def _words(thing: Any, map: Any) -> dict[str, str]:
    metadata = thing.metadata

    def word(name: str) -> str:
        return _text(getattr(metadata, name, None))

    description = word("description")
    if not description and thing is map:
        description = _text(_definition(map).get("description"))
    return {
        "summary": word("summary"),
        "tags": word("tags"),
        "description": description,
        "credits": word("credits"),
        "use_limitations": word("accessConstraints"),
        "xml": word("xml"),
    }


def _signed_in() -> dict[str, Any] | None:
    portal = _portal.active()
    if portal is None:
        return None
    try:
        about = portal.properties()
    except SharingError:
        # The name and the address are enough for a draft; the upload will say what is wrong.
        about = {}
    return {
        "url": portal.url,
        "user": portal.username or "",
        "version": _text(about.get("currentVersion", "")),
        "is_portal": bool(about.get("isPortal", False)),
    }


@functools.lru_cache(maxsize=64)
def _wkt(wkid: int) -> str:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    for authority in ("EPSG", "ESRI"):
        try:
            return str(CRS.from_authority(authority, wkid).to_wkt("WKT1_ESRI"))
        except CRSError:
            continue
    return ""


NUMBERS = ("falseX", "falseY", "xyUnits", "falseZ", "zUnits", "falseM", "mUnits")
TOLERANCES = ("xyTolerance", "zTolerance", "mTolerance")


def _reference(definition: dict[str, Any]) -> dict[str, Any] | None:
    found = definition.get("spatialReference")
    if not found:
        return None
    wkid = int(found.get("wkid") or 0)
    latest = int(found.get("latestWkid") or wkid)
    reference: dict[str, Any] = {"wkid": wkid, "latestWkid": latest}
    reference["wkt"] = _text(found.get("wkt")) or _wkt(latest or wkid)
    reference |= {key: float(found[key]) for key in (*NUMBERS, *TOLERANCES) if found.get(key) is not None}
    return reference


def _extent(definition: dict[str, Any]) -> dict[str, float] | None:
    found = definition.get("customFullExtent") or definition.get("defaultExtent")
    sides = ("xmin", "ymin", "xmax", "ymax")
    try:
        return {side: float(found[side]) for side in sides} if found else None
    except (KeyError, TypeError, ValueError):
        return None
