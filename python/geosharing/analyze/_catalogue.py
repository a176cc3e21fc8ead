"""The catalogue of analyzers."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Literal

from .. import _native

__all__ = ["Entry", "catalogue", "entry"]


@dataclass(frozen=True)
class Entry:
    """One analyzer that ArcGIS documents."""

    code: int
    """The number, as `AnalyzeForSD` gives it: 102."""
    id: str
    """The number as pages and messages print it: `00102`."""
    severity: Literal["message", "warning", "error"]
    title: str
    """The official short name; `<value>` stands for what a finding fills in."""
    cause: str
    """What triggers it."""
    fix: str
    """What helps."""
    services: str
    """Services that it concerns."""
    product: str
    """Products that report it."""
    decided: Literal["yes", "partial", "no"]
    """Whether geosharing can tell: always, for some inputs, never."""
    url: str
    """The page that documents it."""
    reason: str | None
    """Why it is not always decided; None when it is."""


@functools.cache
def _rows() -> tuple[Entry, ...]:
    return tuple(Entry(**row) for row in _native.analyzer_catalogue())


@functools.cache
def _by_code() -> dict[int, Entry]:
    return {row.code: row for row in _rows()}


def catalogue() -> list[Entry]:
    """Return every analyzer, by severity and code.

    Examples:
        >>> sum(row.decided == "yes" for row in catalogue())
        91
    """
    return list(_rows())


def entry(code: int) -> Entry | None:
    """Return one analyzer; None for the remarks that are our own.

    Args:
        code: its number, without leading zeros.
    """
    return _by_code().get(int(code))
