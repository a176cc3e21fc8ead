"""Pointing layers at other data."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from geosharing import _native
from geosharing.exceptions import InvalidInputError, MissingError

__all__ = ["update", "update_all"]

_TABLES = ("/featureTable/dataConnection", "/dataConnection")


def update_all(native: Any, uris: list[str], current: Any, new: Any, **options: Any) -> bool:
    """Point every listed item at other data; returns whether anything changed."""
    return any(update(native, uri, current, new, **options) for uri in uris)


def update(
    native: Any,
    uri: str,
    current: Any,
    new: Any,
    *,
    joins: bool = True,
    validate: bool = True,
    ignore_case: bool = False,
) -> bool:
    """Point one item at other data; returns whether anything changed."""
    pointer = next((pointer for pointer in _TABLES if native.get(uri, pointer)), None)
    if pointer is None:
        return False
    connection = native.get(uri, pointer)
    folder = Path(native.folder)
    changed = _change(connection, current, new, folder, joins, ignore_case)
    if not changed or (validate and not _exists(connection, folder)):
        return False
    native.set(uri, pointer, connection)
    return True


def _change(
    connection: dict[str, Any], current: Any, new: Any, folder: Path, joins: bool, ignore_case: bool
) -> bool:
    changed = False
    for side in ("sourceTable", "destinationTable"):
        if side in connection and (joins or side == "sourceTable"):
            changed |= _change(connection[side], current, new, folder, joins, ignore_case)
    if "workspaceConnectionString" not in connection:
        return changed
    pairs = _pairs(connection["workspaceConnectionString"])
    if isinstance(new, dict):
        return _change_by_dictionary(connection, pairs, current, new, folder, ignore_case) or changed
    database = pairs.get("DATABASE")
    if database is None or "SERVER" in pairs:
        return changed
    target = _path_change(database, current, new, folder, ignore_case)
    if target is None:
        return changed
    dataset = None
    suffix = Path(target).suffix.lower()
    if suffix in (".shp", ".csv", ".txt", ".tif"):
        target, dataset = os.path.split(target)
    if dataset:
        connection["dataset"] = dataset
    factory = {".gdb": "FileGDB", ".gpkg": "Sql", ".shp": "Shapefile", ".csv": "DelimitedTextFile"}.get(
        suffix
    )
    if factory:
        connection["workspaceFactory"] = factory
    pairs["DATABASE"] = target
    connection["workspaceConnectionString"] = _text(pairs)
    return True


def _path_change(database: str, current: Any, new: Any, folder: Path, ignore_case: bool) -> str | None:
    """Return the new path of a workspace, or `None` if it is not the one to replace."""
    new_text = os.fspath(new)
    if current in (None, ""):
        return new_text
    old_text = os.fspath(current) if not isinstance(current, dict) else _database_of(current)
    if not old_text:
        return new_text
    shown = str(_native.resolve_path(database.replace("\\", os.sep), folder, False))
    for text in (database, shown):
        plain, wanted = (text.lower(), old_text.lower()) if ignore_case else (text, old_text)
        at = plain.find(wanted)
        if at >= 0:
            return text[:at] + new_text + text[at + len(old_text) :]
    full = str(_native.resolve_path(old_text, None, False))
    return new_text if os.path.normpath(full) == os.path.normpath(shown) else None


def _database_of(info: dict[str, Any]) -> str:
    return str((info.get("connection_info") or info).get("database") or "")


def _change_by_dictionary(
    connection: dict[str, Any],
    pairs: dict[str, str],
    current: Any,
    new: dict[str, Any],
    folder: Path,
    ignore_case: bool,
) -> bool:
    known = {"dataset", "workspace_factory", "connection_info", "feature_dataset"}
    if not known & set(new):
        raise InvalidInputError(f"the dictionary has none of {', '.join(sorted(known))}")
    if current not in (None, ""):
        old = _database_of(current) if isinstance(current, dict) else os.fspath(current)
        if old and _path_change(pairs.get("DATABASE", ""), old, old, folder, ignore_case) is None:
            return False
        if isinstance(current, dict) and current.get("dataset") not in (None, connection.get("dataset")):
            return False
    before = dict(connection)
    info = new.get("connection_info")
    if info:
        pairs = {key.upper(): str(value) for key, value in info.items()}
        connection["workspaceConnectionString"] = _text(pairs)
    if factory := new.get("workspace_factory"):
        connection["workspaceFactory"] = _native.workspace_factory_name(factory)
    if dataset := new.get("dataset"):
        connection["dataset"] = dataset
    if "feature_dataset" in new:
        connection["featureDataset"] = new["feature_dataset"]
        connection["type"] = "CIMFeatureDatasetDataConnection"
    return connection != before


def _exists(connection: dict[str, Any], folder: Path) -> bool:
    for side in ("sourceTable", "destinationTable"):
        if side in connection and not _exists(connection[side], folder):
            return False
    pairs = _pairs(connection.get("workspaceConnectionString", ""))
    database = pairs.get("DATABASE")
    if database is None or "SERVER" in pairs:
        return True
    try:
        container = _native.resolve_path(database, folder)
    except MissingError:
        return False
    if connection.get("workspaceFactory") not in ("FileGDB", "Sql"):
        return True
    from geosharing import data

    name = str(connection.get("dataset", "")).removeprefix("main.").strip('"')
    return name.lower() in (listed.lower().rpartition("/")[2] for listed in data.list_datasets(container))


def _pairs(text: str) -> dict[str, str]:
    return {key.upper(): value for key, _, value in (pair.partition("=") for pair in text.split(";")) if key}


def _text(pairs: dict[str, str]) -> str:
    return ";".join(f"{key}={value}" for key, value in pairs.items())
