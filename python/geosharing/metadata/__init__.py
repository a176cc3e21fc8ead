"""Item metadata, as in `arcpy.metadata`.

https://pro.arcgis.com/en/pro-app/latest/arcpy/metadata/metadata-class.htm
"""

from ._metadata import Metadata

__all__ = ["Metadata"]
