"""`Publish`: what scene layers and vector tile layers need instead of a draft file."""

from __future__ import annotations

import re
from typing import Any, NoReturn

from ..exceptions import InvalidInputError, NotSupportedError
from ._draft import FileDraft
from ._tiles import SceneLayerSharingDraft, VectorTileSharingDraft

__all__ = ["Publish"]

ITEMS = ("web_scene_layer_id", "web_feature_layer_id", "map_image_layer_id", "vector_tile_layer_id")
ID = re.compile(r"[0-9a-f]{32}")


def _check_items(item_id: Any) -> None:
    if item_id is None:
        return
    if not isinstance(item_id, dict):
        raise InvalidInputError(f"item_id must be a dictionary of {', '.join(ITEMS)}, and not `{item_id}`")
    for key, value in item_id.items():
        if key not in ITEMS:
            raise InvalidInputError(f"item_id has no `{key}`: its keys are {', '.join(ITEMS)}")
        if not ID.fullmatch(str(value)):
            raise InvalidInputError(f"`{key}` is `{value}` and must be 32 characters of 0-9 and a-f")


def Publish(object: Any, item_id: Any = None) -> NoReturn:
    """Publish a scene layer or vector tile layer; neither can be published yet.

    Args:
        object: a `SceneLayerSharingDraft` or `VectorTileSharingDraft`.
        item_id: ids for the new items, by `web_scene_layer_id`, `web_feature_layer_id`,
            `map_image_layer_id`.

    Raises:
        InvalidInputError: it is another kind of draft, or an id is none.
        ExecuteError: the draft has errors.
        NotSupportedError: always, once everything else is right.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/sharing/publish.htm
    """
    if isinstance(object, FileDraft):
        raise InvalidInputError(
            f"`{type(object).__name__}` is published as a file: call exportToSDDraft, StageService and "
            "UploadServiceDefinition"
        )
    if not isinstance(object, (SceneLayerSharingDraft, VectorTileSharingDraft)):
        raise InvalidInputError(
            f"Publish takes a SceneLayerSharingDraft or VectorTileSharingDraft, and not `{type(object).__name__}`"
        )
    _check_items(item_id)
    scene = isinstance(object, SceneLayerSharingDraft)
    what, instead = (
        ("scene layers", "the data can be published as a feature layer (`FEATURE`)")
        if scene
        else ("vector tile layers", "the map can be published as a tile layer (`TILE`)")
    )
    raise NotSupportedError(
        f"publishing {what} is not supported: their caches cannot be built without ArcGIS; {instead}"
    )
