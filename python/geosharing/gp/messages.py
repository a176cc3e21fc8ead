"""The messages of the last tool, and what runs a tool so that it fails as arcpy's do."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..exceptions import AnalyzerError, ExecuteError, ExecuteWarning, InvalidInputError, SharingError
from .env import env
from .findings import Analysis, Finding, analyzer_json
from .result import FAILED, SUCCEEDED, Message, Result, Source

__all__ = [
    "AddError",
    "AddIDMessage",
    "AddMessage",
    "AddReturnMessage",
    "AddWarning",
    "GetAllMessages",
    "GetIDMessage",
    "GetMaxSeverity",
    "GetMessage",
    "GetMessageCount",
    "GetMessages",
    "GetReturnCode",
    "GetSeverity",
    "GetSeverityLevel",
    "SetSeverityLevel",
    "ToolRun",
    "run_tool",
]

# A parameter with one of these never reaches the tool, so arcpy says so first.
VALIDATION_CODES = {725, 732, 735, 800, 820, 840, 865}
NO_CODE = -2147467259
_NUMBERED = re.compile(r"\s*(?:ERROR|WARNING)\s+(\d{6}):")


class Frame:
    """A running script or Python toolbox tool: what it says, and who listens."""

    def __init__(self, tool: str, listener: Callable[[Message], None] | None = None) -> None:
        self.tool = tool
        self.messages: list[Message] = []
        self.listener = listener
        self.parameters: list[Any] = []
        self.progress: tuple[str, int | None] = ("", None)

    def say(self, message: Message) -> None:
        """Take a message, and hand it to who listens."""
        self.messages.append(message)
        if self.listener is not None:
            self.listener(message)

    def report(self, label: str, position: int | None) -> None:
        """Tell how far the tool is, if the listener cares."""
        self.progress = (label, position)
        progress = getattr(self.listener, "progress", None)
        if progress is not None:
            progress(label, position)


class _Stack(threading.local):
    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.level = 2
        self.depth = 0
        # What the script of a running tool says goes to its own messages, not to those of the tools it calls.
        self.frame: Frame | None = None


_stack = _Stack()


def _number(text: str, severity: int) -> int:
    match = _NUMBERED.match(text)
    if match:
        return int(match[1])
    return NO_CODE if severity == 2 else 0


def _add(severity: int, text: object, *, echo: bool) -> None:
    line = str(text)
    message = Message(severity, _number(line, severity), line)
    if echo and _stack.frame is not None and not _stack.depth:
        _stack.frame.say(message)
        return
    _stack.messages.append(message)
    # Like arcpy outside of an application: what a script says is on its console.
    if echo and not _stack.depth:
        print(line, file=sys.stderr if severity == 2 else sys.stdout, flush=True)


def _last() -> list[Message]:
    """Return the messages of the last tool; in a tool that has called none yet, its own."""
    if _stack.frame is not None and not _stack.messages:
        return _stack.frame.messages
    return _stack.messages


def AddMessage(message: object) -> None:
    """Add a line of severity 0 to the messages of the running script."""
    _add(0, message, echo=True)


def AddWarning(message: object) -> None:
    """Add a line of severity 1 to the messages of the running script."""
    _add(1, message, echo=True)


def AddError(message: object) -> None:
    """Add a line of severity 2 to the messages of the running script; raises nothing."""
    _add(2, message, echo=True)


def AddIDMessage(
    message_type: str, message_ID: int, add_argument1: object = None, add_argument2: object = None
) -> None:
    """Add a numbered message; the text is the two arguments, since Esri's catalogue is not ours.

    Args:
        message_type: `ERROR`, `WARNING` or `INFORMATIVE`.
        message_ID: number of the message, 12 for `ERROR 000012`.
        add_argument1: first value of the text.
        add_argument2: second value of the text.
    """
    kind = str(message_type).upper()
    text = " ".join(str(part) for part in (add_argument1, add_argument2) if part is not None)
    severity = {"ERROR": 2, "WARNING": 1}.get(kind, 0)
    _add(severity, f"{kind} {int(message_ID):06d}: {text}" if severity else text, echo=True)


def GetIDMessage(message_ID: int) -> str:
    """Return the text of a numbered message, with `<value>` where its values go.

    Args:
        message_ID: number of the message, 732 for `ERROR 000732`.

    Raises:
        InvalidInputError: it is no number that tools here use; Esri's whole catalogue is not ours.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/getidmessage.htm
    """
    from .. import _native

    text = _native.message_text(int(message_ID))
    if text is None:
        raise InvalidInputError(
            f"no message {int(message_ID):06d} is known here; see ArcGIS Pro's documentation"
        )
    return text


def AddReturnMessage(index: int) -> None:
    """Repeat one of the last tool's messages as a message of the script."""
    message = _last()[index]
    _add(message.severity, message.text, echo=True)


