"""Uploading service definitions to a server: federated, stand-alone, through a connection file."""

from __future__ import annotations

import http.server
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import geosharing as arcpy
import pytest
from geosharing import _portal, connections
from geosharing.admin import AdminClient
from geosharing.exceptions import ExecuteError, PortalError
from geosharing.server import stage
from geosharing.site import Site
from map_support import copy_complex, edit


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site(users={"pia": "pia.password"}) as site:
        yield site


@pytest.fixture
def signed_in(site: Site) -> Iterator[None]:
    arcpy.SignInToPortal(site.portal_url, "pia", "pia.password")
    yield
    arcpy.SignOutFromPortal()


@pytest.fixture
def connection(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    return arcpy.mapping.CreateGISServerConnectionFile(
        "PUBLISH_GIS_SERVICES", str(tmp_path), "alone.ags", f"{site.url}/arcgis/admin", "ARCGIS_SERVER",
        username="pia", password="pia.password",
    )  # fmt: skip


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory):
    """Return a function that stages a map service of the genuine project under a name."""
    folder = tmp_path_factory.mktemp("maps")
    draft = copy_complex(folder / "project")

    def make(name: str, replace: bool = False, **settings: str) -> str:
        edited = edit(draft, by_reference=False, name=name, **settings)
        if replace:
            text = edited.read_text().replace("DefinitionType_New", "DefinitionType_Replacement")
            edited.write_text(text)
        return str(stage(edited, edited.with_suffix(".sd"), overwrite=True).path)

    return make


def test_a_map_service_goes_to_a_stand_alone_server_through_its_connection_file(site, connection, staged):
    result = arcpy.server.UploadServiceDefinition(
        staged("Alone"), connection, in_folder_type="NEW", in_folder="Towns"
    )
    assert result.status == 4
    assert result[1] == result[6] == f"{site.url}/arcgis/rest/services/Towns/Alone/MapServer"
    assert result[0] == f"{site.url}/arcgis/services/Towns/Alone/MapServer"
    server = AdminClient.from_connection(connection)
    assert server.call("rest/services/Towns/Alone/MapServer")["layers"]
    assert server.call("admin/uploads")["items"] == []
    assert server.service("Towns/Alone.MapServer")["serviceName"] == "Alone"


def test_a_map_service_goes_to_a_federated_server_and_is_shared(site, signed_in, staged):
    definition = staged("Federated", enable="FeatureServer")
    result = arcpy.UploadServiceDefinition_server(
        definition, f"{site.url}/server", "", "", "", "", "STARTED", "OVERRIDE_DEFINITION", "SHARE_ONLINE",
        "PUBLIC", "SHARE_ORGANIZATION", "",
    )  # fmt: skip
    portal = _portal.require()
    assert portal.item(result[2])["type"] == "Map Service"
    assert portal.item(result[3])["type"] == "Feature Service"
    assert {portal.item(result[index])["access"] for index in (2, 3)} == {"public"}
    assert result[5] == f"{site.url}/server/rest/services/Test/Federated/FeatureServer"


def test_a_service_is_uploaded_stopped_and_under_another_name(site, connection, staged):
    result = arcpy.server.UploadServiceDefinition(
        staged("Waiting"), connection, "Renamed", in_startupType="STOPPED"
    )
    server = AdminClient.from_connection(connection)
    assert result[1].endswith("/rest/services/Test/Renamed/MapServer")
    assert server.status("Test/Renamed.MapServer")["configuredState"] == "STOPPED"
    assert not server.exists("Waiting.MapServer", "Test")


def test_a_service_is_replaced_only_when_it_was_staged_to(site, connection, staged):
    arcpy.server.UploadServiceDefinition(staged("Twice"), connection)
    with pytest.raises(ExecuteError, match=r"001369: (?s:.*)already exists in folder"):
        arcpy.server.UploadServiceDefinition(staged("Twice"), connection)
    server = AdminClient.from_connection(connection)
    before = server.service("Test/Twice.MapServer")["properties"]["filePath"]
    assert server.call("admin/uploads")["items"] == [], "what failed is not left behind"
    result = arcpy.server.UploadServiceDefinition(staged("Twice", replace=True), connection)
    assert result.status == 4
    assert "003308" in arcpy.GetMessages(1)
    assert server.service("Test/Twice.MapServer")["properties"]["filePath"] != before


