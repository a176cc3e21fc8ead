"""The function from before the draft classes."""

from __future__ import annotations

from typing import Any

from ..exceptions import InvalidInputError, NotSupportedError
from ..gp.findings import Analysis
from ._create import AVAILABLE, server_word
from ._feature import FeatureSharingDraft

__all__ = ["CreateWebLayerSDDraft"]

FEATURES = {"", "#", "FEATURE", "FEATURE_ACCESS", "FEATURES"}
OTHERS = {"TILED", "TILE", "TILED_LAYER", "MAP_IMAGE", "VECTOR_TILE", "SCENE_LAYER", "CACHED_MAP_SERVICE"}


def _flag(value: Any) -> bool:
    return value.strip().lower() in ("true", "1", "yes") if isinstance(value, str) else bool(value)


def _map_of(layers: list[Any]) -> Any:
    from ..mp import Map

    owners = {
        (id(layer._native), layer._map_uri): layer for layer in layers if getattr(layer, "_map_uri", None)
    }
    if len(owners) != 1:
        raise InvalidInputError("map_or_layers must be a map, or layers of one map of a project")
    layer = next(iter(owners.values()))
    return Map(layer._native, layer._map_uri)


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
    """Write the draft of a web layer.

    Args:
        map_or_layers: a map, or layers of one map.
        out_sddraft: path of the `.sddraft`.
        service_name: name of the service.
        server_type: `HOSTING_SERVER`, also spelt `MY_HOSTED_SERVICES`.
        service_type: `FEATURE_ACCESS`, which is also the default; others raise.
        folder_name: folder in My Content.
        overwrite_existing_service: replace a service of this name.
        copy_data_to_server: without effect, since hosted layers always copy.
        enable_editing: let clients add, change and delete features.
        allow_exporting: let others export the layer.
        enable_sync: let clients take features offline.
        summary: one or two sentences for the item.
        tags: words to find the item by, separated by commas.
        description: the description of the item.
        credits: who made the data.
        use_limitations: the terms of use.

    Returns:
        What was found, as arcpy's dictionary of messages, warnings and errors.

    Raises:
        ExecuteError: there are errors, or the file cannot be written.
        NotSupportedError: the kind of layer is not available yet.
    """
    server = server_word(server_type or "HOSTING_SERVER")
    kind = str(service_type or "").strip().upper().replace(" ", "_")
    if kind in OTHERS or (kind in FEATURES and server != "HOSTING_SERVER"):
        raise NotSupportedError(f"drafts of `{kind or server}` are not supported yet; {AVAILABLE}")
    if kind not in FEATURES:
        raise InvalidInputError(f"`{service_type}` is no service_type: pass `FEATURE_ACCESS`")
    if hasattr(map_or_layers, "getWebLayerSharingDraft"):
        draft = FeatureSharingDraft(map_or_layers, service_name)
    else:
        layers = list(map_or_layers) if isinstance(map_or_layers, (list, tuple)) else [map_or_layers]
        draft = FeatureSharingDraft(_map_of(layers), service_name, layers)
    operations = ["Query"]
    if _flag(enable_editing):
        operations += ["Create", "Update", "Delete", "Editing"]
    if _flag(enable_sync):
        operations.append("Sync")
    draft.featureCapabilities = ",".join(operations)
    draft.allowExporting = allow_exporting
    draft.overwriteExistingService = overwrite_existing_service
    draft.portalFolder = folder_name
    draft.summary, draft.tags, draft.description = summary, tags, description
    draft.credits, draft.useLimitations = credits, use_limitations
    return draft.exportToSDDraft(out_sddraft)
