"""Result map services: what jobs made, drawn and asked as a MapServer."""

import io
import json

import numpy
import pytest
from geosharing.site import Site
from web_tool_support import Client, definition, given, made, publish

pytestmark = pytest.mark.timeout(180)
PNG = b"\x89PNG\r\n\x1a\n"
TOOLBOX = """
import os
import arcpy


def parameter(name, datatype, direction="Input", kind="Required"):
    return arcpy.Parameter(
        name=name, displayName=name.title(), datatype=datatype, direction=direction, parameterType=kind)


class Toolbox:
    label = "Maps"
    alias = "maps"

    def __init__(self):
        self.tools = [Show, Fail]


class Show:
    def getParameterInfo(self):
        return [parameter("rows", "GPFeatureLayer"), parameter("areas", "DEFeatureClass", "Output", "Derived"),
                parameter("count", "GPLong", "Output", "Derived"),
                parameter("points", "DEFeatureClass", "Output", "Derived")]

    def execute(self, parameters, messages):
        path = parameters[0].valueAsText
        areas = os.path.join(arcpy.env.scratchGDB, "areas")
        arcpy.analysis.Buffer(path, areas, "50 Kilometers")
        parameters[1].value = areas
        parameters[2].value = int(arcpy.management.GetCount(path)[0])
        parameters[3].value = path


class Fail:
    def getParameterInfo(self):
        return [parameter("areas", "DEFeatureClass", "Output", "Derived")]

    def execute(self, parameters, messages):
        raise ValueError("deliberate")
"""
FEATURES = "GPFeatureRecordSetLayer"
TASKS = {
    "Show": [
        given("rows", FEATURES),
        made("areas", FEATURES) | {"displayName": "Areas around"},
        made("count", "GPLong"),
        made("points", FEATURES),
    ],
    "Fail": [made("areas", FEATURES)],
}


def points(count):
    fields = [
        {"name": "name", "type": "esriFieldTypeString", "alias": "name", "length": 20},
        {"name": "size", "type": "esriFieldTypeDouble", "alias": "size"},
        {"name": "day", "type": "esriFieldTypeDate", "alias": "day", "length": 8},
        {"name": "few", "type": "esriFieldTypeSmallInteger", "alias": "few"},
        {"name": "key", "type": "esriFieldTypeGUID", "alias": "key", "length": 38},
    ]
    features = [
        {
            "attributes": {
                "name": f"n{index}" if index != 1 else None,
                "size": index / 2,
                "day": 1_600_000_000_000,
                "few": index,
                "key": f"{{0000000{index % 10}-0000-4000-8000-000000000000}}",
            },
            "geometry": {"x": 10.0 + index, "y": 50.0},
        }
        for index in range(count)
    ]
    return {
        "geometryType": "esriGeometryPoint",
        "spatialReference": {"wkid": 4326},
        "fields": fields,
        "features": features,
    }


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("maps")
    with Site(folder / "site", users={"ann": "ann-pw", "bob": "bob-pw"}) as running:
        for name, settings in {
            "drawn": {"resultMapServer": "true"},
            "other": {"resultMapServer": "true"},
            "plain": {},
            "direct": {"resultMapServer": "true", "executionType": "Synchronous"},
        }.items():
            publish(running, definition(folder, name, TOOLBOX, TASKS, **settings), name)
        yield running


@pytest.fixture(scope="module")
def drawn(site):
    return Client(site, "drawn")


def run(client, rows, task="Show", status="esriJobSucceeded"):
    job = client.submit(task, **({"rows": json.dumps(rows)} if task == "Show" else {}))
    state = client.wait(task, job)
    assert state["jobStatus"] == status, state
    return job


@pytest.fixture(scope="module")
def job(drawn):
    return run(drawn, points(3))


def on_map(client, job, path="", **form):
    """Ask the result map of a job."""
    url = client.address.removesuffix("GPServer") + f"MapServer/jobs/{job}" + (f"/{path}" if path else "")
    reply = client.raw(url, {"f": "json", "token": client.token or ""} | form)
    return reply if form.get("f") == "image" else json.loads(reply)


def colours(png):
    """Count the colours of a picture."""
    from matplotlib.image import imread

    pixels = imread(io.BytesIO(png), format="png")
    return len(numpy.unique(pixels.reshape(-1, pixels.shape[2])[:, :3], axis=0))


def test_only_asynchronous_services_with_the_flag_name_a_result_map(site, drawn):
    assert drawn.ask()["resultMapServerName"] == "drawn"
    for name in ("plain", "direct"):
        assert Client(site, name).ask()["resultMapServerName"] == ""


def test_a_job_has_a_map_with_a_layer_for_each_feature_result(drawn, job):
    root = on_map(drawn, job)
    assert [(layer["id"], layer["name"]) for layer in root["layers"]] == [(0, "Areas around"), (1, "points")]
    assert [layer["geometryType"] for layer in root["layers"]] == [
        "esriGeometryPolygon",
        "esriGeometryPoint",
    ]
    assert (root["mapName"], root["capabilities"]) == ("Show", "Map,Query,Data")
    assert root["fullExtent"]["xmin"] < 10 < 12 < root["fullExtent"]["xmax"]
    assert [layer["name"] for layer in on_map(drawn, job, "layers")["layers"]] == ["Areas around", "points"]
    assert [len(layer["legend"]) for layer in on_map(drawn, job, "legend")["layers"]] == [1, 1]


