"""`arcpy.mapping.AnalyzeForSD`."""

from __future__ import annotations

from typing import Any

from ..gp.findings import Analysis
from ..sharing._analyze import _analyze

__all__ = ["AnalyzeForSD"]


def AnalyzeForSD(sddraft: Any) -> Analysis:
    """Return what is wrong with a draft, with what only ArcMap said: slow labels, symbols and scales.

    Args:
        sddraft: path of the `.sddraft`, as exported or as edited since.

    Returns:
        `{'messages': {(text, code): [layers]}, 'warnings': {...}, 'errors': {...}}`.

    Raises:
        ExecuteError: the draft or the project that it names does not exist, or is no draft.

    https://desktop.arcgis.com/en/arcmap/10.7/analyze/arcpy-mapping/analyzeforsd.htm
    """
    return _analyze(sddraft, arcmap=True)
