"""Pictures of query answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from geosharing import _native


def draw_features(
    layers: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]], *, width: int = 800, height: int = 600
) -> bytes:
    """Draw answers of feature services with the symbols of their layers.

    Args:
        layers: For each layer its REST description (`f=json`) and the answer of its `query`, the
            topmost first. All answers must be in one spatial reference; ask for it by `outSR`.
        width: Pixels.
        height: Pixels.

    Returns:
        A PNG file.

    Raises:
        InvalidInputError: If an answer has no features, or a layer no geometry type.

    Examples:
        >>> layer = {"geometryType": "esriGeometryPoint"}
        >>> answer = {"features": [{"attributes": {}, "geometry": {"x": 1, "y": 2}}]}
        >>> draw_features([(layer, answer)], width=20, height=20)[1:4]
        b'PNG'
    """
    pairs = [(dict(layer), dict(answer)) for layer, answer in layers]
    return bytes(_native.draw_features(pairs, width, height))
