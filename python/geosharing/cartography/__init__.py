"""arcpy.cartography: simplified lines and polygons."""

from ._simplify import SimplifyLine as SimplifyLine
from ._simplify import SimplifyPolygon as SimplifyPolygon

__all__ = ["SimplifyLine", "SimplifyPolygon"]
