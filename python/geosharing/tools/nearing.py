"""The nearest feature of other datasets."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..data._edit import Editor
from .overlaying import aligned
from .reading import batches
from .sources import Source
from .spatialjoin import _nearest, radius
from .units import METRES, crs_unit, split

__all__ = ["near"]


def near(
    source: Source,
    others: list[Source],
    search_radius: Any,
    location: bool,
    angle: bool,
    distance_unit: str | None,
    field_names: Any = None,
) -> None:
    """Add and set the fields in place; the other features are held in memory."""
    import shapely

    reach = radius(search_radius, "Search Radius", source.crs)
    held = [aligned(other, source.crs, []) for other in others]
    shapes = np.concatenate([batch.shapes for batch in held if batch.shapes is not None])
    fids = np.concatenate([batch.oids for batch in held])
    owner = np.repeat(np.arange(len(held)), [len(batch.oids) for batch in held])
    tree = shapely.STRtree(shapes)
    factor = 1.0
    unit = crs_unit(source.crs)
    if distance_unit and unit is not None:
        parts = split(f"1 {distance_unit}")
        factor = unit / METRES[parts[1]] if parts and parts[1] in METRES else 1.0
    found: dict[int, tuple[Any, ...]] = {}
    for batch in batches(source, []):
        ours_all = batch.shapes if batch.shapes is not None else np.empty(0, object)
        ours, theirs, distances = _nearest(tree, ours_all, reach)
        lines = shapely.shortest_line(ours_all[ours], shapes[theirs])
        for index, other, distance, line in zip(ours, theirs, distances, lines, strict=True):
            (ax, ay), (bx, by) = line.coords[0][:2], line.coords[-1][:2]
            # Counted from east against the clock, as Near does.
            turn = float(np.degrees(np.arctan2(by - ay, bx - ax))) if distance else 0.0
            place = (int(owner[other]), int(fids[other]), float(distance) * factor, bx, by, turn)
            found[int(batch.oids[index])] = place
    wanted = [("NEAR_FID", "LONG"), ("NEAR_DIST", "DOUBLE")]
    if location:
        wanted += [("NEAR_X", "DOUBLE"), ("NEAR_Y", "DOUBLE")]
    if angle:
        wanted.append(("NEAR_ANGLE", "DOUBLE"))
    if len(others) > 1:
        wanted.insert(1, ("NEAR_FC", "TEXT"))
    names = _names(field_names)
    with Editor(source.path, source.layer) as editor:
        for name, kind in wanted:
            if not editor.has(names.get(name, name)):
                editor.add_column(names.get(name, name), kind)
        columns = {name: editor.column(names.get(name, name)) for name, _ in wanted}
        for fid, feature in editor.rows(editor.ids(source.where)):
            if source.selection is not None and fid not in source.selection:
                continue
            nearest = found.get(fid)
            values: dict[str, Any] = {"NEAR_FID": -1, "NEAR_DIST": -1.0, "NEAR_FC": None}
            values |= {"NEAR_X": -1.0, "NEAR_Y": -1.0, "NEAR_ANGLE": 0.0}
            if nearest is not None:
                which, other, distance, x, y, turn = nearest
                values = {"NEAR_FID": other, "NEAR_DIST": distance, "NEAR_FC": others[which].catalog_path}
                values |= {"NEAR_X": x, "NEAR_Y": y, "NEAR_ANGLE": turn}
            for name, column in columns.items():
                editor.put(feature, column, values[name])
            editor.store(feature)


def _names(value: Any) -> dict[str, str]:
    """Read `field_names`: `NEAR_FID my_fid;NEAR_DIST my_distance`, or lists of pairs."""
    if value in (None, "", "#"):
        return {}
    entries = [part.split() for part in value.split(";")] if isinstance(value, str) else value
    return {str(pair[0]).upper(): str(pair[1]) for pair in entries}
