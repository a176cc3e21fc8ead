"""Vector tile layers and scene layers: published without a draft file."""

from __future__ import annotations

from typing import Any

from ..exceptions import InvalidInputError
from ..gp.findings import Analysis
from ._draft import SharingDraft
from ._source import Shared

__all__ = ["SceneLayerSharingDraft", "VectorTileSharingDraft"]


class _Direct(SharingDraft):
    """A draft that `arcpy.sharing.Publish` takes as it is."""

    def __init__(
        self,
        map: Any,
        service_name: str,
        layers_and_tables: Any = None,
        server_type: str = "HOSTING_SERVER",
    ) -> None:
        super().__init__(Shared(map, layers_and_tables, drawn=True), service_name, serverType=server_type)

    def analyzeForSharing(self) -> Analysis:
        """Look for what would stop publishing.

        Returns:
            `{'messages': {}, 'warnings': {(text, code): [layers]}, 'errors': {}}`.
        """
        analysis = self.explain().analysis
        self.__dict__["_analysis"] = analysis
        return analysis


class VectorTileSharingDraft(_Direct, kind="VECTOR_TILE"):
    """A draft of a vector tile layer.

    Made by `Map.getWebLayerSharingDraft(..., "VECTOR_TILE", ...)`.

    https://doc.arcgis.com/en/allsource/latest/customization/sharing/vectortilesharingdraft-class.htm
    """


class SceneLayerSharingDraft(_Direct, kind="SCENE_LAYER"):
    """A draft of a web scene layer, of exactly one layer.

    Made by `Map.getWebLayerSharingDraft(..., "SCENE_LAYER", name, [layer])`.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/sharing/scenelayersharingdraft-class.htm
    """

    def __init__(
        self,
        map: Any,
        service_name: str,
        layers_and_tables: Any = None,
        server_type: str = "HOSTING_SERVER",
    ) -> None:
        super().__init__(map, service_name, layers_and_tables, server_type)
        chosen = getattr(self._source, "chosen", None) or []
        if len(chosen) != 1:
            raise InvalidInputError(
                f"a scene layer is made of exactly one layer and not of {len(chosen)}: pass a list with one layer"
            )
