"""`FeatureSharingDraft`: a hosted feature layer in the making."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import _native
from ..analyze import Report, draft_findings
from ..gp.findings import Analysis
from ..gp.messages import GetSeverityLevel, run_tool
from ..gp.result import FAILED
from ..gp.values import output_path
from ._properties import Group, Property, ReadOnly, warn_unknown
from ._source import Shared

__all__ = ["FeatureSharingDraft"]


class Sharing(Group):
    """Who sees the layer."""

    sharingLevel = Property("sharing.sharingLevel", "`OWNER`, `ORGANIZATION`, `EVERYONE`, or empty.")
    groups = Property("sharing.groups", "Names of groups that see the layer, separated by commas.")


class TimeZone(Group):
    """In which zone dates are."""

    ID = Property("timezone.ID", "The zone of the date fields.")
    DaylightSavingTime = Property("timezone.DaylightSavingTime", "Whether that zone has summer time.")
    preferredTimezoneID = Property(
        "timezone.preferredTimezoneID", "The zone in which the author reads dates."
    )
    preferredTimezoneIDDaylightSavingTime = Property(
        "timezone.preferredTimezoneIDDaylightSavingTime", "Whether that zone has summer time."
    )


class ZDefault(Group):
    """The Z of new features that have none."""

    enable = Property("zDefault.enable", "Give such features a Z.")
    value = Property("zDefault.value", "The Z that they get.")


class FeatureSharingDraft:
    """A draft of a web feature layer, whose data is copied to the portal.

    Made by `Map.getWebLayerSharingDraft("HOSTING_SERVER", "FEATURE", ...)`. It is also the dictionary of
    what the export found: `draft['errors'] == {}`.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/sharing/featuresharingdraft-class.htm
    """

    allowExporting = Property("allowExporting", "Let others export the layer to other formats.")
    allowUpdateWithoutMValues = Property(
        "allowUpdateWithoutMValues", "Take geometries without M for features that have M."
    )
    approvePublicDataCollection = Property(
        "approvePublicDataCollection", "Let everyone edit a layer that everyone sees."
    )
    checkUniqueIDAssignment = Property(
        "checkUniqueIDAssignment", "Require that the map assigns unique numeric ids."
    )
    credits = Property("credits", "Who made the data.")
    description = Property("description", "The description of the item.")
    featureCapabilities = Property(
        "featureCapabilities", "What clients may do: `Query,Create,Update,Delete,Sync,Extract,Editing,...`"
    )
    maxRecordCount = Property("maxRecordCount", "The most records that one answer holds.")
    offline = Property("offline", "Write the draft without a portal.")
    offlineTarget = Property("offlineTarget", "`ENTERPRISE_10x`, `ENTERPRISE_11` or `ONLINE`.")
    overwriteExistingService = Property("overwriteExistingService", "Replace a service of this name.")
    portalFolder = Property("portalFolder", "A folder in My Content; the root when empty.")
    preserveEditUsersAndTimestamps = Property(
        "preserveEditUsersAndTimestamps", "Keep who edited features, and when."
    )
    serverType = ReadOnly("serverType", "`HOSTING_SERVER`; read-only.")
    serviceName = Property("serviceName", "The name of the service.")
    serviceType = ReadOnly("serviceType", "`FEATURE`; read-only.")
    summary = Property("summary", "One or two sentences for the item.")
    tags = Property("tags", "Words to find the item by, separated by commas or semicolons.")
    useCIMSymbols = Property("useCIMSymbols", "Store the project's own symbols with the layer, too.")
    useLimitations = Property("useLimitations", "The terms of use.")

    def __init__(self, map: Any, service_name: str, layers_and_tables: Any = None) -> None:
        state = self.__dict__
        state["_draft"] = _native.FeatureDraft(str(service_name))
        state["_shared"] = Shared(map, layers_and_tables)
        state["_analysis"] = None
        state["_sharing"] = Sharing(self._draft)
        state["_timezone"] = TimeZone(self._draft)
        state["_zDefault"] = ZDefault(self._draft)

    _draft: Any
    _shared: Shared
    _analysis: Analysis | None
    _sharing: Sharing
    _timezone: TimeZone
    _zDefault: ZDefault

    @property
    def sharing(self) -> Sharing:
        """Who sees the layer: `sharingLevel`, `groups`."""
        return self._sharing

    @property
    def timezone(self) -> TimeZone:
        """In which zone dates are: `ID`, `DaylightSavingTime` and the preferred ones."""
        return self._timezone

    @property
    def zDefault(self) -> ZDefault:
        """The Z of new features: `enable`, `value`."""
        return self._zDefault

    @property
    def analysis(self) -> Analysis:
        """What the last export found, or what an export would find now."""
        return self.explain().analysis if self._analysis is None else self._analysis

    def explain(self) -> Report:
        """Return what an export would find now, with causes, remedies and pages; print it.

        What ArcGIS alone or a server could tell is in `not_checked`, with the reason.
        """
        self._draft.set_source(self._shared.describe())
        return self._look()

    def _look(self) -> Report:
        report = draft_findings(
            self._draft.text(), self._shared, check_unique_ids=bool(self.checkUniqueIDAssignment)
        )
        report.analysis.extend(self._draft.check(), self._shared.resolve)
        return report

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
            source = self._shared.describe(path)
            self._draft.set_source(source)
            findings = self._look().findings
            analysis.extend(findings)
            # A caller who asked for errors to be returned gets the draft, too, if it can be written.
            if not analysis["errors"] or (GetSeverityLevel() == 0 and not self._draft.lacks_portal()):
                self._draft.set_source(self._shared.snapshot(source, path))
                self._draft.save(path)
            run.found(findings)
            return {"out_sddraft": path}

        result = run_tool("ExportToSDDraft", export, {"out_sddraft": path})
        if result.status == FAILED and not analysis["errors"]:
            text = result.getMessages(2).strip()
            analysis.extend([{"severity": "error", "code": 0, "text": text, "objects": []}])
        return analysis

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
            hint = f"set `{name}.{kind}` instead" if kind else "it is read-only"
            raise AttributeError(f"`{name}` of `{type(self).__name__}` cannot be replaced; {hint}")
        else:
            warn_unknown(type(self).__name__, name, _native.draft_suggest(name), stacklevel=3)
            self.__dict__[name] = value

    def __getattr__(self, name: str) -> Any:
        hint = None if name.startswith("_") else _native.draft_suggest(name)
        more = f"; did you mean `{hint}`?" if hint else ""
        raise AttributeError(f"`{type(self).__name__}` has no attribute `{name}`{more}")

    def __copy__(self) -> FeatureSharingDraft:
        other = FeatureSharingDraft(self._shared.map, self.serviceName, self._shared.chosen)
        for name, value in self._draft.all():
            if self._draft.is_set(name):
                other._draft.set(name, value)
        return other

    def __deepcopy__(self, memo: dict[int, Any]) -> FeatureSharingDraft:
        return self.__copy__()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.serviceName!r} of {self._shared}>"

    def _repr_html_(self) -> str:
        from .._display import findings_table, properties_table

        shown = [(name, value) for name, value in self._draft.all() if value not in (None, "")]
        return properties_table(repr(self), shown) + findings_table(self.analysis)