def GetMessages(severity: int | None = None) -> str:
    """Return the last tool's messages, one a line.

    Args:
        severity: 0 for messages, 1 for warnings, 2 for errors; all when left out.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/getmessages.htm
    """
    wanted = None if severity is None or severity == "" else int(severity)
    return "\n".join(m.text for m in _last() if wanted is None or m.severity == wanted)


def GetMessage(index: int) -> str:
    """Return one of the last tool's messages."""
    return _last()[index].text


def GetMessageCount() -> int:
    """Return how many messages the last tool left."""
    return len(_last())


def GetSeverity(index: int) -> int:
    """Return the severity of one message: 0, 1 or 2."""
    return _last()[index].severity


def GetMaxSeverity() -> int:
    """Return the greatest severity among the last tool's messages."""
    return max((m.severity for m in _last()), default=0)


def GetReturnCode(index: int) -> int:
    """Return the number of one message, 0 where it has none."""
    return _last()[index].code


def GetAllMessages() -> list[list[Any]]:
    """Return `[severity, code, text]` of each of the last tool's messages."""
    return [[m.severity, m.code, m.text] for m in _last()]


def GetSeverityLevel() -> int:
    """Return from which severity on tools raise."""
    return _stack.level


def SetSeverityLevel(severity_level: int) -> None:
    """Decide when tools raise.

    Args:
        severity_level: 0 never raises, 1 raises at warnings and errors, 2 (the default) at errors.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/setseveritylevel.htm
    """
    level = int(severity_level)
    if level not in (0, 1, 2):
        raise ValueError(f"`{severity_level}` is not a severity level: pass 0, 1 or 2")
    _stack.level = level


@dataclass(eq=False)
class ToolRun:
    """A running tool: where it says what it does and finds."""

    tool: str
    analysis: Analysis

    def message(self, text: str) -> None:
        """Say something for information."""
        _add(0, text, echo=False)

    def warning(self, text: str, code: int | None = None) -> None:
        """Say something that the user should look at."""
        _add(1, f"WARNING {code:06d}: {text}" if code else text, echo=False)

    def error(self, text: str, code: int | None = None) -> None:
        """Say what makes the tool fail; the tool must still raise or return."""
        _add(2, f"ERROR {code:06d}: {text}" if code else text, echo=False)

    def found(self, findings: Iterable[Finding | Mapping[str, Any]], *, resolve: Any = None) -> None:
        """Take findings into the analysis, and fail if one of them is an error.

        Raises:
            AnalyzerError: with ERROR 001272 and its JSON, when there are errors.
        """
        self.analysis.extend(findings, resolve)
        if self.analysis["warnings"]:
            text = f"Analyzer warnings were encountered ({analyzer_json(self.analysis, 'warning')})."
            self.warning(text, 2893)
        if self.analysis["errors"]:
            text = f"Analyzer errors were encountered ({analyzer_json(self.analysis, 'error')})."
            raise AnalyzerError(text, 1272, analysis=self.analysis)


