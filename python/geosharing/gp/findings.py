"""What a step found, as arcpy's dictionary of messages, warnings and errors."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Analysis", "Finding", "NamedObject", "analyzer_json"]

Severity = Literal["message", "warning", "error"]
KEYS: dict[str, str] = {"message": "messages", "warning": "warnings", "error": "errors"}


class NamedObject(str):
    """A layer or table known by its name only; prints and compares as its long name."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """Name in the table of contents."""
        return self.rsplit("\\", 1)[-1]

    @property
    def longName(self) -> str:
        """Name with its group layers, separated by backslashes."""
        return str(self)


@dataclass(frozen=True)
class Finding:
    """One remark on a project, draft or service definition."""

    severity: Severity
    code: int
    """The analyzer's number, 24011 for "data will be copied"; 0 for our own remarks."""
    text: str
    objects: tuple[Any, ...] = field(default=())
    """Layers or tables that it is about; empty for the whole map."""

    @classmethod
    def of(cls, finding: Finding | Mapping[str, Any], resolve: Callable[[str], Any] | None = None) -> Finding:
        """Return a finding from the dictionary that the core gives.

        Args:
            finding: `severity`, `code`, `text` and `objects` (long names).
            resolve: finds the layer of a long name; names stay names where it returns None.
        """
        if isinstance(finding, cls):
            return finding
        assert not isinstance(finding, Finding)
        objects = tuple(
            (resolve(name) if resolve else None) or NamedObject(name) for name in finding["objects"]
        )
        return cls(finding["severity"], int(finding["code"]), finding["text"], objects)


class Analysis(dict[str, dict[tuple[str, int], list[Any]]]):
    """arcpy's dictionary: `{'messages': {(text, code): [objects]}, 'warnings': {...}, 'errors': {...}}`.

    https://desktop.arcgis.com/en/arcmap/10.7/analyze/arcpy-mapping/analyzeforsd.htm
    """

    findings: list[Finding]
    """The same as a list, in the order in which they were met."""

    def __init__(
        self,
        findings: Iterable[Finding | Mapping[str, Any]] = (),
        resolve: Callable[[str], Any] | None = None,
    ) -> None:
        super().__init__({"messages": {}, "warnings": {}, "errors": {}})
        self.findings = []
        self.extend(findings, resolve)

    def extend(
        self,
        findings: Iterable[Finding | Mapping[str, Any]],
        resolve: Callable[[str], Any] | None = None,
    ) -> None:
        """Add findings; equal text and code share one entry."""
        for entry in findings:
            found = Finding.of(entry, resolve)
            objects = self[KEYS[found.severity]].setdefault((found.text, found.code), [])
            objects.extend(thing for thing in found.objects if thing not in objects)
            self.findings.append(found)

    def __reduce__(self) -> tuple[Any, ...]:
        return (Analysis, (self.findings,))

    def _repr_html_(self) -> str:
        from .._display import findings_table

        return findings_table(self)


def analyzer_json(findings: Analysis | Iterable[Finding], severity: Severity) -> str:
    """Return the JSON that stands in the brackets of ERROR 001272 and WARNING 002893.

    One entry per object; the code has five digits, and entries about the whole map have no object.
    """
    entries: list[dict[str, str]] = []
    every: Iterable[Finding] = findings.findings if isinstance(findings, Analysis) else findings
    for found in every:
        if found.severity != severity:
            continue
        entry = {"code": f"{found.code:05d}", "message": found.text}
        entries.extend(
            [entry | {"object": str(getattr(thing, "name", thing))} for thing in found.objects] or [entry]
        )
    return json.dumps(entries, ensure_ascii=False, separators=(",", ":"))
