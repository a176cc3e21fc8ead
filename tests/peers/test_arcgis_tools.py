"""The official ArcGIS API for Python imports a published service as a toolbox and runs its tools."""

import importlib.util
import sys
import time
import warnings
from pathlib import Path

import pytest
from geosharing.site import Site

arcgis = pytest.importorskip(
    "arcgis", reason="the arcgis package is not installed (pip install --group peers)"
)
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(300)]
SUPPORT = Path(__file__).parent.parent / "site" / "web_tool_support.py"
TOOLBOX = '''
import os, time
import arcpy


def parameter(name, datatype, direction="Input", kind="Required"):
    return arcpy.Parameter(name=name, displayName=name, datatype=datatype, direction=direction, parameterType=kind)


class Toolbox:
    label = "Peers"
    alias = "peers"

    def __init__(self):
        self.tools = [Measure, Wait]


class Measure:
    """Copies the features, measures a length, and writes a report that repeats a file."""

    def getParameterInfo(self):
        return [parameter("points", "GPFeatureLayer"), parameter("distance", "GPLinearUnit"),
                parameter("notes", "DEFile", kind="Optional"),
                parameter("copied", "DEFeatureClass", "Output", "Derived"),
                parameter("report", "DEFile", "Output", "Derived"),
                parameter("length", "GPLinearUnit", "Output", "Derived")]

    def execute(self, parameters, messages):
        messages.addMessage(f"measuring {parameters[1].valueAsText}")
        path = os.path.join(arcpy.env.scratchFolder, "report.txt")
        notes = ""
        if parameters[2].valueAsText:
            with open(parameters[2].valueAsText) as file:
                notes = file.read()
        with open(path, "w") as file:
            file.write(f"{parameters[1].valueAsText} {notes}")
        parameters[3].value = parameters[0].valueAsText
        parameters[4].value = path
        parameters[5].value = parameters[1].valueAsText


class Wait:
    def getParameterInfo(self):
        return [parameter("seconds", "GPDouble"), parameter("done", "GPBoolean", "Output", "Derived")]

    def execute(self, parameters, messages):
        time.sleep(parameters[0].value)
        parameters[1].value = True
'''


@pytest.fixture(scope="module")
def support():
    spec = importlib.util.spec_from_file_location("peer_tools_support", SUPPORT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def site(support, tmp_path_factory):
    folder = tmp_path_factory.mktemp("peer")
    tasks = {
        "Measure": [
            support.given("points", "GPFeatureRecordSetLayer"),
            support.given("distance", "GPLinearUnit", defaultValue={"distance": 1, "units": "esriMiles"}),
            support.given("notes", "GPDataFile", "optional"),
            support.made("copied", "GPFeatureRecordSetLayer"),
            support.made("report", "GPDataFile"),
            support.made("length", "GPLinearUnit"),
        ],
        "Wait": [support.given("seconds", "GPDouble"), support.made("done", "GPBoolean")],
    }
    with Site(users={"ann": "ann-pw"}) as running:
        for name, execution in (("direct", "Synchronous"), ("queued", "Asynchronous")):
            path = support.definition(
                folder, name, TOOLBOX, tasks, executionType=execution, capabilities="Uploads"
            )
            support.publish(running, path, name)
        yield running


@pytest.fixture(scope="module")
def gis(site):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return arcgis.GIS(site.portal_url, "ann", "ann-pw", verify_cert=False)


@pytest.fixture(scope="module")
def tools(site, gis):
    from arcgis.geoprocessing import import_toolbox

    return {
        name: import_toolbox(f"{site.server_url}/rest/services/{name}/GPServer", gis=gis)
        for name in ("direct", "queued")
    }


def points():
    from arcgis.features import Feature, FeatureSet

    system = {"wkid": 4326}
    features = [
        Feature({"x": x, "y": 50.0, "spatialReference": system}, {"name": name})
        for name, x in (("a", 10.0), ("b", 11.5))
    ]
    return FeatureSet(features, geometry_type="esriGeometryPoint", spatial_reference=system)


def check(result, tmp_path, notes):
    copied, report, length = result
    assert [(f.attributes["name"], f.geometry["x"]) for f in copied.features] == [("a", 10.0), ("b", 11.5)]
    assert length.distance == 2.5
    assert "kilometers" in length.units.lower()
    path = report.download(str(tmp_path)) if hasattr(report, "download") else report
    assert Path(path).read_text() == f"2.5 Kilometers {notes}"


def test_a_synchronous_task_takes_features_and_a_linear_unit(tools, tmp_path):
    from arcgis.geoprocessing import LinearUnit

    result = tools["direct"].measure(points=points(), distance=LinearUnit(2.5, "Kilometers"))
    check(result, tmp_path, "")


def test_an_asynchronous_task_takes_a_file_too(site, gis, tools, support, tmp_path):
    from arcgis.geoprocessing import DataFile, LinearUnit

    upload = support.Client(site, "queued").upload("notes.txt", b"noted")
    notes = DataFile()
    notes.item_id = upload["item"]["itemID"]
    result = tools["queued"].measure(points=points(), distance=LinearUnit(2.5, "Kilometers"), notes=notes)
    check(result, tmp_path, "noted")


def test_a_job_is_cancelled(tools):
    job = tools["queued"].wait(seconds=600.0, future=True)
    end = time.monotonic() + 30
    while job.status not in ("esriJobExecuting", "esriJobWaiting"):
        assert time.monotonic() < end, job.status
        time.sleep(0.2)
    begin = time.monotonic()
    assert job.cancel()
    while not job.done():
        assert time.monotonic() - begin < 60
        time.sleep(0.2)
    assert job.status in ("esriJobCancelled", "esriJobCancelling", "Cancelled") or job.cancelled()
