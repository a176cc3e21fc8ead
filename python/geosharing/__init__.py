"""Publish web layers, map services and web tools from Python, with arcpy's names and files."""

__version__ = "0.1.0"
