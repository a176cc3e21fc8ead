"""Layers and table views that tools made by name, and what is selected in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["View", "add", "drop", "find", "of_layer", "selection_of"]


@dataclass
class View:
    """A named view on a dataset."""

    name: str
    path: str
    where: str | None = None
    spatial: bool = True
    selection: frozenset[int] | None = None
    """Ids of the selected rows; None when nothing is selected, so that all rows count."""
    hidden: frozenset[str] = frozenset()
    """Lower-case names of fields that the view does not show."""
    renamed: dict[str, str] = field(default_factory=dict)
    """New names of fields by their lower-case names."""
    layer: Any = None
    """The `mp.Layer` or `mp.Table` that shows it; a raster has no other."""


_views: dict[str, View] = {}
# Layers of projects have no view of their own; each entry keeps its layer alive, as ids are reused.
_of_layers: dict[Any, View] = {}


def add(view: View) -> View:
    """Register a view, replacing one of the same name."""
    _views[view.name.lower()] = view
    return view


def find(name: str) -> View | None:
    """Return the view of this name."""
    return _views.get(name.lower())


def drop(name: str) -> bool:
    """Forget a view; tells whether there was one."""
    return _views.pop(name.lower(), None) is not None


def of_layer(layer: Any) -> View:
    """Return the view of a layer object: the tool's own, or one that is made for it."""
    for view in _views.values():
        if view.layer is not None and view.layer == layer:
            return view
    if layer not in _of_layers:
        _of_layers[layer] = View(layer.name, layer.dataSource, None, layer=layer)
    return _of_layers[layer]


def selection_of(layer: Any) -> frozenset[int] | None:
    """Return the selected ids of a layer object."""
    return of_layer(layer).selection
