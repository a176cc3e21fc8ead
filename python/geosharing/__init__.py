"""Publish web layers, map services and web tools from Python, with arcpy's names and files.

`import geosharing as arcpy` gives scripts the names that they know; `geosharing.client` and
`geosharing.site` are the same powers under typed names of our own.
"""

import importlib as _importlib
from typing import Any as _Any

from .exceptions import ExecuteError as ExecuteError
from .exceptions import ExecuteWarning as ExecuteWarning
from .exceptions import SharingError as SharingError
from .gp.connection import ClearCredentials as ClearCredentials
from .gp.connection import CreateAGSServerConnection as CreateAGSServerConnection
from .gp.connection import CreateGISServerConnectionFile as CreateGISServerConnectionFile
from .gp.connection import ImportCredentials as ImportCredentials
from .gp.datasets import CreateScratchName as CreateScratchName
from .gp.datasets import CreateUniqueName as CreateUniqueName
from .gp.datasets import Describe as Describe
from .gp.datasets import Exists as Exists
from .gp.datasets import Extent as Extent
from .gp.datasets import Field as Field
from .gp.datasets import ListDatasets as ListDatasets
from .gp.datasets import ListFeatureClasses as ListFeatureClasses
from .gp.datasets import ListFields as ListFields
from .gp.datasets import ListFiles as ListFiles
from .gp.datasets import ListRasters as ListRasters
from .gp.datasets import ListTables as ListTables
from .gp.datasets import ListWorkspaces as ListWorkspaces
from .gp.datastore import AddDataStoreItem as AddDataStoreItem
from .gp.datastore import ListDataStoreItems as ListDataStoreItems
from .gp.datastore import RemoveDataStoreItem as RemoveDataStoreItem
from .gp.datastore import ValidateDataStoreItem as ValidateDataStoreItem
from .gp.env import ClearEnvironment as ClearEnvironment
from .gp.env import EnvManager as EnvManager
from .gp.env import ListEnvironments as ListEnvironments
from .gp.env import ResetEnvironments as ResetEnvironments
from .gp.env import env as env
from .gp.featureset import FeatureSet as FeatureSet
from .gp.featureset import RecordSet as RecordSet
from .gp.fieldmap import FieldMap as FieldMap
from .gp.fieldmap import FieldMappings as FieldMappings
from .gp.geometry import Array as Array
from .gp.geometry import AsShape as AsShape
from .gp.geometry import FromWKB as FromWKB
from .gp.geometry import FromWKT as FromWKT
from .gp.geometry import Geometry as Geometry
from .gp.geometry import Multipoint as Multipoint
from .gp.geometry import Point as Point
from .gp.geometry import PointGeometry as PointGeometry
from .gp.geometry import Polygon as Polygon
from .gp.geometry import Polyline as Polyline
from .gp.importing import AddToolbox as AddToolbox
from .gp.importing import ImportToolbox as ImportToolbox
from .gp.importing import ListToolboxes as ListToolboxes
from .gp.importing import ListTools as ListTools
from .gp.importing import RemoveToolbox as RemoveToolbox
from .gp.messages import AddError as AddError
from .gp.messages import AddIDMessage as AddIDMessage
from .gp.messages import AddMessage as AddMessage
from .gp.messages import AddReturnMessage as AddReturnMessage
from .gp.messages import AddWarning as AddWarning
from .gp.messages import GetAllMessages as GetAllMessages
from .gp.messages import GetIDMessage as GetIDMessage
from .gp.messages import GetMaxSeverity as GetMaxSeverity
from .gp.messages import GetMessage as GetMessage
from .gp.messages import GetMessageCount as GetMessageCount
from .gp.messages import GetMessages as GetMessages
from .gp.messages import GetReturnCode as GetReturnCode
from .gp.messages import GetSeverity as GetSeverity
from .gp.messages import GetSeverityLevel as GetSeverityLevel
from .gp.messages import SetSeverityLevel as SetSeverityLevel
from .gp.naming import AddFieldDelimiters as AddFieldDelimiters
from .gp.naming import ParseFieldName as ParseFieldName
from .gp.naming import ParseTableName as ParseTableName
from .gp.naming import ValidateFieldName as ValidateFieldName
from .gp.naming import ValidateTableName as ValidateTableName
from .gp.parameter import Parameter as Parameter
from .gp.portal import GetActivePortalURL as GetActivePortalURL
from .gp.portal import GetPortalDescription as GetPortalDescription
from .gp.portal import GetPortalInfo as GetPortalInfo
from .gp.portal import GetSigninToken as GetSigninToken
from .gp.portal import ListPortalURLs as ListPortalURLs
from .gp.portal import SignInToPortal as SignInToPortal
from .gp.portal import SignOutFromPortal as SignOutFromPortal
from .gp.reference import SpatialReference as SpatialReference
from .gp.result import Result as Result
from .gp.script import CheckExtension as CheckExtension
from .gp.script import CheckInExtension as CheckInExtension
from .gp.script import CheckOutExtension as CheckOutExtension
from .gp.script import CheckProduct as CheckProduct
from .gp.script import GetArgumentCount as GetArgumentCount
from .gp.script import GetInstallInfo as GetInstallInfo
from .gp.script import GetLogHistory as GetLogHistory
from .gp.script import GetLogMetadata as GetLogMetadata
from .gp.script import GetParameter as GetParameter
from .gp.script import GetParameterAsText as GetParameterAsText
from .gp.script import GetParameterCount as GetParameterCount
from .gp.script import GetParameterInfo as GetParameterInfo
from .gp.script import GetParameterValue as GetParameterValue
from .gp.script import IsSynchronous as IsSynchronous
from .gp.script import ProductInfo as ProductInfo
from .gp.script import ResetProgressor as ResetProgressor
from .gp.script import SetLogHistory as SetLogHistory
from .gp.script import SetLogMetadata as SetLogMetadata
from .gp.script import SetParameter as SetParameter
from .gp.script import SetParameterAsText as SetParameterAsText
from .gp.script import SetProduct as SetProduct
from .gp.script import SetProgressor as SetProgressor
from .gp.script import SetProgressorLabel as SetProgressorLabel
from .gp.script import SetProgressorPosition as SetProgressorPosition
from .gp.script import Usage as Usage
from .gp.valuetable import ValueTable as ValueTable
from .sharing._gp import CreateGPSDDraft as CreateGPSDDraft

