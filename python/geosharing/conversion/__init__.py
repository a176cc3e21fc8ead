"""arcpy.conversion: data from one form into another."""

from ._excel import ExcelToTable as ExcelToTable
from ._excel import TableToExcel as TableToExcel
from ._export import ExportFeatures as ExportFeatures
from ._export import ExportTable as ExportTable
from ._export import FeatureClassToFeatureClass as FeatureClassToFeatureClass
from ._export import FeatureClassToGeodatabase as FeatureClassToGeodatabase
from ._export import FeatureClassToShapefile as FeatureClassToShapefile
from ._export import TableToDBASE as TableToDBASE
from ._export import TableToGeodatabase as TableToGeodatabase
from ._export import TableToTable as TableToTable
from ._json import FeaturesToJSON as FeaturesToJSON
from ._json import JSONToFeatures as JSONToFeatures
from ._raster import RasterToPolygon as RasterToPolygon

__all__ = [
    "ExcelToTable",
    "ExportFeatures",
    "ExportTable",
    "FeatureClassToFeatureClass",
    "FeatureClassToGeodatabase",
    "FeatureClassToShapefile",
    "FeaturesToJSON",
    "JSONToFeatures",
    "RasterToPolygon",
    "TableToDBASE",
    "TableToExcel",
    "TableToGeodatabase",
    "TableToTable",
]
