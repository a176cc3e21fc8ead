"""`CreateMapSDDraft`, for projects and maps of ArcGIS Pro."""

from __future__ import annotations

import os
from typing import Any

from ..exceptions import InvalidInputError, MissingError, NotSupportedError
from ..gp.findings import Analysis
from ..gp.values import given
from ..sharing._create import map_of
from ..sharing._legacy import CreateMapServiceSDDraft, CreateWebLayerSDDraft

__all__ = ["CreateMapSDDraft"]

PROJECTS = (".aprx", ".ppkx", ".mapx")


def _opened(map_document: Any) -> tuple[Any, list[Any] | None]:
    """Return the map that is meant: of a project, a file, a map, or its layers."""
    from ..mp import ArcGISProject

    if isinstance(map_document, (str, os.PathLike)):
        path = os.fspath(map_document)
        ending = os.path.splitext(path)[1].lower()
        if ending in (".mxd", ".mxt", ".msd"):
            raise NotSupportedError(
                f"`{path}` is a document of ArcMap, which only ArcMap and ArcGIS Pro read: import it in ArcGIS Pro "
                "and pass the project (.aprx), the exported map (.mapx), or a Map"
            )
        if ending not in PROJECTS:
            raise InvalidInputError(
                f"`{path}` is no map document: pass a project (.aprx), a map file (.mapx) or a Map"
            )
        if not os.path.exists(path):
            raise MissingError(f"Map Document: Dataset {path} does not exist or is not supported", 732)
        map_document = ArcGISProject(path)
    if hasattr(map_document, "listMaps"):
        maps = map_document.listMaps()
        if not maps:
            raise InvalidInputError(f"project `{map_document.filePath}` has no map")
        if len(maps) > 1:
            names = ", ".join(f"`{found.name}`" for found in maps)
            raise InvalidInputError(
                f"the project has several maps ({names}): pass one, as `listMaps(name)[0]`"
            )
        return maps[0], None
    return map_of(map_document)


def CreateMapSDDraft(
    map_document: Any,
    out_sddraft: Any,
    service_name: str,
    server_type: str = "ARCGIS_SERVER",
    connection_file_path: Any = None,
    copy_data_to_server: Any = False,
    folder_name: str | None = None,
    summary: str | None = None,
    tags: str | None = None,
) -> Analysis:
    """Write the draft of a map service from a project's map.

    Args:
        map_document: a project or its path, a `.mapx` file, or a `Map`; ArcMap's own documents are refused.
        out_sddraft: path of the `.sddraft`.
        service_name: name of the service.
        server_type: `ARCGIS_SERVER`, `FROM_CONNECTION_FILE`, or `MY_HOSTED_SERVICES` for a tile layer.
        connection_file_path: a connection file (`.ags`); without one the draft is for any server.
        copy_data_to_server: copy the data; else it must be in folders and databases that the server knows.
        folder_name: a folder of the server.
        summary: one or two sentences for the item.
        tags: words with commas.

    Returns:
        The dictionary of messages, warnings and errors.

    Raises:
        ExecuteError: there are errors, or the file cannot be written.
        InvalidInputError: the document has no map, or several.
        MissingError: there is no such document.
        NotSupportedError: it is a document of ArcMap, or a draft of a spatial data server.

    https://desktop.arcgis.com/en/arcmap/latest/analyze/arcpy-mapping/createmapsddraft.htm
    """
    word = str(given(server_type) or "ARCGIS_SERVER").strip().upper()
    if word == "SPATIAL_DATA_SERVER":
        raise NotSupportedError("spatial data servers ended with ArcGIS 10.2.1: pass `ARCGIS_SERVER`")
    map, layers = _opened(map_document)
    if word == "MY_HOSTED_SERVICES":
        return CreateWebLayerSDDraft(
            layers or map,
            out_sddraft,
            service_name,
            "HOSTING_SERVER",
            "TILED",
            given(folder_name),
            summary=summary,
            tags=tags,
        )
    return CreateMapServiceSDDraft(
        map,
        layers,
        out_sddraft,
        service_name,
        word,
        connection_file_path,
        copy_data_to_server,
        folder_name,
        summary,
        tags,
    )
