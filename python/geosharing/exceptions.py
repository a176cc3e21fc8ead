"""The exceptions that geosharing raises.

Plain mistakes are also the builtin that fits, so `except FileNotFoundError` and
`except arcpy.ExecuteError` both work where they are written today.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = [
    "AnalyzerError",
    "AuthenticationError",
    "DeniedError",
    "ExecuteError",
    "ExecuteWarning",
    "ExistsError",
    "InvalidInputError",
    "JobFailedError",
    "JobTimeoutError",
    "LimitError",
    "MissingError",
    "NotSupportedError",
    "PortalError",
    "SharingError",
    "StorageError",
]


class SharingError(Exception):
    """Anything that geosharing could not do."""

    code: int | None
    """arcpy's message number such as 732, or the portal's error code."""
    severity: int
    """2 for errors, 1 for warnings."""
    details: list[str]
    """Further lines, often those of a server."""

    def __init__(
        self, message: str = "", code: int | None = None, *, severity: int = 2, details: Iterable[str] = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        self.severity = severity
        self.details = list(details)

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class InvalidInputError(SharingError, ValueError):
    """A value or a file is not acceptable."""


class LimitError(SharingError, ValueError):
    """A bound on size, depth, ratio or count was passed."""


class MissingError(SharingError, FileNotFoundError):
    """A named thing does not exist."""


class DeniedError(SharingError, PermissionError):
    """The thing exists and its owner refuses."""


class ExistsError(SharingError, FileExistsError):
    """The thing exists already, or is in use."""


class NotSupportedError(SharingError, NotImplementedError):
    """Well formed, and not something that geosharing can do."""


class StorageError(SharingError, OSError):
    """The operating system refused a read or a write."""


class ExecuteError(SharingError):
    """A geoprocessing tool failed; its text holds the tool's error messages.

    https://pro.arcgis.com/en/pro-app/3.2/arcpy/classes/executeerror.htm
    """

    messages: list[str]
    """All messages of the tool, of every severity."""

    def __init__(
        self,
        message: str = "",
        code: int | None = None,
        *,
        severity: int = 2,
        details: Iterable[str] = (),
        messages: Iterable[str] = (),
    ) -> None:
        super().__init__(message, code, severity=severity, details=details)
        self.messages = list(messages)


class ExecuteWarning(SharingError):
    """A geoprocessing tool met a warning while the severity level was 1."""

    def __init__(self, message: str = "", code: int | None = None) -> None:
        super().__init__(message, code, severity=1)


class AnalyzerError(ExecuteError):
    """Analyzers found errors (ERROR 001272), so that staging stopped."""

    analysis: Mapping[str, Any]
    """arcpy's dictionary of messages, warnings and errors."""

    def __init__(
        self,
        message: str = "",
        code: int | None = 1272,
        *,
        analysis: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message, code, **more)
        self.analysis = analysis if analysis is not None else {"messages": {}, "warnings": {}, "errors": {}}

    @property
    def analyzers(self) -> list[Any]:
        """The errors as a list of findings."""
        return [finding for finding in getattr(self.analysis, "findings", []) if finding.severity == "error"]


class PortalError(SharingError):
    """A portal or server answered with an error, nonsense, or not at all."""

    message_code: str | None
    """The portal's identifier such as `CONT_0001`."""
    url: str
    """Address of the request, without its query."""

    def __init__(
        self,
        message: str = "",
        code: int | None = None,
        message_code: str | None = None,
        details: Iterable[str] = (),
        url: str = "",
    ) -> None:
        super().__init__(message, code, details=details)
        self.message_code = message_code
        self.url = url


class AuthenticationError(PortalError):
    """The portal refused the name, password or token (498, 499, bad sign-in)."""


class JobFailedError(SharingError):
    """A job on the portal or server ended without success."""


class JobTimeoutError(SharingError, TimeoutError):
    """A job on the portal or server did not end in the time given."""
