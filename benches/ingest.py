"""Publishing a million points against `ogr2ogr` into a GeoPackage with a spatial index.

Ours runs from the request to publish until the first query has answered with the right count: that is
unpacking the service definition, reading its geodatabase, and writing record, index and read image.
`ogr2ogr` gets the geodatabase as it lies on disk. Pairs are interleaved, medians compared.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

from geosharing.client import Portal
from geosharing.site import Site
from points import COUNT, geodatabase, service_definition

PAIRS = int(os.environ.get("GEOSHARING_BENCH_PAIRS", "5"))
WALL_LIMIT, MEMORY_LIMIT = 0.5, 500 << 20


def main() -> int:
    """Print the ratios; return 1 if a limit is passed."""
    source, definition = geodatabase(), service_definition()
    with (
        tempfile.TemporaryDirectory(prefix="geosharing-bench-") as folder,
        Site(Path(folder) / "site") as site,
    ):
        portal = Portal(site.portal_url, site.username, site.password)
        item = portal.publish(definition, "points", everyone=True, progress=False).definition_id
        publish(portal, item)
        baseline = resident()
        ours, theirs = [], []
        for _ in range(PAIRS):
            ours.append(publish(portal, item))
            theirs.append(convert(source, Path(folder) / "points.gpkg"))
        growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - baseline
    ratios = sorted(mine / other for mine, other in zip(ours, theirs, strict=True))
    wall = statistics.median(ratios)
    print(f"publish of {COUNT:,} points from a file geodatabase, {PAIRS} pairs: ours / ogr2ogr")
    print(
        f"  wall {statistics.median(ours):.2f} s / {statistics.median(theirs):.2f} s = {wall:.2f} "
        f"[{ratios[0]:.2f} to {ratios[-1]:.2f}] (limit {WALL_LIMIT})"
    )
    print(f"  peak memory over the idle site {growth / 2**20:.0f} MiB (limit {MEMORY_LIMIT >> 20} MiB)")
    return 0 if wall <= WALL_LIMIT and growth <= MEMORY_LIMIT else 1


def resident() -> int:
    """Return the bytes that this process holds now."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmRSS"))


def publish(portal: Portal, item: str) -> float:
    """Publish the uploaded definition over what it published before; return the seconds."""
    started = time.perf_counter()
    parameters = {"itemid": item, "filetype": "serviceDefinition", "overwrite": "true"}
    home = f"content/users/{portal.username}"
    service = portal.call(f"{home}/publish", parameters, repeat=False)["services"][0]
    status = f"{home}/items/{service['serviceItemId']}/status"
    while True:
        state = portal.call(status, {"jobId": service["jobId"], "jobType": "publish"})
        if state["status"] == "completed":
            break
        if state["status"] == "failed":
            raise RuntimeError(state["statusMessage"])
        time.sleep(0.01)
    query = urlencode({"where": "OBJECTID > 0", "returnCountOnly": "true", "f": "json"})
    with urlopen(f"{service['serviceurl']}/0/query?{query}") as reply:
        answer = json.load(reply)
    if answer != {"count": COUNT}:
        raise RuntimeError(f"the service answers {answer}")
    return time.perf_counter() - started


def convert(source: Path, target: Path) -> float:
    """Convert with GDAL's own tool; return the seconds."""
    target.unlink(missing_ok=True)
    started = time.perf_counter()
    subprocess.run(["ogr2ogr", "-f", "GPKG", str(target), str(source), "points"], check=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
