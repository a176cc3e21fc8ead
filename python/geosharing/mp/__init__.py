"""Projects, maps, layers and tables, as in `arcpy.mp`.

Reads and writes `.aprx`, `.mapx` and `.lyrx` of ArcGIS Pro 1.x to 3.x and reads `.ppkx`; what is
not edited is kept byte for byte. Not supported: layouts, reports, drawing and views.

https://pro.arcgis.com/en/pro-app/latest/arcpy/mapping/introduction-to-arcpy-mp.htm
"""

from __future__ import annotations

from typing import Any

from ._item import ConnectionItem
from ._layer import LabelClass, Layer
from ._layerfile import LayerFile
from ._map import Map
from ._project import ArcGISProject, current_project, set_current_project
from ._reference import SpatialReference
from ._table import Table
from ._timezones import ListTimeZones

__all__ = [
    "ArcGISProject",
    "ConnectionItem",
    "LabelClass",
    "Layer",
    "LayerFile",
    "ListTimeZones",
    "Map",
    "SpatialReference",
    "Table",
    "current_project",
    "set_current_project",
]


def __getattr__(name: str) -> Any:
    # Drafts of web layers belong to sharing, which builds on this package.
    if name in ("AnalyzeForSD", "CreateWebLayerSDDraft"):
        from geosharing import sharing

        return getattr(sharing, name)
    raise AttributeError(f"geosharing.mp has no `{name}`; the README lists what is supported")
