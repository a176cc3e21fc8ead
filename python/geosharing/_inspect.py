"""Showing documents as trees, and comparing two of them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from typing import Any

from . import _native
from .exceptions import InvalidInputError

__all__ = ["differences", "outline"]

PROJECTS = (".aprx", ".ppkx")
LAYER_FILES = (".lyrx",)
ARCHIVES = (".sd",)


def outline(path: str, *, depth: int = 6) -> Iterator[str]:
    """Yield the lines that show a project, layer file, draft or service definition.

    Args:
        path: `.aprx`, `.lyrx`, `.sddraft` or `.sd`.
        depth: how many levels are shown.
    """
    kind = _kind(path)
    if kind in PROJECTS:
        lines = _project(path)
    elif kind in LAYER_FILES:
        lines = _layer_file(path)
    elif kind in ARCHIVES:
        lines = _definition(path)
    else:
        lines = iter(_native.sddraft_tree(path).splitlines())
    for line in lines:
        if (len(line) - len(line.lstrip(" "))) // 2 < depth:
            yield line


def differences(left: str, right: str) -> Iterator[str]:
    """Yield one line for each property in which two drafts or service definitions differ."""
    yield from _archive_differences(left, right)
    with tempfile.TemporaryDirectory(prefix="geosharing-diff-") as folder:
        before, after = (
            _draft(path, os.path.join(folder, name)) for path, name in ((left, "a"), (right, "b"))
        )
        for change in _native.sddraft_diff(before, after):
            place, named, old, new = _change(change)
            label = f"{place} ({named})" if named else place
            yield f"{label}: {_value(old)} -> {_value(new)}"


def _change(change: Any) -> tuple[str, str | None, str | None, str | None]:
    if isinstance(change, dict):
        return change["path"], change.get("property"), change.get("before"), change.get("after")
    path, named, before, after = change
    return path, named, before, after


def _value(text: str | None) -> str:
    return "absent" if text is None else repr(text)


def _kind(path: str) -> str:
    if not os.path.isfile(path):
        raise FileNotFoundError(f"there is no file `{path}`")
    kind = os.path.splitext(path)[1].lower()
    if kind not in (*PROJECTS, *LAYER_FILES, *ARCHIVES, ".sddraft", ".xml"):
        raise InvalidInputError(f"`{path}` is none of .aprx, .lyrx, .sddraft, .sd")
    return kind


def _draft(path: str, copy: str) -> str:
    """Return a path at which the draft, or the manifest of an archive, can be read."""
    if _kind(path) not in ARCHIVES:
        return path
    manifest, _ = _native.read_service_definition(path)
    with open(copy, "w", encoding="utf-8") as file:
        file.write(manifest)
    return copy


def _archive_differences(left: str, right: str) -> Iterator[str]:
    if _kind(left) in ARCHIVES and _kind(right) in ARCHIVES:
        before, after = dict(_native.archive_list(left)), dict(_native.archive_list(right))
        for name in sorted(before.keys() | after.keys()):
            old, new = before.get(name), after.get(name)
            if old != new:
                yield f"{name}: {_size(old)} -> {_size(new)}"


def _size(size: int | None) -> str:
    return "absent" if size is None else f"{size} bytes"


def _project(path: str) -> Iterator[str]:
    from . import mp

    project = mp.ArcGISProject(path)
    yield f"{os.path.basename(path)} (project)"
    for view in project.listMaps():
        reference = view.spatialReference
        yield f"  {view.name} ({view.mapType.lower()}{', ' + reference.name if reference else ''})"
        yield from _contents(view, 2)


def _layer_file(path: str) -> Iterator[str]:
    from . import mp

    yield f"{os.path.basename(path)} (layer file)"
    yield from _contents(mp.LayerFile(path), 1)


def _contents(holder: Any, level: int) -> Iterator[str]:
    for layer in holder.listLayers():
        inner = level + str(layer.longName).count("\\")
        source = "" if layer.isGroupLayer else f": {_source(layer)}"
        state = " (broken)" if layer.isBroken else ""
        yield f"{'  ' * inner}{layer.name}{source}{state}"
    for table in holder.listTables():
        yield f"{'  ' * level}{table.name} (table): {_source(table)}"


def _source(thing: Any) -> str:
    try:
        return str(thing.dataSource)
    except (AttributeError, NotImplementedError):
        return "no data source"


def _definition(path: str) -> Iterator[str]:
    yield f"{os.path.basename(path)} (service definition)"
    for name, size in _native.archive_list(path):
        yield f"  {name} ({size} bytes)"
    with tempfile.TemporaryDirectory(prefix="geosharing-inspect-") as folder:
        for line in _native.sddraft_tree(_draft(path, os.path.join(folder, "manifest"))).splitlines():
            yield "  " + line
