"""Services described: read, checked, edited and written in every form that the field uses.

A description is the JSON of the Create Service operation, a draft (`.sddraft`), or both at once:

    from geosharing.services import ServiceDescription

    service = ServiceDescription.from_sddraft("Roads.sddraft")
    service.properties.maxRecordCount = 5000
    service.extension("WMSServer").enabled = True
    service.to_sddraft("Roads.sddraft")
"""

from ..admin import AdminClient
from ._description import Difference, Fault, ServiceDescription
from ._sections import Extension, Properties

__all__ = ["AdminClient", "Difference", "Extension", "Fault", "Properties", "ServiceDescription"]
