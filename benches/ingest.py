"""Publishing a million points against `ogr2ogr` into a GeoPackage with a spatial index.

Ours runs from the request to publish until the first query has answered with the right count: that is
unpacking the service definition, reading its geodatabase, and writing record, index and read image.
`ogr2ogr` gets the geodatabase as it lies on disk. Beside it the whole chain is measured: draft, stage,
upload and publish in a process of its own, the faster of two runs and not paired.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

from geosharing.client import Portal
from measure import Goal, Usage, median_ratio, pairs, run
from points import COUNT, PROJECT, geodatabase, service_definition
from site_process import PASSWORD, Watched, serve

NEEDS = ("ogr2ogr",)
CHAIN = """
import sys
import geosharing as arcpy
from geosharing.client import Portal
from geosharing.server import stage
project, data, scratch, url, password = sys.argv[1:]
chosen = arcpy.mp.ArcGISProject(project).createMap("points")
chosen.addDataFromPath(data)
draft = chosen.getWebLayerSharingDraft("HOSTING_SERVER", "FEATURE", "chain")
draft.offline = True
draft.exportToSDDraft(scratch + ".sddraft")
staged = stage(scratch + ".sddraft", scratch + ".sd", profile="fast", overwrite=True)
portal = Portal(url, "admin", password)
published = portal.publish(scratch + ".sd", "chain", everyone=True, overwrite=True, progress=False)
print("url", published.url)
"""


def measure(work: Path, count: int) -> list[Goal]:
    """Return the goals of this section."""
    source, definition = geodatabase(), service_definition()
    gpkg = work / "points.gpkg"

    def theirs() -> Usage:
        gpkg.unlink(missing_ok=True)
        return run(["ogr2ogr", "-f", "GPKG", gpkg, source, "points"])

    with serve(work / "site-ingest") as (portal, site):
        item = portal.publish(definition, "points", everyone=True, progress=False).definition_id
        baseline = site.held()
        measured = pairs(lambda: publish(portal, site, item), theirs, count)
        verify(gpkg)
        chain = [whole_chain(work, portal, source) for _ in range(2)]
    goals = []
    for field, bound in (("wall", 0.5), ("cpu", None)):
        ratio, detail = median_ratio(measured, field)
        what = f"publish {COUNT:,} points / ogr2ogr: {'wall' if field == 'wall' else 'CPU'}"
        goals.append(Goal("ingest", what, ratio, bound, detail=detail + " s"))
    peak, other = (max(usage.peak for usage in side) for side in zip(*measured, strict=True))
    detail = f"idle {baseline:.0f}, peak {peak:.0f} with mapped files; ogr2ogr {other:.0f} MiB"
    goals.append(
        Goal("ingest", "publish: memory growth of the site", peak - baseline, 500, "MiB", detail=detail)
    )
    converted = statistics.median(usage.wall for _, usage in measured)
    fastest = min(chain)
    detail = f"{fastest / converted:.2f} of ogr2ogr"
    goals.append(
        Goal("ingest", "draft, stage (fast), upload and publish: wall", fastest, unit="s", detail=detail)
    )
    return goals


def publish(portal: Portal, site: Watched, item: str) -> Usage:
    """Publish the uploaded definition over what it published before, and ask the service."""
    site.forget_peak()
    cpu, started = site.cpu(), time.perf_counter()
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
    ask(service["serviceurl"])
    return Usage(time.perf_counter() - started, site.cpu() - cpu, site.held("VmHWM"))


def ask(url: str) -> None:
    """Check that a service answers with every row."""
    query = urlencode({"where": "OBJECTID > 0", "returnCountOnly": "true", "f": "json"})
    with urlopen(f"{url}/0/query?{query}") as reply:
        answer = json.load(reply)
    if answer != {"count": COUNT}:
        raise RuntimeError(f"the service answers {answer}")


def verify(gpkg: Path) -> None:
    """Check that ogr2ogr wrote every row."""
    import pyogrio

    found = pyogrio.read_info(gpkg, force_feature_count=True)["features"]
    if found != COUNT:
        raise RuntimeError(f"ogr2ogr wrote {found} rows")


def whole_chain(work: Path, portal: Portal, source: Path) -> float:
    """Return the seconds from a project to the first answer."""
    started = time.perf_counter()
    arguments = [PROJECT, source / "points", work / "chain", portal.url, PASSWORD]
    printed = subprocess.run(
        [sys.executable, "-c", CHAIN, *arguments], check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    ask(printed.rpartition("url ")[2].strip())
    return time.perf_counter() - started
