"""Which rows of a layer are selected, by attributes or by place."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..data._edit import Editor
from ..exceptions import InvalidInputError
from ..gp.values import given, one_of
from . import layers
from .projecting import reproject, transformer
from .reading import batches, read
from .sources import Source
from .units import crs_unit, linear

__all__ = ["OVERLAPS", "check_where", "combine", "matching", "near", "view_of"]

OVERLAPS = (
    "INTERSECT",
    "INTERSECT_3D",
    "WITHIN_A_DISTANCE",
    "WITHIN_A_DISTANCE_3D",
    "WITHIN_A_DISTANCE_GEODESIC",
    "CONTAINS",
    "COMPLETELY_CONTAINS",
    "CONTAINS_CLEMENTINI",
    "WITHIN",
    "COMPLETELY_WITHIN",
    "WITHIN_CLEMENTINI",
    "ARE_IDENTICAL_TO",
    "BOUNDARY_TOUCHES",
    "SHARE_A_LINE_SEGMENT_WITH",
    "CROSSED_BY_THE_OUTLINE_OF",
    "HAVE_THEIR_CENTER_IN",
)
_TYPES = (
    "NEW_SELECTION",
    "ADD_TO_SELECTION",
    "REMOVE_FROM_SELECTION",
    "SUBSET_SELECTION",
    "SWITCH_SELECTION",
    "CLEAR_SELECTION",
)


def check_where(source: Source, where: Any, parameter: str = "Expression") -> None:
    """Refuse a condition that is not understood, before anything is written.

    Raises:
        InvalidInputError: ERROR 000358.
    """
    if given(where) is None:
        return
    from ..data._query import set_filter

    with Editor(source.path, source.layer, update=False) as editor:
        try:
            set_filter(editor.layer, str(where), editor.name)
        except InvalidInputError as error:
            raise InvalidInputError(f"{parameter}: Invalid expression: {error}", 358) from error


def view_of(value: Any, source: Source) -> layers.View:
    """Return the view whose selection changes; a plain dataset gets one of its own."""
    if source.view is not None:
        return source.view
    stem = source.name.rpartition(".")[0] or source.name
    number = 1
    while layers.find(f"{stem}_Layer{number}"):
        number += 1
    made = layers.View(f"{stem}_Layer{number}", source.path, source.where, source.shape is not None)
    return layers.add(made)


def matching(source: Source, where: Any) -> set[int]:
    """Return the ids of the rows that meet a condition within the layer's own query."""
    check_where(source, where)
    plain = Source(source.path, source.layer, source.where).and_where(where)
    with Editor(source.path, source.layer, update=False) as editor:
        return set(editor.ids(plain.where))


def combine(view: layers.View, source: Source, found: set[int], selection_type: Any, invert: bool) -> int:
    """Change a selection and return how many rows are selected."""
    kind = one_of("Selection Type", selection_type, _TYPES, "NEW_SELECTION")
    if kind == "CLEAR_SELECTION":
        view.selection = None
        return source.count()
    before = set(view.selection or ())
    if invert or kind == "SWITCH_SELECTION":
        whole = matching(source, None)
        found = whole - before if kind == "SWITCH_SELECTION" else whole - found
    if kind == "ADD_TO_SELECTION":
        found = before | found
    elif kind == "REMOVE_FROM_SELECTION":
        found = before - found
    elif kind == "SUBSET_SELECTION":
        found = before & found
    view.selection = frozenset(found)
    return len(found)


def near(source: Source, overlap: str, other: Source, distance: Any) -> set[int]:
    """Return the ids of the features that stand in a relation to those of another source."""
    import shapely

    word = one_of("Relationship", overlap, OVERLAPS, "INTERSECT")
    if word.endswith("_3D"):
        raise InvalidInputError(f"Relationship: {word} compares heights, which is not supported", 800)
    theirs = read(other, []).shapes
    if theirs is None:
        raise InvalidInputError("Selecting Features: The value is not a Feature Layer", 840)
    if source.crs is not None and other.crs is not None and source.crs != other.crs:
        theirs = reproject(theirs, transformer(other.crs, source.crs))
    theirs = theirs[~(shapely.is_missing(theirs) | shapely.is_empty(theirs))]
    reach = 0.0
    if given(distance) is not None:
        reach, metric = linear(distance, "Search Distance", source.crs)
        if metric and word != "WITHIN_A_DISTANCE_GEODESIC":
            unit = crs_unit(source.crs)
            if unit is None:
                word = "WITHIN_A_DISTANCE_GEODESIC"
            else:
                reach /= unit
    if word == "WITHIN_A_DISTANCE_GEODESIC":
        from .buffering import geodesic

        theirs, word = geodesic(theirs, np.full(len(theirs), reach), source.crs), "INTERSECT"
    elif reach and word not in ("WITHIN_A_DISTANCE", "INTERSECT"):
        theirs = shapely.buffer(theirs, reach)
    if word == "CROSSED_BY_THE_OUTLINE_OF":
        theirs = shapely.boundary(theirs)
    tree = shapely.STRtree(theirs)
    found: set[int] = set()
    for batch in batches(Source(source.path, source.layer, source.where), []):
        hit = _related(tree, batch.shapes, word, reach)
        found.update(int(fid) for fid in batch.oids[hit])
    return found


def _related(tree: Any, shapes: Any, word: str, reach: float) -> Any:
    """Return the positions of the shapes that relate to one in the tree."""
    import shapely

    if word == "WITHIN_A_DISTANCE" or (word == "INTERSECT" and reach):
        return np.unique(tree.query(shapes, predicate="dwithin", distance=reach)[0])
    if word == "HAVE_THEIR_CENTER_IN":
        return np.unique(tree.query(shapely.centroid(shapes), predicate="intersects")[0])
    simple = {
        "INTERSECT": "intersects",
        "CONTAINS": "covers",
        "CONTAINS_CLEMENTINI": "contains",
        "COMPLETELY_CONTAINS": "contains_properly",
        "WITHIN": "covered_by",
        "WITHIN_CLEMENTINI": "within",
        "BOUNDARY_TOUCHES": "touches",
        "CROSSED_BY_THE_OUTLINE_OF": "intersects",
    }
    if word in simple:
        return np.unique(tree.query(shapes, predicate=simple[word])[0])
    ours, theirs = tree.query(shapes, predicate="intersects")
    a, b = shapes[ours], tree.geometries[theirs]
    if word == "ARE_IDENTICAL_TO":
        keep = shapely.equals(a, b)
    elif word == "COMPLETELY_WITHIN":
        keep = shapely.contains_properly(b, a)
    else:
        common = shapely.intersection(shapely.boundary(a), shapely.boundary(b))
        keep = shapely.length(common) > 0
    return np.unique(ours[keep])
