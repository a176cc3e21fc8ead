"""Valid geometries in place of invalid ones."""

from __future__ import annotations

from ..data._edit import Editor
from .outputs import _TYPES
from .reading import ids
from .sources import Source

__all__ = ["repair"]


def repair(source: Source, delete_null: bool) -> tuple[int, int]:
    """Repair all rows; returns how many were changed and how many deleted."""
    import shapely

    dimension = {"Point": 0, "MultiPoint": 0, "MultiLineString": 1, "MultiPolygon": 2}[
        _TYPES[source.shape or ""]
    ]
    repaired = deleted = 0
    wanted = ids(source)
    with Editor(source.path, source.layer) as editor:
        for fid, feature in editor.rows(wanted):
            wkb = editor.wkb(feature)
            shape = None if wkb is None else shapely.from_wkb(wkb)
            if shape is None or shape.is_empty:
                if delete_null:
                    editor.remove(fid)
                    deleted += 1
                continue
            if shape.is_valid:
                continue
            made = shapely.make_valid(shape, method="structure", keep_collapsed=False)
            parts = [p for p in getattr(made, "geoms", (made,)) if shapely.get_dimensions(p) == dimension]
            if not parts:
                if delete_null:
                    editor.remove(fid)
                    deleted += 1
                continue
            united = (
                made
                if len(parts) == 1 or made.geom_type != "GeometryCollection"
                else shapely.union_all(parts)
            )
            editor.put_wkb(feature, shapely.to_wkb(united, flavor="iso"))
            editor.store(feature)
            repaired += 1
    return repaired, deleted
