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
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from geosharing.client import Portal
from points import CACHE, COUNT, geojson, service_definition

HERE = Path(__file__).resolve().parent
ROUNDS = int(os.environ.get("GEOSHARING_BENCH_PAIRS", "3"))
TICK = os.sysconf("SC_CLK_TCK")
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
    "page at 500,000": ({"where": "1=1", **PAGE, "resultOffset": COUNT // 2}, 100),
    "statistics by group": (
        {
            "where": "1=1",
            "outStatistics": json.dumps(STATISTICS),
            "groupByFieldsForStatistics": "category",
        },
        5,
    ),
}
DEEP_LIMIT = 1.5


class Server:
    """A FeatureServer in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], url: str, token: str | None = None) -> None:
        self.process = process
        self.parts = urlsplit(url)
        self.token = token
        self.connection = http.client.HTTPConnection(self.parts.netloc, timeout=600)

    def cpu(self) -> float:
        """Return the seconds that the process has computed so far."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / TICK

    def ask(self, parameters: dict[str, Any]) -> bytes:
        """Send one query and return the answer."""
        extra = {"token": self.token} if self.token else {}
        query = urlencode({**parameters, "f": "json", **extra})
        self.connection.request("GET", f"{self.parts.path}/0/query?{query}")
        reply = self.connection.getresponse()
        body = reply.read()
        if reply.status != 200:
            raise RuntimeError(f"{reply.status}: {body[:300]!r}")
        return body

    def rate(self, parameters: dict[str, Any], seconds: float) -> tuple[float, float]:
        """Ask for some seconds; return requests per CPU second and the median latency."""
        latencies = []
        cpu, end = self.cpu(), time.perf_counter() + seconds
        while time.perf_counter() < end or not latencies:
            started = time.perf_counter()
            self.ask(parameters)
            latencies.append(time.perf_counter() - started)
        return len(latencies) / max(self.cpu() - cpu, 1 / TICK), statistics.median(latencies)


@contextlib.contextmanager
def ours() -> Iterator[Server]:
    """Serve the points from the embedded site."""
    folder = CACHE / "site"
    shutil.rmtree(folder, ignore_errors=True)
    code = (
        "import sys\nfrom geosharing.site import Site\n"
        "site = Site(sys.argv[1], password='bench.password').start()\n"
        "print(site.portal_url, flush=True)\nsys.stdin.read()\nsite.stop()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        portal = Portal(process.stdout.readline().strip(), "admin", "bench.password")
        published = portal.publish(service_definition(), "points", everyone=True, progress=False)
        yield Server(process, published.url)
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


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
        env={**os.environ, "KOOP_MODULES": str(home)},
    )
    try:
        for line in process.stdout:
            if line.startswith("port "):
                break
        url = f"http://127.0.0.1:{line.split()[1]}/points/rest/services/FeatureServer"
        yield Server(process, url)
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


def main() -> int:
    """Print the ratios; return 1 if one is too small."""
    failed = False
    with ours() as site, koop() as peer:
        for name, (parameters, limit) in QUERIES.items():
            mine, theirs = essence(site.ask(parameters)), essence(peer.ask(parameters))
            agree = mine == theirs or name.startswith("box")
            ratios = []
            for _ in range(ROUNDS):
                rate, _ = site.rate(parameters, 2)
                other, _ = peer.rate(parameters, 4)
                ratios.append((rate / other, rate, other))
            ratio, rate, other = statistics.median(ratios)
            failed |= ratio < limit or not agree
            print(
                f"  {name}: {rate:,.0f} / {other:,.2f} requests per CPU second = {ratio:,.0f} "
                f"(limit {limit:,.0f}){'' if agree else ', ANSWERS DIFFER'}",
                flush=True,
            )
        first, deep = [], []
        for _ in range(max(ROUNDS, 5)):
            first.append(site.rate({"where": "1=1", **PAGE}, 1)[1])
            deep.append(site.rate({"where": "1=1", **PAGE, "resultOffset": COUNT * 9 // 10}, 1)[1])
        slow = statistics.median(b / a for a, b in zip(first, deep, strict=True))
        failed |= slow > DEEP_LIMIT
        print(f"  page at {COUNT * 9 // 10:,} takes {slow:.2f} of the first (limit {DEEP_LIMIT})")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