def test_its_layers_answer_queries_with_the_features_of_the_result(drawn, job):
    for layer, name in enumerate(("areas", "points")):
        result = drawn.ask(f"Show/jobs/{job}/results/{name}", returnType="data")["value"]
        count = on_map(drawn, job, f"{layer}/query", where="1=1", returnCountOnly="true")["count"]
        assert count == len(result["features"]) == 3
        found = on_map(drawn, job, f"{layer}/query", where="1=1", outFields="*")
        kinds = {field["name"]: (field["type"], field["alias"]) for field in result["fields"]}
        assert {field["name"]: (field["type"], field["alias"]) for field in found["fields"]} == kinds
        assert [row["attributes"] for row in found["features"]] == [
            row["attributes"] for row in result["features"]
        ]
    assert found["features"][2]["geometry"] == {"x": 12.0, "y": 50.0}
    some = on_map(drawn, job, "1/query", where="few = 2", outFields="name,day")
    assert some["features"][0]["attributes"] == {"name": "n2", "day": 1_600_000_000_000}


def test_its_layers_are_drawn_and_identified(drawn, job):
    picture = on_map(drawn, job, "export", bbox="9,48,13,52", size="200,200", f="image")
    assert picture.startswith(PNG)
    assert colours(picture) > 1
    nothing = on_map(drawn, job, "export", bbox="30,48,34,52", size="200,200", f="image")
    assert colours(nothing) == 1
    found = on_map(
        drawn, job, "identify", geometry="11,50", geometryType="esriGeometryPoint", tolerance=3, layers="all",
        mapExtent="9,48,13,52", imageDisplay="200,200,96",
    )["results"]  # fmt: skip
    assert {one["layerName"] for one in found} == {"Areas around", "points"}


def test_a_result_is_a_picture_unless_the_data_is_asked_for(drawn, job):
    result = drawn.ask(f"Show/jobs/{job}/results/areas", size="300,200", transparent="false")
    assert (result["paramName"], result["dataType"]) == ("areas", FEATURES)
    image = result["value"]["mapImage"]
    assert (image["width"], image["height"]) == (300, 200)
    assert image["extent"]["xmin"] < 10 < 12 < image["extent"]["xmax"]
    picture = drawn.raw(image["href"])
    assert picture.startswith(PNG)
    assert colours(picture) > 1
    assert drawn.ask(f"Show/jobs/{job}/results/count")["value"] == 3
    data = drawn.ask(f"Show/jobs/{job}/results/areas", returnType="data")["value"]
    assert data["geometryType"] == "esriGeometryPolygon"
    assert "mapImage" not in data


def test_large_and_empty_results_have_maps_too(drawn):
    large = run(drawn, points(900))
    assert on_map(drawn, large, "1/query", where="1=1", returnCountOnly="true") == {"count": 900}
    empty = run(drawn, points(0))
    assert on_map(drawn, empty, "1/query", where="1=1", returnCountOnly="true") == {"count": 0}
    image = drawn.ask(f"Show/jobs/{empty}/results/points")["value"]["mapImage"]
    assert colours(drawn.raw(image["href"])) == 1


def refused(client, job, code, path=""):
    reply = on_map(client, job, path)
    assert reply.get("error", {}).get("code") == code, reply


def test_maps_are_those_of_the_services_own_jobs_that_succeeded(site, drawn, job):
    refused(Client(site, "other"), job, 400)
    refused(drawn, "j" + "0" * 32, 400)
    refused(drawn, "..", 400)
    refused(drawn, run(drawn, None, "Fail", "esriJobFailed"), 400)
    refused(drawn, job, 404, "7")


def test_services_without_the_flag_have_none(site):
    plain = Client(site, "plain")
    done = run(plain, points(2))
    refused(plain, done, 404)
    assert len(plain.ask(f"Show/jobs/{done}/results/points")["value"]["features"]) == 2
    refused(Client(site, "nowhere"), done, 404)


def test_who_may_not_see_the_service_does_not_see_its_maps(site, job):
    refused(Client(site, "drawn", "bob", "bob-pw"), job, 403)
    refused(Client(site, "drawn", user=None), job, 499)


def test_maps_outlive_the_site_and_reopen(tmp_path):
    path = definition(tmp_path, "again", TOOLBOX, TASKS, resultMapServer="true")
    with Site(tmp_path / "site", users={"ann": "ann-pw"}) as site:
        publish(site, path, "again")
        client = Client(site, "again")
        done = run(client, points(2))
        assert len(on_map(client, done)["layers"]) == 2
    with Site(tmp_path / "site", users={"ann": "ann-pw"}) as site:
        again = on_map(Client(site, "again"), done, "0/query", where="1=1", returnCountOnly="true")
        assert again == {"count": 2}
