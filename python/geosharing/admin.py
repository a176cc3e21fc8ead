"""Administer an ArcGIS Server: services, folders, registered data, publishing by its own tool."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import _native, _portal, connections
from ._display import progress as _progress
from .client import REFERER, Portal
from .exceptions import ExistsError, InvalidInputError, MissingError, PortalError

__all__ = ["AdminClient", "ServerPublished", "ServiceEntry"]


# `AdminClient.list` hides the builtin inside the class.
_Names = list[str]
_Items = list[dict[str, Any]]


@dataclass(frozen=True)
class ServiceEntry:
    """One service of a server's list."""

    folder: str
    """Its folder; empty for the root."""
    name: str
    """Its name."""
    type: str
    """`MapServer`, `FeatureServer`, ..."""
    description: str = ""
    """A sentence about it."""

    def __str__(self) -> str:
        name = f"{self.name}.{self.type}"
        return f"{self.folder}/{name}" if self.folder else name


@dataclass(frozen=True)
class ServerPublished:
    """What became of a service definition on a server."""

    type: str
    """`MapServer`, `GPServer`, ..."""
    url: str
    """The service's REST address."""
    soap_url: str
    """Its SOAP address."""
    item_id: str
    """Its item in the portal; empty where the server does not say."""


class AdminClient:
    """A server's administration as one user sees it.

    Sign in with a name and password of the server, with a token, or through the portal that a federated
    server belongs to.

    Args:
        url: any address of the server.
        username: a user of the server, or of the portal that it names.
        password: its password; kept in memory to renew the token.
        token: a token from elsewhere, in place of name and password.
        portal: a signed-in portal, whose tokens the server takes.
        verify: as for `geosharing.client.Portal`.
        referer: what tokens are bound to.
        timeout: seconds that the server may be silent within a request.
        retries: how often a request is repeated after transient failures.
        retry_pause: seconds before the first repetition; doubles each time.

    Raises:
        AuthenticationError: the server refuses name, password or token.
        PortalError: the server does not answer, or not as a server.

    https://developers.arcgis.com/rest/enterprise-administration/server/
    """

    def __init__(
        self,
        url: str,
        username: str | None = None,
        password: str | None = None,
        *,
        token: str | None = None,
        portal: Portal | None = None,
        verify: bool | str | os.PathLike[str] = True,
        referer: str = REFERER,
        timeout: float = 120.0,
        retries: int = 4,
        retry_pause: float = 0.5,
    ) -> None:
        if portal is not None:
            if (username, password, token) != (None, None, None):
                raise InvalidInputError(
                    "pass a portal, or a name and password, or a token; not several of them"
                )
            self._server = _native.Server(url, portal=portal._client)
            return
        bundle: str | None = None
        if not isinstance(verify, bool):
            bundle, verify = os.fspath(verify), True
        elif verify:
            bundle = os.environ.get("GEOSHARING_CA_BUNDLE") or None
        self._server = _native.Server(
            url,
            verify=verify,
            ca_bundle=bundle,
            pinned=_portal.certificate_of_own_site(url),
            referer=referer,
            silence=timeout,
            repeats=retries,
            pause=retry_pause,
        )
        if token is not None:
            self._server.use_token(token)
        elif username is not None:
            self._server.sign_in(username, password or "")

    @classmethod
    def from_connection(cls, path: str | os.PathLike[str], **options: Any) -> AdminClient:
        """Sign in as a connection file (`.ags`) says."""
        connection = connections.read(path)
        username, password = connections.credentials(connection)
        return cls(connection.server_url, username, password, **options)

    @property
    def url(self) -> str:
        """Root of the server, with its trailing slash."""
        return self._server.url()

    def call(
        self, path: str, fields: Mapping[str, Any] | None = None, *, repeat: bool = True
    ) -> dict[str, Any]:
        """Call a resource below the server's root, such as `admin/info`, and return its JSON."""
        given = (fields or {}).items()
        pairs = [(name, _text(value)) for name, value in given if value is not None]
        return self._server.call(path, pairs, repeat=repeat)

    def info(self) -> dict[str, Any]:
        """Say who is signed in, and the server's version."""
        return self.call("admin/info")

    # Services.

    def create_service(self, desc: Any, folder: str = "") -> None:
        """Make a service.

        Args:
            desc: the createService JSON as a dictionary or text, or a `ServiceDescription`.
            folder: an existing folder; the root when empty.

        Raises:
            InvalidInputError: the description is not acceptable; each fault stands in the details with
                its path.
            ExistsError: there is such a service.
            MissingError: there is no such folder.
        """
        path = f"admin/services/{_folder(folder)}createService"
        self._change(path, {"service": _service_json(desc)}, repeat=False)

    def edit(self, name: str, desc: Any, folder: str = "") -> None:
        """Replace the whole configuration of a service, `name.Type`; the service restarts."""
        self._change(f"{self._path(name, folder)}/edit", {"service": _service_json(desc)})

    def delete(self, name: str, folder: str = "") -> None:
        """Delete a service, `name.Type`."""
        self._change(f"{self._path(name, folder)}/delete", repeat=False)

    def start(self, name: str, folder: str = "") -> None:
        """Start a service, `name.Type`."""
        self._change(f"{self._path(name, folder)}/start")

    def stop(self, name: str, folder: str = "") -> None:
        """Stop a service, `name.Type`; it stays and answers nobody."""
        self._change(f"{self._path(name, folder)}/stop")

    def status(self, name: str, folder: str = "") -> dict[str, str]:
        """Return `configuredState` and `realTimeState`: STARTED or STOPPED."""
        return self._read(f"{self._path(name, folder)}/status")

    def service(self, name: str, folder: str = "") -> dict[str, Any]:
        """Return the configuration of a service, `name.Type`."""
        return self._read(self._path(name, folder))

    def exists(self, name: str, folder: str = "") -> bool:
        """Tell whether there is a service, `name.Type`, or with an empty name the folder."""
        fields: dict[str, Any] = {"folderName": folder}
        if name:
            stem, kind = _split(name)
            fields |= {"serviceName": stem, "type": kind}
        return bool(self._read("admin/services/exists", fields).get("exists"))

    def list(self, folder: str | None = None) -> list[ServiceEntry]:
        """List the services of a folder (`""` is the root); of all folders when None."""
        wanted = ["", *self.folders()] if folder is None else [folder]
        found = []
        for one in wanted:
            for entry in self._read(f"admin/services/{_folder(one)}".rstrip("/")).get("services", []):
                place = str(entry.get("folderName", "")).strip("/")
                found.append(
                    ServiceEntry(place, entry["serviceName"], entry["type"], entry.get("description") or "")
                )
        return found

    # Folders.

    def folders(self) -> _Names:
        """Return the names of the folders of services."""
        return [str(name) for name in self._read("admin/services").get("folders", [])]

    def create_folder(self, name: str, description: str = "") -> None:
        """Make a folder of services."""
        fields = {"folderName": name, "description": description}
        self._change("admin/services/createFolder", fields, repeat=False)

    def delete_folder(self, name: str) -> None:
        """Delete an empty folder of services."""
        if not name.strip("/"):
            raise InvalidInputError("the root folder cannot be deleted; name a folder")
        self._change(f"admin/services/{_folder(name)}deleteFolder", repeat=False)

    # Registered data.

    def data_items(self, parent: str | None = None) -> _Items:
        """Return registered data, below a root such as `/fileShares`."""
        return list(self._read("admin/data/findItems", {"parentPath": parent}).get("items", []))

    def register_data(self, item: Mapping[str, Any]) -> None:
        """Register a folder or database: `{"path", "type", "info"}`."""
        self._change("admin/data/registerItem", {"item": json.dumps(dict(item))}, repeat=False)

    def unregister_data(self, path: str) -> None:
        """Forget registered data; the data stays."""
        self._change("admin/data/unregisterItem", {"itemPath": path}, repeat=False)

    def validate_data(self, item: Mapping[str, Any]) -> None:
        """Let the server try registered data.

        Raises:
            PortalError: it cannot read them.
        """
        self._change("admin/data/validateDataItem", {"item": json.dumps(dict(item))})

    # Publishing.

    def publish(
        self,
        definition: str | os.PathLike[str],
        service_name: str | None = None,
        *,
        folder: str | None = None,
        create_folder: bool = True,
        started: bool = True,
        item_ids: Mapping[str, str] | None = None,
        timeout: float | None = None,
        progress: bool | Callable[[int, int, str], None] | None = None,
    ) -> ServerPublished:
        """Upload a service definition and publish it with the server's own tool.

        Args:
            definition: path of the `.sd` file.
            service_name: name of the service; that of the definition when left out.
            folder: folder of the server, `""` for the root; that of the definition when left out.
            create_folder: whether a missing folder is made.
            started: False leaves the service stopped.
            item_ids: ids that the portal's items should get, by type of service.
            timeout: seconds that publishing may take; an hour when left out.
            progress: False for none, a callable `(done, total, message)` for your own.

        Raises:
            JobFailedError: publishing failed at the server; its messages are in the details.
        """
        path = Path(definition)
        with _progress(progress, f"Uploading {path.name}") as told:
            published = self._server.publish_definition(
                path,
                service_name=service_name,
                folder=folder,
                create_folder=create_folder,
                stopped=not started,
                item_ids=list((item_ids or {}).items()),
                timeout=timeout,
                progress=told,
            )
        return ServerPublished(**published)

    def _path(self, name: str, folder: str) -> str:
        stem, kind = _split(name)
        if "/" in stem and not folder:
            folder, stem = stem.rsplit("/", 1)
        return _native.Server.service_path(folder, stem, kind)

    def _read(self, path: str, fields: Mapping[str, Any] | None = None) -> dict[str, Any]:
        try:
            return self.call(path, fields)
        except PortalError as error:
            raise _typed(error) from error

    def _change(
        self, path: str, fields: Mapping[str, Any] | None = None, *, repeat: bool = True
    ) -> dict[str, Any]:
        try:
            return self.call(path, fields, repeat=repeat)
        except PortalError as error:
            raise _typed(error) from error

    def __repr__(self) -> str:
        return f"AdminClient({self.url!r})"


def _typed(error: PortalError) -> Exception:
    """Return the exception that says by its class what the server says by its code."""
    kinds: dict[int, type[Any]] = {400: InvalidInputError, 404: MissingError, 409: ExistsError}
    kind = kinds.get(error.code or 0)
    if kind is None:
        return error
    return kind(str(error), error.code, details=error.details)


def _split(name: str) -> tuple[str, str]:
    stem, dot, kind = name.rpartition(".")
    if not dot or not stem or not kind:
        raise InvalidInputError(
            f"`{name}` does not name a service; write it with its type: `Roads.MapServer`"
        )
    return stem, kind


def _folder(folder: str) -> str:
    name = folder.strip("/")
    # Encoded as a service's name is, without the type behind it.
    return (
        _native.Server.service_path("", name, "x").removeprefix("admin/services/")[:-2] + "/" if name else ""
    )


def _service_json(desc: Any) -> str:
    if isinstance(desc, str):
        return desc
    if hasattr(desc, "to_json"):
        desc = desc.to_json()
    return desc if isinstance(desc, str) else json.dumps(desc)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
