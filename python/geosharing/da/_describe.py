"""Describe, Walk, ListDomains, ListSubtypes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from ..data import _gdal
from ..exceptions import MissingError
from ..gp import datasets
from ..gp.values import literal_path
from ..tools import domains
from ..tools.sources import absolute, resolve

__all__ = ["Describe", "ListDomains", "ListSubtypes", "Walk"]

_BOXES = (".gdb", ".gpkg")


def Describe(value: Any, datatype: str | None = None) -> dict[str, Any]:
    """Describe something as a dictionary; see `arcpy.Describe`.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/data-access/describe.htm
    """
    return dict(vars(datasets.Describe(value, datatype)))


def ListDomains(workspace: Any) -> list[domains.Domain]:
    """Return the domains of a geodatabase or GeoPackage.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/data-access/listdomains.htm
    """
    path = absolute(literal_path(workspace))
    if not os.path.exists(path):
        raise MissingError(f"the workspace `{path}` does not exist", 732)
    with _gdal.opened(path) as handle:
        return [domains.read(handle, name) for name in domains.names(handle)]


def ListSubtypes(table: Any) -> dict[int, dict[str, Any]]:
    """Return the subtypes of a table by code.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/data-access/listsubtypes.htm
    """
    source = resolve(table, "table")
    subtypes = source.about["subtypes"]
    if not subtypes:
        return {0: {"Default": True, "Name": "", "SubtypeField": "", "FieldValues": {}}}
    return {
        entry["code"]: {
            "Default": entry["code"] == subtypes["default"],
            "Name": entry["name"],
            "SubtypeField": subtypes["field"],
            "FieldValues": {
                field["name"]: (entry["defaults"].get(field["name"]), entry["domains"].get(field["name"]))
                for field in source.about["fields"]
            },
        }
        for entry in subtypes["entries"]
    }


def Walk(
    top: Any,
    topdown: bool = True,
    onerror: Any = None,
    followlinks: bool = False,
    datatype: Any = None,
    type: Any = None,
) -> Iterator[tuple[str, list[str], list[str]]]:
    """Walk folders and geodatabases like `os.walk`, with datasets as the files.

    Args:
        top: Folder or geodatabase.
        topdown: Whether a folder comes before what it holds.
        onerror: Called with an error that would stop the walk.
        followlinks: Whether links to folders are followed.
        datatype: `FeatureClass`, `Table`, `RasterDataset` or a list of them; all by default.
        type: Geometry type such as `Polygon`, or a list of them.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/data-access/walk.htm
    """
    root = literal_path(top)
    wanted = {str(v).lower() for v in ([datatype] if isinstance(datatype, str) else datatype or ())} - {"any"}
    shapes = {str(v).lower() for v in ([type] if isinstance(type, str) else type or ())} - {"any", "all"}
    if root.lower().endswith(_BOXES) and os.path.exists(root):
        yield from _box(root, wanted, shapes)
        return
    for folder, names, _ in os.walk(root, topdown, onerror, followlinks):
        names.sort()
        boxes = [name for name in names if name.lower().endswith(".gdb")]
        boxes += sorted(n for n in os.listdir(folder) if n.lower().endswith(".gpkg"))
        shown = sorted({*names, *boxes})
        plain = [name for name in names if name not in boxes]
        inner = [part for box in boxes for part in _box(os.path.join(folder, box), wanted, shapes)]
        if not topdown:
            yield from inner
        yield folder, shown, _datasets(folder, wanted, shapes)
        if topdown:
            yield from inner
            # Geodatabases are no folders to walk.
            names[:] = [name for name in plain if name in shown]


def _box(path: str, wanted: set[str], shapes: set[str]) -> list[tuple[str, list[str], list[str]]]:
    """Return a geodatabase, and its feature datasets as folders in it."""
    from .. import data

    inside = data.feature_datasets(path)
    held = {name for names in inside.values() for name in names}
    found = _datasets(path, wanted, shapes)
    parts = [(path, sorted(inside), [name for name in found if name not in held])]
    for key in sorted(inside):
        parts.append((os.path.join(path, key), [], [name for name in found if name in inside[key]]))
    return parts


def _datasets(workspace: str, wanted: set[str], shapes: set[str]) -> list[str]:
    found = []
    for name, kind, shape in datasets.contents(workspace):
        if wanted and kind.lower() not in wanted:
            continue
        if shapes and (shape or "").lower() not in shapes:
            continue
        found.append(name)
    return found
