"""Spatial references of maps."""

from __future__ import annotations

from ..gp.reference import SpatialReference as SpatialReference

__all__ = ["SpatialReference"]
