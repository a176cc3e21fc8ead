"""Toolboxes: Python toolboxes (`.pyt`), those of ArcGIS Pro (`.atbx`), and arcpy's own tools.

box = load("Parcels.pyt")
box.tools["Report"].run({"parcels": "lots.gdb/taxlots", "age": 40})
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from ...exceptions import InvalidInputError, MissingError, NotSupportedError
from ._archive import load_archive
from ._metadata import ToolMetadata
from ._python import load_python
from ._system import SYSTEM, described_run, load_system
from ._tool import Tool

__all__ = ["SYSTEM", "Tool", "ToolMetadata", "Toolbox", "described_run", "load"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass
class Toolbox:
    """The tools of one file."""

    label: str
    """Name in dialogs."""
    alias: str
    """Name in Python, empty where the author gave none."""
    path: str
    """Path of the file; for arcpy's own tools the name of their module."""
    description: str = ""
    tools: dict[str, Tool] = field(default_factory=dict)
    """The tools by name, in the author's order."""


def load(path: str | os.PathLike[str]) -> Toolbox:
    """Read a toolbox; every call reads the files again.

    Args:
        path: a `.pyt` or `.atbx` file, or the name of one of arcpy's modules such as `analysis`.

    Raises:
        MissingError: ERROR 000732, there is no such file.
        NotSupportedError: it is a binary `.tbx`; the text says how to convert it.
        InvalidInputError: it is no toolbox, or its code fails while it is loaded.
    """
    text = os.fspath(path)
    if text in SYSTEM and not os.path.exists(text):
        return load_system(text, Toolbox)
    file = _existing(text)
    extension = os.path.splitext(file)[1].lower()
    with open(file, "rb") as opened:
        head = opened.read(8)
    if extension == ".tbx" or head == _OLE:
        raise NotSupportedError(
            f"`{text}` is a toolbox in the binary form of ArcMap, which has no public description; in ArcGIS Pro "
            "right-click it in the Catalog pane and save it as an `.atbx`, or copy its script tools into a "
            "Python toolbox (.pyt)"
        )
    if extension == ".pyt":
        return load_python(os.path.abspath(file), Toolbox)
    if head[:2] == b"PK":
        return load_archive(os.path.abspath(file), Toolbox)
    raise InvalidInputError(f"`{text}` is no toolbox: pass a `.pyt` or an `.atbx` file")


def _existing(text: str) -> str:
    # Scripts of Windows join with backslashes.
    for path in (text, text.replace("\\", "/")):
        if os.path.isfile(path):
            return path
    raise MissingError(f"the toolbox `{text}` does not exist", 732)
