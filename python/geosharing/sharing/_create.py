"""Which draft a script asks for."""

from __future__ import annotations

from typing import Any

from ..exceptions import InvalidInputError
from ._draft import SharingDraft
from ._feature import FeatureSharingDraft
from ._geoprocessing import GeoprocessingSharingDraft
from ._image import ImageSharingDraft
from ._maps import MapImageSharingDraft, MapServiceDraft, TileSharingDraft
from ._tiles import SceneLayerSharingDraft, VectorTileSharingDraft

__all__ = ["CreateSharingDraft", "map_of", "server_word", "web_layer_draft"]

# What may follow what: https://pro.arcgis.com/en/pro-app/latest/arcpy/mapping/map-class.htm
WEB_LAYERS: dict[str, tuple[str, ...]] = {
    "FEATURE": ("HOSTING_SERVER",),
    "TILE": ("HOSTING_SERVER",),
    "MAP_IMAGE": ("FEDERATED_SERVER",),
    "SCENE_LAYER": ("HOSTING_SERVER", "FEDERATED_SERVER"),
    "VECTOR_TILE": ("HOSTING_SERVER", "FEDERATED_SERVER"),
}
SERVICES: dict[str, tuple[str, ...]] = {
    "MAP_SERVICE": ("STANDALONE_SERVER",),
    "GP_SERVICE": ("STANDALONE_SERVER",),
    "WEB_TOOL": ("FEDERATED_SERVER",),
    "IMAGE_SERVICE": ("STANDALONE_SERVER",),
    "WEB_IMAGERY_LAYER": ("FEDERATED_SERVER",),
}
SERVERS = ("HOSTING_SERVER", "FEDERATED_SERVER", "STANDALONE_SERVER")
SPELLINGS = {
    "MY_HOSTED_SERVICES": "HOSTING_SERVER",
    "ARCGIS_ONLINE": "HOSTING_SERVER",
    "ARCGIS_SERVER": "STANDALONE_SERVER",
    "FROM_CONNECTION_FILE": "STANDALONE_SERVER",
}


def server_word(server_type: Any) -> str:
    """Return arcpy's word for a server type, from the spellings that scripts use.

    Raises:
        InvalidInputError: it is none of them.
    """
    word = str(server_type or "").strip().upper().replace(" ", "_")
    word = SPELLINGS.get(word, word)
    if word not in SERVERS:
        raise InvalidInputError(f"`{server_type}` is no server_type: pass one of {_list(SERVERS)}")
    return word


def _list(words: Any) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _checked(server_type: Any, service_type: Any, pairs: dict[str, tuple[str, ...]]) -> tuple[str, str]:
    server = server_word(server_type)
    service = str(service_type or "").strip().upper().replace(" ", "_")
    if service not in pairs:
        raise InvalidInputError(f"`{service_type}` is no service_type: pass one of {_list(pairs)}")
    if server not in pairs[service]:
        raise InvalidInputError(
            f"service_type `{service}` does not go with server_type `{server}`: pass {_list(pairs[service])}"
        )
    return server, service


def web_layer_draft(
    map: Any, server_type: str, service_type: str, service_name: str, layers_and_tables: Any = None
) -> SharingDraft:
    """Return the sharing draft of a map; what `Map.getWebLayerSharingDraft` calls.

    Args:
        map: the map.
        server_type: `HOSTING_SERVER` or `FEDERATED_SERVER`.
        service_type: `FEATURE`, `TILE`, `MAP_IMAGE`, `VECTOR_TILE` or `SCENE_LAYER`.
        service_name: name of the service, up to 120 letters, digits and underscores.
        layers_and_tables: a layer or table, or a list; all of the map when left out.

    Raises:
        InvalidInputError: the types do not go together, or a layer is not of this map.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/mapping/map-class.htm
    """
    server, service = _checked(server_type, service_type, WEB_LAYERS)
    if service == "FEATURE":
        return FeatureSharingDraft(map, service_name, layers_and_tables)
    if service == "TILE":
        return TileSharingDraft(map, service_name, layers_and_tables)
    if service == "MAP_IMAGE":
        return MapImageSharingDraft(map, service_name, layers_and_tables)
    direct = VectorTileSharingDraft if service == "VECTOR_TILE" else SceneLayerSharingDraft
    return direct(map, service_name, layers_and_tables, server)


def map_of(map_or_layers: Any) -> tuple[Any, list[Any] | None]:
    """Return a map and the layers of it that are meant: None for the whole map.

    Args:
        map_or_layers: a map, a layer, or a list of layers of one map.

    Raises:
        InvalidInputError: it is none of these, or the layers are of several maps.
    """
    if hasattr(map_or_layers, "getWebLayerSharingDraft"):
        return map_or_layers, None
    layers = list(map_or_layers) if isinstance(map_or_layers, (list, tuple)) else [map_or_layers]
    if len(layers) == 1 and hasattr(layers[0], "getWebLayerSharingDraft"):
        return layers[0], None
    from ..mp import Map

    owners = {
        (id(layer._native), layer._map_uri): layer for layer in layers if getattr(layer, "_map_uri", None)
    }
    if len(owners) != 1:
        raise InvalidInputError("pass a map, or layers of one map of a project")
    layer = next(iter(owners.values()))
    return Map(layer._native, layer._map_uri), layers


def CreateSharingDraft(server_type: str, service_type: str, service_name: str, draft_value: Any) -> Any:
    """Return the sharing draft of a map service, tool, image service or imagery layer.

    Args:
        server_type: `STANDALONE_SERVER` or `FEDERATED_SERVER`.
        service_type: `MAP_SERVICE`, `GP_SERVICE`, `IMAGE_SERVICE` on a stand-alone server; `WEB_TOOL`,
            `WEB_IMAGERY_LAYER` on a federated one.
        service_name: name of the service, up to 120 letters, digits and underscores.
        draft_value: a map, a layer or a list of layers; a Result, the path of a result file, or a list of these;
            a raster or its path.

    Raises:
        InvalidInputError: the types do not go together, or `draft_value` is of another kind.
        MissingError: there is no such raster.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/sharing/createsharingdraft.htm
    """
    word = str(service_type or "").strip().upper()
    if word in WEB_LAYERS and hasattr(draft_value, "listLayers"):
        return web_layer_draft(draft_value, server_type, service_type, service_name)
    server, service = _checked(server_type, service_type, SERVICES)
    if service == "MAP_SERVICE":
        map, layers = map_of(draft_value)
        return MapServiceDraft(map, service_name, layers)
    if service in ("GP_SERVICE", "WEB_TOOL"):
        return GeoprocessingSharingDraft(serverType=server, serviceName=service_name, draftValue=draft_value)
    return ImageSharingDraft(draft_value, service_name, server)
