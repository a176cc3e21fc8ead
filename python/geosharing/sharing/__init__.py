"""`arcpy.sharing`: drafts of web layers.

https://pro.arcgis.com/en/pro-app/latest/arcpy/sharing/introduction-to-arcpy-sharing.htm
"""

from ._analyze import AnalyzeForSD
from ._create import CreateSharingDraft, web_layer_draft
from ._feature import FeatureSharingDraft
from ._geoprocessing import GeoprocessingSharingDraft
from ._legacy import CreateWebLayerSDDraft

# The names that scripts meet in repr() and isinstance() since ArcGIS Pro 3.4.
_FeatureSharingDraft = FeatureSharingDraft
_web_layer_draft = web_layer_draft

__all__ = [
    "AnalyzeForSD",
    "CreateSharingDraft",
    "CreateWebLayerSDDraft",
    "FeatureSharingDraft",
    "GeoprocessingSharingDraft",
    "web_layer_draft",
]
