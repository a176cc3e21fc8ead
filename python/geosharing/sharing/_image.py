"""`ImageSharingDraft`: an image service or imagery layer in the making."""

from __future__ import annotations

from typing import Any

from ._draft import FileDraft
from ._raster import RasterSource

__all__ = ["ImageSharingDraft"]


class ImageSharingDraft(FileDraft, kind="IMAGE_SERVICE"):
    """A draft of an image service (`STANDALONE_SERVER`) or a web imagery layer (`FEDERATED_SERVER`).

    Made by `arcpy.sharing.CreateSharingDraft`. No draft that ArcGIS Pro wrote of one is publicly known, so
    the file has the form that ArcMap gives such drafts.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/sharing/imagesharingdraft-class.htm
    """

    def __init__(self, raster: Any, service_name: str, server_type: str = "STANDALONE_SERVER") -> None:
        federated = server_type == "FEDERATED_SERVER"
        super().__init__(
            RasterSource(raster),
            service_name,
            serverType=server_type,
            serviceType="WEB_IMAGERY_LAYER" if federated else "IMAGE_SERVICE",
        )
