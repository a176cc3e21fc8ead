"""Web tools: what a request costs beside calling the same function in a warm process pool, and the queue.

Both sides run the same functions in worker processes of this machine: our side as tools of a published
service, asked over HTTP on one connection, the peer's side in a `ProcessPoolExecutor` whose processes are
started. The queue's jobs work for 20 ms each, the shortest that a tool with any data takes.
"""

from __future__ import annotations

import concurrent.futures
import http.client
import json
import multiprocessing
import statistics
import sys
import time
import urllib.parse
from pathlib import Path

from measure import Goal

NEEDS: tuple[str, ...] = ()
CALLS = 200
JOBS = 1000
INSTANCES = 2
WORK = 0.02

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "site"))


def noop() -> str:
    """Do what the tool `Noop` does."""
    return "done"


def work(seconds: float) -> str:
    """Do what the tool `Work` does."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass
    return ""


class Connection:
    """One kept connection to a service."""

    def __init__(self, client: object) -> None:
        address = urllib.parse.urlsplit(client.address)  # type: ignore[attr-defined]
        self._path = address.path
        self._token = client.token  # type: ignore[attr-defined]
        self._http = http.client.HTTPConnection(address.hostname or "", address.port, timeout=120)

    def ask(self, path: str, **form: str) -> dict[str, object]:
        """Send a form and return the answer."""
        body = urllib.parse.urlencode(form | {"f": "json", "token": self._token})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self._http.request("POST", f"{self._path}/{path}", body, headers)
        return dict(json.loads(self._http.getresponse().read()))


def measure(folder: Path, count: int) -> list[Goal]:
    """Return the goals of web tools."""
    import web_tool_support
    from geosharing.site import Site

    work_folder = folder / "gp"
    work_folder.mkdir(exist_ok=True)
    context = multiprocessing.get_context("spawn")
    with (
        Site(work_folder / "site", users={"ann": "ann-pw"}) as site,
        concurrent.futures.ProcessPoolExecutor(INSTANCES, mp_context=context) as pool,
    ):
        for name, execution in (("now", "Synchronous"), ("later", "Asynchronous")):
            path = work_folder / f"{name}.sd"
            if not path.exists():
                web_tool_support.definition(
                    work_folder,
                    name,
                    executionType=execution,
                    minInstancesPerNode=INSTANCES,
                    maxInstancesPerNode=INSTANCES,
                )
            web_tool_support.publish(site, path, name)
        list(pool.map(noop_of, range(INSTANCES * 4)))
        return [
            overhead(Connection(web_tool_support.Client(site, "now")), pool, count),
            *queue(web_tool_support.Client(site, "later"), pool, count),
        ]


def noop_of(_: int) -> str:
    """Warm a process."""
    return noop()


def overhead(connection: Connection, pool: concurrent.futures.Executor, count: int) -> Goal:
    """Compare calls of a tool that does nothing, in turn with calls of the pool."""
    for _ in range(20):
        assert "results" in connection.ask("Noop/execute")
    ours, theirs = [], []
    for _ in range(CALLS * count):
        begin = time.perf_counter()
        connection.ask("Noop/execute")
        middle = time.perf_counter()
        pool.submit(noop).result()
        ours.append(middle - begin)
        theirs.append(time.perf_counter() - middle)
    extra = (statistics.median(ours) - statistics.median(theirs)) * 1000
    detail = f"{statistics.median(ours) * 1000:.2f} ms against {statistics.median(theirs) * 1000:.2f} ms"
    return Goal("gp", "synchronous no-op task: overhead over the warm pool", extra, 5, "ms", detail=detail)


def queue(client: object, pool: concurrent.futures.Executor, count: int) -> list[Goal]:
    """Compare how fast queued jobs are drained; one run is long enough."""
    connection = Connection(client)
    ratios, rates = [], []
    for _ in range(max(1, min(count, 3))):
        begin = time.perf_counter()
        last = ""
        for _ in range(JOBS):
            last = str(connection.ask("Work/submitJob", seconds=str(WORK))["jobId"])
        submitted = time.perf_counter() - begin
        # The queue is first in, first out, so that the last two end last.
        while connection.ask(f"Work/jobs/{last}")["jobStatus"] in ("esriJobSubmitted", "esriJobExecuting"):
            time.sleep(0.02)
        ours = JOBS / (time.perf_counter() - begin)
        begin = time.perf_counter()
        concurrent.futures.wait([pool.submit(work, WORK) for _ in range(JOBS)])
        theirs = JOBS / (time.perf_counter() - begin)
        ratios.append(ours / theirs)
        rates.append((ours, theirs, submitted))
    ours, theirs, submitted = statistics.median_low(rates)
    detail = f"[{min(ratios):.2f}-{max(ratios):.2f}] {ours:.0f}/s against {theirs:.0f}/s, all queued after {submitted:.1f} s"
    what = f"{JOBS} queued jobs of {WORK * 1000:.0f} ms: rate by the pool's"
    return [Goal("gp", what, statistics.median(ratios), 0.8, "x", True, detail)]
