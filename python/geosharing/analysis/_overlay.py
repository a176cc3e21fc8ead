"""Intersect, Union, Erase, Spatial Join."""

from __future__ import annotations

from typing import Any

from ..gp.messages import ToolRun
from ..gp.values import flag, given, one_of
from ..tools import overlaying, spatialjoin
from ..tools.outputs import output
from ..tools.running import tool
from ..tools.sources import resolve, several

__all__ = ["Erase", "Intersect", "PairwiseErase", "PairwiseIntersect", "SpatialJoin", "Union"]

_ATTRIBUTES = ("ALL", "NO_FID", "ONLY_FID")


def _intersect(in_features: Any, out: Any, join_attributes: Any, output_type: Any) -> dict[str, Any]:
    sources = [resolve(entry, "in_features", spatial=True) for entry in several(in_features, "in_features")]
    attributes = one_of("Attributes To Join", join_attributes, _ATTRIBUTES, "ALL")
    kind = one_of("Output Type", output_type, ("INPUT", "LINE", "POINT"), "INPUT")
    made = output(out, "out_feature_class", sources=sources)
    return {"out_feature_class": overlaying.intersect(sources, made, attributes, kind)}


@tool
def Intersect(
    run: ToolRun,
    in_features: Any,
    out_feature_class: Any,
    join_attributes: Any = "ALL",
    cluster_tolerance: Any = None,
    output_type: Any = "INPUT",
) -> dict[str, Any]:
    """Write what features of all inputs have in common, pair by pair.

    Overlaps inside one input are not cut, as in Pairwise Intersect.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/analysis/intersect.htm
    """
    return _intersect(in_features, out_feature_class, join_attributes, output_type)


@tool
def PairwiseIntersect(
    run: ToolRun,
    in_features: Any,
    out_feature_class: Any,
    join_attributes: Any = "ALL",
    cluster_tolerance: Any = None,
    output_type: Any = "INPUT",
) -> dict[str, Any]:
    """Write what features of all inputs have in common, pair by pair.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/analysis/pairwise-intersect.htm
    """
    return _intersect(in_features, out_feature_class, join_attributes, output_type)


@tool
def Union(
    run: ToolRun,
    in_features: Any,
    out_feature_class: Any,
    join_attributes: Any = "ALL",
    cluster_tolerance: Any = None,
    gaps: Any = "GAPS",
) -> dict[str, Any]:
    """Write the pieces into which two polygon inputs cut each other; what one lacks is null.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/analysis/union.htm
    """
    sources = [resolve(entry, "in_features", spatial=True) for entry in several(in_features, "in_features")]
    attributes = one_of("Attributes To Join", join_attributes, _ATTRIBUTES, "ALL")
    if not flag("Gaps Allowed", gaps, "GAPS", "NO_GAPS", default=True):
        run.warning("gaps stay: NO_GAPS is not supported")
    made = output(out_feature_class, "out_feature_class", sources=sources)
    return {"out_feature_class": overlaying.union(sources, made, attributes)}


def _erase(in_features: Any, erase_features: Any, out: Any) -> dict[str, Any]:
    source = resolve(in_features, "in_features", spatial=True)
    other = resolve(erase_features, "erase_features", spatial=True)
    made = output(out, "out_feature_class", sources=[source, other])
    return {"out_feature_class": overlaying.erase(source, other, made)}


@tool
def Erase(
    run: ToolRun,
    in_features: Any,
    erase_features: Any,
    out_feature_class: Any,
    cluster_tolerance: Any = None,
) -> dict[str, Any]:
    """Keep what lies outside of the erase features.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/analysis/erase.htm
    """
    return _erase(in_features, erase_features, out_feature_class)


@tool
def PairwiseErase(
    run: ToolRun,
    in_features: Any,
    erase_features: Any,
    out_feature_class: Any,
    cluster_tolerance: Any = None,
) -> dict[str, Any]:
    """Keep what lies outside of the erase features.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/analysis/pairwise-erase.htm
    """
    return _erase(in_features, erase_features, out_feature_class)


@tool
def SpatialJoin(
    run: ToolRun,
    target_features: Any,
    join_features: Any,
    out_feature_class: Any,
    join_operation: Any = "JOIN_ONE_TO_ONE",
    join_type: Any = "KEEP_ALL",
    field_mapping: Any = None,
    match_option: Any = "INTERSECT",
    search_radius: Any = None,
    distance_field_name: Any = None,
    match_fields: Any = None,
) -> dict[str, Any]:
    """Give features the attributes of those that they meet.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/analysis/spatial-join.htm
    """
    source = resolve(target_features, "target_features", spatial=True)
    other = resolve(join_features, "join_features", spatial=True)
    words = ("JOIN_ONE_TO_ONE", "JOIN_ONE_TO_MANY")
    many = one_of("Join Operation", join_operation, words, "JOIN_ONE_TO_ONE") == "JOIN_ONE_TO_MANY"
    keep = flag("Keep All Target Features", join_type, "KEEP_ALL", "KEEP_COMMON", default=True)
    if field_mapping not in (None, "", "#"):
        run.warning("field_mapping is not used: all fields of both are kept")
    made = output(out_feature_class, "out_feature_class", sources=[source, other])
    path = spatialjoin.join(
        source,
        other,
        made,
        many,
        keep,
        str(match_option or "INTERSECT"),
        search_radius,
        given(distance_field_name),
    )
    return {"out_feature_class": path}