def features(server: AdminClient, service: str, layer: dict) -> list[dict]:
    if layer.get("subLayerIds"):
        return []
    answer = server.call(f"rest/services/{service}/MapServer/{layer['id']}/query", {"where": "1=1"})
    return answer["features"]


def test_two_services_lie_over_the_data_that_one_of_them_names(site, connection, staged):
    arcpy.server.UploadServiceDefinition(staged("Original"), connection)
    server = AdminClient.from_connection(connection)
    layers = server.call("rest/services/Test/Original/MapServer")["layers"]
    original = [len(features(server, "Test/Original", layer)) for layer in layers]
    described = server.service("Test/Original.MapServer") | {"serviceName": "Copied"}
    properties = described["properties"]
    for key in ("outputDir", "virtualOutputDir"):
        properties[key] = properties.get(key) or "/output"
    server.create_service(described)
    server.delete("Test/Original.MapServer")
    copied = [len(features(server, "Copied", layer)) for layer in layers]
    assert copied == original
    assert sum(copied) > 0


def test_an_existing_folder_must_exist_and_a_hostile_one_is_refused(connection, staged):
    definition = staged("Homeless")
    with pytest.raises(ExecuteError, match="no folder `Nowhere`"):
        arcpy.server.UploadServiceDefinition(
            definition, connection, in_folder_type="EXISTING", in_folder="Nowhere"
        )
    for folder in ("../x", "a/b", "a b"):
        with pytest.raises(ExecuteError, match="invalid characters"):
            arcpy.server.UploadServiceDefinition(
                definition, connection, in_folder_type="NEW", in_folder=folder
            )
    with pytest.raises(ExecuteError, match="Folder: Value is required"):
        arcpy.server.UploadServiceDefinition(definition, connection, in_folder_type="NEW")
    assert not AdminClient.from_connection(connection).exists("Homeless.MapServer", "Test")


def test_servers_that_are_none_and_wrong_secrets_are_named(site, tmp_path, monkeypatch, staged):
    definition = staged("Nowhere")
    upload = arcpy.server.UploadServiceDefinition
    with pytest.raises(ExecuteError, match="nobody is signed in"):
        upload(definition, f"{site.url}/arcgis")
    monkeypatch.setenv("GEOSHARING_SERVER_USER", "pia")
    monkeypatch.setenv("GEOSHARING_SERVER_PASSWORD", "wrong")
    with pytest.raises(ExecuteError, match="Invalid username or password"):
        upload(definition, f"{site.url}/arcgis")
    monkeypatch.setenv("GEOSHARING_SERVER_PASSWORD", "pia.password")
    assert upload(definition, f"{site.url}/arcgis").status == 4
    user = str(connections.write(tmp_path / "user.ags", site.url, connection_type="USE_GIS_SERVICES"))
    with pytest.raises(ExecuteError, match="connection for using services"):
        upload(definition, user)
    (tmp_path / "broken.ags").write_bytes(b"nonsense")
    with pytest.raises(ExecuteError, match="no server connection file"):
        upload(definition, str(tmp_path / "broken.ags"))
    with pytest.raises(ExecuteError, match="is no server"):
        upload(definition, "gis on my machine")


