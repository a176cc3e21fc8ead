"""Workers of a Dask cluster: `geosharing serve --workers dask://host:port`.

One process of the site (`python -m geosharing.gp.dask host:port`) passes orders to the scheduler. On the
cluster each job runs in a process of its own beside the Dask worker, so that a tool that crashes takes no
Dask worker with it. The site's folder must be seen under the same path by all of them, as the job
directories of a multi-machine ArcGIS Server are; geosharing must be installed there.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from .worker import Send, connect

__all__ = ["main", "run_job"]

_POLL = 0.2
"""Seconds between looks at whether a job is cancelled."""
_idle: dict[int, list[_Process]] = {}
_lock = threading.Lock()


class _Process:
    """A worker process beside a Dask worker."""

    def __init__(self, memory: int) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("GEOSHARING_")}
        environment["GEOSHARING_WORKER_MEMORY"] = str(memory)
        self.popen = subprocess.Popen(
            [sys.executable, "-P", "-m", "geosharing.gp.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        self.frames: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self.tail = b""
        threading.Thread(target=self._read, args=(self.popen.stdout,), daemon=True).start()
        threading.Thread(target=self._keep, args=(self.popen.stderr,), daemon=True).start()

    def _read(self, stream: IO[bytes]) -> None:
        try:
            for line in stream:
                self.frames.put(json.loads(line))
        except ValueError:
            pass
        self.frames.put(None)

    def _keep(self, stream: IO[bytes]) -> None:
        while data := stream.read1(4096):  # type: ignore[attr-defined]
            self.tail = (self.tail + data)[-16384:]

    def send(self, order: dict[str, Any]) -> None:
        assert self.popen.stdin is not None
        self.popen.stdin.write(json.dumps(order).encode() + b"\n")
        self.popen.stdin.flush()

    def kill(self) -> None:
        import signal

        if self.popen.poll() is None:
            try:
                os.killpg(self.popen.pid, signal.SIGKILL)
            except OSError:
                self.popen.kill()
        self.popen.wait()

    def epitaph(self) -> str:
        status = self.popen.wait()
        text = self.tail.decode(errors="replace").strip()
        return f"exit status {status}" + (f"\n{text}" if text else "")


@contextmanager
def _process(memory: int) -> Iterator[_Process]:
    """Lend a process; the next job of this Dask worker gets it again."""
    with _lock:
        free = _idle.setdefault(memory, [])
        process = free.pop() if free else None
    if process is None or process.popen.poll() is not None:
        process = _Process(memory)
    try:
        yield process
    except BaseException:
        process.kill()
        raise
    if process.popen.poll() is None:
        with _lock:
            _idle[memory].append(process)


def run_job(order: dict[str, Any], memory: int, topic: str) -> dict[str, Any]:
    """Run one job; called on the cluster.

    Args:
        order: what the site sends to its own workers.
        memory: most bytes of the process.
        topic: where messages and progress go while it runs.

    Returns:
        The last frame.
    """
    from distributed import get_worker

    dask = get_worker()
    cancelled = os.path.join(order["folder"], "cancel")
    os.makedirs(order["folder"], exist_ok=True)
    end = time.monotonic() + order["time"] if order.get("time") else None
    with _process(memory) as process:
        process.tail = b""
        process.send(order)
        # The site measures the run from here on, and not the wait for the cluster.
        dask.log_event(topic, {"id": order["id"], "event": "started"})
        while True:
            try:
                frame = process.frames.get(timeout=_POLL)
            except queue.Empty:
                late = end is not None and time.monotonic() > end
                if os.path.exists(cancelled) or late:
                    process.kill()
                    return {"id": order["id"], "event": "done", "succeeded": False, "results": []}
                continue
            if frame is None:
                text = f"ERROR 999999: The process of the tool ended: {process.epitaph()}"
                failed = {"id": order["id"], "event": "message", "severity": 2}
                dask.log_event(topic, failed | {"text": text})
                dask.log_event(topic, failed | {"text": f"Failed to execute ({order['task']})."})
                return {"id": order["id"], "event": "done", "succeeded": False, "results": []}
            if frame["event"] == "done":
                return frame
            dask.log_event(topic, frame)


def _pass_on(client: Any, orders: queue.SimpleQueue[dict[str, Any] | None], send: Send, memory: int) -> None:
    # As the cluster knows it: here this module is `__main__`.
    from geosharing.gp.dask import run_job

    topic = f"geosharing-{os.getpid()}-{time.time_ns()}"
    heard: dict[str, threading.Event] = {}

    def event(entry: tuple[float, dict[str, Any]]) -> None:
        frame = entry[1]
        if frame.get("event") == "end":
            # Events come in order, so that nothing of this job is still on its way.
            send(frame["frame"])
            heard.pop(frame["id"], None)
        else:
            send(frame)

    client.subscribe_topic(topic, event)
    futures: dict[str, Any] = {}
    folders: dict[str, str] = {}

    def finished(future: Any, job: str) -> None:
        futures.pop(job, None)
        folders.pop(job, None)
        done: dict[str, Any] = {"id": job, "event": "done", "succeeded": False, "results": []}
        try:
            done = future.result()
        except BaseException as error:
            text = f"ERROR 999999: The cluster lost the job: {type(error).__name__}: {error}"
            send({"id": job, "event": "message", "severity": 2, "text": text})
        client.log_event(topic, {"id": job, "event": "end", "frame": done})

    while (order := orders.get()) is not None:
        job = order["id"]
        if order["op"] == "prepare":
            send({"id": job, "event": "ready", "succeeded": True})
        elif order["op"] == "run":
            folders[job] = order["folder"]
            # A tool never runs twice, since nobody knows what it did.
            future = client.submit(
                run_job, order, memory, topic, key=f"geosharing-{job}", retries=0, pure=False
            )
            futures[job] = future
            future.add_done_callback(lambda future, job=job: finished(future, job))
        elif order["op"] == "cancel" and job in futures:
            with open(os.path.join(folders[job], "cancel"), "w", encoding="utf-8"):
                pass


def main() -> int:
    """Pass orders on until the site closes the pipe."""
    memory = int(os.environ.pop("GEOSHARING_WORKER_MEMORY", "0") or 0)
    orders, send = connect()
    try:
        from distributed import Client
    except ImportError:
        print("Dask is not installed; run `pip install distributed` or use local workers", file=sys.stderr)
        return 1
    address = sys.argv[1]
    client = Client(address if "://" in address else f"tcp://{address}", timeout=30, set_as_default=False)
    try:
        _pass_on(client, orders, send, memory)
    finally:
        client.close(timeout=2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
