"""arcpy.management: the few tools of Data Management that publishing scripts lean on."""

from ._delete import Delete as Delete
from ._get_count import GetCount as GetCount

__all__ = ["Delete", "GetCount"]
