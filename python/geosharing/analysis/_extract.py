"""Clip, Select, Table Select."""

from __future__ import annotations

from typing import Any

from ..gp.messages import ToolRun
from ..tools import copying, overlaying, selecting
from ..tools.outputs import output
from ..tools.running import tool
from ..tools.sources import resolve

__all__ = ["Clip", "PairwiseClip", "Select", "TableSelect"]


def _clip(in_features: Any, clip_features: Any, out_feature_class: Any) -> dict[str, Any]:
    source = resolve(in_features, "in_features", spatial=True)
    other = resolve(clip_features, "clip_features", spatial=True)
    made = output(out_feature_class, "out_feature_class", sources=[source, other])
    return {"out_feature_class": overlaying.clip(source, other, made)}


@tool
def Clip(
    run: ToolRun,
    in_features: Any,
    clip_features: Any,
    out_feature_class: Any,
    cluster_tolerance: Any = None,
) -> dict[str, Any]:
    """Keep what lies inside the clip polygons.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/analysis/clip.htm
    """
    return _clip(in_features, clip_features, out_feature_class)


@tool
def PairwiseClip(
    run: ToolRun,
    in_features: Any,
    clip_features: Any,
    out_feature_class: Any,
    cluster_tolerance: Any = None,
) -> dict[str, Any]:
    """Keep what lies inside the clip polygons.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/analysis/pairwise-clip.htm
    """
    return _clip(in_features, clip_features, out_feature_class)


@tool
def Select(
    run: ToolRun, in_features: Any, out_feature_class: Any, where_clause: Any = None
) -> dict[str, Any]:
    """Write the features that meet a condition.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/analysis/select.htm
    """
    source = resolve(in_features, "in_features", spatial=True)
    selecting.check_where(source, where_clause)
    made = output(out_feature_class, "out_feature_class", sources=[source])
    return {"out_feature_class": copying.copy(run, source.and_where(where_clause), made)}


@tool
def TableSelect(run: ToolRun, in_table: Any, out_table: Any, where_clause: Any = None) -> dict[str, Any]:
    """Write the rows that meet a condition.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/analysis/table-select.htm
    """
    source = resolve(in_table, "in_table")
    selecting.check_where(source, where_clause)
    made = output(out_table, "out_table", spatial=False, sources=[source])
    return {"out_table": copying.copy(run, source.and_where(where_clause), made, spatial=False)}
