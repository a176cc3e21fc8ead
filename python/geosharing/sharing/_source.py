"""What a draft shares: the map, its layers and tables, and what they say about themselves."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from ..analyze import Report, analyze_map, draft_findings
from ..analyze._map import run
from ..exceptions import InvalidInputError, SharingError
from . import _facts
from ._facts import text as _text

__all__ = ["Shared", "Source"]

SHAREABLE = {"CIMFeatureLayer", "CIMAnnotationLayer", "CIMDimensionLayer", "CIMSubtypeGroupLayer"}
# What maps draw and feature layers cannot hold.
DRAWN = {"CIMRasterLayer", "CIMMosaicLayer"}


class Source:
    """What a draft shares."""

    def describe(self, path: str | None = None) -> dict[str, Any]:
        """Return the facts that the draft is made of, in the form of the core's `MapSource`.

        Args:
            path: where the draft goes; its folder is in the draft.
        """
        raise NotImplementedError

    def analyze(self, draft: Any) -> Report:
        """Return what the analyzers say of the draft that the core makes of it."""
        return run(None, {"draft": draft.text(), "desktop": "pro"}, str(self))

    def resolve(self, long_name: str) -> Any:
        """Return the layer or table of a long name; None when there is none."""
        return None

    def snapshot(self, source: dict[str, Any], path: str) -> dict[str, Any]:
        """Return the facts with a document that is on disk."""
        return source


class Shared(Source):
    """A map and the part of it that is shared.

    Args:
        map: the map.
        chosen: a layer or table, their name, or a list of these; all of the map when None or empty.
        drawn: whether the service draws the map, so that its whole extent matters.
    """

    def __init__(self, map: Any, chosen: Any = None, *, drawn: bool = False) -> None:
        self.map = map
        self.drawn = drawn
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

    def analyze(self, draft: Any) -> Report:
        """Return what the analyzers say of the map and of the draft's settings."""
        values = dict(draft.all())
        product = {"VECTOR_TILE": "vector_tile", "SCENE_LAYER": "scene"}.get(values["serviceType"])
        if product is not None:
            return analyze_map(
                self.map,
                product,
                layers_and_tables=self.chosen or (),
                whole=not self.chosen,
                resolve=self.resolve,
            )
        check = bool(values.get("checkUniqueIDAssignment", False))
        return draft_findings(draft.text(), self, check_unique_ids=check, server=_facts.registered(values))

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
            **_facts.surroundings(path),
            "document": os.path.abspath(self.map._native.path),
            "cim_path": _text(getattr(self.map, "URI", "")),
            "map_name": self.map.name,
            "spatial_reference": _facts.reference(definition.get("spatialReference")),
            "extent": self._extent(definition),
            "unique_ids": bool(definition.get("useServiceLayerIDs", False)),
            "subset": self.chosen is not None,
            "members": [*map(_layer, self._layers()), *map(_table, self._tables())],
            "text": _words(single if single is not None else self.map, self.map),
        }

    def _extent(self, definition: dict[str, Any]) -> dict[str, float] | None:
        """The extent that the author set, else that of the data, else that of the first view."""
        wanted = definition.get("spatialReference")
        own = _placed(definition.get("customFullExtent"), wanted)
        if own is None and self.drawn:
            own = _data_extent(self._layers(), wanted)
        return own or _placed(definition.get("defaultExtent"), wanted)

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
    elif type_name in DRAWN and not _is(layer, "isWebLayer"):
        kind = "raster"
    else:
        kind = "other"
    return _member(layer, kind, type_name)


def _table(table: Any) -> dict[str, Any]:
    return _member(table, "table", "CIMStandaloneTable")


def _words(thing: Any, map: Any) -> dict[str, str]:
    said = _facts.words(thing.metadata)
    if not said["description"] and thing is map:
        said["description"] = _text(_definition(map).get("description"))
    return said


def _box(found: dict[str, Any] | None) -> dict[str, float] | None:
    """An envelope of CIM, also one that is spelled as a polygon."""
    if not found:
        return None
    sides = ("xmin", "ymin", "xmax", "ymax")
    try:
        if "rings" in found:
            points = [(float(point[0]), float(point[1])) for ring in found["rings"] for point in ring]
            return _around(points)
        return {side: float(found[side]) for side in sides}
    except (IndexError, KeyError, TypeError, ValueError):
        return None


def _around(points: list[tuple[float, float]]) -> dict[str, float] | None:
    if not points:
        return None
    xs, ys = zip(*points, strict=True)
    return {"xmin": min(xs), "ymin": min(ys), "xmax": max(xs), "ymax": max(ys)}


def _placed(found: dict[str, Any] | None, wanted: dict[str, Any] | None) -> dict[str, float] | None:
    """An envelope of CIM in the map's spatial reference, which may have changed since."""
    box = _box(found)
    if box is None:
        return None
    own, other = _wkid((found or {}).get("spatialReference")), _wkid(wanted)
    return _around(_projected(box, own, other)) if own and other and own != other else box


def _wkid(reference: dict[str, Any] | None) -> int | None:
    return (reference or {}).get("latestWkid") or (reference or {}).get("wkid")


def _data_extent(layers: Iterable[Any], reference: dict[str, Any] | None) -> dict[str, float] | None:
    """The extent of all layers in the map's spatial reference; None when no layer can be read."""
    wanted = _wkid(reference)
    corners: list[tuple[float, float]] = []
    for path in dict.fromkeys(_data_source(layer) for layer in layers if not _is(layer, "isBroken")):
        if not path or "://" in path:
            continue
        about = _described(path)
        box = _box(about.get("extent"))
        if box is None:
            continue
        found = _wkid(about.get("spatialReference"))
        both = [(box["xmin"], box["ymin"]), (box["xmax"], box["ymax"])]
        if wanted and found and found != wanted:
            both = _projected(box, found, wanted)
        corners += both
    return _around(corners)


def _described(path: str) -> dict[str, Any]:
    from .. import data

    for describe in (data.describe, data.describe_raster):
        try:
            return describe(path)
        except (SharingError, OSError):
            # A layer that cannot be read is the analyzers' business; the others still have an extent.
            continue
    return {}


def _projected(box: dict[str, float], found: int, wanted: int) -> list[tuple[float, float]]:
    from pyproj import Transformer
    from pyproj.exceptions import ProjError

    try:
        transformer = Transformer.from_crs(found, wanted, always_xy=True)
        west, south, east, north = transformer.transform_bounds(
            box["xmin"], box["ymin"], box["xmax"], box["ymax"], errcheck=True
        )
    except ProjError:
        return []
    return [(west, south), (east, north)]
