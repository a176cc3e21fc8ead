"""arcpy.management: the tools of Data Management.

Each function only translates its parameters; `geosharing.tools` does the work.
"""

from ._copy import Append as Append
from ._copy import Copy as Copy
from ._copy import CopyFeatures as CopyFeatures
from ._copy import CopyRows as CopyRows
from ._copy import Merge as Merge
from ._copy import Rename as Rename
from ._create import CreateFeatureclass as CreateFeatureclass
from ._create import CreateFeatureDataset as CreateFeatureDataset
from ._create import CreateFileGDB as CreateFileGDB
from ._create import CreateFolder as CreateFolder
from ._create import CreateTable as CreateTable
from ._delete import Delete as Delete
from ._domains import AddCodedValueToDomain as AddCodedValueToDomain
from ._domains import AssignDomainToField as AssignDomainToField
from ._domains import CreateDomain as CreateDomain
from ._domains import DeleteCodedValueFromDomain as DeleteCodedValueFromDomain
from ._domains import DeleteDomain as DeleteDomain
from ._domains import RemoveDomainFromField as RemoveDomainFromField
from ._domains import SetValueForRangeDomain as SetValueForRangeDomain
from ._fields import AddField as AddField
from ._fields import AddFields as AddFields
from ._fields import AddGlobalIDs as AddGlobalIDs
from ._fields import AlterField as AlterField
from ._fields import CalculateField as CalculateField
from ._fields import CalculateFields as CalculateFields
from ._fields import CalculateGeometryAttributes as CalculateGeometryAttributes
from ._fields import DeleteField as DeleteField
from ._fields import JoinField as JoinField
from ._get_count import GetCount as GetCount
from ._layers import AddJoin as AddJoin
from ._layers import ApplySymbologyFromLayer as ApplySymbologyFromLayer
from ._layers import MakeFeatureLayer as MakeFeatureLayer
from ._layers import MakeRasterLayer as MakeRasterLayer
from ._layers import MakeTableView as MakeTableView
from ._layers import SaveToLayerFile as SaveToLayerFile
from ._layers import SelectLayerByAttribute as SelectLayerByAttribute
from ._layers import SelectLayerByLocation as SelectLayerByLocation
from ._points import AddXY as AddXY
from ._points import FeatureToPoint as FeatureToPoint
from ._points import XYTableToPoint as XYTableToPoint
from ._rasters import CalculateStatistics as CalculateStatistics
from ._rasters import CopyRaster as CopyRaster
from ._rasters import MosaicToNewRaster as MosaicToNewRaster
from ._rasters import ProjectRaster as ProjectRaster
from ._rows import DeleteFeatures as DeleteFeatures
from ._rows import DeleteIdentical as DeleteIdentical
from ._rows import DeleteRows as DeleteRows
from ._rows import PivotTable as PivotTable
from ._rows import TruncateTable as TruncateTable
from ._shapes import DefineProjection as DefineProjection
from ._shapes import Dissolve as Dissolve
from ._shapes import Project as Project
from ._shapes import RepairGeometry as RepairGeometry

__all__ = [
    "AddCodedValueToDomain",
    "AddField",
    "AddFields",
    "AddGlobalIDs",
    "AddJoin",
    "AddXY",
    "AlterField",
    "Append",
    "ApplySymbologyFromLayer",
    "AssignDomainToField",
    "CalculateField",
    "CalculateFields",
    "CalculateGeometryAttributes",
    "CalculateStatistics",
    "Copy",
    "CopyFeatures",
    "CopyRaster",
    "CopyRows",
    "CreateDomain",
    "CreateFeatureDataset",
    "CreateFeatureclass",
    "CreateFileGDB",
    "CreateFolder",
    "CreateTable",
    "DefineProjection",
    "Delete",
    "DeleteCodedValueFromDomain",
    "DeleteDomain",
    "DeleteFeatures",
    "DeleteField",
    "DeleteIdentical",
    "DeleteRows",
    "Dissolve",
    "FeatureToPoint",
    "GetCount",
    "JoinField",
    "MakeFeatureLayer",
    "MakeRasterLayer",
    "MakeTableView",
    "Merge",
    "MosaicToNewRaster",
    "PivotTable",
    "Project",
    "ProjectRaster",
    "RemoveDomainFromField",
    "Rename",
    "RepairGeometry",
    "SaveToLayerFile",
    "SelectLayerByAttribute",
    "SelectLayerByLocation",
    "SetValueForRangeDomain",
    "TruncateTable",
    "XYTableToPoint",
]
