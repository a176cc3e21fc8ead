"""Maps and what a draft makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .. import _native
from ..gp.findings import Analysis
from ._data import data_facts
from ._report import NotChecked, Report

__all__ = ["analyze_map", "draft_findings", "run"]

PRODUCTS = {
    "feature": "web feature layer",
    "tile": "web tile layer",
    "vector_tile": "vector tile layer",
    "map_image": "map image layer",
    "map_service": "map service",
    "scene": "web scene layer",
    "image": "image service",
    "geocode": "geocode service",
    "geoprocessing": "geoprocessing service",
    "web_map": "web map",
    "package": "package",
    "other": "service",
}
"""What an input can be analyzed for: the word of the command line, and what reports call it."""


def run(
    native: Any,
    request: Mapping[str, Any],
    subject: str,
    resolve: Callable[[str], Any] | None = None,
) -> Report:
    """Run the rules and return the report; `request` has the keys of the core's `Request`."""
    asked = dict(request)
    if native is None and asked.get("draft") and asked.get("gp") is None:
        asked |= data_facts(asked["draft"])
    found = _native.analyze(native, asked)
    gaps = [
        NotChecked(gap["code"], gap["title"], gap["reason"], tuple(gap["objects"]))
        for gap in found["not_checked"]
    ]
    return Report(subject, Analysis(found["findings"], resolve), gaps)


def analyze_map(
    map: Any,
    product: str = "feature",
    *,
    layers_and_tables: Iterable[Any] = (),
    whole: bool = False,
    draft: str | None = None,
    arcmap: bool = False,
    check_unique_ids: bool | None = None,
    server: Mapping[str, Any] | None = None,
    resolve: Callable[[str], Any] | None = None,
) -> Report:
    """Analyze a map of a project, in the state that it has now.

    Args:
        map: a `geosharing.mp.Map`.
        product: what it is to become: a key of `PRODUCTS`; without meaning when a draft is given.
        layers_and_tables: what is shared; what the draft lists, or all of the map, when empty.
        whole: look at all of the map, whatever a draft lists.
        draft: the text of a draft, whose settings then count.
        arcmap: let the analyzers speak that only ArcMap had, such as slow labels and symbols.
        check_unique_ids: whether the map must assign ids to its layers.
        server: what is known of the server: `url`, `data_items`, `roles`.
        resolve: finds the layer of a long name; the map's own by default.

    Raises:
        SharingError: the map or the draft cannot be read.
    """
    chosen = [str(thing.URI) for thing in layers_and_tables]
    request: dict[str, Any] = {
        "map_uri": str(map.URI or ""),
        "chosen": chosen if chosen or whole else None,
        "desktop": "arc_map" if arcmap else "pro",
        "check_unique_ids": check_unique_ids,
        "server": dict(server) if server else None,
    }
    if draft is None:
        request["product"] = product
        title = PRODUCTS[product]
    else:
        request["draft"] = draft
        title = PRODUCTS[_native.draft_product(draft)]
    return run(map._native, request, f"Map {map.name!r} as a {title}", resolve or _members(map))


def draft_findings(
    draft: str,
    shared: Any,
    *,
    arcmap: bool = False,
    check_unique_ids: bool | None = None,
    server: Mapping[str, Any] | None = None,
) -> Report:
    """Analyze what a draft shares; `shared` is a `geosharing.sharing._source.Shared`."""
    return analyze_map(
        shared.map,
        layers_and_tables=shared.chosen or (),
        whole=not shared.chosen,
        draft=draft,
        arcmap=arcmap,
        check_unique_ids=check_unique_ids,
        server=server,
        resolve=shared.resolve,
    )


def _members(map: Any) -> Callable[[str], Any]:
    known: dict[str, Any] = {}

    def find(long_name: str) -> Any:
        if not known:
            for thing in (*map.listLayers(), *map.listTables()):
                known.setdefault(str(getattr(thing, "longName", "") or thing.name), thing)
        return known.get(long_name)

    return find
