"""What would go wrong: the analyzers before anything is staged.

ArcGIS tells at the end of a long publishing run what it has against a map. Here a project, a map or
layer file, a draft, a service definition or a Python toolbox is looked at in well under a second, and each
finding comes with its cause, what helps, and the page that documents it. What cannot be decided
without ArcGIS or a server is said, too, with the reason.

Examples:
    >>> from geosharing import analyze
    >>> analyze.entry(102).fix
    'Add a layer of a suitable type and make it visible.'
    >>> print(analyze.analyze("examples/amc16/AMC16AGP.aprx").to_text())  # doctest: +SKIP
"""

from ._catalogue import Entry, catalogue, entry
from ._file import analyze, analyze_sddraft
from ._map import analyze_map, draft_findings
from ._report import NotChecked, Report
from ._tools import analyze_tools

__all__ = [
    "Entry",
    "NotChecked",
    "Report",
    "analyze",
    "analyze_map",
    "analyze_sddraft",
    "analyze_tools",
    "catalogue",
    "draft_findings",
    "entry",
]
