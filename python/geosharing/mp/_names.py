"""Names and paths as scripts write them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from geosharing import _native

Named = TypeVar("Named")


def matching(items: Iterable[Named], wildcard: str | None, key: str = "name") -> list[Named]:
    """Return the items whose name matches; `*` stands for any text, case does not matter."""
    listed = list(items)
    if wildcard is None or wildcard in ("", "#", "*"):
        return listed
    # Only `*` is special: layer names have brackets and question marks of their own.
    pattern = ".*".join(re.escape(part) for part in str(wildcard).split("*"))
    expression = re.compile(pattern, re.IGNORECASE | re.DOTALL)
    return [item for item in listed if expression.fullmatch(str(getattr(item, key)))]


def existing(path: Any, base: Path | None = None) -> Path:
    """Return where an existing file is on this machine."""
    return Path(_native.resolve_path(os.fspath(path), base))


def destination(path: Any, suffix: str = "") -> Path:
    """Return where an output goes, with a suffix if it has none."""
    text = os.fspath(path)
    if suffix and not text.lower().endswith(suffix):
        text += suffix
    return Path(_native.resolve_path(text, None, False)).absolute()
