"""Zonal Statistics As Table."""

from __future__ import annotations

from typing import Any

from ..gp.messages import ToolRun
from ..gp.values import flag, one_of
from ..tools import rasters, zoning
from ..tools.outputs import output
from ..tools.running import tool
from ..tools.sources import resolve

__all__ = ["ZonalStatisticsAsTable"]

_KINDS = ("ALL", "MEAN", "MAXIMUM", "MINIMUM", "RANGE", "STD", "SUM", "MIN_MAX", "MEAN_STD", "MIN_MAX_MEAN")


@tool
def ZonalStatisticsAsTable(
    run: ToolRun,
    in_zone_data: Any,
    zone_field: Any,
    in_value_raster: Any,
    out_table: Any,
    ignore_nodata: Any = "DATA",
    statistics_type: Any = "ALL",
) -> dict[str, Any]:
    """Summarise the cells whose centres lie in polygons of a zone; the first band counts.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/spatial-analyst/zonal-statistics-as-table.htm
    """
    zones = resolve(in_zone_data, "in_zone_data", spatial=True)
    path = rasters.path_of(in_value_raster, "in_value_raster")
    rasters.about(path, "in_value_raster")
    kind = one_of("Statistics type", statistics_type, _KINDS, "ALL")
    ignore = flag("Ignore NoData", ignore_nodata, "DATA", "NODATA", default=True)
    made = output(out_table, "out_table", spatial=False, sources=[zones])
    return {"out_table": zoning.zonal(zones, str(zone_field), path, made, kind, ignore)}
