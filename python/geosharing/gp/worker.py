"""The process in which a site runs the tools of its geoprocessing services.

`python -m geosharing.gp.worker` reads orders and writes frames, one line of JSON each. What tools print
becomes messages; what compiled code prints goes to standard error, which the site keeps for crashes.

What is enforced: a bound on memory, an end together with the site, and a folder of its own for each job,
which is the working directory and the scratch workspace and the only place from which results are served.
It is no sandbox: a tool may write wherever the site's own user may.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import json
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["Description", "main", "run_order"]

Send = Callable[[dict[str, Any]], None]

MAX_PRINTED = 512 << 10
"""Most characters that a tool's prints may add to its messages."""
_LINE = 32 << 10


class Printed(io.TextIOBase):
    """What tools print, line by line as messages."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._line = ""
        self._room = MAX_PRINTED

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, text: str) -> int:
        """Take text; whole lines go out at once."""
        if self._room <= 0:
            return len(text)
        taken = text[: self._room]
        self._room -= len(taken)
        *lines, self._line = (self._line + taken).split("\n")
        for line in lines:
            self._out(line)
        if len(self._line) > _LINE:
            self.close_line()
        if self._room <= 0:
            self.close_line()
            self._say("The tool printed more than is kept; the rest is left out.")
        return len(text)

    def _out(self, line: str) -> None:
        for start in range(0, len(line), _LINE):
            self._say(line[start : start + _LINE])

    def close_line(self) -> None:
        """Let out what has no end of line yet."""
        line, self._line = self._line, ""
        if line:
            self._out(line)


class _Listener:
    """Hands a tool's messages and progress to the site."""

    def __init__(self, job: str, send: Send) -> None:
        self._job, self._send = job, send

    def __call__(self, message: Any) -> None:
        self.say(message.severity, message.text)

    def say(self, severity: int, text: str) -> None:
        # One message must fit into a frame.
        self._send(
            {"id": self._job, "event": "message", "severity": severity, "text": str(text)[: 256 << 10]}
        )

    def progress(self, label: str, position: int | None) -> None:
        frame: dict[str, Any] = {"id": self._job, "event": "progress", "text": str(label)[:1000]}
        if position is not None:
            frame["percent"] = max(0, min(100, int(position)))
        self._send(frame)


class Description:
    """The tasks of one service, and the toolboxes in which their tools are."""

    def __init__(self, store: str) -> None:
        self.store = store
        with open(os.path.join(store, "tasks.json"), encoding="utf-8") as file:
            described = json.load(file)
        self.tasks = {task["name"]: task for task in described["tasks"]}
        self.package = os.path.normpath(
            os.path.join(os.path.abspath(store), described.get("data") or "../cd")
        )
        """Where the data of the package is."""
        self._toolboxes: dict[str, Any] = {}

    def load(self) -> None:
        """Load every toolbox, so that the first job need not wait for it."""
        for task in self.tasks.values():
            self.tool(task)

    def tool(self, task: dict[str, Any]) -> Any:
        """Return the tool of a task."""
        from .env import env
        from .toolbox import load

        relative = task["toolbox"]
        if relative not in self._toolboxes:
            env.packageWorkspace = self.package
            path = os.path.join(self.store, *relative.split("/"))
            self._toolboxes[relative] = load(path if os.path.exists(path) else relative)
        tools = self._toolboxes[relative].tools
        if task["tool"] not in tools:
            raise LookupError(f"the toolbox `{relative}` has no tool `{task['tool']}`")
        return tools[task["tool"]]


@contextlib.contextmanager
def _surroundings(order: dict[str, Any], description: Description, listener: _Listener) -> Iterator[None]:
    """Let the job's folder, environments and output stand around a tool."""
    from .env import env
    from .wire import environments

    folder = order["folder"]
    scratch = os.path.join(folder, "scratch")
    os.makedirs(scratch, exist_ok=True)
    env.restore({})
    env.scratchWorkspace = folder
    env.packageWorkspace = description.package
    env.overwriteOutput = True
    for name, value in environments(order.get("environment") or {}).items():
        setattr(env, name, value)
    printed = Printed(lambda line: listener.say(0, line))
    outer = sys.stdout, sys.stderr, sys.argv
    before = os.environ.copy()
    os.environ["TMPDIR"] = scratch
    sys.stdout = sys.stderr = printed
    os.chdir(scratch)
    try:
        yield
    finally:
        printed.close_line()
        sys.stdout, sys.stderr, sys.argv = outer
        if os.environ != before:
            os.environ.clear()
            os.environ.update(before)
        os.chdir("/")
        env.restore({})


