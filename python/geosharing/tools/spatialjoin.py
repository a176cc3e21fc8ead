"""Attributes from features that meet."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..exceptions import InvalidInputError
from ..gp.values import given, one_of
from .outputs import Output, write
from .overlaying import aligned
from .reading import Batch, batches, fields_of, schema_of
from .sources import Source
from .units import crs_unit, linear

__all__ = ["join"]

_PREDICATES = {
    "INTERSECT": "intersects",
    "CONTAINS": "covers",
    "COMPLETELY_CONTAINS": "contains_properly",
    "WITHIN": "covered_by",
    "BOUNDARY_TOUCHES": "touches",
    "CROSSED_BY_THE_OUTLINE_OF": "crosses",
    "WITHIN_A_DISTANCE": "dwithin",
    "HAVE_THEIR_CENTER_IN": "center",
    "CLOSEST": "nearest",
}


def radius(value: Any, parameter: str, crs: Any) -> float | None:
    """Return a search radius in the units of the data; None when none was given."""
    if given(value) is None:
        return None
    reach, metric = linear(value, parameter, crs)
    if not metric:
        return reach
    unit = crs_unit(crs)
    if unit is None:
        raise InvalidInputError(
            f"{parameter}: the data is in degrees; project it, or give DecimalDegrees", 800
        )
    return reach / unit


def join(
    source: Source,
    other: Source,
    made: Output,
    many: bool,
    keep_all: bool,
    match: str,
    search_radius: Any,
    distance_field: str | None,
) -> str:
    """Write the target features with attributes of the join features, which are held in memory."""
    import pyarrow as pa
    import shapely

    word = _PREDICATES[one_of("Match Option", match, _PREDICATES, "INTERSECT")]
    reach = radius(search_radius, "Search Radius", source.crs)
    if word == "dwithin" and reach is None:
        raise InvalidInputError("Search Radius: Value is required", 735)
    held = aligned(other, source.crs)
    assert held.shapes is not None
    tree = shapely.STRtree(held.shapes)
    own, theirs = fields_of(source), fields_of(other)
    fields = [pa.field("Join_Count", pa.int32()), pa.field("TARGET_FID", pa.int32())]
    if many:
        fields.append(pa.field("JOIN_FID", pa.int32()))
    taken = {"join_count", "target_fid", "join_fid"}
    for item in [*schema_of(source, own), *schema_of(other, theirs)]:
        name, number = item.name, 1
        while name.lower() in taken:
            name, number = f"{item.name}_{number}", number + 1
        taken.add(name.lower())
        fields.append(item.with_name(name))
    if word == "nearest" and distance_field:
        fields.append(pa.field(distance_field, pa.float64()))
    schema = pa.schema(fields)

    def pairs(shapes: Any) -> tuple[Any, Any, Any]:
        if word == "nearest":
            return _nearest(tree, shapes, reach)
        asked = shapely.centroid(shapes) if word == "center" else shapes
        more = {"distance": reach} if word == "dwithin" else {}
        name = "intersects" if word == "center" else word
        if reach and name == "intersects":
            name, more = "dwithin", {"distance": reach}
        ours, found = tree.query(asked, predicate=name, **more)
        order = np.lexsort((found, ours))
        return ours[order], found[order], None

    def rows() -> Any:
        for batch in batches(source):
            shapes = batch.shapes if batch.shapes is not None else np.empty(0, object)
            ours, found, distances = pairs(shapes)
            counts = np.bincount(ours, minlength=len(shapes))
            if not many:
                first = np.r_[True, ours[1:] != ours[:-1]] if len(ours) else np.zeros(0, bool)
                ours, found = ours[first], found[first]
                distances = None if distances is None else distances[first]
            lonely = np.flatnonzero(counts == 0) if keep_all else np.empty(0, "int64")
            index = np.concatenate([ours, lonely])
            match_at = np.concatenate([found, np.zeros(len(lonely), "int64")])
            missing = np.concatenate([np.zeros(len(ours), bool), np.ones(len(lonely), bool)])
            order = np.argsort(index, kind="stable")
            index, match_at, missing = index[order], match_at[order], missing[order]
            joined = np.where(missing, 0, 1) if many else counts[index]
            columns = [pa.array(joined.astype("int32")), pa.array(batch.oids[index].astype("int32"))]
            if many:
                fids = held.oids[match_at] if len(held.oids) else np.full(len(index), -1)
                columns.append(pa.array(np.where(missing, -1, fids).astype("int32")))
            columns += [column.take(pa.array(index)) for column in batch.rows.columns]
            places = pa.array(match_at, mask=missing)
            columns += [column.take(places) for column in held.rows.columns]
            if len(columns) < len(schema):
                reached = np.concatenate([distances, np.full(len(lonely), -1.0)])[order]
                columns.append(pa.array(reached))
            yield Batch(batch.oids[index], pa.RecordBatch.from_arrays(columns, schema=schema), shapes[index])

    known = [*source.about["fields"], *other.about["fields"]]
    return write(
        made,
        schema,
        rows(),
        shape=source.shape,
        has_z=source.about["hasZ"],
        crs=source.crs,
        fields=known,
    )


def _nearest(tree: Any, shapes: Any, reach: float | None) -> tuple[Any, Any, Any]:
    """Return the nearest of each shape; the first one where several are equally near."""
    import shapely

    good = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    (ours, found), distances = tree.query_nearest(
        shapes[good], max_distance=reach, return_distance=True, all_matches=True
    )
    order = np.lexsort((found, ours))
    ours, found, distances = ours[order], found[order], distances[order]
    first = np.r_[True, ours[1:] != ours[:-1]] if len(ours) else np.zeros(0, bool)
    return good[ours[first]], found[first], distances[first]
