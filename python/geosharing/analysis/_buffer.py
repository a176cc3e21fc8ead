"""Buffer, Pairwise Buffer."""

from __future__ import annotations

from typing import Any

from ..gp.messages import ToolRun
from ..gp.values import names, one_of
from ..tools import buffering
from ..tools.outputs import output
from ..tools.running import tool
from ..tools.sources import resolve

__all__ = ["Buffer", "PairwiseBuffer"]


@tool
def Buffer(
    run: ToolRun,
    in_features: Any,
    out_feature_class: Any,
    buffer_distance_or_field: Any,
    line_side: Any = "FULL",
    line_end_type: Any = "ROUND",
    dissolve_option: Any = "NONE",
    dissolve_field: Any = None,
    method: Any = "PLANAR",
) -> dict[str, Any]:
    """Make polygons of what lies within a distance of features.

    Data in degrees with a distance in metres, feet and so on is buffered on the ellipsoid, as is
    everything with `method="GEODESIC"`. Arcs are 64 straight pieces a circle.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/analysis/buffer.htm
    """
    source = resolve(in_features, "in_features", spatial=True)
    options = buffering.Options(
        distance=buffer_distance_or_field,
        side=one_of("Side Type", line_side, buffering.SIDES, "FULL"),
        flat=one_of("End Type", line_end_type, ("ROUND", "FLAT"), "ROUND") == "FLAT",
        dissolve=one_of("Dissolve Type", dissolve_option, ("NONE", "ALL", "LIST"), "NONE"),
        fields=names(dissolve_field),
        geodesic=one_of("Method", method, ("PLANAR", "GEODESIC"), "PLANAR") == "GEODESIC",
    )
    made = output(out_feature_class, "out_feature_class", sources=[source])
    return {"out_feature_class": buffering.buffer(run, source, made, options)}


@tool
def PairwiseBuffer(
    run: ToolRun,
    in_features: Any,
    out_feature_class: Any,
    buffer_distance_or_field: Any,
    dissolve_option: Any = "NONE",
    dissolve_field: Any = None,
    method: Any = "PLANAR",
    max_deviation: Any = None,
) -> dict[str, Any]:
    """Make polygons of what lies within a distance of features; see `Buffer`.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/analysis/pairwise-buffer.htm
    """
    source = resolve(in_features, "in_features", spatial=True)
    options = buffering.Options(
        distance=buffer_distance_or_field,
        dissolve=one_of("Dissolve Type", dissolve_option, ("NONE", "ALL", "LIST"), "NONE"),
        fields=names(dissolve_field),
        geodesic=one_of("Method", method, ("PLANAR", "GEODESIC"), "PLANAR") == "GEODESIC",
    )
    made = output(out_feature_class, "out_feature_class", sources=[source])
    return {"out_feature_class": buffering.buffer(run, source, made, options)}
