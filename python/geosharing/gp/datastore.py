"""arcpy's functions about the data that a server may read where it is."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

from .. import _native, _portal
from ..admin import AdminClient
from ..exceptions import (
    AuthenticationError,
    ExistsError,
    InvalidInputError,
    MissingError,
    PortalError,
    SharingError,
)
from .values import given, literal_path, one_of

__all__ = ["AddDataStoreItem", "ListDataStoreItems", "RemoveDataStoreItem", "ValidateDataStoreItem"]

ROOTS = {"FOLDER": ("/fileShares", "folder"), "DATABASE": ("/enterpriseDatabases", "egdb")}
HOSTING = {"myhostedservices", "hostingserver"}


def AddDataStoreItem(
    connection_file: Any,
    datastore_type: Any,
    connection_name: Any,
    server_path: Any,
    client_path: Any = "",
    hostname: Any = "",
) -> str:
    """Register a folder or database with a server, so that services read the data where they are.

    Args:
        connection_file: a connection file (`.ags`), the address of a federated server, or
            `MY_HOSTED_SERVICES` for the portal's hosting server.
        datastore_type: `FOLDER` or `DATABASE`.
        connection_name: name of the item.
        server_path: the folder as the server sees it, a `.sde` file or a connection string.
        client_path: the same as the publisher sees it, if that is another path.
        hostname: name of the publisher's machine.

    Returns:
        `Success`.

    Raises:
        ExistsError: "Client database entry is already registered."

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/adddatastoreitem.htm
    """
    server = _server(connection_file)
    root, kind = _root(datastore_type)
    name = _name(connection_name)
    place = given(server_path) and literal_path(server_path)
    if not place:
        raise InvalidInputError("Server path: Value is required", 735)
    client = given(client_path)
    shared = client is None or client.rstrip("/\\").lower() == place.rstrip("/\\").lower()
    info: dict[str, Any] = {"dataStoreConnectionType": "shared" if shared else "replicated"}
    if kind == "folder":
        info["path"] = _as_seen_by(server, place)
        if info["path"] != place:
            client = client or place
    else:
        info |= {"connectionString": _connection_string(place), "isManaged": False}
    if client:
        info["clientPath"] = client
    if given(hostname):
        info["hostName"] = str(hostname)
    try:
        server.register_data({"path": f"{root}/{name}", "type": kind, "clientPath": client, "info": info})
    except ExistsError as error:
        raise ExistsError("Client database entry is already registered.", details=[str(error)]) from error
    return "Success"


def ListDataStoreItems(connection_file: Any, datastore_type: Any) -> list[list[str]]:
    """Return `[name, path of the server, path of the publisher, shared | replicated | managed]` of each item.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/listdatastoreitems.htm
    """
    root, _ = _root(datastore_type)
    return [_listed(item) for item in _server(connection_file).data_items(root)]


def RemoveDataStoreItem(connection_file: Any, datastore_type: Any, connection_name: Any) -> str:
    """Forget a registered folder or database; the data stays. Returns `Success`.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/removedatastoreitem.htm
    """
    root, _ = _root(datastore_type)
    server = _server(connection_file)
    server.unregister_data(str(_find(server, root, _name(connection_name))["path"]))
    return "Success"


def ValidateDataStoreItem(connection_file: Any, datastore_type: Any, connection_name: Any) -> str:
    """Return `valid` if the server reads a registered item, else `invalid`.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/validatedatastoreitem.htm
    """
    root, _ = _root(datastore_type)
    server = _server(connection_file)
    item = _find(server, root, _name(connection_name))
    try:
        server.validate_data(item)
    except AuthenticationError:
        raise
    except SharingError as error:
        # Without an answer nothing is known, which is not the same as invalid.
        if isinstance(error, PortalError) and error.code is None:
            raise
        return "invalid"
    return "valid"


def _server(connection_file: Any) -> AdminClient:
    text = given(connection_file)
    if text is None:
        raise InvalidInputError("Connection file: Value is required", 735)
    word = "".join(c for c in text if c.isalnum()).lower()
    if word in HOSTING or _portal.is_redirected():
        return _hosting()
    if text.lower().endswith(".ags"):
        return AdminClient.from_connection(literal_path(text))
    if not text.lower().startswith(("http://", "https://")):
        raise InvalidInputError(
            f"Connection file: `{text}` is no server; pass a connection file (.ags), the address of a "
            "federated server, or MY_HOSTED_SERVICES"
        )
    portal = _portal.active()
    user = os.environ.get("GEOSHARING_SERVER_USER")
    known = portal.call("portals/self/servers").get("servers", []) if portal is not None else []
    hosts = {urlsplit(str(one.get(key, ""))).netloc.lower() for one in known for key in ("url", "adminUrl")}
    if portal is not None and urlsplit(text).netloc.lower() in hosts:
        return AdminClient(text, portal=portal)
    if user:
        return AdminClient(text, user, os.environ.get("GEOSHARING_SERVER_PASSWORD", ""))
    raise AuthenticationError(
        f"cannot sign in to `{text}`: sign in to its portal with SignInToPortal, use a connection file (.ags), "
        "or set GEOSHARING_SERVER_USER and GEOSHARING_SERVER_PASSWORD"
    )


def _as_seen_by(server: AdminClient, place: str) -> str:
    """Return a folder as a server of this machine finds it: Windows paths are names here."""
    if os.path.isabs(place) or urlsplit(server.url).hostname not in ("127.0.0.1", "localhost", "::1"):
        return place
    found = os.path.abspath(_native.resolve_path(place, None, False))
    return found if os.path.isdir(found) else place


def _hosting() -> AdminClient:
    portal = _portal.require()
    servers = portal.call("portals/self/servers").get("servers", [])
    hosting = next((one for one in servers if one.get("isHosted")), None)
    if hosting is None:
        raise MissingError(f"the portal {portal.url} has no hosting server; name a federated server")
    return AdminClient(str(hosting.get("adminUrl") or hosting["url"]), portal=portal)


def _root(datastore_type: Any) -> tuple[str, str]:
    if given(datastore_type) is None:
        raise InvalidInputError("Data store type: Value is required", 735)
    return ROOTS[one_of("Data store type", datastore_type, ROOTS, "FOLDER")]


def _name(value: Any) -> str:
    name = given(value)
    if name is None:
        raise InvalidInputError("Connection name: Value is required", 735)
    return name


def _find(server: AdminClient, root: str, name: str) -> dict[str, Any]:
    wanted = f"{root}/{name}".lower()
    items = server.data_items(root)
    found = next((item for item in items if str(item.get("path", "")).lower() == wanted), None)
    if found is None:
        known = ", ".join(_listed(item)[0] for item in items) or "none"
        raise MissingError(f"no data store item `{name}` is registered with {server.url}; there are: {known}")
    return found


def _listed(item: dict[str, Any]) -> list[str]:
    info = item.get("info") or {}
    server = str(info.get("path") or info.get("connectionString") or "")
    client = str(item.get("clientPath") or info.get("clientPath") or server)
    kind = (
        "managed"
        if info.get("isManaged") in (True, "true")
        else info.get("dataStoreConnectionType", "shared")
    )
    return [str(item.get("path", "")).rsplit("/", 1)[-1], server, client, str(kind)]


def _connection_string(place: str) -> str:
    if place.lower().endswith(".sde"):
        raise InvalidInputError(
            f"Server path: the connections in `.sde` files cannot be read here (`{place}`); pass the connection "
            "string, such as `SERVER=host;INSTANCE=sde:postgresql:host;DATABASE=gis;USER=gis;PASSWORD=...`"
        )
    return place
