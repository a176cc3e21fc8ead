"""Server connection files (`.ags`): read the products' own, write ones that hold a sealed password."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from . import _native
from .exceptions import AuthenticationError, InvalidInputError

__all__ = [
    "ServerConnection",
    "clear_credentials",
    "credentials",
    "import_credentials",
    "locate",
    "read",
    "server_url",
    "write",
]

NODE = re.compile(r"GIS Servers(?:[\\/]|$)", re.IGNORECASE)
"""The products' list of connections, which is a folder of the user's settings here."""

_imported: dict[str, tuple[str, str]] = {}


@dataclass(frozen=True)
class ServerConnection:
    """What a connection file says."""

    path: Path
    """The file."""
    url: str
    """The address as it was given, such as `https://host:6443/arcgis/admin`."""
    server_url: str
    """The server's root, such as `https://host:6443/arcgis`."""
    connection_type: str
    """`USE_GIS_SERVICES`, `PUBLISH_GIS_SERVICES` or `ADMINISTER_GIS_SERVICES`."""
    username: str | None
    """The user; None for an anonymous connection."""
    password_state: str
    """`none`, `saved` (by us), or `foreign`: saved by a product in a form that only it reads."""
    staging_folder: str | None
    """Where the products keep drafts for this server."""


def locate(path: str | os.PathLike[str]) -> Path:
    """Return where a connection file lies; `GIS Servers` is a folder of the user's settings."""
    text = os.fspath(path)
    node = NODE.match(text)
    if not node:
        return Path(text)
    base = os.environ.get("XDG_CONFIG_HOME") or os.environ.get("APPDATA") or Path.home() / ".config"
    return Path(base, "geosharing", "servers", *re.split(r"[\\/]", text[node.end() :]))


def read(path: str | os.PathLike[str]) -> ServerConnection:
    """Read a connection file, of the products or of ours.

    Raises:
        InvalidInputError: the file is none, or names no server.
        MissingError: there is no such file.
    """
    place = locate(path)
    said = _native.connection_read(place)
    del said["password"]
    return ServerConnection(place, **said)


def server_url(path: str | os.PathLike[str]) -> str:
    """Return the root of the server that a connection file names."""
    return read(path).server_url


def write(
    path: str | os.PathLike[str],
    url: str,
    *,
    connection_type: str = "PUBLISH_GIS_SERVICES",
    username: str | None = None,
    password: str | None = None,
    staging_folder: str | None = None,
) -> Path:
    """Write a connection file that the products and we read.

    The password is sealed with the user's key and bound to address and user name. The key is the file
    `geosharing/key` in the user's settings, made when it is missing and readable for the user only, or
    the phrase in GEOSHARING_KEY. The products do not read our password; they ask for it.

    Args:
        path: where to write, ending in `.ags`.
        url: any address of the server.
        connection_type: `USE_GIS_SERVICES`, `PUBLISH_GIS_SERVICES` or `ADMINISTER_GIS_SERVICES`.
        username: name of a user; anonymous when left out.
        password: its password; not saved when left out.
        staging_folder: where the products keep drafts for this server.

    Raises:
        InvalidInputError: a value is not acceptable.
        DeniedError: others may read the key.
    """
    place = locate(path)
    if place.suffix.lower() != ".ags":
        raise InvalidInputError(f"`{place}` is not the name of a connection file; it must end with .ags")
    if NODE.match(os.fspath(path)):
        place.parent.mkdir(parents=True, exist_ok=True)
    _native.connection_write(
        place, url, connection_type, username=username, password=password, staging_folder=staging_folder
    )
    return place


def import_credentials(paths: Iterable[str | os.PathLike[str]]) -> list[Path]:
    """Take the saved passwords of connection files, for other files of the same servers.

    Raises:
        AuthenticationError: a file holds no password that can be read here.
    """
    taken: list[tuple[ServerConnection, tuple[str, str]]] = []
    for path in paths:
        connection = read(path)
        taken.append((connection, _saved(connection) or _refuse(connection)))
    for connection, pair in taken:
        _imported[connection.server_url.lower()] = pair
    return [connection.path for connection, _ in taken]


def clear_credentials(paths: Iterable[str | os.PathLike[str]] | None = None) -> None:
    """Forget what `import_credentials` took; all of it without paths."""
    if paths is None:
        _imported.clear()
        return
    for path in paths:
        _imported.pop(server_url(path).lower(), None)


def credentials(connection: ServerConnection) -> tuple[str, str]:
    """Return name and password for a connection's server.

    They come from the file, from `import_credentials`, or from GEOSHARING_SERVER_USER and
    GEOSHARING_SERVER_PASSWORD.

    Raises:
        AuthenticationError: there are none.
        DeniedError: the saved password does not open with the user's key.
    """
    return (
        _saved(connection) or _imported.get(connection.server_url.lower()) or _environment(connection)
    ) or _refuse(connection)


def _saved(connection: ServerConnection) -> tuple[str, str] | None:
    if connection.password_state != "saved" or connection.username is None:
        return None
    password = _native.connection_read(connection.path, unseal=True)["password"]
    return connection.username, password


def _environment(connection: ServerConnection) -> tuple[str, str] | None:
    user = os.environ.get("GEOSHARING_SERVER_USER") or connection.username
    password = os.environ.get("GEOSHARING_SERVER_PASSWORD")
    return (user, password) if user and password is not None else None


def _refuse(connection: ServerConnection) -> tuple[str, str]:
    why = (
        "its password was saved by another product, in a form that only that product reads"
        if connection.password_state == "foreign"
        else "no password is saved in it"
    )
    raise AuthenticationError(
        f"cannot sign in to `{connection.server_url}` through `{connection.path}`: {why}; set "
        "GEOSHARING_SERVER_USER and GEOSHARING_SERVER_PASSWORD, or write the file anew with "
        "CreateGISServerConnectionFile"
    )
