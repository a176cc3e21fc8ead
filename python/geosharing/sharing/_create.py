"""Which draft a script asks for."""

from __future__ import annotations

from typing import Any, NoReturn

from ..exceptions import InvalidInputError, NotSupportedError
from ._feature import FeatureSharingDraft
from ._geoprocessing import GeoprocessingSharingDraft

__all__ = ["CreateSharingDraft", "server_word", "web_layer_draft"]

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
AVAILABLE = "available is `FEATURE` on `HOSTING_SERVER` (Map.getWebLayerSharingDraft)"


def server_word(server_type: Any) -> str:
    """Return arcpy's word for a server type, from the spellings that scripts use.

    Raises:
        InvalidInputError: it is none of them.
    """
    word = str(server_type or "").strip().upper().replace(" ", "_")
    word = {"MY_HOSTED_SERVICES": "HOSTING_SERVER", "ARCGIS_ONLINE": "HOSTING_SERVER"}.get(word, word)
    if word not in SERVERS:
        raise InvalidInputError(f"`{server_type}` is no server_type: pass one of {_list(SERVERS)}")
    return word


def _list(words: Any) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _checked(server_type: Any, service_type: Any, pairs: dict[str, tuple[str, ...]]) -> str:
    server = server_word(server_type)
    service = str(service_type or "").strip().upper().replace(" ", "_")
    if service not in pairs:
        raise InvalidInputError(f"`{service_type}` is no service_type: pass one of {_list(pairs)}")
    if server not in pairs[service]:
        raise InvalidInputError(
            f"service_type `{service}` does not go with server_type `{server}`: pass {_list(pairs[service])}"
        )
    return service


def _unsupported(service: str) -> NoReturn:
    raise NotSupportedError(f"drafts of `{service}` are not supported yet; {AVAILABLE}")


def web_layer_draft(
    map: Any, server_type: str, service_type: str, service_name: str, layers_and_tables: Any = None
) -> FeatureSharingDraft:
    """Return the sharing draft of a map; what `Map.getWebLayerSharingDraft` calls.

    Args:
        map: the map.
        server_type: `HOSTING_SERVER` or `FEDERATED_SERVER`.
        service_type: `FEATURE`; the other kinds raise.
        service_name: name of the service, up to 120 letters, digits and underscores.
        layers_and_tables: a layer or table, or a list; all of the map when left out.

    Raises:
        InvalidInputError: the types do not go together, or a layer is not of this map.
        NotSupportedError: the kind is not available yet.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/mapping/map-class.htm
    """
    service = _checked(server_type, service_type, WEB_LAYERS)
    if service != "FEATURE":
        _unsupported(service)
    return FeatureSharingDraft(map, service_name, layers_and_tables)


def CreateSharingDraft(
    server_type: str, service_type: str, service_name: str, draft_value: Any
) -> FeatureSharingDraft | GeoprocessingSharingDraft:
    """Return the sharing draft of a map service, tool or imagery layer.

    Args:
        server_type: `STANDALONE_SERVER` or `FEDERATED_SERVER`.
        service_type: `GP_SERVICE` or `WEB_TOOL`; the other kinds raise.
        service_name: name of the service.
        draft_value: for tools a Result, the path of a result file, or a list of these.

    Raises:
        InvalidInputError: the types do not go together.
        NotSupportedError: the kind is not available yet.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/sharing/createsharingdraft.htm
    """
    word = str(service_type or "").strip().upper()
    if word in WEB_LAYERS and hasattr(draft_value, "listLayers"):
        return web_layer_draft(draft_value, server_type, service_type, service_name)
    service = _checked(server_type, service_type, SERVICES)
    if service in ("GP_SERVICE", "WEB_TOOL"):
        return GeoprocessingSharingDraft(
            serverType=server_word(server_type), serviceName=service_name, draftValue=draft_value
        )
    _unsupported(service)
