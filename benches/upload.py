"""Upload of 1 GiB to the embedded site: our client against curl, side by side.

Pairs are interleaved and medians compared; CPU seconds are the client's own, memory is the growth of
the peak over what the process held before the upload. Both sides' bytes are checked at the site.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from geosharing.client import Portal
from geosharing.site import Site

SIZE = int(os.environ.get("GEOSHARING_BENCH_UPLOAD_MIB", "1024")) << 20
PAIRS = int(os.environ.get("GEOSHARING_BENCH_PAIRS", "5"))
CPU_LIMIT, MEMORY_LIMIT = 1.5, 32 << 20

OURS = """
import resource, sys, time
from geosharing.client import Portal
url, user, password, path = sys.argv[1:]
portal = Portal(url, user, password)
portal.username
def held(name):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith(name))
with open("/proc/self/clear_refs", "w") as file:
    file.write("5")
before, cpu, wall = held("VmRSS"), time.process_time(), time.perf_counter()
item = portal.add_item(path, "Service Definition", "bench", progress=False)
print(item, time.perf_counter() - wall, time.process_time() - cpu, held("VmHWM") - before)
"""


def main() -> int:
    """Print the ratios; return 1 if a limit is passed."""
    with (
        tempfile.TemporaryDirectory(prefix="geosharing-bench-") as folder,
        Site(Path(folder) / "site") as site,
    ):
        site.add_user("bench", "bench.password", role="org_admin")
        path = Path(folder) / "big.sd"
        with open(path, "wb") as file:
            block = os.urandom(1 << 20)
            for _ in range(SIZE >> 20):
                file.write(block)
        portal = Portal(site.portal_url, "bench", "bench.password")
        ours, theirs = [], []
        for _ in range(PAIRS):
            ours.append(measure_ours(site, portal, path))
            theirs.append(measure_curl(portal, path))
    cpu = median(ours, 1) / median(theirs, 1)
    wall = median(ours, 0) / median(theirs, 0)
    growth = max(entry[2] for entry in ours)
    print(f"upload of {SIZE >> 20} MiB, {PAIRS} pairs, medians: ours / curl")
    print(f"  wall {median(ours, 0):.2f} s / {median(theirs, 0):.2f} s = {wall:.2f}")
    print(f"  CPU  {median(ours, 1):.2f} s / {median(theirs, 1):.2f} s = {cpu:.2f} (limit {CPU_LIMIT})")
    print(f"  memory growth {growth / 2**20:.1f} MiB (limit {MEMORY_LIMIT >> 20} MiB)")
    return 0 if cpu <= CPU_LIMIT and growth <= MEMORY_LIMIT else 1


def median(entries: list[tuple[float, float, int]], place: int) -> float:
    """Return the median of one column."""
    return statistics.median(entry[place] for entry in entries)


def measure_ours(site: Site, portal: Portal, path: Path) -> tuple[float, float, int]:
    """Return wall and CPU seconds and memory growth of one upload by our client."""
    command = [sys.executable, "-c", OURS, site.portal_url, "bench", "bench.password", str(path)]
    item, wall, cpu, growth = subprocess.run(
        command, check=True, capture_output=True, text=True
    ).stdout.split()
    verify(portal, item)
    return float(wall), float(cpu), int(growth)


def measure_curl(portal: Portal, path: Path) -> tuple[float, float, int]:
    """Return wall and CPU seconds of one upload by curl, one part of the whole size."""
    owner = f"content/users/{portal.username}"
    opened = portal.call(
        f"{owner}/addItem",
        {"type": "Service Definition", "title": "bench", "multipart": True, "fileName": path.name},
        repeat=False,
    )
    token = portal.token
    assert token is not None
    url = f"{portal.url}sharing/rest/{owner}/items/{opened['id']}/addPart?f=json&partNum=1"
    command = [
        "curl",
        "-sS",
        "--fail",
        "-e",
        token.referer,
        "-H",
        f"X-Esri-Authorization: Bearer {token.token}",
    ]
    command += ["-F", f"token={token.token}", "-F", f"file=@{path}", url]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    reply = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert '"success":true' in reply.replace(" ", ""), reply
    portal.call(
        f"{owner}/items/{opened['id']}/commit", {"type": "Service Definition", "title": "bench"}, repeat=False
    )
    verify(portal, opened["id"])
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, 0


def verify(portal: Portal, item: str) -> None:
    """Check that the site holds every byte, and make room for the next upload."""
    assert portal.item(item)["size"] == SIZE, portal.item(item)
    portal.delete_item(item)


if __name__ == "__main__":
    raise SystemExit(main())
