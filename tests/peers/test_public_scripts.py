"""Publishing scripts of other people, unmodified, against a site that answers for the portals they name.

The scripts are not ours to keep. `GEOSHARING_PUBLIC_SCRIPTS` names a folder that holds them as
`owner/repository/path`; without it these tests are skipped.
"""

import json
import os
import shutil
import time
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from geosharing import _native, _portal, _run, mp
from geosharing.client import Portal
from geosharing.site import Site

SCRIPTS = Path(os.environ.get("GEOSHARING_PUBLIC_SCRIPTS", "public-scripts"))
AMC16 = Path(__file__).parents[2] / "examples" / "amc16"

pytestmark = [
    pytest.mark.filterwarnings("default"),
    pytest.mark.timeout(600),
    pytest.mark.skipif(os.name != "posix", reason="Windows has drives"),
]


@pytest.fixture(scope="module")
def site():
    with Site() as running:
        running.add_user("head", "head.pw", "org_admin")
        yield running


@pytest.fixture
def work(site, tmp_path, monkeypatch):
    """A fresh working directory; the site answers for every portal that a script signs in to."""
    _portal.activate(Portal(site.portal_url, "head", "head.pw"))
    _portal.redirect(lambda _: site.portal_url)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    _portal.redirect(None)
    _portal.deactivate()
    mp.set_current_project(None)


def script(work, path, substitutes=None, folder="."):
    """Copy a script into the working directory, with names of servers and people that only its author has replaced."""
    source = SCRIPTS / path
    if not source.is_file():
        pytest.skip(f"set GEOSHARING_PUBLIC_SCRIPTS to a folder that holds {path}")
    text = source.read_bytes().decode("utf-8")
    for name, value in (substitutes or {}).items():
        assert name in text
        text = text.replace(name, value)
    target = work / folder / source.name
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(text.encode("utf-8"))
    return target


def project(work, place, map_name=None, layers=()):
    """Put the project amc16 at a literal place, its map and first layers named as a script wants them."""
    folder = work / "project"
    shutil.copytree(AMC16, folder, dirs_exist_ok=True)
    aprx = mp.ArcGISProject(str(folder / "AMC16AGP.aprx"))
    found = aprx.listMaps()[0]
    if map_name:
        found.name = map_name
    own = [layer for layer in found.listLayers() if layer.isFeatureLayer]
    for layer, name in zip(own, layers, strict=False):
        layer.name = name
    Path(place).parent.mkdir(parents=True, exist_ok=True)
    aprx.saveACopy(place)
    return aprx


def run(path, capfd):
    status = _run.run_script(path)
    said = capfd.readouterr()
    assert status == 0, said.out + said.err
    return said.out


def settings(definition):
    """The staging settings of a service definition."""
    manifest = ET.fromstring(_native.archive_read(str(definition), "manifest.xml"))
    properties = manifest.iterfind("StagingSettings/PropertyArray/PropertySetProperty")
    return {entry.findtext("Key"): entry.findtext("Value") for entry in properties}


def ask(url, **fields):
    body = urllib.parse.urlencode({"f": "json", **fields}).encode()
    with urllib.request.urlopen(url, body, timeout=60) as reply:
        return json.load(reply)


def service(site, name, kind="Feature Service"):
    portal = Portal(site.portal_url, "head", "head.pw")
    found = [item for item in portal.search(f'title:"{name}"') if item["type"] == kind]
    assert [item["title"] for item in found] == [name]
    return found[0]


def counts(url, token):
    about = ask(url, token=token)
    return {
        layer["name"]: ask(f"{url}/{layer['id']}/query", where="1=1", returnCountOnly="true", token=token)[
            "count"
        ]
        for layer in about["layers"]
    }


@pytest.fixture
def token(site):
    fields = {"username": "head", "password": "head.pw", "client": "requestip"}
    return ask(f"{site.portal_url}/sharing/rest/generateToken", **fields)["token"]


