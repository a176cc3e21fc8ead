"""arcpy.sa: the one tool of Spatial Analyst that needs no raster algebra."""

from ._zonal import ZonalStatisticsAsTable as ZonalStatisticsAsTable

__all__ = ["ZonalStatisticsAsTable"]
