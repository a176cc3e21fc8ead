"""`arcpy.CreateGPSDDraft`, from before the draft class."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..connections import locate
from ..exceptions import InvalidInputError, MissingError
from ..gp.findings import Analysis
from ..gp.values import given, one_of
from ._geoprocessing import GeoprocessingSharingDraft

__all__ = ["CreateGPSDDraft"]

SERVERS = ("ARCGIS_SERVER", "FROM_CONNECTION_FILE", "MY_HOSTED_SERVICES")


def _flag(value: Any) -> bool:
    return value.strip().lower() in ("true", "1", "yes") if isinstance(value, str) else bool(value)


def CreateGPSDDraft(
    result: Any,
    out_sddraft: Any,
    service_name: str,
    server_type: str = "ARCGIS_SERVER",
    connection_file_path: str = "",
    copy_data_to_server: Any = True,
    folder_name: str | None = None,
    summary: str | None = None,
    tags: str | None = None,
    executionType: str = "Asynchronous",
    resultMapServer: Any = False,
    showMessages: str = "None",
    maximumRecords: int = 1000,
    minInstances: int = 1,
    maxInstances: int = 2,
    maxUsageTime: int = 600,
    maxWaitTime: int = 60,
    maxIdleTime: int = 1800,
    capabilities: Any = None,
    constantValues: Iterable[str] | None = None,
    choiceLists: Mapping[str, Iterable[Any]] | None = None,
) -> Analysis:
    """Write the draft of a geoprocessing service or web tool.

    Args:
        result: the Result of a tool, the path of a result file, or a list of these: one task each.
        out_sddraft: path of the `.sddraft`; a file of that name is replaced.
        service_name: name of the service: letters, digits and underscores, up to 120.
        server_type: `ARCGIS_SERVER`, `FROM_CONNECTION_FILE`, or `MY_HOSTED_SERVICES` for a web tool.
        connection_file_path: path of an `.ags` file; it decides about the server_type.
        copy_data_to_server: copy the data of the tools into the service definition.
        folder_name: a folder of the server; the root when left out.
        summary: one or two sentences; the tool's own when left out.
        tags: words with commas; the tool's own when left out.
        executionType: `Asynchronous` or `Synchronous`.
        resultMapServer: draw results with a map service.
        showMessages: which messages clients see: `None`, `Error`, `Warning`, `Info`.
        maximumRecords: the most features of one answer; 0 for none.
        minInstances: instances that are always there.
        maxInstances: the most instances.
        maxUsageTime: seconds after which a run is ended.
        maxWaitTime: seconds that a client waits for an instance.
        maxIdleTime: seconds after which an idle instance ends.
        capabilities: `UPLOADS`.
        constantValues: parameters that clients do not see, `name` or `tool.name`.
        choiceLists: `{"task.parameter": ["a", "b"]}`.

    Returns:
        What was found, as arcpy's dictionary of messages, warnings and errors. The draft is written whatever
        it says; staging refuses it while there are errors.

    Raises:
        InvalidInputError: a value does not fit; a Result is of a failed run, or is none.
        NotSupportedError: a result file is in the binary form of ArcGIS.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/creategpsddraft.htm
    """
    connection = given(connection_file_path)
    server = one_of("server_type", server_type, SERVERS, "ARCGIS_SERVER")
    if server == "FROM_CONNECTION_FILE" and connection is None:
        raise InvalidInputError("server_type `FROM_CONNECTION_FILE` needs a connection_file_path")
    named = connection is not None and not connection.lower().startswith("http")
    if named and not locate(connection or "").is_file():
        raise MissingError(f"connection_file_path `{connection}` does not exist", 732)
    web_tool = server == "MY_HOSTED_SERVICES" and connection is None
    draft = GeoprocessingSharingDraft(
        serverType="FEDERATED_SERVER" if web_tool else "STANDALONE_SERVER",
        serviceName=service_name,
        draftValue=result,
        # Without a connection the server is named when the definition is uploaded.
        offline=not web_tool and connection is None,
        targetServer=connection,
        copyDataToServer=True if web_tool else _flag(copy_data_to_server),
        serverFolder=given(folder_name),
        summary=given(summary),
        tags=given(tags),
        executionType=given(executionType),
        resultMapService=_flag(resultMapServer),
        messageLevel=given(showMessages),
        maximumRecords=maximumRecords,
        minInstances=minInstances,
        maxInstances=maxInstances,
        maxUsageTime=maxUsageTime,
        maxWaitTime=maxWaitTime,
        maxIdleTime=maxIdleTime,
        capabilities=capabilities,
        constantValues=constantValues,
        choiceLists=choiceLists,
    )
    return draft.create(out_sddraft)
