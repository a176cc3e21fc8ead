"""What a geocode service shares: a locator."""

from __future__ import annotations

import os
import re
from typing import Any

from ..exceptions import InvalidInputError, MissingError, NotSupportedError
from . import _facts
from ._source import Source

__all__ = ["LocatorSource", "read_loc"]

MAX_BYTES = 4 << 20
LINE = re.compile(r"^\s*([^=;#][^=]*?)\s*=\s*(.*?)\s*$")


def read_loc(path: str | os.PathLike[str]) -> dict[str, list[str]]:
    """Read the text form of a locator: its properties, each with its values in order.

    Args:
        path: a `.loc` file, as address locators and composite locators have them.

    Raises:
        MissingError: there is no such file.
        NotSupportedError: the file is larger than any locator's, or no text.
    """
    try:
        if os.path.getsize(path) > MAX_BYTES:
            raise NotSupportedError(f"`{os.fspath(path)}` is larger than the text of any locator")
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise MissingError(
            f"Locator: Dataset {os.fspath(path)} does not exist or is not supported", 732
        ) from error
    if b"\0" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotSupportedError(f"`{os.fspath(path)}` is no text, so it is not the `.loc` file of a locator")
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    properties: dict[str, list[str]] = {}
    for line in content.decode(encoding, "replace").splitlines():
        if found := LINE.match(line):
            properties.setdefault(found[1], []).append(found[2])
    return properties


class LocatorSource(Source):
    """A locator: a `.loc` file, or its path without the ending as the products write it.

    The grids beside it (`.lox`, `.loz`) are not read; they travel with it.

    Args:
        locator: path.

    Raises:
        InvalidInputError: it is no path, or lies in a geodatabase, which servers cannot publish.
        MissingError: there is no such locator.
    """

    def __init__(self, locator: Any) -> None:
        if not isinstance(locator, (str, os.PathLike)) or not os.fspath(locator):
            raise InvalidInputError(f"`{locator}` is no locator: pass the path of a `.loc` file")
        path = os.path.abspath(os.fspath(locator))
        if re.search(r"\.(gdb|sde|mdb)[\\/]", path, re.IGNORECASE):
            raise InvalidInputError(
                f"`{path}` lies in a geodatabase, from where servers cannot publish locators: copy it to a folder"
            )
        stem, ending = os.path.splitext(path)
        if ending.lower() not in (".loc", ".loz", ".lox"):
            stem = path
        self.path = f"{stem}.loc"
        self.properties: dict[str, list[str]] = {}
        if os.path.exists(self.path):
            self.properties = read_loc(self.path)
        elif os.path.exists(f"{stem}.loz"):
            # Newer locators keep everything in the archive; a draft needs no more than the name.
            self.path = f"{stem}.loz"
        else:
            raise MissingError(
                f"Locator: Dataset {os.fspath(locator)} does not exist or is not supported", 732
            )
        self.stem = stem

    def __str__(self) -> str:
        return f"locator {os.path.basename(self.stem)!r}"

    def describe(self, path: str | None = None) -> dict[str, Any]:
        """Return the facts that the draft is made of, in the form of the core's `MapSource`."""
        said = {name.lower(): values[0] for name, values in self.properties.items() if values}
        return {
            **_facts.surroundings(path),
            "document": self.stem,
            "map_name": os.path.basename(self.stem),
            "text": {"description": said.get("description", ""), "summary": said.get("summary", "")},
            "locator": {
                "folder": os.path.join(os.path.dirname(self.stem), ""),
                "name": os.path.basename(self.stem),
            },
        }
