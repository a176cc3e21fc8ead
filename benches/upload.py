"""Upload of 1 GiB to the embedded site: our client against curl, side by side.

CPU seconds are the client's own from the call to the answer, curl's those of its process; memory is the
growth of the peak over what the process held before the upload. The site runs in a process of its own
and says what it holds of either upload.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from geosharing.client import Portal
from measure import Goal, Usage, median_ratio, pairs, run
from site_process import PASSWORD, serve

NEEDS = ("curl",)
SIZE = int(os.environ.get("GEOSHARING_BENCH_UPLOAD_MIB", "1024")) << 20

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


def measure(work: Path, count: int) -> list[Goal]:
    """Return the goals of this section."""
    path = work / "big.sd"
    with path.open("wb") as file:
        block = os.urandom(1 << 20)
        for _ in range(SIZE >> 20):
            file.write(block)
    with serve(work / "site-upload") as (portal, site):
        baseline = site.held()
        site.forget_peak()
        measured = pairs(lambda: ours(portal, path), lambda: curl(portal, path), count)
        served = site.held("VmHWM") - baseline
    path.unlink()
    goals = []
    for field, bound in (("cpu", 1.5), ("wall", None)):
        ratio, detail = median_ratio(measured, field)
        what = f"upload {SIZE >> 20} MiB / curl: {'wall' if field == 'wall' else 'CPU'}"
        goals.append(Goal("upload", what, ratio, bound, detail=detail + " s"))
    growth = max(usage.peak for usage, _ in measured)
    goals.append(Goal("upload", "upload: memory growth of the client", growth, 32, "MiB"))
    goals.append(Goal("upload", "upload: memory growth of the site", served, None, "MiB"))
    return goals


def ours(portal: Portal, path: Path) -> Usage:
    """Upload by our client."""
    command = [sys.executable, "-c", OURS, portal.url, portal.username, PASSWORD, str(path)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    item, wall, cpu, growth = printed.split()
    verify(portal, item)
    return Usage(float(wall), float(cpu), int(growth) / 2**20)


def curl(portal: Portal, path: Path) -> Usage:
    """Upload by curl, one part of the whole size."""
    owner = f"content/users/{portal.username}"
    names = {"type": "Service Definition", "title": "bench"}
    opened = portal.call(
        f"{owner}/addItem", {**names, "multipart": True, "fileName": path.name}, repeat=False
    )
    token = portal.token
    assert token is not None
    url = f"{portal.url.rstrip('/')}/sharing/rest/{owner}/items/{opened['id']}/addPart?f=json&partNum=1"
    header = f"X-Esri-Authorization: Bearer {token.token}"
    form = ["-F", f"token={token.token}", "-F", f"file=@{path}"]
    usage = run(["curl", "-sS", "--fail", "-e", token.referer, "-H", header, *form, url])
    portal.call(f"{owner}/items/{opened['id']}/commit", names, repeat=False)
    verify(portal, opened["id"])
    return usage


def verify(portal: Portal, item: str) -> None:
    """Check that the site holds every byte, and make room for the next upload."""
    held = portal.item(item)["size"]
    if held != SIZE:
        raise RuntimeError(f"the site holds {held} bytes of {SIZE}")
    portal.delete_item(item)
