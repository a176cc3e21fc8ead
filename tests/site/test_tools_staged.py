"""From a tool that ran to a service that gives the same answer: draft, staging, publishing, clients."""

import json
import os
import shutil
from pathlib import Path

import geosharing as arcpy
import numpy as np
import pyogrio.raw
import pytest
from geosharing import _native, server
from geosharing.site import Site
from web_tool_support import Client, publish, texts

pytestmark = pytest.mark.timeout(180)
BOX = '''
import os
import arcpy
import shouting

LIMITS = r"{limits}"
ROADS = r"{roads}"


class Toolbox:
    def __init__(self):
        self.label = "City"
        self.alias = "city"
        self.tools = [Report, Grow]


class Report:
    """Counts."""

    def __init__(self):
        self.label = "City report"
        self.description = "Counts places and roads."

    def getParameterInfo(self):
        places = arcpy.Parameter("places", "Places", "Input", "GPFeatureLayer", "Required")
        title = arcpy.Parameter("title", "Title", "Input", "GPString", "Required")
        title.filter.list = ["plain", "loud"]
        secret = arcpy.Parameter("secret", "Secret", "Input", "GPString", "Optional")
        text = arcpy.Parameter("text", "Text", "Output", "GPString", "Derived")
        return [places, title, secret, text]

    def execute(self, parameters, messages):
        places = arcpy.management.GetCount(parameters[0].valueAsText)[0]
        roads = arcpy.management.GetCount(ROADS)[0]
        with open(LIMITS) as file:
            limit = file.read().strip()
        title = shouting.shout("city") if parameters[1].value == "loud" else "city"
        parameters[3].value = f"{{title}}: {{places}} places, {{roads}} roads, limit {{limit}}, {{parameters[2].value}}"


class Grow:
    def getParameterInfo(self):
        places = arcpy.Parameter("places", "Places", "Input", "GPFeatureLayer", "Required")
        distance = arcpy.Parameter("distance", "Distance", "Input", "GPLinearUnit", "Required")
        grown = arcpy.Parameter("grown", "Grown", "Output", "DEFeatureClass", "Required")
        return [places, distance, grown]

    def execute(self, parameters, messages):
        places, distance, grown = (parameter.valueAsText for parameter in parameters)
        arcpy.analysis.Buffer(places, grown, distance)
'''


def point(x, y):
    return b"\x01\x01\x00\x00\x00" + np.array([x, y], "<f8").tobytes()


def write(path, layer, count):
    pyogrio.raw.write(
        str(path),
        geometry=np.array([point(500_000 + 100 * n, 5_000_000) for n in range(count)], object),
        field_data=[np.arange(count, dtype="int32")],
        fields=["number"],
        geometry_type="Point",
        crs="EPSG:32632",
        driver="OpenFileGDB",
        layer=layer,
    )


@pytest.fixture
def city(tmp_path):
    home = tmp_path / "author"
    (home / "data").mkdir(parents=True)
    write(home / "data" / "city.gdb", "roads", 7)
    write(home / "places.gdb", "places", 3)
    (home / "data" / "limits.txt").write_text("50\n")
    (home / "shouting.py").write_text("def shout(text):\n    return text.upper() + '!'\n")
    box = home / "City.pyt"
    box.write_text(
        BOX.format(limits=home / "data" / "limits.txt", roads=home / "data" / "city.gdb" / "roads")
    )
    arcpy.env.overwriteOutput = True
    return home


def test_a_staged_tool_runs_elsewhere_with_its_code_and_data(city, tmp_path):
    box = arcpy.ImportToolbox(str(city / "City.pyt"))
    places = str(city / "places.gdb" / "places")
    local = box.Report(places, "loud", "hush")
    expected = "CITY!: 3 places, 7 roads, limit 50, hush"
    assert local[0] == expected
    arcpy.management.CreateFileGDB(str(tmp_path), "grown.gdb")
    grown = box.Grow(places, "10 Meters", str(tmp_path / "grown.gdb" / "grown"))
    draft, sd = str(tmp_path / "City.sddraft"), str(tmp_path / "City.sd")
    arcpy.CreateGPSDDraft(
        [local, grown],
        draft,
        "City",
        server_type="MY_HOSTED_SERVICES",
        copy_data_to_server=True,
        summary="Counts",
        tags="city",
        executionType="Synchronous",
        showMessages="Info",
        constantValues=["Report.secret"],
    )
    arcpy.server.StageService(draft, sd)
    names = {name for name, _ in _native.archive_list(sd)}
    folder = next(name for name in names if name.endswith("/tasks.json")).rsplit("/", 1)[0]
    assert {f"{folder}/City.pyt", f"{folder}/shouting.py", "cd/limits.txt", "manifest.xml"} <= names
    assert any(name.startswith("cd/city.gdb/") for name in names)
    # What the author had is gone, as it is on a server.
    shutil.rmtree(city)

    with Site(tmp_path / "site", users={"ann": "ann-pw"}) as site:
        publish(site, sd, "City")
        address = next(one for one in site.services() if one.endswith("GPServer"))
        client = Client(site, "City", folder=address.split("/services/")[1].removesuffix("City/GPServer"))
        shown = {one["name"]: one for one in client.ask("Report")["parameters"]}
        assert set(shown) == {"places", "title", "text"}, "constants are hidden"
        assert shown["title"]["choiceList"] == ["plain", "loud"]
        assert shown["title"]["defaultValue"] == "loud"
        features = {
            "geometryType": "esriGeometryPoint",
            "spatialReference": {"wkid": 32632},
            "features": [
                {"attributes": {}, "geometry": {"x": 500_000.0 + n, "y": 5_000_000.0}} for n in range(3)
            ],
        }
        reply = client.execute("Report", places=json.dumps(features), title="loud")
        assert "results" in reply, reply
        assert reply["results"][0]["value"] == expected
        refused = client.execute("Report", places=json.dumps(features), title="shrill")
        assert "ERROR 000800" in json.dumps(refused)
        rows = client.values(
            "Grow", places=json.dumps(features), distance='{"distance": 10, "units": "esriMeters"}'
        )["grown"]
        assert rows["geometryType"] == "esriGeometryPolygon"
        assert len(rows["features"]) == 3
        xs = [x for x, _ in rows["features"][0]["geometry"]["rings"][0]]
        assert max(xs) - min(xs) == pytest.approx(20, abs=0.5)


def test_the_tool_that_is_staged_must_still_be_there(city, tmp_path):
    box = arcpy.ImportToolbox(str(city / "City.pyt"))
    result = box.Report(str(city / "places.gdb" / "places"), "plain", "")
    draft = str(tmp_path / "Gone.sddraft")
    arcpy.CreateGPSDDraft(result, draft, "Gone", server_type="MY_HOSTED_SERVICES", summary="s", tags="t")
    os.remove(city / "City.pyt")
    with pytest.raises(arcpy.ExecuteError, match=r"City\.pyt"):
        server.StageService(draft, str(tmp_path / "Gone.sd"))
    assert not Path(tmp_path / "Gone.sd").exists()
    assert texts({"messages": []}) == ""