class Strange(http.server.BaseHTTPRequestHandler):
    """A server that answers each path in a way of its own."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        name = self.path.split("/")[1]
        if name == "away":
            self.send_response(302)
            self.send_header("Location", "https://login.example/sign-in")
            self.end_headers()
            return
        bodies = {
            "page": "<html>Sign in</html>",
            "list": "[1]",
            "nothing": "",
            "expired": json.dumps({"status": "error", "messages": ["Invalid Token"], "code": 498}),
            "odd": json.dumps({"item": {"itemID": "../../x"}, "folders": None}),
        }
        body = bodies[name].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def strange() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Strange)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("away", "login.example"),
        ("page", "a web page"),
        ("list", "something else"),
        ("nothing", "something else"),
        ("expired", "Sign in to"),
        ("odd", "names no upload"),
    ],
)
def test_servers_that_answer_strangely_are_described(strange, staged, place, said):
    client = AdminClient(f"{strange}/{place}", token="t", retries=0)
    with pytest.raises(PortalError, match=said):
        client.publish(staged("Strange"), progress=False)


def test_data_stores_are_added_listed_validated_and_removed(site, connection, tmp_path):
    folder = str(tmp_path)
    for server in (connection,):
        assert arcpy.ListDataStoreItems(server, "FOLDER") == []
        assert arcpy.AddDataStoreItem(server, "FOLDER", "Work", folder, folder) == "Success"
        assert arcpy.ListDataStoreItems(server, "FOLDER") == [["Work", folder, folder, "shared"]]
        with pytest.raises(Exception, match=r"^Client database entry is already registered\.$"):
            arcpy.AddDataStoreItem(server, "FOLDER", "Work", folder, folder)
        assert arcpy.ValidateDataStoreItem(server, "FOLDER", "Work") == "valid"
        assert arcpy.RemoveDataStoreItem(server, "FOLDER", "Work") == "Success"
        with pytest.raises(FileNotFoundError, match="there are: none"):
            arcpy.ValidateDataStoreItem(server, "FOLDER", "Work")
    database = "SERVER=db;DATABASE=gis;USER=gis;PASSWORD=secret"
    arcpy.AddDataStoreItem(connection, "DATABASE", "Gis", database)
    listed = arcpy.ListDataStoreItems(connection, "DATABASE")
    assert "secret" not in str(listed)
    assert listed[0][0] == "Gis"
    assert arcpy.ValidateDataStoreItem(connection, "DATABASE", "Gis") == "invalid"
    arcpy.RemoveDataStoreItem(connection, "DATABASE", "Gis")


@pytest.mark.skipif(os.name != "posix", reason="Windows has drives")
def test_a_windows_folder_is_registered_where_this_machine_finds_it(connection, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / r"D:\gis\data").mkdir()
    arcpy.AddDataStoreItem(connection, "FOLDER", "Drive", r"D:\gis\data", r"D:\gis\data")
    listed = arcpy.ListDataStoreItems(connection, "FOLDER")
    assert listed[0][1:3] == [str(tmp_path / r"D:\gis\data"), r"D:\gis\data"]
    assert arcpy.ValidateDataStoreItem(connection, "FOLDER", "Drive") == "valid"
    arcpy.RemoveDataStoreItem(connection, "FOLDER", "Drive")


def test_the_hosting_server_has_data_stores_too(site, signed_in, tmp_path):
    folder = str(tmp_path)
    if folder not in [item[2] for item in arcpy.ListDataStoreItems("MY_HOSTED_SERVICES", "FOLDER")]:
        arcpy.AddDataStoreItem(f"{site.url}/server", "FOLDER", "Mine", folder, folder)
    assert arcpy.ListDataStoreItems("HOSTING_SERVER", "FOLDER")[0][2] == folder
    arcpy.RemoveDataStoreItem("MY_HOSTED_SERVICES", "FOLDER", "mine")
    with pytest.raises(ValueError, match=r"DATABASE"):
        arcpy.ListDataStoreItems("MY_HOSTED_SERVICES", "TABLE")


def test_the_portal_is_described_in_arcpys_words(site, signed_in):
    info = arcpy.GetPortalInfo()
    assert info["organization"] == "geosharing"
    assert isinstance(info["SSL_enabled"], bool)
    assert info["role"] == "org_publisher"
    assert info["portal_version"] == pytest.approx(2024.1)
    assert info["organization_type"] == info["organizationtype"]
    assert arcpy.GetPortalDescription()["user"]["username"] == "pia"
    assert f"{site.portal_url}/" in arcpy.ListPortalURLs()
    assert arcpy.GetActivePortalURL() == f"{site.portal_url}/"
    token = arcpy.GetSigninToken()
    assert set(token) == {"token", "referer", "expires", "messages"}
    arcpy.SignOutFromPortal()
    assert arcpy.GetSigninToken() is None
