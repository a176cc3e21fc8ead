"""Upload Service Definition."""

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import urlsplit

from .. import _portal
from .._definition import Manifest, read_manifest
from ..client import Portal, Published
from ..exceptions import (
    AuthenticationError,
    InvalidInputError,
    JobFailedError,
    MissingError,
    NotSupportedError,
    PortalError,
    SharingError,
)
from ..gp.messages import ToolRun, run_tool
from ..gp.result import Result
from ..gp.values import flag, given, literal_path, names, one_of

__all__ = ["UploadServiceDefinition"]

HOSTED = {"myhostedservices", "hostingserver", "myhostedservice", "hostedservices"}
MAX_NAME = 120


def UploadServiceDefinition(
    in_sd_file: Any,
    in_server: Any,
    in_service_name: Any = None,
    in_cluster: Any = None,
    in_folder_type: Any = None,
    in_folder: Any = None,
    in_startupType: Any = None,
    in_override: Any = None,
    in_my_contents: Any = None,
    in_public: Any = None,
    in_organization: Any = None,
    in_groups: Any = None,
    in_item_id: Any = None,
) -> Result:
    """Upload and publish a service definition to the active portal.

    Every optional parameter may be None, `""` or `"#"`; keywords may be Booleans, in any case.

    Args:
        in_sd_file: path of the `.sd` file.
        in_server: `HOSTING_SERVER`, `My Hosted Services`, or the address of the portal's hosting server.
        in_service_name: name of the service in place of that of the file.
        in_cluster: ignored; servers have had no clusters since 10.9.
        in_folder_type: `NEW`, `EXISTING` or `FROM_SERVICE_DEFINITION`.
        in_folder: name of the folder, for `NEW` and `EXISTING`.
        in_startupType: `STARTED`, or `STOPPED`, which hosted layers do not know.
        in_override: `OVERRIDE_DEFINITION` lets the next four replace the sharing of the file.
        in_my_contents: `SHARE_ONLINE` or `NO_SHARE_ONLINE`.
        in_public: `PUBLIC` or `PRIVATE`.
        in_organization: `SHARE_ORGANIZATION` or `NO_SHARE_ORGANIZATION`.
        in_groups: names of groups, a list or joined by semicolons.
        in_item_id: the id that the layer's item should get.

    Returns:
        A result with eleven outputs, `""` where absent: SOAP address, REST address, items of map
        and feature service, whether cached, addresses of feature and map service, layer and table ids,
        item and address of a vector tile service.

    Raises:
        ExecuteError: the portal refuses, or the file is none.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/server/upload-service-definition.htm
    """
    inputs = dict(locals())

    def work(run: ToolRun) -> dict[str, Any]:
        path = _definition_path(in_sd_file)
        override = flag("Override", in_override, "OVERRIDE_DEFINITION", "USE_DEFINITION", default=False)
        flag("My contents", in_my_contents, "SHARE_ONLINE", "NO_SHARE_ONLINE", default=False)
        public = flag("Public", in_public, "PUBLIC", "PRIVATE", default=False)
        organization = flag(
            "Organization", in_organization, "SHARE_ORGANIZATION", "NO_SHARE_ORGANIZATION", default=False
        )
        started = flag("Startup type", in_startupType, "STARTED", "STOPPED", default=True)
        kinds = ("FROM_SERVICE_DEFINITION", "NEW", "EXISTING")
        folder_type = one_of("Folder type", in_folder_type, kinds, kinds[0])
        portal = _target(in_server)
        manifest = read_manifest(path)
        name = _service_name(run, given(in_service_name) or manifest.service_name)
        if manifest.overwrite:
            run.warning("The service definition was staged to overwrite an existing service if found.", 3308)
        if not started:
            run.warning("A hosted layer cannot be uploaded stopped; it is started")
        groups = names(in_groups)
        if override:
            sharing = (public, organization, groups)
        else:
            sharing = (manifest.everyone, manifest.organization, list(manifest.groups))
            if public or organization or groups:
                run.warning("The sharing parameters are ignored without OVERRIDE_DEFINITION")
        folder = _folder(folder_type, given(in_folder), manifest)
        published = _publish(
            portal,
            path,
            service_name=name,
            title=name if given(in_service_name) else manifest.title,
            properties=manifest.properties,
            folder=folder,
            create_folder=folder_type != "EXISTING",
            overwrite=manifest.overwrite,
            everyone=sharing[0],
            organization=sharing[1],
            groups=sharing[2],
            item_id=_item_id(in_item_id),
        )
        run.message(f"{'Replaced' if published.replaced else 'Published'} {published.url}")
        return _outputs(published)

    return run_tool("UploadServiceDefinition", work, inputs)


