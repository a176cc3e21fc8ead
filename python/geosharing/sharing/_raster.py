"""What an image service shares: a raster."""

from __future__ import annotations

import os
from typing import Any

from .. import data
from ..exceptions import InvalidInputError
from . import _facts
from ._source import Source

__all__ = ["RasterSource"]


class RasterSource(Source):
    """A raster file, a raster in a file geodatabase, or a raster layer of a map.

    Args:
        raster: path or layer.

    Raises:
        InvalidInputError: it is neither.
        MissingError: there is no such raster.
        NotSupportedError: it is in no format that can be read.
    """

    def __init__(self, raster: Any) -> None:
        source = getattr(raster, "dataSource", raster)
        if not source or not isinstance(source, (str, os.PathLike)):
            raise InvalidInputError(f"`{raster}` is no raster: pass the path of one, or a raster layer")
        self.raster = raster
        self.path = os.path.abspath(os.fspath(source))
        self.about = data.describe_raster(self.path)

    def __str__(self) -> str:
        return f"raster {self.about['name']!r}"

    def describe(self, path: str | None = None) -> dict[str, Any]:
        """Return the facts that the draft is made of, in the form of the core's `MapSource`."""
        about = self.about
        return {
            **_facts.surroundings(path),
            "document": self.path,
            "map_name": about["name"],
            "spatial_reference": _facts.reference(about["spatialReference"]),
            "extent": about["extent"],
            "text": self._words(),
            "raster": {
                "workspace": about["workspace"],
                "name": about["name"],
                "mosaic": about["mosaic"],
                "fields": [],
            },
        }

    def _words(self) -> dict[str, str]:
        metadata = getattr(self.raster, "metadata", None)
        if metadata is None:
            from ..exceptions import SharingError
            from ..metadata import Metadata

            try:
                metadata = Metadata(self.path)
            except SharingError:
                return {}
        return _facts.words(metadata)
