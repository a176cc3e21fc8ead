"""Simplify Line, Simplify Polygon."""

from __future__ import annotations

from typing import Any

from ..exceptions import NotSupportedError
from ..gp.messages import ToolRun
from ..gp.values import one_of
from ..tools import simplifying
from ..tools.outputs import output
from ..tools.pointing import must_be
from ..tools.running import tool
from ..tools.sources import resolve

__all__ = ["SimplifyLine", "SimplifyPolygon"]

_METHODS = ("POINT_REMOVE", "BEND_SIMPLIFY", "WEIGHTED_AREA", "EFFECTIVE_AREA")


def _simplify(
    value: Any, out: Any, algorithm: Any, tolerance: Any, shape: str, least: Any = None
) -> dict[str, Any]:
    source = resolve(value, "in_features", spatial=True)
    must_be(source, "in_features", shape)
    method = one_of("Simplification Algorithm", algorithm, _METHODS, "POINT_REMOVE")
    if method != "POINT_REMOVE":
        raise NotSupportedError(f"{method} is not supported; use POINT_REMOVE")
    made = output(out, "out_feature_class", sources=[source])
    return {"out_feature_class": simplifying.simplify(source, made, tolerance, least)}


@tool
def SimplifyLine(
    run: ToolRun,
    in_features: Any,
    out_feature_class: Any,
    algorithm: Any,
    tolerance: Any,
    error_resolving_option: Any = "RESOLVE_ERRORS",
    collapsed_point_option: Any = "KEEP_COLLAPSED_POINTS",
    error_checking_option: Any = "CHECK",
    in_barriers: Any = None,
    error_option: Any = None,
) -> dict[str, Any]:
    """Leave out vertices of lines by Douglas-Peucker; topology is preserved line by line.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/cartography/simplify-line.htm
    """
    return _simplify(in_features, out_feature_class, algorithm, tolerance, "esriGeometryPolyline")


@tool
def SimplifyPolygon(
    run: ToolRun,
    in_features: Any,
    out_feature_class: Any,
    algorithm: Any,
    tolerance: Any,
    minimum_area: Any = None,
    error_option: Any = "RESOLVE_ERRORS",
    collapsed_point_option: Any = "KEEP_COLLAPSED_POINTS",
    in_barriers: Any = None,
) -> dict[str, Any]:
    """Leave out vertices of polygons, which stay valid.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/cartography/simplify-polygon.htm
    """
    return _simplify(
        in_features, out_feature_class, algorithm, tolerance, "esriGeometryPolygon", minimum_area
    )
