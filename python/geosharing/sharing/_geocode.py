"""The draft that `CreateGeocodeSDDraft` makes; arcpy has no class of its own for it."""

from __future__ import annotations

from typing import Any

from ._draft import FileDraft
from ._locator import LocatorSource

__all__ = ["GeocodeDraft"]


class GeocodeDraft(FileDraft, kind="GEOCODE_SERVICE"):
    """A draft of a geocode service over a locator."""

    def __init__(self, locator: Any, service_name: str) -> None:
        super().__init__(LocatorSource(locator), service_name)
