"""arcpy.server: the Server toolbox."""

from ._upload import UploadServiceDefinition as UploadServiceDefinition

__all__ = ["UploadServiceDefinition"]
