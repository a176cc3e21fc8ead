"""Measure programs side by side: wall and CPU seconds and peak memory of whole processes.

Machines are noisy, so a goal is a ratio inside one run: the two sides alternate, a ratio is taken
per pair, and the median counts.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Usage:
    """What one process took."""

    wall: float
    cpu: float
    peak: float
    """MiB"""


@dataclass(frozen=True)
class Goal:
    """One line of the table: a measured value and the bound it is held against."""

    section: str
    what: str
    value: float
    bound: float | None = None
    unit: str = ""
    at_least: bool = False
    detail: str = ""

    @property
    def met(self) -> bool:
        """Whether the bound is kept; a line without a bound is information."""
        if self.bound is None:
            return True
        return self.value >= self.bound if self.at_least else self.value <= self.bound


def run(command: Sequence[str | Path], cwd: Path | None = None) -> Usage:
    """Run a program to its end and return what it took.

    Raises:
        RuntimeError: if it fails; with what it printed.
    """
    begin = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode:
        raise RuntimeError(f"{command[0]} failed: {printed.decode(errors='replace')[-2000:]}")
    return Usage(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def pairs(ours: Callable[[], Usage], peer: Callable[[], Usage], count: int) -> list[tuple[Usage, Usage]]:
    """Run both sides in turn, after one run of ours that warms the page cache."""
    ours()
    return [(ours(), peer()) for _ in range(count)]


def median_ratio(measured: list[tuple[Usage, Usage]], field: str) -> tuple[float, str]:
    """Return the median ratio of a field, and the range with both sides' medians as text."""
    ratios = [getattr(a, field) / getattr(b, field) for a, b in measured]
    ours, peer = (
        statistics.median(getattr(side, field) for side in sides) for sides in zip(*measured, strict=True)
    )
    return statistics.median(ratios), f"[{min(ratios):.2f}-{max(ratios):.2f}] {ours:.2f} against {peer:.2f}"
