"""Tools that ran here, published, and run again by clients: the answers are the same."""

import json
import os
import shutil
import time
import urllib.request
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from e2e_support import AMC16, ROOT, post
from geosharing import _portal, _run, mp
from geosharing.client import Portal

HERE = Path(__file__).parent
ENDED = ("esriJobSucceeded", "esriJobFailed", "esriJobCancelled", "esriJobTimedOut")


@pytest.fixture
def work(site, tmp_path, monkeypatch):
    """A working directory in which a signed-in publisher runs scripts."""
    if os.name != "posix":
        pytest.skip("Windows has drives")
    name = f"user_{os.urandom(3).hex()}"
    site.add_user(name, "pass.word", "org_publisher")
    _portal.activate(Portal(site.portal_url, name, "pass.word"))
    monkeypatch.chdir(tmp_path)
    yield name
    _portal.deactivate()
    mp.set_current_project(None)


@pytest.fixture
def token(site, work):
    fields = {"username": work, "password": "pass.word", "client": "requestip"}
    return post(f"{site.portal_url}/sharing/rest/generateToken", **fields)["token"]


def run(script, capfd):
    status = _run.run_script(HERE / "scripts" / script)
    said = capfd.readouterr()
    assert status == 0, said.out + said.err
    return said.out


def parcels(folder):
    """Put the parcels of amc16 into a folder as `parcels.gdb/Parcel`."""
    target = Path(folder) / "parcels.gdb"
    shutil.copytree(AMC16.parent / "AMC16AGP.gdb", target)
    return target


def feature_set(geodatabase):
    """The parcels as clients send them."""
    _, _, shapes, _ = pyogrio.raw.read(geodatabase, layer="Parcel", force_2d=True)
    rings = [
        [
            np.asarray(ring.coords).tolist()
            for part in shape.geoms
            for ring in (part.exterior, *part.interiors)
        ]
        for shape in shapely.from_wkb(shapes)
    ]
    features = [
        {"attributes": {"OBJECTID": at}, "geometry": {"rings": ring}} for at, ring in enumerate(rings, 1)
    ]
    return json.dumps(
        {
            "geometryType": "esriGeometryPolygon",
            "spatialReference": {"wkid": 2230},
            "fields": [{"name": "OBJECTID", "type": "esriFieldTypeOID"}],
            "features": features,
        }
    )


def service(site, work, name):
    portal = Portal(site.portal_url, work, "pass.word")
    items = [item for item in portal.search(f"owner:{work}") if item["type"] == "Geoprocessing Service"]
    assert [item["title"] for item in items] == [name]
    return items[0]["url"]


def ended(job, token):
    for _ in range(400):
        state = post(job, token=token)
        if state["jobStatus"] in ENDED:
            return state
        time.sleep(0.1)
    raise AssertionError(state)


@pytest.mark.filterwarnings("default")
def test_the_documentations_example_publishes_a_tool_that_answers_as_it_did_here(site, work, token, capfd):
    for folder in ("drafts", "sd"):
        Path("c:/gis/gp", folder).mkdir(parents=True)
    shutil.copy(ROOT / "examples" / "tools" / "MyAnalysisTools.pyt", "c:/gis/gp")
    source = parcels("c:/gis/data")
    here = float(run("web_tool.py", capfd).splitlines()[0])

    address = service(site, work, "AnalysisReportService")
    about = post(address, token=token)
    assert about["executionType"] == "esriExecutionTypeSynchronous"
    assert about["tasks"] == ["MyCustomAnalysis"]
    task = post(f"{address}/MyCustomAnalysis", token=token)
    types = {entry["name"]: (entry["dataType"], entry["direction"]) for entry in task["parameters"]}
    assert types["in_parcels"] == ("GPFeatureRecordSetLayer", "esriGPParameterDirectionInput")
    assert types["report"] == ("GPDataFile", "esriGPParameterDirectionOutput")
    # What the author passed is what clients get when they pass nothing.
    assert next(entry for entry in task["parameters"] if entry["name"] == "distance")["defaultValue"] == 40
    fields = {"in_parcels": feature_set(source), "distance": "40", "report_name": "Again.txt", "token": token}
    answer = post(f"{address}/MyCustomAnalysis/execute", **fields)
    results = {entry["paramName"]: entry["value"] for entry in answer["results"]}
    # The geodatabase of the job rounds coordinates to its own grid.
    assert results["area"] == pytest.approx(here, rel=1e-7)
    assert any("6 parcels" in message["description"] for message in answer["messages"])
    with urllib.request.urlopen(f"{results['report']['url']}?token={token}") as reply:
        assert reply.read().decode() == f"6 parcels, {results['area']:.3f} square feet\n"


@pytest.mark.filterwarnings("default")
def test_results_of_two_tools_become_one_service_of_two_tasks(site, work, token, capfd):
    source = parcels("data")
    around, count = run("two_tasks.py", capfd).split()
    address = service(site, work, "ParcelTools")
    assert post(address, token=token)["tasks"] == ["Buffer", "GetCount"]
    _, _, shapes, _ = pyogrio.raw.read(Path(around).parent, layer=Path(around).name)
    here = sum(shapely.area(shapely.from_wkb(shapes)))

    task = post(f"{address}/Buffer", token=token)
    names = [entry["name"] for entry in task["parameters"]]
    assert "in_features" in names
    fields = {"in_features": feature_set(source), "token": token}
    fields["buffer_distance_or_field"] = json.dumps({"distance": 40, "units": "esriFeet"})
    if any(
        e["name"] == "buffer_distance_or_field" and e["dataType"] == "GPLinearUnit"
        for e in task["parameters"]
    ):
        fields["buffer_distance_or_field"] = json.dumps({"distance": 40, "units": "esriFeet"})
    job = f"{address}/Buffer/jobs/{post(f'{address}/Buffer/submitJob', **fields)['jobId']}"
    state = ended(job, token)
    assert state["jobStatus"] == "esriJobSucceeded", state
    output = next(name for name in state["results"])
    answer = post(f"{job}/results/{output}", token=token)["value"]
    rings = [np.asarray(ring) for feature in answer["features"] for ring in feature["geometry"]["rings"]]
    # Outer rings run clockwise and holes do not, so the signs leave the holes out.
    served = sum(np.dot(y[1:] + y[:-1], x[1:] - x[:-1]) / 2 for x, y in (ring.T for ring in rings))
    assert len(answer["features"]) == int(count)
    assert served == pytest.approx(here, rel=1e-6)
    refused = post(f"{address}/GetCount/submitJob", token=token)
    assert "ERROR 000735: Input Rows" in json.dumps(refused), refused
