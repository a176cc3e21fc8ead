"""Rasters and locators that a draft names, as the rules see them."""

from __future__ import annotations

import html
import os
import re
from typing import Any

from .. import _native, data
from ..exceptions import SharingError

__all__ = ["data_facts", "raster_facts"]

_RESOURCE = re.compile(r"<SVCResource\b.*?<OnPremisePath>([^<]*)</OnPremisePath>", re.DOTALL)


def data_facts(draft: str) -> dict[str, Any]:
    """Return the `raster` or `locator` of an analysis: what the draft of an image or geocode service names."""
    product = _native.draft_product(draft)
    if product not in ("image", "geocode"):
        return {}
    named = _RESOURCE.search(draft)
    path = html.unescape(named[1]).strip() if named else ""
    # Nothing here connects to databases and services.
    if not path or ".sde" in path.lower() or "://" in path:
        return {}
    native = path.replace("\\", "/")
    place = native if os.path.exists(native) else path
    return {"raster": raster_facts(place)} if product == "image" else {"locator": _locator(place)}


def raster_facts(path: str) -> dict[str, Any]:
    """Return what a raster is, as `RasterFacts` of the core has it.

    Args:
        path: the raster, or a mosaic dataset in a geodatabase.
    """
    container = re.match(r"^(.*?\.gdb)[\\/](.+)$", path, re.IGNORECASE)
    if container:
        # Rasters and mosaic datasets of geodatabases are found or not; more needs ArcGIS.
        return {"path": path, "missing": not os.path.isdir(container[1]), "is_mosaic": True}
    if not os.path.exists(path):
        return {"path": path, "missing": True}
    try:
        told = data.details(path)
    except SharingError as error:
        return {"path": path, "missing": True, "fault": str(error)}
    facts: dict[str, Any] = {"path": path, "missing": False, "size": told.get("raster_size")}
    return facts | {"overviews": told.get("has_overviews"), "spatial_reference": told.get("raster_reference")}


def _locator(path: str) -> dict[str, Any]:
    stem, suffix = os.path.splitext(path)
    there = any(os.path.exists(name) for name in (path, f"{stem}.loc", f"{stem}.loz"))
    file = path if suffix.lower() in (".loc", ".loz") else f"{path}.loc"
    fault = None if there or os.path.exists(file) else f"there is no `{path}`"
    return {"path": file, "fault": fault}
