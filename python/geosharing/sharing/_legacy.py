"""The functions from before the draft classes."""

from __future__ import annotations

from typing import Any

from ..exceptions import InvalidInputError
from ..gp.findings import Analysis
from ..gp.values import given
from ._create import map_of, server_word, web_layer_draft
from ._draft import FileDraft
from ._geocode import GeocodeDraft
from ._image import ImageSharingDraft
from ._maps import MapServiceDraft
from ._tiles import SceneLayerSharingDraft, VectorTileSharingDraft

__all__ = ["CreateGeocodeSDDraft", "CreateImageSDDraft", "CreateMapServiceSDDraft", "CreateWebLayerSDDraft"]

# What scripts call the kinds; the newer words beside the older ones.
WEB_LAYERS: dict[str, str] = {
    "FEATURE": "FEATURE",
    "FEATURES": "FEATURE",
    "FEATURE_ACCESS": "FEATURE",
    "TILE": "TILE",
    "TILED": "TILE",
    "TILED_LAYER": "TILE",
    "CACHED_MAP_SERVICE": "TILE",
    "MAP_IMAGE": "MAP_IMAGE",
    "VECTOR_TILE": "VECTOR_TILE",
    "SCENE_LAYER": "SCENE_LAYER",
}
OPERATIONS = {"GEOCODE": "Geocode", "REVERSE_GEOCODE": "ReverseGeocode", "SUGGEST": "Suggest"}


def _flag(value: Any) -> bool:
    return value.strip().lower() in ("true", "1", "yes") if isinstance(value, str) else bool(value)


def _described(draft: Any, **words: Any) -> None:
    for name, value in words.items():
        setattr(draft, name, given(value) or "")


def CreateWebLayerSDDraft(
    map_or_layers: Any,
    out_sddraft: Any,
    service_name: str,
    server_type: str = "HOSTING_SERVER",
    service_type: str = "",
    folder_name: str | None = None,
    overwrite_existing_service: Any = False,
    copy_data_to_server: Any = False,
    enable_editing: Any = False,
    allow_exporting: Any = True,
    enable_sync: Any = False,
    summary: str | None = None,
    tags: str | None = None,
    description: str | None = None,
    credits: str | None = None,
    use_limitations: str | None = None,
) -> Analysis:
    """Write the draft of a web layer in one call; `Map.getWebLayerSharingDraft` is the newer way.

    Args:
        map_or_layers: a map, a layer, or a list of layers of one map.
        out_sddraft: path of the `.sddraft`.
        service_name: name of the service.
        server_type: `HOSTING_SERVER` (also `MY_HOSTED_SERVICES`), `FEDERATED_SERVER` or
            `STANDALONE_SERVER`. The latter two are drafts without a target: no address can be given here.
        service_type: `FEATURE_ACCESS` (the default), `TILED`, `MAP_IMAGE`; `MAP_SERVICE` on a stand-alone
            server.
        folder_name: a folder in My Content, or of the server.
        overwrite_existing_service: replace a service of this name.
        copy_data_to_server: copy registered data, too; hosted layers always hold a copy.
        enable_editing: let clients create, update and delete features.
        allow_exporting: let others export the layer.
        enable_sync: let clients take the layer offline.
        summary: one or two sentences for the item.
        tags: words with commas.
        description: description of the item.
        credits: who made the data.
        use_limitations: terms of use.

    Returns:
        The dictionary of messages, warnings and errors.

    Raises:
        ExecuteError: there are errors, or the file cannot be written.
        InvalidInputError: the types do not go together, or the kind is written to no draft.
    """
    server = server_word(server_type or "HOSTING_SERVER")
    asked = str(service_type or "").strip().upper().replace(" ", "_").strip("#")
    usual = {"HOSTING_SERVER": "FEATURE", "FEDERATED_SERVER": "MAP_IMAGE", "STANDALONE_SERVER": "MAP_SERVICE"}
    kind = WEB_LAYERS.get(asked, asked) or usual[server]
    map, layers = map_of(map_or_layers)
    if kind == "MAP_SERVICE" and server == "STANDALONE_SERVER":
        draft: Any = MapServiceDraft(map, service_name, layers)
    elif kind in WEB_LAYERS.values():
        draft = web_layer_draft(map, server, kind, service_name, layers)
    else:
        words = ", ".join(f"`{word}`" for word in ("FEATURE_ACCESS", "TILED", "MAP_IMAGE", "MAP_SERVICE"))
        raise InvalidInputError(f"`{service_type}` is no service_type of `{server}`: pass one of {words}")
    if isinstance(draft, (VectorTileSharingDraft, SceneLayerSharingDraft)):
        raise InvalidInputError(
            f"there is no draft file of `{kind}`: call arcpy.sharing.Publish with its draft"
        )
    operations = ["Query"]
    if _flag(enable_editing):
        operations += ["Create", "Update", "Delete", "Editing"]
    if _flag(enable_sync):
        operations.append("Sync")
    if kind == "FEATURE":
        draft.featureCapabilities = ",".join(operations)
        draft.allowExporting = allow_exporting
    elif kind != "TILE":
        # Nothing here names the server, so the draft is for any.
        draft.offline = True
        draft.copyDataToServer = copy_data_to_server
        draft.serverFolder = folder_name
        if len(operations) > 1:
            draft.extension.feature.isEnabled = True
            draft.extension.feature.featureCapabilities = ",".join(operations)
    if kind in ("FEATURE", "TILE"):
        draft.portalFolder = folder_name
    draft.overwriteExistingService = overwrite_existing_service
    _described(
        draft,
        summary=summary,
        tags=tags,
        description=description,
        credits=credits,
        useLimitations=use_limitations,
    )
    found: Analysis = draft.exportToSDDraft(out_sddraft)
    return found


