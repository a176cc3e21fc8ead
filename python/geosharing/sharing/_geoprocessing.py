"""`GeoprocessingSharingDraft`: a web tool or geoprocessing service in the making."""

from __future__ import annotations

import os
import platform
import warnings
from collections.abc import Iterator
from typing import Any

from .. import _native
from ..analyze import Report
from ..connections import locate, server_url
from ..exceptions import InvalidInputError
from ..gp.findings import Analysis
from ..gp.messages import GetSeverityLevel, run_tool
from ..gp.result import FAILED
from ..gp.values import output_path
from ._facts import signed_in
from ._properties import Property, ReadOnly, warn_unknown

__all__ = ["GeoprocessingSharingDraft"]

# What is kept beside the table, since it changes the tasks and not the service.
_OWN: dict[str, Any] = {
    "GPStringValues": None,
    "choiceLists": None,
    "constantValues": None,
    "convertFeatureLayerURL": False,
    "enableOutputFeatureService": False,
    "enableOutputImageService": False,
    "removeDefaultValues": None,
}
_WITHOUT_EFFECT = {"convertFeatureLayerURL", "enableOutputFeatureService", "enableOutputImageService"}


class GeoprocessingSharingDraft:
    """A draft of a web tool (federated server) or geoprocessing service (stand-alone server).

        result = arcpy.reports.Parcels("lots.gdb/taxlots", 40)
        draft = arcpy.sharing.GeoprocessingSharingDraft(
            serverType="FEDERATED_SERVER", serviceName="Report", draftValue=result
        )
        draft.exportToSDDraft("Report.sddraft")

    Every property is also a keyword of the constructor.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/sharing/geoprocessingsharingdraft-class.htm
    """

    capabilities = Property("capabilities", "`Uploads`, `Validate` or both: a text with commas, or a list.")
    copyDataToServer = Property("copyDataToServer", "Copy the tools' own data into the service definition.")
    description = Property("description", "The description of the item; the tool's own when empty.")
    executionType = Property("executionType", "`Asynchronous` or `Synchronous`.")
    maxIdleTime = Property("maxIdleTime", "Seconds after which an idle instance ends.")
    maxInstances = Property("maxInstances", "The most instances.")
    maxUsageTime = Property("maxUsageTime", "Seconds after which a run is ended.")
    maxWaitTime = Property("maxWaitTime", "Seconds that a client waits for an instance.")
    maximumRecords = Property("maximumRecords", "The most features that one answer holds.")
    messageLevel = Property("messageLevel", "Which messages clients see: `None`, `Error`, `Warning`, `Info`.")
    minInstances = Property("minInstances", "Instances that are always there.")
    offline = Property("offline", "Write the draft without a portal or server.")
    offlineTarget = Property("offlineTarget", "The version of the server, as a number such as 330 or a word.")
    overwriteExistingService = Property("overwriteExistingService", "Replace a service of this name.")
    portalFolder = Property("portalFolder", "A folder in My Content; the root when empty.")
    resultMapService = Property("resultMapService", "Draw results with a map service.")
    serverFolder = Property("serverFolder", "A folder of the server; the root when empty.")
    serverType = ReadOnly("serverType", "`FEDERATED_SERVER` or `STANDALONE_SERVER`; read-only.")
    serviceName = Property("serviceName", "The name of the service.")
    serviceType = ReadOnly("serviceType", "`WEB_TOOL` or `GP_SERVICE`; read-only.")
    summary = Property("summary", "One or two sentences for the item; the tool's own when empty.")
    tags = Property("tags", "Words to find the item by, separated by commas; the tool's own when empty.")
    targetServer = Property("targetServer", "Address of the federated server, or path of a connection file.")

    _draft: Any
    _value: Any
    _own: dict[str, Any]
    _analysis: Analysis | None

    def __init__(self, **properties: Any) -> None:
        """Make a draft.

        Args:
            properties: `draftValue` is a Result, the path of a result file, or a list of these; the others
                are the properties of the class.

        Raises:
            InvalidInputError: a value does not fit its property.
        """
        given = {key: value for key, value in properties.items() if value is not None}
        state = self.__dict__
        state["_draft"] = _native.GeoprocessingDraft(str(given.pop("serviceName", "") or ""))
        state["_value"] = None
        state["_own"] = dict(_OWN)
        state["_analysis"] = None
        kind = str(given.pop("serviceType", "") or "").strip().upper()
        server = given.pop("serverType", None)
        if kind not in ("", "WEB_TOOL", "GP_SERVICE"):
            raise InvalidInputError(f"`{kind}` is no serviceType: pass `WEB_TOOL` or `GP_SERVICE`")
        word = (
            _server(server) if server else "FEDERATED_SERVER" if kind == "WEB_TOOL" else "STANDALONE_SERVER"
        )
        self._draft.set("serverType", word)
        if kind and kind != self.serviceType:
            raise InvalidInputError(f"serviceType `{kind}` does not go with serverType `{word}`")
        for name, value in given.items():
            setattr(self, name, value)

    @property
    def draftValue(self) -> Any:
        """The Result, result file, or list of these."""
        return self._value

    @draftValue.setter
    def draftValue(self, value: Any) -> None:
        self.__dict__["_value"] = value

    @property
    def analysis(self) -> Analysis:
        """What the last export found, or what an export would find now."""
        return self._analysis if self._analysis is not None else self._analyzed(None)[0]

    def explain(self) -> Report:
        """Return what an export would find now, with causes, remedies and pages; print it."""
        return Report(repr(self), self._analyzed(None)[0])

    def _tasks(self) -> list[dict[str, Any]]:
        if self._value is None:
            raise InvalidInputError(
                "the draft has no draftValue: set it to the Result that a tool returned, or to a list of Results"
            )
        tasks = _gp_tasks().tasks_of(self._value)
        _gp_tasks().set_constants(tasks, self._own["constantValues"])
        _gp_tasks().set_flag(tasks, self._own["removeDefaultValues"], "removeDefaultValues", "noDefault")
        _gp_tasks().set_flag(tasks, self._own["GPStringValues"], "GPStringValues", "asText")
        _gp_tasks().set_choices(tasks, self._own["choiceLists"])
        return tasks

    def _describe(self, tasks: list[dict[str, Any]], path: str | None, result: str) -> dict[str, Any]:
        first = tasks[0] if tasks else {}
        tags = list(dict.fromkeys(tag for task in tasks for tag in task["tags"]))
        return {
            "result": result,
            "draft": os.path.abspath(path) if path else "",
            "machine": platform.node().upper(),
            "tools": [f"{task['toolbox']['path']}|{task['name']}" for task in tasks],
            "data": _gp_tasks().referenced_data(tasks),
            "portal": signed_in(),
            "server": _address(self.targetServer),
            "summary": first.get("summary") or "",
            "tags": ",".join(tags),
            "description": first.get("description") or "",
        }

    def _analyzed(self, path: str | None) -> tuple[Analysis, list[dict[str, Any]]]:
        tasks = self._tasks()
        self._draft.set_source(self._describe(tasks, path, ""))
        said = _gp_tasks().facts(tasks, summary=self.summary, result_map_service=self.resultMapService)
        return Analysis(self._draft.check(said)), tasks

    def _write(self, path: str, tasks: list[dict[str, Any]]) -> None:
        self._draft.set_source(self._describe(tasks, path, _gp_tasks().write_tasks(tasks)))
        self._draft.save(path)

    def exportToSDDraft(self, out_sddraft: Any) -> Analysis:
        """Write the draft, and beside nothing else; its result file lies in the temporary folder.

        Args:
            out_sddraft: path of the `.sddraft`; a file of that name is replaced.

        Returns:
            What was found, as `{'messages': {}, 'warnings': {(text, code): [tools]}, 'errors': {}}`.

        Raises:
            ExecuteError: there are errors and the severity level is 1 or 2, or the file cannot be written.
                With `SetSeverityLevel(0)` the errors are only returned.
        """
        path = output_path(out_sddraft)
        analysis = Analysis()
        self.__dict__["_analysis"] = analysis

        def export(run: Any) -> dict[str, Any]:
            found, tasks = self._analyzed(path)
            analysis.extend(found.findings)
            if not analysis["errors"] or (GetSeverityLevel() == 0 and not self._draft.lacks()):
                self._write(path, tasks)
            run.found(found.findings)
            return {"out_sddraft": path}

        result = run_tool("ExportToSDDraft", export, {"out_sddraft": path})
        if result.status == FAILED and not analysis["errors"]:
            text = result.getMessages(2).strip()
            analysis.extend([{"severity": "error", "code": 0, "text": text, "objects": []}])
        return analysis

    def create(self, out_sddraft: Any) -> Analysis:
        """Write the draft whatever the analysis says, as `CreateGPSDDraft` does, and return what was found."""
        path = output_path(out_sddraft)
        analysis, tasks = self._analyzed(path)
        self._write(path, tasks)
        self.__dict__["_analysis"] = analysis
        return analysis

    def analyzeSDDraft(self, out_sddraft: Any = None) -> dict[str, list[tuple[str, str, list[Any]]]]:
        """Return what there is to say, as lists of code, text and tools.

        Args:
            out_sddraft: path of a draft to write, too.
        """
        analysis = self.create(out_sddraft) if out_sddraft else self._analyzed(None)[0]
        return {
            key: [(f"{code:05d}", text, objects) for (text, code), objects in found.items()]
            for key, found in analysis.items()
        }

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
        if name in _OWN:
            if name in _WITHOUT_EFFECT and value:
                warnings.warn(
                    f"`{name}` has no effect: outputs are features and files", UserWarning, stacklevel=2
                )
            self._own[name] = value
        elif isinstance(getattr(type(self), name, None), (Property, property)):
            object.__setattr__(self, name, value)
        else:
            warn_unknown(type(self).__name__, name, "GP_SERVICE", stacklevel=3)
            self.__dict__[name] = value

    def __getattr__(self, name: str) -> Any:
        if name in _OWN:
            return self._own[name]
        hint = None if name.startswith("_") else _native.gp_draft_suggest(name)
        more = f"; did you mean `{hint}`?" if hint else ""
        raise AttributeError(f"`{type(self).__name__}` has no attribute `{name}`{more}")

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *_OWN})

    def __copy__(self) -> GeoprocessingSharingDraft:
        other = GeoprocessingSharingDraft(serverType=self.serverType, serviceName=self.serviceName)
        for name, value in self._draft.all():
            if self._draft.is_set(name):
                other._draft.set(name, value)
        other._own.update(self._own)
        other.draftValue = self._value
        return other

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.serviceName!r} ({self.serviceType})>"

    def _repr_html_(self) -> str:
        from .._display import findings_table, properties_table

        shown = [(name, value) for name, value in self._draft.all() if value not in (None, "")]
        shown += [(name, value) for name, value in self._own.items() if value]
        table = properties_table(repr(self), shown)
        return table + findings_table(self.analysis) if self._value is not None else table


def _gp_tasks() -> Any:
    # Reading toolboxes and scripts costs as much as the rest of the package.
    from ..gp import tasks

    return tasks


def _server(value: Any) -> str:
    word = str(value).strip().upper().replace(" ", "_")
    known = {
        "ARCGIS_SERVER": "STANDALONE_SERVER",
        "FROM_CONNECTION_FILE": "STANDALONE_SERVER",
        "STANDALONE_SERVER": "STANDALONE_SERVER",
        "FEDERATED_SERVER": "FEDERATED_SERVER",
        "MY_HOSTED_SERVICES": "FEDERATED_SERVER",
        "HOSTING_SERVER": "FEDERATED_SERVER",
    }
    if word not in known:
        raise InvalidInputError(
            f"`{value}` is no serverType of tools: pass `FEDERATED_SERVER` or `STANDALONE_SERVER`"
        )
    return known[word]


def _address(target: str) -> str | None:
    """Return the address of a server from an address or a connection file; None without one."""
    text = (target or "").strip()
    if not text:
        return None
    if text.lower().startswith(("http://", "https://")):
        return text
    place = locate(text)
    if place.suffix.lower() == ".ags" and place.is_file():
        return server_url(text)
    return text
