"""arcpy.analysis: overlay and proximity.

Each function only translates its parameters; `geosharing.tools` does the work.
"""

from ._buffer import Buffer as Buffer
from ._buffer import PairwiseBuffer as PairwiseBuffer
from ._extract import Clip as Clip
from ._extract import PairwiseClip as PairwiseClip
from ._extract import Select as Select
from ._extract import TableSelect as TableSelect
from ._overlay import Erase as Erase
from ._overlay import Intersect as Intersect
from ._overlay import PairwiseErase as PairwiseErase
from ._overlay import PairwiseIntersect as PairwiseIntersect
from ._overlay import SpatialJoin as SpatialJoin
from ._overlay import Union as Union
from ._proximity import Near as Near
from ._statistics import PairwiseDissolve as PairwiseDissolve
from ._statistics import Statistics as Statistics

__all__ = [
    "Buffer",
    "Clip",
    "Erase",
    "Intersect",
    "Near",
    "PairwiseBuffer",
    "PairwiseClip",
    "PairwiseDissolve",
    "PairwiseErase",
    "PairwiseIntersect",
    "Select",
    "SpatialJoin",
    "Statistics",
    "TableSelect",
    "Union",
]