def _to_server(draft: FileDraft, server_type: Any, connection_file_path: Any, folder_name: Any) -> None:
    """Give a draft its server: a connection file, or none."""
    word = str(given(server_type) or "ARCGIS_SERVER").strip().upper()
    known = ("ARCGIS_SERVER", "FROM_CONNECTION_FILE")
    if word not in known:
        raise InvalidInputError(
            f"`{server_type}` is no server_type: pass `ARCGIS_SERVER` or `FROM_CONNECTION_FILE`"
        )
    connection = given(connection_file_path)
    if word == "FROM_CONNECTION_FILE" and connection is None:
        raise InvalidInputError("server_type `FROM_CONNECTION_FILE` needs a connection_file_path (.ags)")
    if connection is None:
        draft._draft.set("offline", True)
    else:
        draft._draft.set("targetServer", connection)
    draft._draft.set("serverFolder", given(folder_name))


def CreateMapServiceSDDraft(
    map: Any,
    layers: list[Any] | None,
    out_sddraft: Any,
    service_name: str,
    server_type: Any,
    connection_file_path: Any,
    copy_data_to_server: Any,
    folder_name: Any,
    summary: Any,
    tags: Any,
) -> Analysis:
    """Write the draft of a map service in one call; what `arcpy.mapping.CreateMapSDDraft` does."""
    draft = MapServiceDraft(map, service_name, layers)
    _to_server(draft, server_type, connection_file_path, folder_name)
    draft._draft.set("copyDataToServer", copy_data_to_server)
    _described(draft, summary=summary, tags=tags)
    return draft.exportToSDDraft(out_sddraft)


