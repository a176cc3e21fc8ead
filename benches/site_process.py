"""The embedded site in a process of its own, so that its time and memory are told from the client's."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from geosharing.client import Portal

PASSWORD = "bench.password"
TICK = os.sysconf("SC_CLK_TCK")
SITE = """
import sys
from geosharing.site import Site
with Site(sys.argv[1], password=sys.argv[2]) as site:
    print(site.portal_url, flush=True)
    sys.stdin.read()
"""


class Watched:
    """A running process whose use of the machine can be read at any time."""

    def __init__(self, pid: int) -> None:
        self._proc = Path(f"/proc/{pid}")

    def cpu(self) -> float:
        """Return the seconds that the process has computed so far."""
        stat = (self._proc / "stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / TICK

    def held(self, what: str = "VmRSS") -> float:
        """Return MiB held now, or with `VmHWM` at the most since `forget_peak`."""
        for line in (self._proc / "status").read_text().splitlines():
            if line.startswith(what):
                return int(line.split()[1]) / 1024
        raise RuntimeError(f"{self._proc} is gone")

    def forget_peak(self) -> None:
        """Begin to look for the peak anew."""
        (self._proc / "clear_refs").write_text("5")


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[tuple[Portal, Watched]]:
    """Run a site over a folder; give its administrator's portal and its process."""
    process = subprocess.Popen(
        [sys.executable, "-c", SITE, str(folder), PASSWORD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        url = process.stdout.readline().strip()
        if not url:
            raise RuntimeError("the site did not start; what it printed stands above")
        yield Portal(url, "admin", PASSWORD), Watched(process.pid)
    finally:
        process.kill()
        process.wait()
