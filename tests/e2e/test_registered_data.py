"""Map image layers with default settings: what the server has registered stays, the rest is copied."""

from __future__ import annotations

import shutil
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import geosharing as arcpy
import pytest
from e2e_support import AMC16, User, post, publishable, sign_in
from geosharing import _native, _portal, mp
from geosharing.client import Portal
from geosharing.exceptions import AnalyzerError
from geosharing.server import stage
from geosharing.site import Site

CODES = {24011, 24012}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def user(site: Site) -> Iterator[User]:
    yield sign_in(site)
    _portal.deactivate()


@pytest.fixture
def view(tmp_path: Path) -> Any:
    shutil.copytree(AMC16.parent, tmp_path / "project")
    return mp.ArcGISProject(str(tmp_path / "project" / AMC16.name)).listMaps()[0]


def export(view: Any, members: list[Any], name: str, server: str, folder: Path, **properties: Any) -> Path:
    draft = view.getWebLayerSharingDraft("FEDERATED_SERVER", "MAP_IMAGE", name, members)
    draft.federatedServerUrl, draft.summary, draft.tags = server, "A map", "map"
    for key, value in properties.items():
        setattr(draft, key, value)
    path = folder / f"{name}.sddraft"
    draft.exportToSDDraft(str(path))
    return path


def upload(sd: str, server: str) -> str:
    result = arcpy.server.UploadServiceDefinition(sd, server)
    assert result["errors"] == {}
    return str(result[1])


def geodatabases(sd: str) -> set[str]:
    names = (entry[0] for entry in _native.archive_list(sd))
    return {part for name in names for part in name.split("/") if part.endswith(".gdb")}


def said(result: Any) -> set[int]:
    return {code for kind in ("messages", "warnings") for _, code in result[kind]}


def check_served(url: str, user: User, members: list[Any]) -> None:
    about = post(url, token=user.token)
    assert "error" not in about, about
    names = {layer["name"] for layer in about["layers"] + about["tables"]}
    assert {member.name for member in members} <= names
    extent = about["fullExtent"]
    box = ",".join(str(extent[side]) for side in ("xmin", "ymin", "xmax", "ymax"))
    form = urllib.parse.urlencode({"bbox": box, "size": "200,150", "f": "image", "token": user.token})
    with urllib.request.urlopen(f"{url}/export?{form}", timeout=60) as reply:
        assert reply.read()[1:4] == b"PNG"
    first = min(layer["id"] for layer in about["layers"] if not layer.get("subLayerIds"))
    assert post(f"{url}/{first}/query", where="1=1", returnCountOnly="true", token=user.token)["count"] > 0


def test_data_that_nobody_registered_are_copied(site: Site, user: User, view: Any, tmp_path: Path) -> None:
    members = publishable(view)
    path = export(view, members, "Copied", site.server_url, tmp_path)
    result = arcpy.server.StageService(str(path), str(tmp_path / "Copied.sd"))
    assert said(result) & CODES
    assert geodatabases(result[0])
    shutil.rmtree(tmp_path / "project")
    check_served(upload(result[0], site.server_url), user, members)


def test_data_in_a_registered_folder_stay(site: Site, user: User, view: Any, tmp_path: Path) -> None:
    members = publishable(view)
    folder = str(tmp_path / "project")
    arcpy.AddDataStoreItem(site.server_url, "FOLDER", "Project", folder, folder)
    try:
        path = export(view, members, "Stays", site.server_url, tmp_path)
        result = arcpy.server.StageService(str(path), str(tmp_path / "Stays.sd"))
        assert not said(result) & CODES
        assert not geodatabases(result[0])
        check_served(upload(result[0], site.server_url), user, members)
    finally:
        arcpy.RemoveDataStoreItem(site.server_url, "FOLDER", "Project")


