"""`AnalyzeForSD`: what ArcGIS has against a draft, before it is staged."""

from __future__ import annotations

from typing import Any

from ..analyze import analyze_sddraft
from ..exceptions import SharingError
from ..gp.findings import Analysis
from ..gp.values import literal_path

__all__ = ["AnalyzeForSD"]


def AnalyzeForSD(sddraft: Any) -> Analysis:
    """Return what is wrong with a draft: its settings as they stand, its map, and the map's data.

    ArcMap's function, which ArcGIS Pro lacks; layers in the answer are `arcpy.mp` layers.

    Args:
        sddraft: path of the `.sddraft`, as exported or as edited since.

    Returns:
        `{'messages': {(text, code): [layers]}, 'warnings': {...}, 'errors': {...}}`.

    Raises:
        ExecuteError: the draft or the project that it names does not exist, or is no draft.

    https://desktop.arcgis.com/en/arcmap/10.7/analyze/arcpy-mapping/analyzeforsd.htm
    """
    return _analyze(sddraft, arcmap=False)


def _analyze(sddraft: Any, *, arcmap: bool) -> Analysis:
    from ..exceptions import ExecuteError

    try:
        return analyze_sddraft(literal_path(sddraft), arcmap=arcmap).analysis
    except ExecuteError:
        raise
    except SharingError as error:
        raise ExecuteError(str(error)) from error
