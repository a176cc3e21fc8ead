"""Connection files of ours and of the products."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import geosharing as arcpy
import pytest
from geosharing import connections
from geosharing.exceptions import (
    AuthenticationError,
    DeniedError,
    InvalidInputError,
    MissingError,
    NotSupportedError,
)

SERVER = "https://gis.example:6443/arcgis"


@pytest.fixture(autouse=True)
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    for name in ("GEOSHARING_KEY", "GEOSHARING_SERVER_USER", "GEOSHARING_SERVER_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    yield tmp_path / "settings"
    connections.clear_credentials()


def make(folder, name="server.ags", **more):
    return arcpy.CreateGISServerConnectionFile(
        "PUBLISH_GIS_SERVICES",
        str(folder),
        name,
        f"{SERVER}/admin",
        "ARCGIS_SERVER",
        username="publisher",
        password="pass wörd",
        **more,
    )


def test_a_file_is_read_back_and_hides_its_password(tmp_path, settings):
    path = make(tmp_path)
    found = connections.read(path)
    assert found.server_url == SERVER
    assert found.connection_type == "PUBLISH_GIS_SERVICES"
    assert (found.username, found.password_state) == ("publisher", "saved")
    assert connections.credentials(found) == ("publisher", "pass wörd")
    assert "wörd".encode("utf-16-le") not in Path(path).read_bytes()
    assert "pass" not in repr(found).replace("password_state", "")
    if os.name == "posix":
        assert stat.S_IMODE((settings / "geosharing" / "key").stat().st_mode) == 0o600


def test_a_file_is_a_compound_file_with_the_properties_of_the_products(tmp_path):
    data = Path(make(tmp_path)).read_bytes()
    assert data.startswith(bytes.fromhex("d0cf11e0a1b11ae1"))
    for name in ("AGSConnProperties", "CONNECTIONMODE", "SERVERTYPE", "URL", "USER", "HIDEUSERPROPERTY"):
        assert name.encode("utf-16-le") in data, name


def test_another_process_of_the_user_opens_the_password(tmp_path):
    path = make(tmp_path)
    code = "import sys; from geosharing import connections as c; print(c.credentials(c.read(sys.argv[1]))[0])"
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "publisher"


def test_a_phrase_takes_the_place_of_the_key_file(tmp_path, settings, monkeypatch):
    monkeypatch.setenv("GEOSHARING_KEY", "a phrase that is long")
    found = connections.read(make(tmp_path))
    assert not settings.exists()
    assert connections.credentials(found)[1] == "pass wörd"
    monkeypatch.setenv("GEOSHARING_KEY", "another phrase, long too")
    with pytest.raises(DeniedError, match="does not open"):
        connections.credentials(found)
    monkeypatch.setenv("GEOSHARING_KEY", "short")
    with pytest.raises(InvalidInputError, match="longer phrase"):
        make(tmp_path)


def test_without_a_saved_password_the_environment_is_asked(tmp_path, monkeypatch):
    path = make(tmp_path, save_username_password=False)
    found = connections.read(path)
    assert (found.username, found.password_state) == (None, "none")
    with pytest.raises(AuthenticationError, match="GEOSHARING_SERVER_PASSWORD"):
        connections.credentials(found)
    monkeypatch.setenv("GEOSHARING_SERVER_USER", "other")
    monkeypatch.setenv("GEOSHARING_SERVER_PASSWORD", "secret")
    assert connections.credentials(found) == ("other", "secret")


def test_credentials_are_imported_for_every_file_of_the_server(tmp_path):
    saved = make(tmp_path)
    bare = arcpy.CreateAGSServerConnection(str(tmp_path / "bare.ags"), f"{SERVER}/services", "publisher", "x")
    assert connections.read(bare).password_state == "none"
    assert arcpy.ImportCredentials([saved]) == [saved]
    assert connections.credentials(connections.read(bare)) == ("publisher", "pass wörd")
    arcpy.ClearCredentials([saved])
    with pytest.raises(AuthenticationError):
        connections.credentials(connections.read(bare))
    with pytest.raises(AuthenticationError, match="no password is saved"):
        arcpy.ImportCredentials(bare)


def test_an_elevated_connection_publishes_and_saves_only_when_asked(tmp_path):
    path = arcpy.CreateAGSServerConnection(
        str(tmp_path / "up.ags"), SERVER, "publisher", "secret", save_credentials=True, request_elevated=True
    )
    found = connections.read(path)
    assert (found.connection_type, connections.credentials(found)[1]) == ("PUBLISH_GIS_SERVICES", "secret")


def test_gis_servers_is_a_folder_of_the_settings(settings):
    path = make("GIS Servers")
    assert Path(path).parent == settings / "geosharing" / "servers"
    assert connections.server_url(r"GIS Servers\server.ags") == SERVER


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"connection_type": "PUBLISH"}, InvalidInputError, "USE_GIS_SERVICES"),
        ({"out_folder_path": "nowhere"}, MissingError, "nowhere"),
        ({"out_name": "server.sde"}, InvalidInputError, r"\.ags"),
        ({"out_name": "../server.ags"}, InvalidInputError, "not the name of a file"),
        ({"server_url": "ftp://host"}, InvalidInputError, "not the address of a server"),
        ({"server_url": ""}, InvalidInputError, "Value is required"),
        ({"server_type": "SPATIAL_DATA_SERVER"}, NotSupportedError, "ARCGIS_SERVER"),
    ],
)
def test_bad_values_are_named_and_nothing_is_written(tmp_path, change, error, match):
    values = {
        "connection_type": "USE_GIS_SERVICES",
        "out_folder_path": str(tmp_path),
        "out_name": "a.ags",
        "server_url": SERVER,
    }
    with pytest.raises(error, match=match):
        arcpy.CreateGISServerConnectionFile(**{**values, **change})
    assert not list(tmp_path.rglob("*.ags"))


def test_a_file_that_is_none_is_refused(tmp_path):
    for content in (b"", b"<xml/>", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)):
        (tmp_path / "a.ags").write_bytes(content)
        with pytest.raises(InvalidInputError, match="no server connection file"):
            connections.read(tmp_path / "a.ags")
    with pytest.raises(MissingError):
        connections.read(tmp_path / "b.ags")
