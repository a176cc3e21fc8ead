"""One tool of a toolbox: its parameters, and how it is run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...exceptions import InvalidInputError
from ..messages import Frame
from ..parameter import Parameter
from ..result import Message, Result, Source
from ..running import InvalidParametersError, execute
from ._metadata import ToolMetadata
from ._validate import check_values

__all__ = ["Tool"]


class Tool:
    """A tool: a class of a Python toolbox, a script of an `.atbx`, or one of arcpy's own."""

    name: str
    """Name in Python."""
    label: str
    """Name in dialogs."""
    description: str
    """What it does, in its author's words."""
    kind: str
    """`python`, `script`, `model` or `system`."""

    def __init__(self, toolbox: Any, name: str) -> None:
        self.toolbox = toolbox
        self.name = name
        self.label = name
        self.description = ""
        self.category = ""
        self.kind = ""
        self._metadata: ToolMetadata | None = None

    @property
    def metadata(self) -> ToolMetadata:
        """Summary, tags and what is said about the parameters."""
        if self._metadata is None:
            self._metadata = self._read_metadata()
        return self._metadata

    @property
    def source(self) -> Source:
        """Where the tool comes from, as results keep it."""
        return Source(self.name, self.toolbox.path, self.toolbox.alias, self.label, self.description)

    @property
    def files(self) -> list[str]:
        """Files of code that belong to the tool, beside its toolbox."""
        return []

    def parameters(self) -> list[Parameter]:
        """Return the parameters with their defaults.

        Raises:
            InvalidInputError: the tool's own code failed.
        """
        raise NotImplementedError

    def run(
        self,
        values: Mapping[str, Any] | Sequence[Any] = (),
        messages: Callable[[Message], None] | None = None,
    ) -> Result:
        """Run the tool.

        Args:
            values: values by name of the parameter, or in the order of the parameters.
            messages: gets each message as it is said; its `progress(label, position)`, if there is one, the
                progress.

        Raises:
            ExecuteError: the values are not valid, or the tool failed; the text has its own messages.
        """
        raise NotImplementedError

    def _read_metadata(self) -> ToolMetadata:
        return ToolMetadata()

    def _described(self, parameters: list[Parameter]) -> list[Parameter]:
        for parameter in parameters:
            parameter.description = parameter.description or self.metadata.parameters.get(parameter.name, "")
        return parameters

    def _execute(
        self,
        parameters: list[Parameter],
        values: Mapping[str, Any] | Sequence[Any],
        body: Callable[[Frame], None],
        messages: Callable[[Message], None] | None,
        update: Callable[[], None] | None = None,
        judge: Callable[[], None] | None = None,
    ) -> Result:
        """Bind the values, validate as arcpy does, and run `body`."""

        def all(frame: Frame) -> None:
            refused = bind(self.name, parameters, values)
            if update is not None:
                update()
            for parameter in parameters:
                if not parameter.hasError():
                    parameter.clearMessage()
            refused |= check_values(parameters, refused)
            for parameter in parameters:
                parameter.hasBeenValidated = True
                if parameter.name in refused:
                    parameter.setErrorMessage(refused[parameter.name])
            if judge is not None:
                judge()
            lines = [p.message for p in parameters if p.hasError()]
            if lines:
                warnings = [p.message for p in parameters if p.hasWarning()]
                raise InvalidParametersError(
                    [line if line.startswith("ERROR") else f"ERROR: {line}" for line in lines] + warnings
                )
            for parameter in parameters:
                if parameter.hasWarning():
                    frame.say(Message(1, 0, parameter.message))
            body(frame)

        return execute(self.source, parameters, all, messages)

    def __call__(self, *args: Any, **kwargs: Any) -> Result:
        """Run the tool as a function."""
        parameters = [p.name for p in self.parameters() if p.parameterType != "Derived"]
        if len(args) > len(parameters):
            raise TypeError(f"{self.name} takes {len(parameters)} parameters, got {len(args)}")
        values = dict(zip(parameters, args, strict=False))
        for name, value in kwargs.items():
            if name in values:
                raise TypeError(f"{self.name} got `{name}` twice")
            values[name] = value
        return self.run(values)

    def __repr__(self) -> str:
        return f"<Tool {self.name} of {self.toolbox.path}>"


def bind(tool: str, parameters: list[Parameter], values: Mapping[str, Any] | Sequence[Any]) -> dict[str, str]:
    """Put values into parameters; return what is wrong with them by name of the parameter.

    Raises:
        InvalidInputError: there is no parameter of a name, or there are more values than parameters.
    """
    if isinstance(values, Mapping):
        given = dict(values)
    else:
        taken = [p.name for p in parameters if p.parameterType != "Derived"]
        if len(values) > len(taken):
            raise InvalidInputError(f"{tool} takes {len(taken)} parameters, got {len(values)}")
        given = dict(zip(taken, values, strict=False))
    known = {p.name.lower(): p for p in parameters}
    refused: dict[str, str] = {}
    for name, value in given.items():
        parameter = known.get(name.lower())
        if parameter is None:
            names = ", ".join(f"`{p.name}`" for p in parameters) or "none"
            raise InvalidInputError(f"{tool} has no parameter `{name}`; it has {names}")
        if value is None or (isinstance(value, str) and value.strip() in ("", "#")):
            continue
        try:
            parameter.value = value
        except InvalidInputError as error:
            refused[parameter.name] = f"ERROR {error.code or 840:06d}: {parameter.displayName}: {error}"
        parameter.altered = True
    return refused