def run_order(order: dict[str, Any], send: Send, descriptions: dict[str, Description]) -> None:
    """Run one job; its end is the last frame.

    Args:
        order: `id`, `store`, `task`, `folder`, `values`, `environment`, `records`.
        send: takes the frames.
        descriptions: those of earlier jobs, by their folder.
    """
    from ..exceptions import ExecuteError
    from .wire import WireError, inputs_of, outputs_of

    listener = _Listener(order["id"], send)
    results: list[dict[str, Any]] = []
    succeeded = False
    tool_name = order["task"]
    try:
        store = order["store"]
        if store not in descriptions:
            descriptions[store] = Description(store)
        description = descriptions[store]
        task = description.tasks[order["task"]]
        with _surroundings(order, description, listener):
            tool = description.tool(task)
            tool_name = tool.name
            values = inputs_of(task, order, description.store)
            result = tool.run(values, listener)
            results = outputs_of(task, result, order)
            succeeded = True
    except ExecuteError:
        # Its lines are messages already.
        pass
    except WireError as error:
        listener.say(2, str(error))
        listener.say(2, f"Failed to execute ({tool_name}).")
    except BaseException as error:
        listener.say(2, _account(error))
        listener.say(2, f"Failed to execute ({tool_name}).")
    send({"id": order["id"], "event": "done", "succeeded": succeeded, "results": results})


def _account(error: BaseException) -> str:
    details = "\n".join(getattr(error, "details", None) or [])
    if details:
        return f"ERROR 999999: {error}\n{details}"
    return "ERROR 999999: " + "".join(traceback.format_exception(error)).rstrip()


def _bound(memory: int) -> None:
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory > 0:
        # What a process asks for itself, and not files that it maps or addresses that it reserves.
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


def _end_with_parent() -> None:
    """Ask Linux for an end together with the site, also where a tool holds Python's lock."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    parent = os.getppid()
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent or parent == 1:
        os._exit(1)


def _end_group() -> None:
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


def connect() -> tuple[queue.SimpleQueue[dict[str, Any] | None], Send]:
    """Take over standard input and output for frames, so that tools cannot disturb them.

    Returns:
        The orders, with `None` at the end of input, and what sends frames.
    """
    source, sink = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115
    lock = threading.Lock()
    orders: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()

    def send(frame: dict[str, Any]) -> None:
        data = json.dumps(frame, ensure_ascii=True).encode() + b"\n"
        with lock:
            while data:
                data = data[os.write(sink, data) :]

    def read() -> None:
        with os.fdopen(source, "rb", buffering=1 << 16) as stream:
            for line in stream:
                orders.put(json.loads(line))
        orders.put(None)

    threading.Thread(target=read, name="orders", daemon=True).start()
    return orders, send


def main() -> int:
    """Run orders until the site closes the pipe."""
    _end_with_parent()
    memory = int(os.environ.pop("GEOSHARING_WORKER_MEMORY", "0") or 0)
    faulthandler.enable(sys.stderr)
    received, send = connect()
    _bound(memory)
    descriptions: dict[str, Description] = {}
    orders: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()

    def watch() -> None:
        # A site that is gone must not leave a tool behind that runs for hours.
        while (order := received.get()) is not None:
            orders.put(order)
        _end_group()

    threading.Thread(target=watch, name="site", daemon=True).start()
    while (order := orders.get()) is not None:
        if order["op"] == "prepare":
            frame = {"id": order["id"], "event": "ready", "succeeded": True}
            try:
                description = descriptions[order["store"]] = Description(order["store"])
                description.load()
            except BaseException as error:
                frame |= {"succeeded": False, "text": _account(error)}
            send(frame)
        elif order["op"] == "run":
            run_order(order, send, descriptions)
    return 0


if __name__ == "__main__":
    sys.exit(main())
