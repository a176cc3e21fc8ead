"""Coordinates from one system into another."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ..exceptions import InvalidInputError
from ..gp.reference import SpatialReference

__all__ = ["reproject", "system", "transformer"]


def system(value: Any, parameter: str) -> Any:
    """Return the pyproj system that a parameter names: an object, a number, WKT or a .prj file.

    Raises:
        InvalidInputError: ERROR 000622 when it is none.
    """
    try:
        reference = value if isinstance(value, SpatialReference) else SpatialReference(value)
        crs = reference._crs()
    except (ValueError, OSError) as error:
        raise InvalidInputError(f"{parameter}: {error}", 622) from error
    if crs is None:
        raise InvalidInputError(f"{parameter}: the coordinate system is unknown", 622)
    return crs


@lru_cache(maxsize=64)
def transformer(source: Any, target: Any) -> Any:
    """Return what moves x and y from one system to the other."""
    import pyproj

    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def reproject(shapes: np.ndarray | None, change: Any) -> np.ndarray | None:
    """Return geometries in another system; Z is kept as it is.

    Raises:
        InvalidInputError: When a coordinate has no place in the other system.
    """
    import shapely

    if shapes is None:
        return None

    def move(x: Any, y: Any) -> Any:
        return change.transform(x, y)

    moved = (
        shapely.transform(shapes, move, include_z=False, interleaved=False) if not _any_z(shapes) else None
    )
    if moved is None:

        def move_z(x: Any, y: Any, z: Any) -> Any:
            new_x, new_y = change.transform(x, y)
            return new_x, new_y, z

        moved = shapely.transform(shapes, move_z, include_z=True, interleaved=False)
    bounds = shapely.bounds(moved)
    if np.isinf(bounds).any():
        raise InvalidInputError(
            "a feature lies outside of where the output coordinate system is defined", 517
        )
    return moved


def _any_z(shapes: np.ndarray) -> bool:
    import shapely

    return bool(shapely.has_z(shapes).any())