def _definition_path(value: Any) -> str:
    path = literal_path(value)
    if path.lower().endswith(".sddraft"):
        raise InvalidInputError(
            f"Service Definition: `{path}` is a draft; stage it first, and upload the .sd file", 800
        )
    if not os.path.isfile(path):
        raise MissingError(f"Service Definition: Dataset {path} does not exist or is not supported", 732)
    return path


def _target(in_server: Any) -> Portal:
    text = given(in_server)
    if text is None:
        raise InvalidInputError("Server: Value is required", 735)
    if re.sub(r"[\s_\-'\"]", "", text).lower() in HOSTED:
        return _portal.require()
    if text.lower().endswith(".ags") and not _portal.is_redirected():
        raise NotSupportedError(
            f"publishing to a stand-alone server through `{text}` is not supported; sign in to a portal "
            "and upload to HOSTING_SERVER"
        )
    if text.lower().startswith(("http://", "https://")):
        return _hosting_portal(text)
    if _portal.is_redirected():
        return _portal.require()
    raise InvalidInputError(
        f"Server: `{text}` is no server; The value is not a member of HOSTING_SERVER | My Hosted Services | "
        "the address of a federated server.",
        800,
    )


def _hosting_portal(address: str) -> Portal:
    portal = _portal.require()
    if _portal.is_redirected():
        return portal
    wanted = urlsplit(address)
    servers = portal.call("portals/self/servers").get("servers", [])
    for server in servers:
        for key in ("url", "adminUrl"):
            known = urlsplit(str(server.get(key, "")))
            context = known.path.strip("/").lower()
            if known.netloc.lower() == wanted.netloc.lower() and wanted.path.strip("/").lower().startswith(
                context
            ):
                return portal
    raise NotSupportedError(
        f"`{address}` is not the hosting server of {portal.url}; upload hosted layers to HOSTING_SERVER, "
        "other federated and stand-alone servers are not supported"
    )


def _service_name(run: ToolRun, name: str) -> str:
    clean = re.sub(r"\W", "_", name.strip())
    if not clean.strip("_"):
        raise InvalidInputError("Service Name: Value is required", 735)
    if len(clean) > MAX_NAME:
        raise InvalidInputError(
            f"Service Name: `{clean}` has {len(clean)} characters; {MAX_NAME} are allowed", 800
        )
    if clean != name:
        run.warning(f"Service names have letters, digits and underscores only: `{name}` becomes `{clean}`")
    return clean


def _folder(kind: str, folder: str | None, manifest: Manifest) -> str | None:
    if kind == "FROM_SERVICE_DEFINITION":
        return manifest.portal_folder or None
    if folder is None:
        raise InvalidInputError("Folder: Value is required", 735)
    return folder


def _item_id(value: Any) -> str | None:
    if isinstance(value, dict):
        value = next(iter(value.values()), None)
    text = given(value)
    if text is not None and not re.fullmatch(r"[0-9a-f]{32}", text):
        raise InvalidInputError(f"Item ID: `{text}` is no item id; it has 32 characters of 0-9 and a-f", 800)
    return text


def _publish(portal: Portal, path: str, **options: Any) -> Published:
    try:
        return portal.publish(path, **options)
    except AuthenticationError:
        raise
    except JobFailedError as error:
        said = _lines(error)
        numbered = any(line.lstrip().startswith("ERROR") for line in said)
        failure = SharingError(
            said[0] if numbered else "Failed to create the service.",
            1369,
            details=[
                *(said[1:] if numbered else said),
                "Failed to execute (Publish Service Definition).",
                "ERROR: the server's publishing job didn't succeed.",
            ],
        )
        raise failure from error
    except PortalError as error:
        if error.code is None or error.code >= 500:
            raise
        raise SharingError("Failed to create the service.", 1369, details=_lines(error)) from error


def _lines(error: SharingError) -> list[str]:
    """Return the error's text without the details in it, then these, one a line."""
    text = str(error)
    for line in error.details:
        text = text.replace(f" {line}", "", 1)
    return [text, *error.details]


def _outputs(published: Published) -> dict[str, Any]:
    by_type = {service.type.lower(): service for service in reversed(published.services)}
    feature = by_type.get("feature service") or by_type.get("feature layer")
    map_service = by_type.get("map service")
    tiles = by_type.get("vector tile service")
    first = published.services[0]

    def part(service: Any, name: str) -> str:
        return getattr(service, name) if service is not None else ""

    return {
        "out_soapSvcUrl": first.url.replace("/rest/services/", "/services/"),
        "out_restSvcUrl": first.url,
        "out_mapServiceItemID": part(map_service, "item_id"),
        "out_featServiceItemID": part(feature, "item_id"),
        "out_cached_service": "false",
        "out_featureServiceURL": part(feature, "url"),
        "out_mapServiceURL": part(map_service, "url"),
        "out_LayerIDMap": "",
        "out_standalonetableIDMap": "",
        "out_vectorTileServiceID": part(tiles, "item_id"),
        "out_vectorTileServiceURL": part(tiles, "url"),
    }
