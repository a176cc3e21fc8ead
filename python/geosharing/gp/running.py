"""Running the tools of toolboxes: their frame, their messages, and how they fail."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from .._run import own_traceback
from ..exceptions import ExecuteError, ExecuteWarning, SharingError
from .convert import as_text
from .env import env
from .findings import Analysis
from .messages import Frame, _error_lines, _number, _stack, _stamp
from .parameter import Parameter
from .result import FAILED, SUCCEEDED, Message, Result, Source

__all__ = ["InvalidParametersError", "ToolMessages", "current_frame", "execute"]

INVALID = "Failed to execute. Parameters are not valid."


class InvalidParametersError(SharingError):
    """Validation refused the values: one line for each."""

    def __init__(self, lines: Sequence[str]) -> None:
        code = next((_number(line, 2) for line in lines if line.startswith("ERROR")), None)
        super().__init__("\n".join(lines), code if code and code > 0 else None)
        self.lines = list(lines)


class ToolMessages:
    """The `messages` object that Python toolbox tools get.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/geoprocessing_and_python/writing-messages-in-a-python-toolbox.htm
    """

    def addMessage(self, message: object) -> None:
        """Say something for information."""
        from . import messages

        messages.AddMessage(message)

    def addWarningMessage(self, message: object) -> None:
        """Say something that the user should look at."""
        from . import messages

        messages.AddWarning(message)

    def addErrorMessage(self, message: object) -> None:
        """Say what makes the tool fail; raises nothing."""
        from . import messages

        messages.AddError(message)

    def addIDMessage(
        self, message_type: str, message_ID: int, add_argument1: Any = None, add_argument2: Any = None
    ) -> None:
        """Say a numbered message."""
        from . import messages

        messages.AddIDMessage(message_type, message_ID, add_argument1, add_argument2)

    def addGPMessages(self) -> None:
        """Repeat the messages of the last tool that was called."""
        from . import messages

        for index in range(messages.GetMessageCount()):
            messages.AddReturnMessage(index)

    AddMessage = addMessage
    AddWarningMessage = addWarningMessage
    AddErrorMessage = addErrorMessage
    AddIDMessage = addIDMessage
    AddGPMessages = addGPMessages
    addWarning = addWarningMessage
    addError = addErrorMessage
    AddWarning = addWarningMessage
    AddError = addErrorMessage


def current_frame() -> Frame | None:
    """Return the frame of the tool that runs in this thread."""
    return _stack.frame


def _lines(error: BaseException) -> list[str]:
    if isinstance(error, InvalidParametersError):
        return [INVALID, *error.lines]
    if isinstance(error, SharingError) and not isinstance(error, ExecuteError) and _raised_here(error):
        return _error_lines(error)
    return [own_traceback(error).rstrip()]


def _raised_here(error: BaseException) -> bool:
    """Return whether an error comes from us and not from a line of the tool."""
    from .._run import _PACKAGE

    trace = error.__traceback__
    while trace is not None:
        if not os.path.abspath(trace.tb_frame.f_code.co_filename).startswith(_PACKAGE + os.sep):
            return False
        trace = trace.tb_next
    return True


def execute(
    source: Source,
    parameters: list[Parameter],
    body: Callable[[Frame], None],
    listener: Callable[[Message], None] | None = None,
) -> Result:
    """Run one tool in a frame of its own.

    What the tool sets in `arcpy.env`, `sys.argv` and the working directory ends with it.

    Args:
        source: which tool this is.
        parameters: its parameters, with their values.
        body: does the work; raises when it fails.
        listener: gets each message as it is said; its `progress(label, position)`, if it has one, the progress.

    Returns:
        The result, status 4; status 5 when the tool failed while the severity level was 0.

    Raises:
        ExecuteError: the tool failed.
        ExecuteWarning: when there are warnings and the severity level is 1.
    """
    frame = Frame(source.tool, listener)
    frame.parameters = parameters
    outer = (_stack.messages, _stack.depth, _stack.frame)
    settings, arguments, folder = env.snapshot(), sys.argv, os.getcwd()
    _stack.messages, _stack.depth, _stack.frame = [], 0, frame
    started = time.monotonic()
    failure: BaseException | None = None

    def say(severity: int, text: str) -> None:
        frame.say(Message(severity, _number(text, severity), text))

    say(0, f"Start Time: {_stamp()}")
    try:
        body(frame)
    except SystemExit as leave:
        if leave.code not in (None, 0):
            failure = leave
            say(2, f"SystemExit: {leave.code}")
    except Exception as error:
        failure = error
        for line in _lines(error):
            say(1 if line.startswith("WARNING") else 2, line)
    finally:
        _stack.messages, _stack.depth, _stack.frame = outer
        env.restore(settings)
        sys.argv = arguments
        if os.path.isdir(folder):
            os.chdir(folder)
    errors = any(message.severity == 2 for message in frame.messages)
    if errors:
        say(2, f"Failed to execute ({source.tool}).")
    state = "Failed" if errors else "Succeeded"
    say(0, f"{state} at {_stamp()} (Elapsed Time: {time.monotonic() - started:.2f} seconds)")
    if not _stack.depth:
        _stack.messages = list(frame.messages)
    result = Result(
        source.tool,
        inputs={p.name: _value(p) for p in parameters if p.direction == "Input"},
        outputs={p.name: _value(p) for p in parameters if p.direction == "Output"},
        messages=frame.messages,
        analysis=Analysis(),
        status=FAILED if errors else SUCCEEDED,
        source=source,
        parameters=[parameter.describe() | parameter.text_value() for parameter in parameters],
        environments=shown_environments(settings),
    )
    if errors and _stack.level:
        text = "\n".join(m.text for m in frame.messages if m.severity == 2) + "\n"
        code = getattr(failure, "code", None)
        raise ExecuteError(
            text,
            code if isinstance(code, int) and isinstance(failure, SharingError) else None,
            messages=[m.text for m in frame.messages],
        ) from failure
    if _stack.level == 1 and any(m.severity == 1 for m in frame.messages):
        raise ExecuteWarning("\n".join(m.text for m in frame.messages if m.severity == 1) + "\n")
    return result


def shown_environments(settings: dict[str, Any]) -> dict[str, str]:
    """Return environments as texts."""
    return {name: as_text(value) for name, value in settings.items() if value not in (None, "")}


def _value(parameter: Parameter) -> Any:
    """Return a value as results hold it: text, and the layer where the value is one."""
    value = parameter._value
    plain = value is None or isinstance(value, (str, int, float, bool, list))
    return parameter.valueAsText if plain or not hasattr(value, "dataSource") else value
