"""What all drafts have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from .. import _native
from ..analyze import Report
from ..gp.findings import Analysis
from ..gp.messages import GetSeverityLevel, run_tool
from ..gp.result import FAILED
from ..gp.values import output_path
from ._properties import Property, build, warn_unknown
from ._source import Source
from ._target import target

__all__ = ["FileDraft", "SharingDraft"]


class SharingDraft:
    """A service in the making.

    Its attributes are the properties of its kind in the mapping table; nested ones, such as
    `draft.sharing.sharingLevel`, stand in groups. It is also the dictionary of what was found:
    `draft['errors'] == {}`.

    Args:
        source: what is shared.
        service_name: name of the service, up to 120 letters, digits and underscores.
    """

    _kind: ClassVar[str] = ""

    def __init_subclass__(cls, kind: str = "") -> None:
        super().__init_subclass__()
        if kind:
            cls._kind = kind
            build(cls, kind)

    def __init__(self, source: Source, service_name: str, **decided: str) -> None:
        state = self.__dict__
        state["_draft"] = _native.SharingDraft(self._kind, str(service_name))
        state["_source"] = source
        state["_analysis"] = None
        state["_decided"] = decided
        for name, value in decided.items():
            self._draft.fix(name, value)

    _draft: Any
    _source: Source
    _analysis: Analysis | None
    _decided: dict[str, str]

    @property
    def analysis(self) -> Analysis:
        """What the last export found, or what an export would find now."""
        return self.explain().analysis if self._analysis is None else self._analysis

    def explain(self) -> Report:
        """Return what an export would find now, with causes, remedies and pages; print it.

        What ArcGIS alone or a server could tell is in `not_checked`, with the reason.
        """
        self._draft.set_source(self._describe())
        return self._look()

    def _look(self) -> Report:
        report = self._source.analyze(self._draft)
        report.analysis.extend(self._draft.check(), self._source.resolve)
        return report

    def _describe(self, path: str | None = None) -> dict[str, Any]:
        facts = self._source.describe(path)
        if not self._draft.get("offline"):
            facts["server"] = target(self)
        return facts

    def keys(self) -> list[str]:
        """Return `messages`, `warnings`, `errors`."""
        return list(self.analysis)

    def __getitem__(self, key: str) -> dict[tuple[str, int], list[Any]]:
        return self.analysis[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.analysis)

    def __len__(self) -> int:
        return len(self.analysis)

    def __bool__(self) -> bool:
        return True

    def __setattr__(self, name: str, value: Any) -> None:
        known = getattr(type(self), name, None)
        if isinstance(known, Property):
            object.__setattr__(self, name, value)
        elif isinstance(known, property):
            kind = {"sharing": "sharingLevel", "timezone": "ID", "zDefault": "value"}.get(name)
            hint = f"set `{name}.{kind}` instead" if kind else "set what is in it, or make another draft"
            raise AttributeError(f"`{name}` of `{type(self).__name__}` cannot be replaced; {hint}")
        elif name in ALIASES and not known:
            self._draft.set(name, value)
        else:
            warn_unknown(type(self).__name__, name, self._kind, stacklevel=3)
            self.__dict__[name] = value

    def __getattr__(self, name: str) -> Any:
        if name in ALIASES:
            return self._draft.get(name)
        hint = None if name.startswith("_") else _native.draft_suggest(name, self._kind)
        more = f"; did you mean `{hint}`?" if hint else ""
        raise AttributeError(f"`{type(self).__name__}` has no attribute `{name}`{more}")

    def __copy__(self) -> SharingDraft:
        other = type(self).__new__(type(self))
        SharingDraft.__init__(other, self._source, self._draft.get("serviceName"), **self._decided)
        other.__dict__["_draft"] = self._draft.__copy__()
        return other

    def __deepcopy__(self, memo: dict[int, Any]) -> SharingDraft:
        return self.__copy__()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._draft.get('serviceName')!r} of {self._source}>"

    def _repr_html_(self) -> str:
        from .._display import findings_table, properties_table

        shown = [
            (name, value)
            for name, value in self._draft.all()
            if value not in (None, "") and ("." not in name or self._draft.is_set(name))
        ]
        return properties_table(repr(self), shown) + findings_table(self.analysis)


# Spellings of the documentation that differ from those of the class.
ALIASES = ("allowCompressions", "allowMensurationCapabilities")


class FileDraft(SharingDraft):
    """A draft that becomes a `.sddraft` file."""

    def exportToSDDraft(self, out_sddraft: Any) -> Analysis:
        """Write the draft.

        Args:
            out_sddraft: path of the `.sddraft`; a file of that name is replaced.

        Returns:
            What was found, as `{'messages': {}, 'warnings': {(text, code): [layers]}, 'errors': {}}`.

        Raises:
            ExecuteError: there are errors and the severity level is 1 or 2, or the file cannot be written.
                With `SetSeverityLevel(0)` the errors are only returned.
        """
        path = output_path(out_sddraft)
        analysis = Analysis()
        self.__dict__["_analysis"] = analysis

        def export(run: Any) -> dict[str, Any]:
            source = self._describe(path)
            self._draft.set_source(source)
            findings = self._look().findings
            analysis.extend(findings)
            # A caller who asked for errors to be returned gets the draft, too, if it can be written.
            if not analysis["errors"] or (GetSeverityLevel() == 0 and not self._draft.lacks_target()):
                self._draft.set_source(self._source.snapshot(source, path))
                self._draft.save(path)
            run.found(findings)
            return {"out_sddraft": path}

        result = run_tool("ExportToSDDraft", export, {"out_sddraft": path})
        if result.status == FAILED and not analysis["errors"]:
            text = result.getMessages(2).strip()
            analysis.extend([{"severity": "error", "code": 0, "text": text, "objects": []}])
        return analysis
