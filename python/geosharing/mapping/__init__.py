"""`arcpy.mapping`, the names that scripts of ArcMap publish with.

Map documents of ArcMap are not read; projects, map files and maps of ArcGIS Pro stand for them.

https://desktop.arcgis.com/en/arcmap/latest/analyze/arcpy-mapping/introduction-to-arcpy-mapping.htm
"""

from ..gp.connection import CreateGISServerConnectionFile
from ._analyze import AnalyzeForSD
from ._drafts import CreateMapSDDraft

__all__ = ["AnalyzeForSD", "CreateGISServerConnectionFile", "CreateMapSDDraft"]
