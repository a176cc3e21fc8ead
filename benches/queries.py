"""Queries on a million points against Koop's FeatureServer over the same rows.

Both servers are processes of their own and answer one client over HTTP. What counts is the number of
requests per second of the server's CPU time, which other work on the machine does not change. Every
pair of answers is compared: counts, row ids and statistics must be equal. Koop is installed with npm
below `target/bench` on first use and keeps its rows in memory.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from measure import Goal
from points import CACHE, COUNT, geojson, service_definition
from site_process import TICK, Watched, serve

NEEDS = ("node", "npm")
HERE = Path(__file__).resolve().parent
SLICE = 1.0
"""Seconds that one side is asked before the other has its turn."""
PAGE = {"outFields": "*", "resultRecordCount": 1000, "orderByFields": "OBJECTID"}
STATISTICS = [
    {"statisticType": kind, "onStatisticField": field, "outStatisticFieldName": f"{kind}_{field}"}
    for kind, field in (("avg", "value"), ("count", "value"), ("max", "pop"))
]
BOX = {
    "geometry": "-30,20,60,70",
    "geometryType": "esriGeometryEnvelope",
    "spatialRel": "esriSpatialRelIntersects",
    "inSR": 4326,
}
QUERIES: dict[str, tuple[dict[str, Any], float]] = {
    "count of all": ({"where": "1=1", "returnCountOnly": "true"}, 100),
    "count by attribute": ({"where": "category='road'", "returnCountOnly": "true"}, 100),
    "attribute filter, 1,000 features": ({"where": "category='road'", **PAGE}, 100),
    "box, 1,000 features": ({"where": "1=1", **BOX, **PAGE}, 100),
    f"page at {COUNT // 2:,}": ({"where": "1=1", **PAGE, "resultOffset": COUNT // 2}, 100),
    "statistics by group": (
        {
            "where": "1=1",
            "outStatistics": json.dumps(STATISTICS),
            "groupByFieldsForStatistics": "category",
        },
        5,
    ),
}
DEEP = COUNT * 9 // 10


class Server:
    """A FeatureServer in a process of its own, and a connection to it."""

    def __init__(self, process: Watched, url: str) -> None:
        self.process = process
        self.parts = urlsplit(url)
        self.connection = http.client.HTTPConnection(self.parts.netloc, timeout=600)

    def ask(self, parameters: dict[str, Any]) -> bytes:
        """Send one query and return the answer."""
        query = urlencode({**parameters, "f": "json"})
        self.connection.request("GET", f"{self.parts.path}/0/query?{query}")
        reply = self.connection.getresponse()
        body = reply.read()
        if reply.status != 200:
            raise RuntimeError(f"{reply.status}: {body[:300]!r}")
        return body

    def rate(self, parameters: dict[str, Any]) -> tuple[float, float]:
        """Ask for a while; return requests per CPU second and the median latency."""
        latencies = []
        cpu, end = self.process.cpu(), time.perf_counter() + SLICE
        while time.perf_counter() < end or not latencies:
            started = time.perf_counter()
            self.ask(parameters)
            latencies.append(time.perf_counter() - started)
        return len(latencies) / max(self.process.cpu() - cpu, 1 / TICK), statistics.median(latencies)


@contextlib.contextmanager
def ours(work: Path) -> Iterator[Server]:
    """Serve the points from the embedded site."""
    with serve(work / "site-queries") as (portal, process):
        published = portal.publish(service_definition(), "points", everyone=True, progress=False)
        yield Server(process, published.url)


@contextlib.contextmanager
def koop() -> Iterator[Server]:
    """Serve the points from Koop."""
    home = CACHE / "koop"
    if not (home / "node_modules" / "@koopjs" / "koop-core").is_dir():
        home.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / "koop" / "package.json", home)
        command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        subprocess.run(command, cwd=home, check=True)
    process = subprocess.Popen(
        ["node", "--max-old-space-size=8192", str(HERE / "koop" / "server.js"), str(geojson())],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "KOOP_MODULES": str(home), "SUPPRESS_NO_CONFIG_WARNING": "1"},
    )
    assert process.stdout is not None
    try:
        port = next((line.split()[1] for line in process.stdout if line.startswith("port ")), None)
        if port is None:
            raise RuntimeError("Koop did not start; what it printed stands above")
        yield Server(Watched(process.pid), f"http://127.0.0.1:{port}/points/rest/services/FeatureServer")
    finally:
        process.kill()
        process.wait()


def essence(body: bytes) -> Any:
    """Reduce an answer to what both servers must agree on."""
    answer = json.loads(body)
    if "count" in answer:
        return answer["count"]
    rows = [feature["attributes"] for feature in answer["features"]]
    if rows and "OBJECTID" in rows[0]:
        return [row["OBJECTID"] for row in rows]
    return sorted(
        [round(v, 4) if isinstance(v, float) else v for _, v in sorted(row.items())] for row in rows
    )


def measure(work: Path, count: int) -> list[Goal]:
    """Return the goals of this section."""
    goals = []
    with ours(work) as site, koop() as peer:
        for name, (parameters, bound) in QUERIES.items():
            mine, theirs = essence(site.ask(parameters)), essence(peer.ask(parameters))
            if mine != theirs:
                raise RuntimeError(f"{name}: the servers answer {str(mine)[:300]} and {str(theirs)[:300]}")
            rounds = [(site.rate(parameters), peer.rate(parameters)) for _ in range(count)]
            ratios = [a[0] / b[0] for a, b in rounds]
            (rate, latency), (other, slow) = (
                [statistics.median(column) for column in zip(*side, strict=True)]
                for side in zip(*rounds, strict=True)
            )
            detail = (
                f"[{min(ratios):,.0f}-{max(ratios):,.0f}] {rate:,.0f} against {other:,.2f} per CPU s, "
                f"{latency * 1000:.2f} against {slow * 1000:,.0f} ms"
            )
            ratio = statistics.median(ratios)
            goals.append(Goal("queries", f"{name} / Koop", ratio, bound, "x", True, detail))
        goals.append(deep_pages(site, count))
        detail = f"the site, {peer.process.held():.0f} MiB Koop"
        goals.append(
            Goal("queries", "memory after the queries", site.process.held(), None, "MiB", detail=detail)
        )
    return goals


def deep_pages(site: Server, count: int) -> Goal:
    """Compare the latency of the first page and of one far behind, in turn."""
    first, deep = {"where": "1=1", **PAGE}, {"where": "1=1", **PAGE, "resultOffset": DEEP}
    rounds = [(site.rate(deep)[1], site.rate(first)[1]) for _ in range(count)]
    ratios = [a / b for a, b in rounds]
    far, near = (statistics.median(side) * 1000 for side in zip(*rounds, strict=True))
    detail = f"[{min(ratios):.2f}-{max(ratios):.2f}] {far:.2f} against {near:.2f} ms"
    return Goal(
        "queries", f"page at {DEEP:,} / first page: latency", statistics.median(ratios), 1.5, detail=detail
    )
