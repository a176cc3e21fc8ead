"""Drafts of what is drawn from maps: tile layers, map image layers, map services."""

from __future__ import annotations

from typing import Any

from ._draft import FileDraft
from ._source import Shared

__all__ = ["MapImageSharingDraft", "MapServiceDraft", "TileSharingDraft"]


class TileSharingDraft(FileDraft, kind="TILE"):
    """A draft of a hosted tile layer: pictures that are drawn once.

    Made by `Map.getWebLayerSharingDraft("HOSTING_SERVER", "TILE", ...)`.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/sharing/tilesharingdraft-class.htm
    """

    def __init__(self, map: Any, service_name: str, layers_and_tables: Any = None) -> None:
        super().__init__(Shared(map, layers_and_tables, drawn=True), service_name)


class MapImageSharingDraft(FileDraft, kind="MAP_IMAGE"):
    """A draft of a map image layer on a server that is federated with the portal.

    Made by `Map.getWebLayerSharingDraft("FEDERATED_SERVER", "MAP_IMAGE", ...)`; `federatedServerUrl` says
    which server. Registered data stays where it is unless `copyDataToServer` is True.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/sharing/mapimagesharingdraft-class.htm
    """

    def __init__(self, map: Any, service_name: str, layers_and_tables: Any = None) -> None:
        super().__init__(Shared(map, layers_and_tables, drawn=True), service_name)


class MapServiceDraft(FileDraft, kind="MAP_SERVICE"):
    """A draft of a map service on a stand-alone server.

    Made by `arcpy.sharing.CreateSharingDraft("STANDALONE_SERVER", "MAP_SERVICE", ...)`; `targetServer` is
    the server's address or a connection file (`.ags`).

    https://pro.arcgis.com/en/pro-app/latest/arcpy/sharing/mapservicedraft-class.htm
    """

    def __init__(self, map: Any, service_name: str, layers_and_tables: Any = None) -> None:
        super().__init__(Shared(map, layers_and_tables, drawn=True), service_name)