def test_only_what_is_outside_of_registered_folders_is_copied(
    site: Site, user: User, view: Any, tmp_path: Path
) -> None:
    known, elsewhere = tmp_path / "known", tmp_path / "elsewhere"
    members = publishable(view)
    source = next(path for path in (tmp_path / "project").rglob("*.gdb"))
    for folder in (known, elsewhere):
        shutil.copytree(source, folder / source.name)
    for number, member in enumerate(members):
        place = known if number == 0 else elsewhere
        member.updateConnectionProperties(str(source), str(place / source.name))
    arcpy.AddDataStoreItem(site.server_url, "FOLDER", "Known", str(known), str(known))
    try:
        path = export(view, members, "Mixed", site.server_url, tmp_path)
        result = arcpy.server.StageService(str(path), str(tmp_path / "Mixed.sd"))
        copied = [
            str(thing) for kind in result["warnings"].items() if kind[0][1] in CODES for thing in kind[1]
        ]
        assert sorted(copied) == sorted(member.longName for member in members[1:])
        assert len(geodatabases(result[0])) == 1
        shutil.rmtree(elsewhere)
        check_served(upload(result[0], site.server_url), user, members)
    finally:
        arcpy.RemoveDataStoreItem(site.server_url, "FOLDER", "Known")


def test_a_map_service_by_connection_file(site: Site, view: Any, tmp_path: Path) -> None:
    members, name = publishable(view), "server.ags"
    arcpy.mapping.CreateGISServerConnectionFile(
        "PUBLISH_GIS_SERVICES", str(tmp_path), name, f"{site.server_url}/admin", "ARCGIS_SERVER",
        username="admin", password=site.password, save_username_password=True,
    )  # fmt: skip
    connection = str(tmp_path / name)
    draft = arcpy.sharing.CreateSharingDraft("STANDALONE_SERVER", "MAP_SERVICE", "ByFile", view)
    draft.targetServer, draft.summary, draft.tags = connection, "A map", "map"
    found = draft.exportToSDDraft(str(tmp_path / "ByFile.sddraft"))
    assert {code for _, code in found["warnings"]} & CODES
    result = arcpy.server.StageService(str(tmp_path / "ByFile.sddraft"))
    assert said(result) & CODES
    assert geodatabases(result[0])
    shutil.rmtree(tmp_path / "project")
    url = upload(result[0], connection)
    owner = Portal(site.portal_url, "admin", site.password)
    form = {"username": "admin", "password": site.password, "client": "requestip"}
    token = post(f"{site.portal_url}/sharing/rest/generateToken", **form)["token"]
    check_served(url, User(owner, token), members)


def test_the_export_says_what_will_be_copied(site: Site, user: User, view: Any, tmp_path: Path) -> None:
    draft = view.getWebLayerSharingDraft("FEDERATED_SERVER", "MAP_IMAGE", "Told", publishable(view))
    draft.federatedServerUrl, draft.summary, draft.tags = site.server_url, "A map", "map"
    found = draft.exportToSDDraft(str(tmp_path / "Told.sddraft"))
    assert {code for _, code in found["warnings"]} & CODES
    assert found["errors"] == {}


def test_features_of_a_map_image_layer_need_registered_data(
    site: Site, user: User, view: Any, tmp_path: Path
) -> None:
    path = export(view, publishable(view), "Edited", site.server_url, tmp_path)
    tree = ElementTree.parse(path)
    extension = tree.find(".//SVCExtension[TypeName='FeatureServer']/Enabled")
    assert extension is not None
    extension.text = "true"
    tree.write(path)
    with pytest.raises(AnalyzerError) as raised:
        stage(path)
    found = raised.value.analysis
    assert 231 in {code for _, code in found["errors"]}
    assert not {code for _, code in found["warnings"]} & CODES
    assert not path.with_suffix(".sd").exists()


def test_without_an_answer_all_data_stay(user: User, view: Any, tmp_path: Path) -> None:
    path = export(view, publishable(view), "Unknown", "https://gis.invalid/server", tmp_path)
    staged = stage(path)
    assert not geodatabases(str(staged.path))
    assert any("was not asked what it has registered" in text for text, _ in staged.analysis["messages"])
