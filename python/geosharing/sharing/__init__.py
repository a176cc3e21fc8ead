"""`arcpy.sharing`: drafts of web layers, map and image services.

https://pro.arcgis.com/en/pro-app/latest/arcpy/sharing/introduction-to-arcpy-sharing.htm
"""

from ._analyze import AnalyzeForSD
from ._create import CreateSharingDraft, web_layer_draft
from ._feature import FeatureSharingDraft
from ._geoprocessing import GeoprocessingSharingDraft
from ._image import ImageSharingDraft
from ._legacy import CreateWebLayerSDDraft
from ._maps import MapImageSharingDraft, MapServiceDraft, TileSharingDraft
from ._publish import Publish
from ._tiles import SceneLayerSharingDraft, VectorTileSharingDraft

# The documentation and the classes disagree on this name; scripts use both.
MapServiceSharingDraft = MapServiceDraft
# The names that scripts meet in repr() and isinstance() since ArcGIS Pro 3.4.
_FeatureSharingDraft = FeatureSharingDraft
_ImageSharingDraft = ImageSharingDraft
_MapImageSharingDraft = MapImageSharingDraft
_MapServiceSharingDraft = MapServiceDraft
_SceneLayerSharingDraft = SceneLayerSharingDraft
_TileSharingDraft = TileSharingDraft
_VectorTileSharingDraft = VectorTileSharingDraft
_web_layer_draft = web_layer_draft

__all__ = [
    "AnalyzeForSD",
    "CreateSharingDraft",
    "CreateWebLayerSDDraft",
    "FeatureSharingDraft",
    "GeoprocessingSharingDraft",
    "ImageSharingDraft",
    "MapImageSharingDraft",
    "MapServiceDraft",
    "MapServiceSharingDraft",
    "Publish",
    "SceneLayerSharingDraft",
    "TileSharingDraft",
    "VectorTileSharingDraft",
    "web_layer_draft",
]
