"""arcpy.server: the Server toolbox."""

from ._stage import Staged as Staged
from ._stage import StageService as StageService
from ._stage import stage as stage
from ._upload import UploadServiceDefinition as UploadServiceDefinition

__all__ = ["StageService", "Staged", "UploadServiceDefinition", "stage"]