def test_039_shares_by_the_parallel_lists_of_keys_and_values(site, work, capfd):
    path = script(work, "optydeviocourses/arcgis-pro-python/Estudos/Run_Publish_Web.py")
    project(work, "C:\\Project\\World.aprx", "World")
    # As its author meant it: a folder of this name. On POSIX the name is one literal directory.
    Path("C:\\Project\\Output").mkdir()
    run(path, capfd)
    staged = next(Path().rglob("*.sd"))
    assert settings(staged)["PackageIsPublic"] == "true"
    address = service(site, "FeatureSharingDraftExample")["url"]
    assert all(count > 0 for count in counts(address, "").values())


def test_028_overwrites_with_twelve_positional_arguments(site, work, capfd, token):
    path = script(work, "lbralic/collab/agol_upload.py")
    project(work, "C:\\SampleProject\\SampleProject.aprx")
    Path("C:\\Output").mkdir()
    run(path, capfd)
    run(path, capfd)
    item = service(site, "Service Name")
    assert item["access"] == "private"
    assert all(count > 0 for count in counts(item["url"], token).values())


def test_032_updates_and_publishes_by_the_official_client(site, work, capfd, monkeypatch, token):
    pytest.importorskip("arcgis", reason="the arcgis package is not installed (pip install --group peers)")
    path = script(work, "psapkal/Sammamish-Plateau-Water-/OverwriteSPWArcGISPublicData.py")
    aprx = project(work, "Public.aprx", "Public data")
    certificate = site.export_certificate(work / "site.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    names = {"serviceName": "SPW_Public_Data", "projectPath": "Public.aprx", "mapName": "Public data"}
    people = {"portalUrl": site.portal_url, "username": "head", "password": "head.pw"}
    sharing = {"organization": True, "everyone": False, "groups": []}
    config = {**names, **people, "tempPath": str(work / "temp"), "sharing": sharing}
    (work / "config.json").write_text(json.dumps({"overwriteSPWArcGISPublicData": config}))
    # The script overwrites a service that somebody published before, from one layer.
    first = aprx.listMaps()[0]
    layer = next(layer for layer in first.listLayers() if layer.isFeatureLayer)
    draft = first.getWebLayerSharingDraft("HOSTING_SERVER", "FEATURE", "SPW_Public_Data", [layer])
    draft.exportToSDDraft("before.sddraft")
    from geosharing import server

    server.StageService("before.sddraft", "before.sd")
    server.UploadServiceDefinition("before.sd", "HOSTING_SERVER")
    before = service(site, "SPW_Public_Data")
    said = run(path, capfd)
    assert "Successfully completed update" in said
    item = service(site, "SPW_Public_Data")
    assert item["id"] == before["id"]
    assert item["access"] == "org"
    assert len(counts(item["url"], token)) > 1


def test_001_shares_two_layers_as_a_map_image_of_a_federated_server(site, work, capfd, token):
    hosts = {
        "https://portalhostds.ags.esri.com/gis": site.portal_url,
        "https://serverhostds.esri.com/gis": f"{site.url}/server",
    }
    path = script(work, "PGCHM/PublishingWithArcpyOOD/PublishLayersAsMIL.py", hosts)
    names = ["U.S. National Transportation Atlas Interstate Highways", "U.S. States (Generalized)"]
    project(work, r"C:\temp\UC2018\PublishingSamples\Project\USCities\USCities.aprx", "Map1", names)
    (work / "secure").mkdir()
    (work / "secure" / "portalhostds_pass.txt").write_text("head\nhead.pw\n")
    (work / "Output").mkdir()
    said = run(path, capfd)
    assert "Map Image published successfully" in said
    item = service(site, "b5_USHighway_UC2018", "Map Service")
    # As in arcpy, the tool's sharing arguments count only with in_override, which the script does not pass.
    assert (item["access"], item["snippet"]) == ("private", "My Summary")
    about = ask(item["url"], token=token)
    assert {layer["name"] for layer in about["layers"]} == set(names)
    # The script asks for the picture without the Referer that its token is bound to, and keeps whatever comes.
    assert next(work.glob("Output*observed_*.png")).read_bytes().startswith(b'{"error":{"code":498')
    extent = about["fullExtent"]
    box = ",".join(str(extent[key]) for key in ("xmin", "ymin", "xmax", "ymax"))
    fields = urllib.parse.urlencode({"bbox": box, "format": "png", "f": "image", "token": token})
    with urllib.request.urlopen(f"{item['url']}/export?{fields}", timeout=60) as reply:
        assert reply.read().startswith(b"\x89PNG")


def test_027_registers_a_folder_and_shares_a_map_image(site, work, capfd, token):
    hosts = {
        "https://zhao.geoenterprise.cn/geoscene": site.portal_url,
        "zhao1234": "head.pw",
        "siteadmin": "head",
    }
    hosts["https://zhao.geoenterprise.cn/server"] = f"{site.url}/server"
    path = script(work, "supremebigJJ/gis_python/发布服务.py", hosts)
    project(work, r"D:\myarcgispro\protest\protest.aprx", "Map1")
    Path(r"D:\myarcgispro\protest").mkdir()
    said = run(path, capfd)
    assert "注册: " in said
    assert said.rstrip().endswith("Successfully")
    from geosharing import ListDataStoreItems

    registered = ListDataStoreItems("MY_HOSTED_SERVICES", "FOLDER")
    assert ["promapzc", "D:\\myarcgispro\\protest"] in [item[:1] + item[2:3] for item in registered]
    item = service(site, "Sharemapservice", "Map Service")
    assert item["snippet"] == "testpublish"
    assert all(count > 0 for count in counts(item["url"], token).values())


TOOLBOX = """
import arcpy


class Toolbox:
    def __init__(self):
        self.label = "Published tools"
        self.alias = "publishedtools"
        self.tools = [FindPlantSites]


class FindPlantSites:
    def __init__(self):
        self.label = "Find plant sites"
        self.description = "Says where there is room for trees."
        self.canRunInBackground = False

    def getParameterInfo(self):
        community = arcpy.Parameter(
            displayName="Community", name="community", datatype="GPString", parameterType="Required", direction="Input"
        )
        sites = arcpy.Parameter(
            displayName="Sites", name="sites", datatype="GPString", parameterType="Derived", direction="Output"
        )
        return [community, sites]

    def execute(self, parameters, messages):
        messages.addMessage("looking at " + parameters[0].valueAsText)
        arcpy.SetParameterAsText(1, parameters[0].valueAsText + ": 42 sites")
"""


def test_015_publishes_a_tool_of_a_python_toolbox(site, work, capfd, token):
    path = script(
        work, "ChicagoRTI/ArcGIS-scripts/PotentialPlantings/pp/OBSOLETE/publish_gp_tool.py", folder="run"
    )
    for package in ("run/pp", "run/pp/pub_toolbox"):
        (work / package).mkdir()
        (work / package / "__init__.py").touch()
    (work / "run/pp/pub_toolbox/pp_logger.py").write_text("import logging\n\nget = logging.getLogger\n")
    (work / r"pp\pub_toolbox\PublishedTools.pyt").write_text(TOOLBOX)
    import geosharing as arcpy

    connection = r"E:\ROW_as_habitat\conn3.ags"
    arcpy.mapping.CreateGISServerConnectionFile(
        "PUBLISH_GIS_SERVICES", str(work), "conn3.ags", f"{site.url}/server", "ARCGIS_SERVER", False, "", "head",
        "head.pw", True,
    )  # fmt: skip
    (work / "conn3.ags").rename(connection)
    run(path, capfd)
    address = f"{site.url}/server/rest/services/PP_Spaces/FindPlantSites_TEST/GPServer"
    about = ask(address, token=token)
    assert about["executionType"] == "esriExecutionTypeAsynchronous"
    assert about["tasks"] == ["FindPlantSites"]
    job = ask(f"{address}/FindPlantSites/submitJob", community="Oak Park", token=token)
    for _ in range(240):
        state = ask(f"{address}/FindPlantSites/jobs/{job['jobId']}", token=token)
        if state["jobStatus"] not in ("esriJobSubmitted", "esriJobWaiting", "esriJobExecuting"):
            break
        time.sleep(0.25)
    assert state["jobStatus"] == "esriJobSucceeded", state
    found = ask(f"{address}/FindPlantSites/jobs/{job['jobId']}/results/sites", token=token)
    assert found["value"] == "Oak Park: 42 sites"
