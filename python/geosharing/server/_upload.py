"""Upload Service Definition."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from .. import _portal, connections
from .._definition import Manifest, read_manifest
from .._overwrite import overwrite
from ..admin import AdminClient
from ..client import Portal, Published, PublishedService
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

_T = TypeVar("_T")


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
    *,
    preserve: Iterable[str] = (),
    dry_run: bool = False,
) -> Result:
    """Upload and publish a service definition: to the active portal, or to a server.

    Every optional parameter may be None, `""` or `"#"`; keywords may be Booleans, in any case.

    Args:
        in_sd_file: path of the `.sd` file.
        in_server: `HOSTING_SERVER`, `My Hosted Services`, the address of a federated server, or for a
            stand-alone server its connection file (`.ags`), or its address with GEOSHARING_SERVER_USER and
            GEOSHARING_SERVER_PASSWORD set.
        in_service_name: name of the service in place of that of the file.
        in_cluster: ignored; servers have had no clusters since 10.9.
        in_folder_type: `NEW`, `EXISTING` or `FROM_SERVICE_DEFINITION`.
        in_folder: name of the folder, for `NEW` and `EXISTING`.
        in_startupType: `STARTED`, or `STOPPED` for services that hosted layers are not.
        in_override: `OVERRIDE_DEFINITION` lets the next four replace the sharing of the file.
        in_my_contents: `SHARE_ONLINE` or `NO_SHARE_ONLINE`.
        in_public: `PUBLIC` or `PRIVATE`.
        in_organization: `SHARE_ORGANIZATION` or `NO_SHARE_ORGANIZATION`.
        in_groups: names of groups, a list or joined by semicolons.
        in_item_id: the id that the layer's item should get.
        preserve: ours, not arcpy's: what of a live hosted feature layer stays when it is replaced:
            `sharing`, `capabilities`, `editing`, `popups`, `layer_ids`. The live service is read first, and
            its differences are told in the messages.
        dry_run: ours, not arcpy's: True tells the differences and uploads nothing.

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
        manifest = read_manifest(path)
        target = _target(in_server, manifest)
        name = _service_name(run, given(in_service_name) or manifest.service_name)
        if manifest.overwrite:
            run.warning("The service definition was staged to overwrite an existing service if found.", 3308)
        groups = names(in_groups)
        if override:
            sharing = (public, organization, groups)
        else:
            sharing = (manifest.everyone, manifest.organization, list(manifest.groups))
            if public or organization or groups:
                run.warning("The sharing parameters are ignored without OVERRIDE_DEFINITION")
        if isinstance(target, _Server):
            if preserve or dry_run:
                raise NotSupportedError(
                    "preserve and dry_run compare hosted feature layers; upload to HOSTING_SERVER"
                )
            wanted = {
                kind: item for kind, item in _item_ids(in_item_id, manifest.service_type).items() if item
            }
            published = _publish_on_server(
                target,
                path,
                run,
                service_name=name,
                folder=None if folder_type == "FROM_SERVICE_DEFINITION" else _named_folder(given(in_folder)),
                create_folder=folder_type != "EXISTING",
                started=started,
                item_ids=wanted,
            )
            _share_on_portal(target, published, sharing, run)
            run.message(f"Published {published.url}")
            return _outputs(published)
        if not started:
            run.warning("A hosted layer cannot be uploaded stopped; it is started")
        folder = _folder(folder_type, given(in_folder), manifest)
        if preserve or dry_run:
            return _overwrite(
                target, path, run, name, preserve=preserve, dry_run=dry_run,
                title=name if given(in_service_name) else manifest.title, properties=manifest.properties,
                everyone=sharing[0], organization=sharing[1], groups=sharing[2],
            )  # fmt: skip
        published = _publish(
            target,
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


@dataclass(frozen=True)
class _Server:
    """A server that publishes by its own tool, and the portal that it is federated with."""

    client: AdminClient
    portal: Portal | None


def _target(in_server: Any, manifest: Manifest) -> Portal | _Server:
    text = given(in_server)
    if text is None:
        raise InvalidInputError("Server: Value is required", 735)
    if re.sub(r"[\s_\-'\"]", "", text).lower() in HOSTED:
        return _portal.require()
    if _portal.is_redirected():
        return _redirected(manifest)
    if text.lower().endswith(".ags"):
        return _of_connection(text)
    if text.lower().startswith(("http://", "https://")):
        return _at_address(text, manifest)
    raise InvalidInputError(
        f"Server: `{text}` is no server; The value is not a member of HOSTING_SERVER | My Hosted Services | "
        "the address of a federated or stand-alone server | a connection file (.ags).",
        800,
    )


def _redirected(manifest: Manifest) -> Portal | _Server:
    """Let the active portal, or its first server, answer for every address."""
    portal = _portal.require()
    if manifest.hosted:
        return portal
    servers = portal.call("portals/self/servers").get("servers", [])
    if not servers:
        return portal
    return _Server(AdminClient(str(servers[0]["url"]), portal=portal), portal)


def _of_connection(text: str) -> _Server:
    if not connections.locate(literal_path(text)).is_file():
        raise MissingError(f"Server: Dataset {text} does not exist or is not supported", 732)
    connection = connections.read(literal_path(text))
    if connection.connection_type == "USE_GIS_SERVICES":
        raise InvalidInputError(
            f"Server: `{text}` is a connection for using services; write one with PUBLISH_GIS_SERVICES", 800
        )
    return _Server(AdminClient.from_connection(connection.path), None)


def _at_address(address: str, manifest: Manifest) -> Portal | _Server:
    portal = _portal.active()
    federated = portal is not None and _is_server_of(portal, address)
    if portal is not None and federated:
        return portal if manifest.hosted else _Server(AdminClient(address, portal=portal), portal)
    user = os.environ.get("GEOSHARING_SERVER_USER")
    if user:
        password = os.environ.get("GEOSHARING_SERVER_PASSWORD", "")
        return _Server(AdminClient(address, user, password), None)
    if portal is None:
        raise AuthenticationError(
            f"cannot publish to `{address}`: nobody is signed in; call SignInToPortal for a federated server, "
            "use a connection file (.ags) for a stand-alone one, or set GEOSHARING_SERVER_USER and "
            "GEOSHARING_SERVER_PASSWORD"
        )
    raise InvalidInputError(
        f"Server: `{address}` is not a server of {portal.url}; sign in to its portal, or use a connection file "
        "(.ags) for a stand-alone server",
        800,
    )


def _is_server_of(portal: Portal, address: str) -> bool:
    wanted = urlsplit(address)
    for server in portal.call("portals/self/servers").get("servers", []):
        for key in ("url", "adminUrl"):
            known = urlsplit(str(server.get(key, "")))
            context = known.path.strip("/").lower()
            path = f"{wanted.path.strip('/').lower()}/"
            if known.netloc.lower() == wanted.netloc.lower() and path.startswith(f"{context}/"):
                return True
    return False


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
    return _named_folder(folder)


def _named_folder(folder: str | None) -> str:
    if folder is None:
        raise InvalidInputError("Folder: Value is required", 735)
    return folder


def _item_ids(value: Any, kind: str) -> dict[str, str | None]:
    """Return the wanted item ids by type of service."""
    if isinstance(value, dict):
        return {str(name): _item_id(item) for name, item in value.items()}
    return {kind: _item_id(value)}


def _item_id(value: Any) -> str | None:
    if isinstance(value, dict):
        value = next(iter(value.values()), None)
    text = given(value)
    if text is not None and not re.fullmatch(r"[0-9a-f]{32}", text):
        raise InvalidInputError(f"Item ID: `{text}` is no item id; it has 32 characters of 0-9 and a-f", 800)
    return text


def _publish_on_server(target: _Server, path: str, run: ToolRun, **options: Any) -> Published:
    published = _failing_as_tool(lambda: target.client.publish(path, **options))
    portal = target.portal
    kinds = {
        "MapServer": "Map Service",
        "FeatureServer": "Feature Service",
        "GPServer": "Geoprocessing Service",
    }
    services = [PublishedService(kinds.get(published.type, published.type), published.url, published.item_id)]
    if portal is not None:
        services += _extensions(portal, published.url, published.item_id)
    return Published("", False, tuple(services))


def _extensions(portal: Portal, url: str, known: str) -> list[PublishedService]:
    """Find the items of the service's extensions, which a federated server adds to the portal."""
    base, _, kind = url.rpartition("/")
    if kind != "MapServer":
        return []
    for item in portal.search(f'type:"Feature Service" AND owner:"{portal.username}"', 1000):
        place = str(item.get("url") or "")
        if place.rstrip("/").lower() == f"{base}/FeatureServer".lower() and item.get("id") != known:
            return [PublishedService("Feature Service", place, str(item["id"]))]
    return []


def _share_on_portal(
    target: _Server, published: Published, sharing: tuple[bool, bool, list[str]], run: ToolRun
) -> None:
    everyone, organization, groups = sharing
    if not (everyone or organization or groups):
        return
    if target.portal is None:
        run.warning("A stand-alone server has no portal to share in; the sharing is ignored")
        return
    for service in published.services:
        if service.item_id:
            target.portal.share(service.item_id, everyone=everyone, organization=organization, groups=groups)


def _publish(portal: Portal, path: str, **options: Any) -> Published:
    return _failing_as_tool(lambda: portal.publish(path, **options))


def _overwrite(portal: Portal, path: str, run: ToolRun, name: str, **options: Any) -> dict[str, Any]:
    plan = _failing_as_tool(lambda: overwrite(portal, path, name, tell=run.message, **options))
    if plan.published is None:
        run.message("Nothing was uploaded (dry run)")
        return _outputs(Published("", False, (PublishedService("Feature Service", plan.url, plan.item_id),)))
    run.message(f"Replaced {plan.published.url}")
    return _outputs(plan.published)


def _failing_as_tool(work: Callable[[], _T]) -> _T:
    """Run an upload, and let its failures read as those of the product's publishing tool."""
    try:
        return work()
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
