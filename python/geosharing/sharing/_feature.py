"""`FeatureSharingDraft`: a hosted feature layer in the making."""

from __future__ import annotations

from typing import Any

from ._draft import FileDraft
from ._source import Shared

__all__ = ["FeatureSharingDraft"]


class FeatureSharingDraft(FileDraft, kind="FEATURE"):
    """A draft of a web feature layer, whose data is copied to the portal.

    Made by `Map.getWebLayerSharingDraft("HOSTING_SERVER", "FEATURE", ...)`. It is also the dictionary of
    what the export found: `draft['errors'] == {}`.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/sharing/featuresharingdraft-class.htm
    """

    def __init__(self, map: Any, service_name: str, layers_and_tables: Any = None) -> None:
        super().__init__(Shared(map, layers_and_tables), service_name)