def _stamp() -> str:
    return time.strftime("%A, %B %d, %Y %I:%M:%S %p")


def _error_lines(error: Exception) -> list[str]:
    text = str(error).strip() or type(error).__name__
    code = error.code if isinstance(error, SharingError) else None
    if isinstance(error, FileNotFoundError) and code is None and error.filename:
        code, text = 732, f"Dataset {error.filename} does not exist or is not supported"
    details = [line for line in getattr(error, "details", []) if line and line not in text]
    if _NUMBERED.match(text):
        lines = [text]
    # Portals number their errors as HTTP does, which are not numbers of messages.
    elif code is None or hasattr(error, "message_code"):
        lines = ["ERROR 999999: Error executing function.", text]
    else:
        lines = [f"ERROR {code:06d}: {text}"]
    if code in VALIDATION_CODES:
        lines.insert(0, "Failed to execute. Parameters are not valid.")
    return lines + details


def run_tool(
    tool: str,
    function: Callable[[ToolRun], Mapping[str, Any] | None],
    inputs: Mapping[str, Any] | None = None,
) -> Result:
    """Run one tool: collect its messages, and fail as a geoprocessing tool fails.

    Args:
        tool: name without toolbox, `StageService`.
        function: does the work; returns the outputs by name, in their documented order.
        inputs: the parameters as given, for `Result.getInput`.

    Returns:
        The result, status 4; status 5 when the tool failed while the severity level was 0.

    Raises:
        ExecuteError: with the lines `ERROR nnnnnn: text` and `Failed to execute (tool).`.
        ExecuteWarning: when there are warnings and the severity level is 1.
    """
    if not _stack.depth:
        _stack.messages = []
    first = len(_stack.messages)
    started = time.monotonic()
    run = ToolRun(tool, Analysis())
    # `geosharing.analysis._buffer` is where `arcpy.analysis.Buffer` lives.
    parts = function.__module__.split(".") if function.__module__ else []
    module = parts[1] if len(parts) > 1 and parts[0] == "geosharing" else ""
    settings = env.snapshot()
    _add(0, f"Start Time: {_stamp()}", echo=False)
    outputs: Mapping[str, Any] = {}
    failure: Exception | None = None
    _stack.depth += 1
    try:
        outputs = function(run) or {}
    except Exception as error:
        failure = error
        # A tool inside this one has said it already.
        for line in [] if isinstance(error, ExecuteError) and error.messages else _error_lines(error):
            _add(2, line, echo=False)
        _add(2, f"Failed to execute ({tool}).", echo=False)
    finally:
        _stack.depth -= 1
    state = "Failed" if failure else "Succeeded"
    _add(0, f"{state} at {_stamp()} (Elapsed Time: {time.monotonic() - started:.2f} seconds)", echo=False)
    messages = _stack.messages[first:]
    result = Result(
        tool,
        inputs=dict(inputs or {}),
        outputs=dict(outputs),
        messages=messages,
        analysis=run.analysis,
        status=FAILED if failure else SUCCEEDED,
        source=Source(tool, module, module),
        environments={name: str(value) for name, value in settings.items() if value not in (None, "")},
    )
    if failure is not None and _stack.level:
        raise _execute_error(failure, messages, run) from failure
    if _stack.level == 1 and any(m.severity == 1 for m in messages):
        raise ExecuteWarning("\n".join(m.text for m in messages if m.severity == 1) + "\n")
    return result


def _execute_error(failure: Exception, messages: list[Message], run: ToolRun) -> ExecuteError:
    text = "\n".join(m.text for m in messages if m.severity == 2) + "\n"
    lines = [m.text for m in messages]
    code = getattr(failure, "code", None)
    details = getattr(failure, "details", [])
    if isinstance(failure, AnalyzerError):
        return AnalyzerError(text, code, details=details, messages=lines, analysis=run.analysis)
    return ExecuteError(text, code, details=details, messages=lines)