def CreateImageSDDraft(
    raster_or_mosaic_layer: Any,
    out_sddraft: Any,
    service_name: str,
    server_type: str = "ARCGIS_SERVER",
    connection_file_path: Any = "",
    copy_data_to_server: Any = False,
    folder_name: str | None = None,
    summary: str | None = None,
    tags: str | None = None,
) -> Analysis:
    """Write the draft of an image service.

    Args:
        raster_or_mosaic_layer: path of a raster, or a raster layer. Mosaic datasets are not read.
        out_sddraft: path of the `.sddraft`.
        service_name: name of the service.
        server_type: `ARCGIS_SERVER` or `FROM_CONNECTION_FILE`.
        connection_file_path: a connection file (`.ags`); without one the draft is for any server.
        copy_data_to_server: copy the raster; else it must be in a folder that the server knows.
        folder_name: a folder of the server.
        summary: one or two sentences for the item.
        tags: words with commas.

    Returns:
        The dictionary of messages, warnings and errors.

    Raises:
        ExecuteError: there are errors, or the file cannot be written.
        MissingError: there is no such raster.
        NotSupportedError: the raster cannot be read.

    https://pro.arcgis.com/en/pro-app/arcpy/functions/createimagesddraft.htm
    """
    draft = ImageSharingDraft(raster_or_mosaic_layer, service_name)
    _to_server(draft, server_type, connection_file_path, folder_name)
    draft._draft.set("copyDataToServer", copy_data_to_server)
    _described(draft, summary=summary, tags=tags)
    return draft.exportToSDDraft(out_sddraft)


def CreateGeocodeSDDraft(
    loc_path: Any,
    out_sddraft: Any,
    service_name: str,
    server_type: str = "ARCGIS_SERVER",
    connection_file_path: Any = None,
    copy_data_to_server: Any = False,
    folder_name: str | None = None,
    summary: str | None = None,
    tags: str | None = None,
    max_result_size: int = 500,
    max_batch_size: int = 1000,
    suggested_batch_size: int = 1000,
    supported_operations: Any = ["GEOCODE", "REVERSE_GEOCODE", "SUGGEST"],  # noqa: B006
    overwrite_existing_service: Any = False,
) -> Analysis:
    """Write the draft of a geocode service.

    Args:
        loc_path: path of a locator (`.loc`, or without the ending).
        out_sddraft: path of the `.sddraft`.
        service_name: name of the service.
        server_type: `ARCGIS_SERVER` or `FROM_CONNECTION_FILE`.
        connection_file_path: a connection file (`.ags`); without one the draft is for any server.
        copy_data_to_server: copy the locator; else it must be in a folder that the server knows.
        folder_name: a folder of the server.
        summary: one or two sentences for the item.
        tags: words with commas.
        max_result_size: the most results of one request.
        max_batch_size: the most addresses of one request.
        suggested_batch_size: how many addresses clients had best send at a time.
        supported_operations: some of `GEOCODE`, `REVERSE_GEOCODE`, `SUGGEST`.
        overwrite_existing_service: replace a service of this name.

    Returns:
        The dictionary of messages, warnings and errors.

    Raises:
        ExecuteError: there are errors, or the file cannot be written.
        InvalidInputError: the locator lies in a geodatabase, or an operation is unknown.
        MissingError: there is no such locator.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/creategeocodesddraft.htm
    """
    draft = GeocodeDraft(loc_path, service_name)
    _to_server(draft, server_type, connection_file_path, folder_name)
    asked = supported_operations or []
    listed = asked.replace(";", ",").split(",") if isinstance(asked, str) else list(asked)
    words = [str(word).strip().upper() for word in listed if str(word).strip()]
    unknown = [word for word in words if word not in OPERATIONS]
    if unknown:
        known = ", ".join(f"`{word}`" for word in OPERATIONS)
        raise InvalidInputError(f"`{unknown[0]}` is no operation of a locator: pass some of {known}")
    settings = {
        "copyDataToServer": copy_data_to_server,
        "supportedOperations": ",".join(OPERATIONS[word] for word in words),
        "maxResultSize": max_result_size,
        "maxBatchSize": max_batch_size,
        "suggestedBatchSize": suggested_batch_size,
        "overwriteExistingService": overwrite_existing_service,
    }
    for name, value in settings.items():
        draft._draft.set(name, value)
    _described(draft, summary=summary, tags=tags)
    return draft.exportToSDDraft(out_sddraft)