__version__ = "0.1.0"

# Loaded when first named, so that a script pays for what it uses.
_SUBMODULES = (
    "admin",
    "analysis",
    "analyze",
    "cartography",
    "cim",
    "client",
    "connections",
    "conversion",
    "da",
    "data",
    "management",
    "mapping",
    "metadata",
    "mp",
    "sa",
    "server",
    "services",
    "sharing",
    "site",
)
# Functions of arcpy's first level that live with the drafts.
_DRAFTS = {"CreateGeocodeSDDraft": ".sharing._legacy", "CreateImageSDDraft": ".sharing._legacy"}
_TOOLBOXES = ("analysis", "cartography", "conversion", "management", "sa", "server")


def __getattr__(name: str) -> _Any:
    if name in _SUBMODULES:
        return _importlib.import_module(f".{name}", __name__)
    if name == "_mp":
        # What isinstance checks in scripts name, `arcpy._mp.Map`.
        return _importlib.import_module(".mp", __name__)
    if name in _DRAFTS:
        return getattr(_importlib.import_module(_DRAFTS[name], __name__), name)
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    tool, _, toolbox = name.rpartition("_")
    if tool and toolbox in _TOOLBOXES and hasattr(_importlib.import_module(f".{toolbox}", __name__), tool):
        return getattr(_importlib.import_module(f".{toolbox}", __name__), tool)
    from .gp.importing import imported

    found = imported(name)
    if found is not None:
        return found
    import difflib

    close = difflib.get_close_matches(name, __dir__(), 1)
    hint = f"; did you mean `{close[0]}`?" if close else "; the README lists what is supported"
    raise AttributeError(f"geosharing has no `{name}`{hint}")


def __dir__() -> list[str]:
    tools = [
        f"{tool}_{toolbox}"
        for toolbox in _TOOLBOXES
        for tool in _importlib.import_module(f".{toolbox}", __name__).__all__
    ]
    from .gp.importing import imported_names

    return sorted(
        {*globals(), *_SUBMODULES, *_DRAFTS, *tools, *imported_names()}
        - {"_importlib", "_Any", "_DRAFTS", "_SUBMODULES", "_TOOLBOXES"}
    )
