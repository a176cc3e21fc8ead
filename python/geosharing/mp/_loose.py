"""Layers and tables that belong to no project yet."""

from __future__ import annotations

import json
import os
import tempfile
from typing import Any

from geosharing import _native

from . import _names

__all__ = ["loose"]


def loose(data_source: Any) -> tuple[dict[str, Any], Any]:
    """Return the view and the holder of a new layer or table that shows a data source."""
    from ._map import add_data

    folder = os.path.dirname(os.path.abspath(os.fspath(_names.destination(data_source))))
    # The holder is a layer file that is never saved; relative paths count from where it is read.
    with tempfile.NamedTemporaryFile("w", suffix=".lyrx", delete=False) as file:
        json.dump(
            {"type": "CIMLayerDocument", "version": "3.3.0", "layers": [], "layerDefinitions": []}, file
        )
    try:
        holder = _native.Project.open(file.name)
    finally:
        os.unlink(file.name)
    uri = add_data(holder, "", data_source, base=folder)
    layers, tables = holder.contents("")
    return next(view for view in layers + tables if view["uri"] == uri), holder
