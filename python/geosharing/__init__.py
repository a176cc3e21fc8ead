"""Publish web layers, map services and web tools from Python, with arcpy's names and files."""

from .exceptions import ExecuteError as ExecuteError
from .exceptions import ExecuteWarning as ExecuteWarning
from .exceptions import SharingError as SharingError
from .gp.env import ClearEnvironment as ClearEnvironment
from .gp.env import EnvManager as EnvManager
from .gp.env import ListEnvironments as ListEnvironments
from .gp.env import ResetEnvironments as ResetEnvironments
from .gp.env import env as env
from .gp.messages import AddError as AddError
from .gp.messages import AddIDMessage as AddIDMessage
from .gp.messages import AddMessage as AddMessage
from .gp.messages import AddReturnMessage as AddReturnMessage
from .gp.messages import AddWarning as AddWarning
from .gp.messages import GetAllMessages as GetAllMessages
from .gp.messages import GetMaxSeverity as GetMaxSeverity
from .gp.messages import GetMessage as GetMessage
from .gp.messages import GetMessageCount as GetMessageCount
from .gp.messages import GetMessages as GetMessages
from .gp.messages import GetReturnCode as GetReturnCode
from .gp.messages import GetSeverity as GetSeverity
from .gp.messages import GetSeverityLevel as GetSeverityLevel
from .gp.messages import SetSeverityLevel as SetSeverityLevel
from .gp.result import Result as Result

__version__ = "0.1.0"
