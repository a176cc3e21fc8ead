"""How things look: HTML for notebooks, and progress in terminals and notebooks."""

from __future__ import annotations

import html
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .analyze import Report
    from .gp.findings import Analysis
    from .gp.result import Result

__all__ = ["findings_table", "progress", "properties_table", "report_table", "result_table", "table"]

MAX_ROWS = 50
MAX_TEXT = 500

Progress = Callable[[int, int, str], None]


class Link(NamedTuple):
    """A cell that leads to a page."""

    text: str
    url: str


def _cell(value: Any) -> str:
    if isinstance(value, Link):
        address = html.escape(value.url, quote=True)
        return f"<a href='{address}' rel='noopener'>{html.escape(value.text)}</a>"
    text = "" if value is None else str(value)
    return html.escape(text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 3] + "...")


def table(title: str, headings: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Return an HTML table: everything escaped, at most 50 rows, nothing loaded from elsewhere."""
    every = [list(row) for row in rows]
    head = "".join(f"<th style='text-align:left'>{_cell(cell)}</th>" for cell in headings)
    body = "".join(
        "<tr>" + "".join(f"<td style='text-align:left'>{_cell(cell)}</td>" for cell in row) + "</tr>"
        for row in every[:MAX_ROWS]
    )
    more = f"<p>and {len(every) - MAX_ROWS} more</p>" if len(every) > MAX_ROWS else ""
    caption = f"<caption style='text-align:left'><b>{_cell(title)}</b></caption>"
    header = f"<thead><tr>{head}</tr></thead>" if head else ""
    return f"<table>{caption}{header}<tbody>{body}</tbody></table>{more}"


def properties_table(title: str, properties: Iterable[tuple[str, Any]]) -> str:
    """Return an HTML table of names and values."""
    return table(title, (), properties)


def findings_table(analysis: Analysis) -> str:
    """Return an HTML table of an analysis: each finding with its cause, remedy and page."""
    from .analyze import entry

    if not analysis.findings:
        return "<p>nothing found</p>"
    order = ["error", "warning", "message"]
    rows = []
    for found in sorted(analysis.findings, key=lambda it: (order.index(it.severity), it.code)):
        row = entry(found.code) if found.code else None
        number = Link(row.id, row.url) if row else ""
        names = ", ".join(map(str, found.objects))
        rows.append(
            (found.severity, number, found.text, names, row.cause if row else "", row.fix if row else "")
        )
    return table("Findings", ("Severity", "Code", "Text", "Objects", "Cause", "What helps"), rows)


def report_table(report: Report) -> str:
    """Return an HTML view of a report: findings, and what was not checked."""
    heading = f"<p>{_cell(report.subject)}</p>"
    gaps = ((gap.code, gap.title, gap.reason, ", ".join(gap.objects)) for gap in report.not_checked)
    missing = (
        table("Not checked", ("Code", "Analyzer", "Because", "Objects"), gaps) if report.not_checked else ""
    )
    return heading + findings_table(report.analysis) + missing


def result_table(result: Result) -> str:
    """Return an HTML view of a tool's result: outputs, messages, findings."""
    kinds = ("message", "warning", "error")
    outputs = properties_table(
        repr(result), ((name, value) for name, value in result._outputs.items() if value)
    )
    messages = table("Messages", (), ((kinds[m.severity], m.text) for m in result._messages))
    return outputs + messages + (findings_table(result.analysis) if result.analysis.findings else "")


def _shown(progress: bool | Progress | None) -> bool:
    if progress is not None:
        return progress is True
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    notebook = getattr(shell, "kernel", None) is not None
    return notebook or bool(getattr(sys.stderr, "isatty", lambda: False)())


@contextmanager
def progress(wanted: bool | Progress | None, title: str) -> Iterator[Progress | None]:
    """Give a callback `(done, total, message)` that draws a bar, or None where nobody looks.

    Args:
        wanted: None draws in a terminal or notebook only, False never; a callable is used as it is.
        title: stands before the bar.
    """
    if callable(wanted):
        yield wanted
        return
    if not _shown(wanted):
        yield None
        return
    from tqdm.auto import tqdm

    with tqdm(total=0, desc=title, unit="B", unit_scale=True, leave=False, file=sys.stderr) as bar:

        def show(done: int, total: int, message: str = "") -> None:
            bar.total = total
            if message:
                bar.set_postfix_str(message, refresh=False)
            bar.update(done - bar.n)

        yield show
