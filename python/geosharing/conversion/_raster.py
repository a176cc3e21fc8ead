"""Raster To Polygon."""

from __future__ import annotations

from typing import Any

from ..exceptions import InvalidInputError
from ..gp.messages import ToolRun
from ..gp.values import flag, given
from ..tools import rasters
from ..tools.outputs import output
from ..tools.running import tool
from ..tools.vectorizing import polygons

__all__ = ["RasterToPolygon"]


@tool
def RasterToPolygon(
    run: ToolRun,
    in_raster: Any,
    out_polygon_features: Any,
    simplify: Any = "SIMPLIFY",
    raster_field: Any = None,
    create_multipart_features: Any = "SINGLE_OUTER_PART",
    max_vertices_per_feature: Any = None,
) -> dict[str, Any]:
    """Make polygons of the cells of equal value in an integer raster.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/conversion/raster-to-polygon.htm
    """
    path = rasters.path_of(in_raster, "in_raster")
    about = rasters.about(path, "in_raster")
    if "float" in about["types"][0]:
        raise InvalidInputError("Input raster: the raster has to be of whole numbers", 864)
    if given(raster_field) not in (None, "VALUE", "Value"):
        raise InvalidInputError(f"Field: Field {raster_field} does not exist within table", 728)
    if flag("Simplify polygons", simplify, "SIMPLIFY", "NO_SIMPLIFY", default=True):
        run.warning("polygons keep the edges of cells: simplification is not supported")
    made = output(out_polygon_features, "out_polygon_features")
    return {"out_polygon_features": polygons(path, about, made)}
