"""What scripts pass for "not given", for yes and for no."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Any

from ..exceptions import InvalidInputError

__all__ = ["flag", "given", "literal_path", "names", "one_of", "output_path"]

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")

_YES = {"true", "yes", "1"}
_NO = {"false", "no", "0"}


def given(value: Any) -> str | None:
    """Return the text of an optional parameter; None for None, an empty text and `#`."""
    if value is None:
        return None
    text = str(value).strip()
    return None if text in ("", "#") else text


def flag(parameter: str, value: Any, yes: str, no: str, *, default: bool) -> bool:
    """Return a Boolean keyword, also from Python's and the words true and false.

    Raises:
        InvalidInputError: ERROR 000800 for anything else.
    """
    if isinstance(value, bool):
        return value
    text = given(value)
    if text is None:
        return default
    word = text.upper()
    if word == yes or word.lower() in _YES:
        return True
    if word == no or word.lower() in _NO:
        return False
    raise InvalidInputError(f"{parameter}: The value is not a member of {yes} | {no}.", 800)


def one_of(parameter: str, value: Any, words: Iterable[str], default: str) -> str:
    """Return a keyword in any case.

    Raises:
        InvalidInputError: ERROR 000800 for a word that is not listed.
    """
    text = given(value)
    if text is None:
        return default
    listed = list(words)
    for word in listed:
        if word.upper() == text.upper():
            return word
    raise InvalidInputError(f"{parameter}: The value is not a member of {' | '.join(listed)}.", 800)


def names(value: Any) -> list[str]:
    """Return the names of a multivalue parameter: a list, or one text joined by semicolons."""
    if value is None:
        return []
    parts = value.split(";") if isinstance(value, str) else [str(part) for part in value]
    stripped = (part.strip().strip("'\"").strip() for part in parts)
    return [part for part in stripped if part not in ("", "#")]


def literal_path(value: Any) -> str:
    """Return a path parameter as text, exactly as it is written."""
    return os.fspath(value) if hasattr(value, "__fspath__") else str(value)


def output_path(value: Any) -> str:
    r"""Return the path of an output, and make the folder of a Windows path on other systems.

    There `C:\Output` is the literal name of a folder in the working directory, and scripts join it to
    file names by themselves; on a machine of theirs the folder would exist.
    """
    path = literal_path(value)
    if os.name == "posix" and _DRIVE.match(path):
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    return path
