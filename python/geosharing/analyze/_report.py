"""Reports: findings by object, with cause, remedy and page."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..gp.findings import Analysis, Finding
from ._catalogue import entry

__all__ = ["NotChecked", "Report"]

ORDER = ("error", "warning", "message")
MOST = 12


@dataclass(frozen=True)
class NotChecked:
    """An analyzer that concerns the input and was not decided."""

    code: int
    title: str
    reason: str
    """Why nobody looked."""
    objects: tuple[str, ...] = ()
    """Long names of the layers or tables that it concerns."""


class Report:
    """What an analysis found, and what it could not check.

    Args:
        subject: what was analyzed, for the heading.
        analysis: the findings.
        not_checked: what was not decided.
    """

    def __init__(self, subject: str, analysis: Analysis, not_checked: Iterable[NotChecked] = ()) -> None:
        self.subject = subject
        self.analysis = analysis
        self.not_checked = tuple(not_checked)

    @property
    def findings(self) -> list[Finding]:
        """The findings, errors first."""
        return sorted(self.analysis.findings, key=lambda found: (ORDER.index(found.severity), found.code))

    @property
    def has_errors(self) -> bool:
        """Whether something stops publishing."""
        return bool(self.analysis["errors"])

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.analysis.findings)

    def __bool__(self) -> bool:
        return True

    def _summary(self) -> str:
        counts = []
        for severity in ORDER:
            count = sum(found.severity == severity for found in self.analysis.findings)
            if count:
                counts.append(f"{count} {severity}{'' if count == 1 else 's'}")
        if self.not_checked:
            counts.append(f"{len(self.not_checked)} not checked")
        return ", ".join(counts) or "nothing found"

    def to_text(self, width: int = 100) -> str:
        """Return the report for a terminal.

        Args:
            width: columns of the terminal.
        """
        lines = [f"{self.subject}: {self._summary()}"]
        for found in self.findings:
            row = entry(found.code) if found.code else None
            number = row.id if row else "     "
            lines += ["", *_wrap(f"{found.severity.upper()} {number}  ", found.text, width)]
            about = [
                ("layers", _names(map(str, found.objects))),
                ("cause", row.cause if row else ""),
                ("fix", row.fix if row else ""),
            ]
            for label, text in about:
                if text:
                    lines += _wrap(f"  {label:<8}", text, width)
            if row:
                lines.append(f"  {'see':<8}{row.url}")
        if self.not_checked:
            lines += ["", "Not checked"]
            for gap in self.not_checked:
                row = entry(gap.code)
                names = f" ({_names(gap.objects)})" if gap.objects else ""
                text = f"{gap.title}{names}, because {gap.reason}"
                lines += _wrap(f"  {row.id if row else gap.code:<8}", text, width)
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values: `subject`, `findings`, `not_checked`."""
        findings = []
        for found in self.findings:
            row = entry(found.code) if found.code else None
            findings.append(
                {
                    "severity": found.severity,
                    "code": row.id if row else "",
                    "text": found.text,
                    "layers": [str(thing) for thing in found.objects],
                    "cause": row.cause if row else "",
                    "fix": row.fix if row else "",
                    "url": row.url if row else "",
                }
            )
        gaps = [
            {"code": f"{gap.code:05d}", "title": gap.title, "reason": gap.reason, "layers": list(gap.objects)}
            for gap in self.not_checked
        ]
        return {"subject": self.subject, "findings": findings, "not_checked": gaps}

    def to_json(self, indent: int | None = 2) -> str:
        """Return the report as JSON text; see `to_dict`."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=indent)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"<Report of {self.subject}: {self._summary()}>"

    def _repr_html_(self) -> str:
        from .._display import report_table

        return report_table(self)


def _names(objects: Iterable[str]) -> str:
    names = list(objects)
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(names[:MOST]) + more


def _wrap(head: str, text: str, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        max(width, 40),
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    ) or [head.rstrip()]
