"""Replacing a live feature service without losing what was set on it since it was published."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from . import _native
from ._definition import read_manifest
from ._display import table
from .admin import AdminClient
from .client import Portal, Published
from .exceptions import ExistsError, InvalidInputError, MissingError

__all__ = ["PRESERVABLE", "Change", "OverwritePlan", "overwrite"]

PRESERVABLE = ("capabilities", "editing", "layer_ids", "popups", "sharing")
EDITING = ("Create", "Delete", "Update", "Editing", "Uploads", "Sync")
DESCRIPTION = "servicedescriptions/featureserver/featureserver.json"
ITEM_DATA = "servicedescriptions/featureserver/featureserveritemdata.json"
MAX_PART = 64 << 20


@dataclass(frozen=True)
class Change:
    """One difference between a live service and the definition that replaces it."""

    part: str
    """`capabilities`, `editing`, `layer_ids`, `popups`, `sharing` or `layers`."""
    name: str
    """What differs, such as the name of a layer."""
    live: Any
    """Its value now."""
    new: Any
    """Its value in the definition."""
    kept: bool
    """Whether the live value stays."""

    def __str__(self) -> str:
        return f"{self.part} {self.name}: {self.live} -> {self.live if self.kept else self.new}" + (
            f" (kept; the definition says {self.new})" if self.kept else ""
        )


@dataclass(frozen=True)
class OverwritePlan:
    """What replacing a live service changes."""

    url: str
    """Address of the live service."""
    item_id: str
    """Its item."""
    changes: tuple[Change, ...]
    """The differences, in the order of their parts."""
    published: Published | None = None
    """What became of it; None after a dry run."""
    _keep: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        lines = [f"overwrite {self.url}"]
        lines += [f"  {change}" for change in self.changes] or ["  nothing but the data changes"]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = ((c.part, c.name, c.live, c.new, "live" if c.kept else "new") for c in self.changes)
        return table(f"Overwrite {self.url}", ("Part", "Name", "Live", "New", "Result"), rows)


def overwrite(
    portal: Portal,
    definition: str | os.PathLike[str],
    service_name: str | None = None,
    *,
    preserve: Iterable[str] = (),
    dry_run: bool = False,
    tell: Callable[[str], None] | None = None,
    **options: Any,
) -> OverwritePlan:
    """Replace a hosted feature service by a service definition, and keep what is named.

    The live service is read first, and the differences are told. ArcGIS Pro does not read it: there,
    whatever the draft does not set returns to its default.

    Args:
        portal: the signed-in portal.
        definition: path of the `.sd` file.
        service_name: name of the service; that of the definition when left out.
        preserve: what stays as it is: `sharing`, `capabilities`, `editing` (the editing part of the
            capabilities), `popups`, `layer_ids` (refuses a definition that would change them).
        dry_run: True uploads nothing.
        tell: gets the differences as text before anything is sent.
        **options: as for `Portal.publish`.

    Returns:
        The plan; with `published` unless it was a dry run.

    Raises:
        InvalidInputError: a word of `preserve` is unknown.
        MissingError: there is no such service to replace.
        ExistsError: `layer_ids` cannot be kept.
    """
    wanted = _words(preserve)
    path = os.fspath(definition)
    manifest = read_manifest(path)
    name = service_name or manifest.service_name
    plan = _plan(portal, path, name, wanted, _new_sharing(manifest, options))
    if tell is not None:
        tell(str(plan))
    moved = [change for change in plan.changes if change.part == "layer_ids" and change.kept]
    if moved:
        layers = ", ".join(f"{change.name} ({change.live} -> {change.new})" for change in moved)
        raise ExistsError(
            f"replacing `{name}` would change the ids of layers: {layers}; set unique ids in the map and stage "
            "again, or leave `layer_ids` out of preserve"
        )
    if dry_run:
        return plan
    if "sharing" in wanted:
        # Sharing that is not sent stays as the portal has it.
        options |= {"everyone": None, "organization": None, "groups": None}
    published = portal.publish(path, name, **(options | {"overwrite": True}))
    _restore(portal, plan, published)
    return OverwritePlan(plan.url, plan.item_id, plan.changes, published, plan._keep)


def _words(preserve: Iterable[str]) -> set[str]:
    listed = [preserve] if isinstance(preserve, str) else list(preserve)
    aliases = {"popup": "popups", "pop_ups": "popups", "layer_id": "layer_ids"}
    words = {str(word).strip().lower().replace("-", "_").replace(" ", "_") for word in listed}
    words = {aliases.get(word, word) for word in words}
    unknown = sorted(words - set(PRESERVABLE))
    if unknown:
        raise InvalidInputError(f"`{unknown[0]}` cannot be preserved; what can be: {', '.join(PRESERVABLE)}")
    return words


def _plan(
    portal: Portal, path: str, name: str, wanted: set[str], sharing: tuple[str, tuple[str, ...]]
) -> OverwritePlan:
    item = _live_item(portal, name)
    url = str(item["url"]).rstrip("/")
    root, inner = _split(url)
    live = AdminClient(root, portal=portal).call(inner)
    described = _described(path)
    changes: list[Change] = []
    keep: dict[str, Any] = {}
    old, new = str(live.get("capabilities") or ""), _capabilities(described)
    if new is not None and _sorted(old) != _sorted(new):
        after = _kept_capabilities(old, new, wanted)
        is_editing = bool(_sorted(old, only=EDITING) != _sorted(new, only=EDITING))
        part = "editing" if is_editing else "capabilities"
        kept = _sorted(after) == _sorted(old) or part in wanted
        changes.append(Change(part, "capabilities", old, new, kept))
        if _sorted(after) != _sorted(new):
            keep["capabilities"] = after
    changes += _layers(live, described, wanted)
    changes += _popups(portal, item, path, wanted, keep)
    access = (str(item.get("access") or "private"), tuple(sorted(_groups(portal, item))))
    if access != sharing:
        shown = [_sharing_text(*one) for one in (access, sharing)]
        changes.append(Change("sharing", "item", shown[0], shown[1], "sharing" in wanted))
    return OverwritePlan(url, str(item["id"]), tuple(changes), None, keep)


def _live_item(portal: Portal, name: str) -> dict[str, Any]:
    plain = name.replace('"', " ")
    query = f'owner:"{portal.username}" AND type:"Feature Service"'
    for found in portal.search(f'{query} AND title:"{plain}"') + portal.search(query, 1000):
        parts = urlsplit(str(found.get("url") or "")).path.rstrip("/").split("/")
        if len(parts) > 2 and parts[-1] == "FeatureServer" and parts[-2].lower() == name.lower():
            return portal.item(str(found["id"]))
    raise MissingError(
        f"`{portal.username}` has no feature service `{name}` at {portal.url} to replace; publish it first"
    )


def _split(url: str) -> tuple[str, str]:
    root, _, inner = url.partition("/rest/services/")
    return root, f"rest/services/{inner}"


def _described(path: str) -> dict[str, Any]:
    listed = {name for name, _ in _native.archive_list(path)}
    if DESCRIPTION not in listed:
        raise InvalidInputError(f"`{path}` describes no feature service; only feature services are compared")
    found = json.loads(_native.archive_read(path, DESCRIPTION, MAX_PART).decode("utf-8-sig"))
    return found if isinstance(found, dict) else {}


def _contents(described: Mapping[str, Any]) -> Mapping[str, Any]:
    contents = described.get("contents")
    return contents if isinstance(contents, dict) else described


def _capabilities(described: Mapping[str, Any]) -> str | None:
    found = _contents(described).get("capabilities")
    return found if isinstance(found, str) else None


def _sorted(text: str, only: Iterable[str] | None = None) -> list[str]:
    words = {word.strip() for word in text.split(",") if word.strip()}
    return sorted(words if only is None else words & set(only))


def _kept_capabilities(live: str, new: str, wanted: set[str]) -> str:
    if "capabilities" in wanted:
        return live
    if "editing" not in wanted:
        return new
    words = [word for word in _sorted(new) if word not in EDITING]
    return ",".join([*words, *_sorted(live, only=EDITING)])


def _all_layers(service: Mapping[str, Any]) -> dict[str, int]:
    contents = _contents(service)
    listed = [*(contents.get("layers") or []), *(contents.get("tables") or [])]
    return {str(one.get("name")): int(one.get("id", -1)) for one in listed if isinstance(one, dict)}


def _layers(live: Mapping[str, Any], described: Mapping[str, Any], wanted: set[str]) -> list[Change]:
    old, new = _all_layers(live), _all_layers(described)
    if not new:
        return []
    changes = []
    for name in [*old, *(name for name in new if name not in old)]:
        before, after = old.get(name), new.get(name)
        if before is None:
            changes.append(Change("layers", name, "absent", f"id {after}", False))
        elif after is None:
            changes.append(Change("layers", name, f"id {before}", "absent", False))
        elif before != after:
            changes.append(Change("layer_ids", name, before, after, "layer_ids" in wanted))
    return changes


def _popups(
    portal: Portal, item: Mapping[str, Any], path: str, wanted: set[str], keep: dict[str, Any]
) -> list[Change]:
    live = portal.call(f"content/items/{item['id']}/data") if item.get("size", -1) > 0 else {}
    listed = {name for name, _ in _native.archive_list(path)}
    new = json.loads(_native.archive_read(path, ITEM_DATA, MAX_PART)) if ITEM_DATA in listed else {}
    before, after = _popups_of(live), _popups_of(new)
    changes = [
        Change("popups", f"layer {layer}", _short(popup), _short(after.get(layer)), "popups" in wanted)
        for layer, popup in before.items()
        if popup != after.get(layer)
    ]
    if changes and "popups" in wanted:
        keep["popups"] = before
    return changes


def _popups_of(data: Mapping[str, Any]) -> dict[int, Any]:
    listed = [*(data.get("layers") or []), *(data.get("tables") or [])]
    return {int(one["id"]): one["popupInfo"] for one in listed if "id" in one and one.get("popupInfo")}


def _short(popup: Any) -> str:
    if not isinstance(popup, dict):
        return "none"
    fields = popup.get("fieldInfos") or []
    return f"`{popup.get('title') or ''}`, {len(fields)} fields"


def _groups(portal: Portal, item: Mapping[str, Any]) -> list[str]:
    reply = portal.call(f"content/items/{item['id']}/groups")
    shared = [group for kind in ("admin", "member", "other") for group in reply.get(kind) or []]
    return [str(group.get("title") or group.get("id")) for group in shared]


def _new_sharing(manifest: Any, options: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    def value(name: str) -> Any:
        said = options.get(name)
        return getattr(manifest, name) if said is None else said

    access = "public" if value("everyone") else "org" if value("organization") else "private"
    groups = tuple(sorted(value("groups") or ()))
    return ("shared" if access == "private" and groups else access), groups


def _sharing_text(access: str, groups: tuple[str, ...]) -> str:
    return f"{access}, groups {', '.join(groups)}" if groups else access


def _restore(portal: Portal, plan: OverwritePlan, published: Published) -> None:
    """Put back on the new service what is kept and the portal took from the definition."""
    if "capabilities" in plan._keep:
        root, inner = _split(published.url)
        change = json.dumps({"capabilities": plan._keep["capabilities"]})
        server = AdminClient(root, portal=portal)
        path = inner.replace("rest/services/", "rest/admin/services/", 1)
        server.call(f"{path}/updateDefinition", {"updateDefinition": change})
    if "popups" in plan._keep:
        data = portal.call(f"content/items/{published.item_id}/data")
        known = {int(one["id"]): one for one in data.setdefault("layers", []) if "id" in one}
        for layer, popup in plan._keep["popups"].items():
            if layer not in known:
                known[layer] = {"id": layer}
                data["layers"].append(known[layer])
            known[layer]["popupInfo"] = popup
        path = f"content/users/{portal.username}/items/{published.item_id}/update"
        portal.call(path, {"text": json.dumps(data)})
