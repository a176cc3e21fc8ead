"""What the author of a tool wrote about it: the metadata beside a toolbox or inside it."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from xml.etree import ElementTree

__all__ = ["ToolMetadata", "read_metadata"]

LIMIT = 8_000_000


@dataclass
class ToolMetadata:
    """The words of a tool."""

    title: str = ""
    summary: str = ""
    tags: list[str] = field(default_factory=list)
    description: str = ""
    credits: str = ""
    use_limitations: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    """What the author says about each parameter."""


def _plain(text: str) -> str:
    """Return text without the markup that Pro's editors put around it."""
    for _ in range(2):
        text = re.sub(r"<[^>]*>", " ", html.unescape(text))
    return " ".join(text.split())


def read_metadata(data: bytes) -> ToolMetadata:
    """Return the words of a metadata document; nothing of one that is not readable.

    Tools run without their words, so that a broken document is no error.
    """
    if len(data) > LIMIT or b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data:
        return ToolMetadata()
    try:
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError):
        return ToolMetadata()

    def text(*paths: str) -> str:
        for path in paths:
            found = root.find(path)
            if found is not None:
                plain = _plain("".join(found.itertext()))
                if plain:
                    return plain
        return ""

    return ToolMetadata(
        title=text("dataIdInfo/idCitation/resTitle"),
        summary=text("dataIdInfo/idPurp", "tool/summary"),
        tags=[
            _plain("".join(found.itertext()))
            for found in root.iterfind("dataIdInfo/searchKeys/keyword")
            if "".join(found.itertext()).strip()
        ],
        description=text("dataIdInfo/idAbs", "tool/summary"),
        credits=text("dataIdInfo/idCredit"),
        use_limitations=text("dataIdInfo/resConst/Consts/useLimit"),
        parameters={
            found.get("name", ""): _plain("".join(about.itertext()))
            for found in root.iterfind("tool/parameters/param")
            for about in [_first(found, "dialogReference", "pythonReference", "commandReference")]
            if about is not None
        },
    )


def _first(element: ElementTree.Element, *names: str) -> ElementTree.Element | None:
    for name in names:
        found = element.find(name)
        if found is not None and "".join(found.itertext()).strip():
            return found
    return None
