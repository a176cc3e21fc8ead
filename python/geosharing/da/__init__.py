"""arcpy.da: cursors, descriptions, walks, NumPy arrays."""

from ._arrays import FeatureClassToNumPyArray as FeatureClassToNumPyArray
from ._arrays import NumPyArrayToFeatureClass as NumPyArrayToFeatureClass
from ._arrays import NumPyArrayToTable as NumPyArrayToTable
from ._arrays import TableToNumPyArray as TableToNumPyArray
from ._describe import Describe as Describe
from ._describe import ListDomains as ListDomains
from ._describe import ListSubtypes as ListSubtypes
from ._describe import Walk as Walk
from ._editor import Editor as Editor
from ._insert import InsertCursor as InsertCursor
from ._search import SearchCursor as SearchCursor
from ._update import UpdateCursor as UpdateCursor

__all__ = [
    "Describe",
    "Editor",
    "FeatureClassToNumPyArray",
    "InsertCursor",
    "ListDomains",
    "ListSubtypes",
    "NumPyArrayToFeatureClass",
    "NumPyArrayToTable",
    "SearchCursor",
    "TableToNumPyArray",
    "UpdateCursor",
    "Walk",
]
