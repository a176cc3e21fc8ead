"""Scripts as people publish them, unmodified, against a site that answers for every portal they name."""

import json
import os
import shutil
import urllib.parse
import urllib.request
from pathlib import Path

import geosharing as arcpy
import pytest
from geosharing import _portal, _run, mp
from geosharing.client import Portal

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
AMC16 = [
    path for path in (ROOT / "examples" / "amc16", ROOT / "../shared/corpus/projects/amc16") if path.is_dir()
]

# Script, where it looks for its project, the service, and what must be true of the service.
SCRIPTS = [
    ("current_project.py", None, "WebMapLayers", {"everyone": False, "description": "My Description"}),
    ("shared_by_dom.py", "C:\\Project\\World.aprx", "SharedByDom", {"everyone": True}),
    ("legacy_function.py", "D:\\Course\\Part 3 - Services\\Windmills.aprx", "Windmills", {"everyone": True}),
    ("overwrite_twelve.py", "C:\\SampleProject\\SampleProject.aprx", "Sample_Service", {"everyone": False}),
    ("error_handling.py", "C:\\Work/Town.aprx", "Town", {"everyone": False, "layers": 1}),
    (
        "edited_map.py",
        None,
        "EditedMap",
        {"everyone": True, "maxRecordCount": 500, "capabilities": "Query,Extract"},
    ),
]


@pytest.fixture
def answering(site, tmp_path, monkeypatch):
    """Let the site answer for every portal, in a fresh working directory."""
    if os.name != "posix":
        pytest.skip("Windows has drives")
    name = f"user_{os.urandom(3).hex()}"
    site.add_user(name, "pass.word", "org_publisher")
    portal = Portal(site.portal_url, name, "pass.word")
    _portal.activate(portal)
    _portal.redirect(lambda _: site.portal_url)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    yield portal
    _portal.redirect(None)
    _portal.deactivate()
    mp.set_current_project(None)


def post(url, **fields):
    with urllib.request.urlopen(url, urllib.parse.urlencode({"f": "json", **fields}).encode()) as reply:
        return json.load(reply)


@pytest.mark.filterwarnings("default::UserWarning")
@pytest.mark.skipif(not AMC16, reason="project amc16 is neither in examples nor in a corpus beside the clone")
@pytest.mark.parametrize(("script", "place", "service", "wanted"), SCRIPTS)
def test_a_script_runs_and_its_service_is_as_it_wants(
    answering, tmp_path, capfd, script, place, service, wanted
):
    if place is None:
        folder = tmp_path / "project"
        shutil.copytree(AMC16[0], folder)
        mp.set_current_project(str(next(folder.glob("*.aprx"))))
    else:
        # The literal name of a Windows path, as on a machine where the drive exists.
        folder = Path(place).parent
        shutil.copytree(AMC16[0], folder, dirs_exist_ok=True)
        next(folder.glob("*.aprx")).rename(place)
    status = _run.run_script(HERE / "scripts" / script)
    said = capfd.readouterr()
    assert status == 0, said.err
    items = [
        item for item in answering.search(f"owner:{answering.username}") if item["type"] == "Feature Service"
    ]
    assert [item["title"] for item in items] == [service]
    fields = {"username": answering.username, "password": "pass.word", "client": "requestip"}
    token = post(f"{answering.url}sharing/rest/generateToken", **fields)["token"]
    described = post(items[0]["url"], token=token)
    public = "error" not in post(items[0]["url"])
    assert public == wanted["everyone"]
    assert len(described["layers"]) == wanted.get("layers", len(described["layers"]))
    assert described["layers"]
    for key in ("maxRecordCount", "capabilities"):
        if key in wanted:
            assert described[key] == wanted[key]
    if "description" in wanted:
        assert answering.item(items[0]["id"])["description"] == wanted["description"]
    for layer in described["layers"] + described["tables"]:
        counted = post(
            f"{items[0]['url']}/{layer['id']}/query", where="1=1", returnCountOnly="true", token=token
        )
        assert counted["count"] > 0, layer["name"]


def prepared(place, name):
    """Put the project where a script looks for it, its map named as the script wants it."""
    shutil.copytree(AMC16[0], "project")
    project = mp.ArcGISProject(str(next(Path("project").glob("*.aprx"))))
    project.listMaps()[0].name = name
    Path(place).parent.mkdir(parents=True, exist_ok=True)
    project.saveACopy(place)


def token_of(answering):
    fields = {"username": answering.username, "password": "pass.word", "client": "requestip"}
    return post(f"{answering.url}sharing/rest/generateToken", **fields)["token"]


@pytest.mark.filterwarnings("default::UserWarning")
@pytest.mark.skipif(not AMC16, reason="project amc16 is neither in examples nor in a corpus beside the clone")
def test_tiles_of_a_map_are_published_with_paths_joined_by_hand(answering, capfd, monkeypatch):
    prepared(r"D:\atmo\LILLE.aprx", "LILLE_PM25_moy")
    Path("atmo").mkdir()
    Path("atmo/__init__.py").touch()
    account = f"id_agol = {answering.username!r}\nmdp_agol = 'pass.word'\nurl_agol = 'https://atmo.example'\n"
    Path("atmo/connect.py").write_text(account + "dir = r'D:\\atmo'\n")
    monkeypatch.syspath_prepend(os.getcwd())
    status = _run.run_script(HERE / "scripts" / "tiles.py")
    said = capfd.readouterr()
    assert status == 0, said.err
    assert said.out.splitlines()[-1] == "publie : LILLE_PM25_moy"
    items = [
        item for item in answering.search(f"owner:{answering.username}") if item["type"] == "Map Service"
    ]
    assert [item["title"] for item in items] == ["LILLE_PM25_moy"]
    described = post(items[0]["url"], token=token_of(answering))
    assert described["singleFusedMapCache"] is True
    assert len(described["tileInfo"]["lods"]) == 24


@pytest.mark.filterwarnings("default::UserWarning")
@pytest.mark.skipif(not AMC16, reason="project amc16 is neither in examples nor in a corpus beside the clone")
def test_a_map_service_goes_to_the_server_of_a_connection_file(site, answering, capfd):
    site.add_user("town_clerk", "town.clerk", "org_publisher")
    prepared(r"C:\Work\Town\Town.aprx", "Map")
    arcpy.mapping.CreateGISServerConnectionFile(
        "PUBLISH_GIS_SERVICES", ".", "town.ags", f"{site.url}/arcgis/admin", "ARCGIS_SERVER", False, "",
        "town_clerk", "town.clerk", True,
    )  # fmt: skip
    Path("town.ags").rename(r"C:\Work\Town\town_6080.ags")
    status = _run.run_script(HERE / "scripts" / "connection_file.py")
    said = capfd.readouterr()
    assert status == 0, said.err
    assert said.out.splitlines()[-1] == "done"
    described = post(f"{site.url}/arcgis/rest/services/Planning/TownMap/MapServer", token=token_of(answering))
    assert described["mapName"] == "Map"
    assert described["layers"]
