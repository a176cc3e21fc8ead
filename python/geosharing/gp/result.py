"""What a tool returns: `arcpy.Result`, which is also the dictionary of what the tool found."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, NamedTuple, overload

from .findings import Analysis

__all__ = ["FAILED", "SUCCEEDED", "Message", "Result", "Source"]

SUCCEEDED = 4
FAILED = 5
_STATES = {4: "succeeded", 5: "failed"}


class Message(NamedTuple):
    """One line that a tool said."""

    severity: int
    """0 message, 1 warning, 2 error."""
    code: int
    """Number of the message; 0 without one, -2147467259 for errors without one."""
    text: str


class Source(NamedTuple):
    """Where a tool comes from."""

    tool: str
    """Name of the tool, `Buffer`."""
    toolbox: str = ""
    """Path of its toolbox; for a tool of arcpy the name of its module, `analysis`."""
    alias: str = ""
    """Alias of its toolbox."""
    label: str = ""
    """What dialogs call the tool."""
    description: str = ""
    """What the tool does, in the words of its author."""


class Result:
    """What a tool did: outputs by index or name, messages, and its analysis by key.

    `result[0]` is the first output as in arcpy; `result['errors']` is the analysis, so that
    `result['errors'] == {}` and `dict(result)` work as for `arcpy.mapping.AnalyzeForSD`.

    https://pro.arcgis.com/en/pro-app/3.3/arcpy/classes/result.htm
    """

    __slots__ = (
        "_analysis", "_environments", "_inputs", "_messages", "_outputs", "_parameters", "_resultID", "_source", "_status", "_tool",
    )  # fmt: skip

    def __init__(
        self,
        toolname: str = "",
        resultID: str = "",
        *,
        inputs: dict[str, Any] | None = None,
        outputs: dict[str, Any] | None = None,
        messages: list[Message] | None = None,
        analysis: Analysis | None = None,
        status: int = SUCCEEDED,
        source: Source | None = None,
        parameters: list[dict[str, Any]] | None = None,
        environments: dict[str, str] | None = None,
    ) -> None:
        self._tool = toolname
        self._resultID = resultID
        self._inputs = inputs or {}
        self._outputs = outputs or {}
        self._messages = messages or []
        self._analysis = analysis if analysis is not None else Analysis()
        self._status = status
        self._source = source or Source(toolname)
        self._parameters = parameters
        self._environments = environments or {}

    @property
    def toolname(self) -> str:
        """Name of the tool."""
        return self._tool

    @property
    def source(self) -> Source:
        """Which tool it was, and where its toolbox is."""
        return self._source

    @property
    def parameters(self) -> list[dict[str, Any]]:
        """The parameters with their values, as drafts and services keep them: data by its path."""
        if self._parameters is None:
            from .toolbox import described_run

            self._parameters = described_run(self._source, self._inputs, self._outputs)
        return self._parameters

    @property
    def environments(self) -> dict[str, str]:
        """The environments of the run that differ from their defaults, as texts."""
        return self._environments

    @property
    def resultID(self) -> str:
        """Job id of a geoprocessing service; empty for tools that ran here."""
        return self._resultID

    @property
    def status(self) -> int:
        """4 succeeded, 5 failed."""
        return self._status

    @property
    def maxSeverity(self) -> int:
        """Greatest severity among the messages."""
        return max((m.severity for m in self._messages), default=0)

    @property
    def inputCount(self) -> int:
        """How many parameters were given."""
        return len(self._inputs)

    @property
    def outputCount(self) -> int:
        """How many outputs there are, absent ones included."""
        return len(self._outputs)

    @property
    def messageCount(self) -> int:
        """How many lines the tool said."""
        return len(self._messages)

    @property
    def analysis(self) -> Analysis:
        """What the tool found: messages, warnings and errors."""
        return self._analysis

    def getInput(self, index: int | str) -> Any:
        """Return an input by position or parameter name."""
        return self._pick(self._inputs, index, "input")

    def getOutput(self, index: int | str) -> Any:
        """Return an output by position or parameter name."""
        return self._pick(self._outputs, index, "output")

    def getMessage(self, index: int) -> str:
        """Return one line."""
        return self._messages[index].text

    def getMessages(self, severity: int | None = None) -> str:
        """Return the lines of one severity (0, 1, 2), or all."""
        return "\n".join(m.text for m in self._messages if severity is None or m.severity == int(severity))

    def getAllMessages(self) -> list[list[Any]]:
        """Return `[severity, code, text]` of every line."""
        return [list(message) for message in self._messages]

    def getSeverity(self, index: int) -> int:
        """Return the severity of one line."""
        return self._messages[index].severity

    def getMapImageURL(
        self, parameter_list: Any = None, height: Any = None, width: Any = None, resolution: Any = None
    ) -> str:
        """Return an empty text: tools that ran here have no map image."""
        return ""

    def cancel(self) -> None:
        """Do nothing: a tool that ran here has ended when its result exists."""

    def getCharts(self, wildcard: str | None = None) -> list[Any]:
        """Return an empty list: tools here make no charts."""
        return []

    def saveToFile(self, rlt_file: str | os.PathLike[str]) -> None:
        """Write a result file, which `CreateGPSDDraft` takes in place of this Result.

        It is JSON, described in `src/core/toolbox/file.rs`: tool, parameter values and messages. Data is
        named, not copied.

        Args:
            rlt_file: path of the `.rlt` file; a file of that name is replaced.
        """
        from .tasks import task_of, write_tasks

        write_tasks([task_of(self)], rlt_file)

    def _pick(self, values: dict[str, Any], index: int | str, kind: str) -> Any:
        if isinstance(index, str):
            if index not in values:
                known = ", ".join(values)
                raise KeyError(f"`{index}` is no {kind} of {self._tool}; there are: {known}")
            return values[index]
        ordered = list(values.values())
        try:
            return ordered[index]
        except IndexError:
            raise IndexError(f"{self._tool} has {len(ordered)} {kind}s, none at {index}") from None

    @overload
    def __getitem__(self, key: int) -> Any: ...
    @overload
    def __getitem__(self, key: str) -> Any: ...
    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str) and key in self._analysis:
            return self._analysis[key]
        return self.getOutput(key)

    def __len__(self) -> int:
        return self.outputCount

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Any]:
        return iter(list(self._outputs.values()))

    def __contains__(self, key: object) -> bool:
        return key in self._analysis or key in self._outputs.values()

    def keys(self) -> list[str]:
        """Return the keys of the analysis."""
        return list(self._analysis)

    def values(self) -> list[Any]:
        """Return the values of the analysis."""
        return list(self._analysis.values())

    def items(self) -> list[tuple[str, Any]]:
        """Return keys and values of the analysis."""
        return list(self._analysis.items())

    def get(self, key: str, default: Any = None) -> Any:
        """Return one part of the analysis."""
        return self._analysis.get(key, default)

    def __str__(self) -> str:
        return ";".join("" if value is None else str(value) for value in self._outputs.values())

    def __repr__(self) -> str:
        state = _STATES.get(self._status, str(self._status))
        shown = next((str(value) for value in self._outputs.values() if value not in (None, "")), "")
        return f"<Result {self._tool} {state}{': ' + shown if shown else ''}>"

    def _repr_html_(self) -> str:
        from .._display import result_table

        return result_table(self)
