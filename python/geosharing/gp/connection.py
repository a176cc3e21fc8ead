"""arcpy's functions that make server connection files."""

from __future__ import annotations

import os
from typing import Any

from .. import connections
from ..exceptions import InvalidInputError, MissingError, NotSupportedError
from .values import flag, given, literal_path, one_of

__all__ = [
    "ClearCredentials",
    "CreateAGSServerConnection",
    "CreateGISServerConnectionFile",
    "ImportCredentials",
]

TYPES = ("USE_GIS_SERVICES", "PUBLISH_GIS_SERVICES", "ADMINISTER_GIS_SERVICES")


def CreateGISServerConnectionFile(
    connection_type: Any,
    out_folder_path: Any,
    out_name: Any,
    server_url: Any,
    server_type: Any = "ARCGIS_SERVER",
    use_arcgis_desktop_staging_folder: Any = True,
    staging_folder_path: Any = None,
    username: Any = None,
    password: Any = None,
    save_username_password: Any = True,
) -> str:
    """Write a connection file for a stand-alone server.

    Args:
        connection_type: `USE_GIS_SERVICES`, `PUBLISH_GIS_SERVICES` or `ADMINISTER_GIS_SERVICES`.
        out_folder_path: an existing folder, or `GIS Servers` for one in the user's settings.
        out_name: name of the file, ending in `.ags`.
        server_url: address of the server, such as `https://host:6443/arcgis/admin`.
        server_type: `ARCGIS_SERVER`; `SPATIAL_DATA_SERVER` has left the products.
        use_arcgis_desktop_staging_folder: False to name a staging folder.
        staging_folder_path: that folder.
        username: name of a user.
        password: its password, sealed with a key outside the file.
        save_username_password: False to leave name and password out.

    Returns:
        The path of the file.

    https://desktop.arcgis.com/en/arcmap/latest/analyze/arcpy-mapping/creategisserverconnectionfile.htm
    """
    kind = one_of("Connection type", connection_type, TYPES, TYPES[0])
    if one_of("Server type", server_type, ("ARCGIS_SERVER", "SPATIAL_DATA_SERVER"), "ARCGIS_SERVER") != (
        "ARCGIS_SERVER"
    ):
        raise NotSupportedError("SPATIAL_DATA_SERVER has left the products; connect to an ARCGIS_SERVER")
    own = flag("Staging folder", use_arcgis_desktop_staging_folder, "TRUE", "FALSE", default=True)
    save = flag("Save", save_username_password, "SAVE_USERNAME", "DO_NOT_SAVE_USERNAME", default=True)
    folder = literal_path(out_folder_path)
    if not connections.NODE.match(folder) and not os.path.isdir(folder):
        raise MissingError(
            f"the folder `{folder}` for the connection file does not exist; make it first", 732
        )
    name = given(out_name)
    if name is None or os.path.basename(name.replace("\\", "/")) != name:
        raise InvalidInputError(f"`{out_name}` is not the name of a file; write a name ending with .ags")
    place = connections.write(
        os.path.join(folder, name),
        _address(server_url),
        connection_type=kind,
        username=given(username) if save else None,
        password=password if save and given(username) else None,
        staging_folder=None if own or kind == TYPES[0] else given(staging_folder_path),
    )
    return str(place)


def CreateAGSServerConnection(
    out_connection_file: Any,
    server_url: Any,
    username: Any = None,
    password: Any = None,
    save_credentials: Any = False,
    request_elevated: Any = False,
) -> str:
    """Write a connection file, for using services unless an elevated one is asked for.

    The names of the parameters are ours: the documentation's own list was not at hand.

    Args:
        out_connection_file: path of the file, ending in `.ags`.
        server_url: address of the server.
        username: name of a user.
        password: its password.
        save_credentials: True keeps both in the file, the password sealed with a key outside it.
        request_elevated: True asks for a connection that publishes.

    Returns:
        The path of the file.

    https://pro.arcgis.com/en/pro-app/3.6/arcpy/functions/createagsserverconnection.htm
    """
    user = given(username)
    place = connections.write(
        literal_path(out_connection_file),
        _address(server_url),
        connection_type=TYPES[1] if request_elevated else TYPES[0],
        username=user if save_credentials else None,
        password=password if save_credentials and user else None,
    )
    return str(place)


def ImportCredentials(connection_files: Any) -> list[str]:
    """Take the saved passwords of connection files, for other files of the same servers."""
    return [str(path) for path in connections.import_credentials(_files(connection_files))]


def ClearCredentials(connection_files: Any = None) -> None:
    """Forget what ImportCredentials took; all of it without files."""
    connections.clear_credentials(None if connection_files is None else _files(connection_files))


def _files(value: Any) -> list[str]:
    several = isinstance(value, list | tuple | set)
    return [literal_path(path) for path in value] if several else [literal_path(value)]


def _address(value: Any) -> str:
    address = given(value)
    if address is None:
        raise InvalidInputError("Server URL: Value is required", 735)
    return address
