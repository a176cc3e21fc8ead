"""The FeatureServer as clients over HTTP see it."""

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

import pyogrio.raw
import pytest
from geosharing.site import Site
from rest_support import (
    DAY,
    ask,
    fetch,
    layer_info,
    publish,
    share,
    token_of,
    unpacked,
    write_points,
)

ROWS = 2_700
FIRST_DAY = 1_704_067_200_000


@pytest.fixture(scope="module")
def site():
    with Site(users={"ann": "ann-pw", "bob": "bob-pw"}) as running:
        yield running


@pytest.fixture(scope="module")
def ann(site):
    return token_of(site, "ann", "ann-pw")


@pytest.fixture(scope="module")
def layer(site, ann, tmp_path_factory):
    """URL of a public layer that nobody edits."""
    path = write_points(tmp_path_factory.mktemp("data") / "many.gpkg", ROWS)
    answer = publish(site, ann, path, "many", layerInfo=layer_info(tracked=False), maxRecordCount=1000)
    share(site, ann, answer["serviceItemId"], everyone="true")
    return answer["serviceurl"] + "/0"


@pytest.fixture
def tracked(site, ann, tmp_path, request):
    """URL of ann's private layer of three points with editor tracking and global ids."""
    name = f"tracked_{abs(hash(request.node.name))}"
    path = write_points(tmp_path / f"{name}.gpkg", 3)
    return publish(site, ann, path, name, layerInfo=layer_info(tracked=True))["serviceurl"] + "/0"


def test_gdal_pages_through_more_rows_than_an_answer_may_have(layer):
    url = f"ESRIJSON:{layer}/query?where=1%3D1&outFields=*&orderByFields=fid&f=json"
    meta, _, shapes, values = pyogrio.raw.read(url)
    numbers = values[list(meta["fields"]).index("number")]
    assert len(shapes) == ROWS
    assert sorted(numbers) == list(range(ROWS))


def test_the_transfer_limit_is_told_in_both_forms(layer):
    page = ask(f"{layer}/query", where="1=1", outFields="number")
    assert len(page["features"]) == 1000
    assert page["exceededTransferLimit"] is True
    last = ask(f"{layer}/query", where="1=1", resultOffset="2000")
    assert len(last["features"]) == 700
    assert "exceededTransferLimit" not in last
    page = ask(f"{layer}/query", where="1=1", f="geojson")
    assert page["exceededTransferLimit"] is True
    assert page["properties"]["exceededTransferLimit"] is True
    assert "exceededTransferLimit" not in ask(f"{layer}/query", where="number < 5", f="geojson")


def test_an_extent_in_geojson_is_a_bbox(layer):
    answer = ask(f"{layer}/query", where="number < 100", f="geojson", returnExtentOnly="true")
    assert answer["bbox"] == pytest.approx([-120, 30, -110.1, 30])
    both = ask(f"{layer}/query", where="number < 100", returnExtentOnly="true", returnCountOnly="true")
    assert both["count"] == 100
    assert both["extent"]["xmin"] == -120


def test_time_filters_rows(layer):
    def numbers(span: str) -> list[int]:
        answer = ask(f"{layer}/query", time=span, outFields="number", orderByFields="number")
        return [feature["attributes"]["number"] for feature in answer["features"]]

    assert numbers(f"{FIRST_DAY + 3 * DAY},{FIRST_DAY + 5 * DAY}") == [3, 4, 5]
    assert numbers(str(FIRST_DAY + 7 * DAY)) == [7]
    assert numbers(f"null,{FIRST_DAY + DAY}") == [0, 1]
    refused = ask(f"{layer}/query", time="yesterday")["error"]
    assert refused["code"] == 400
    assert "yesterday" in "".join(refused["details"])


def test_statistics_have_percentiles_groups_and_having(layer):
    def statistics(*wanted: dict, **more: str) -> list[dict]:
        answer = ask(f"{layer}/query", outStatistics=list(wanted), **more)
        return [feature["attributes"] for feature in answer["features"]]

    median = {
        "statisticType": "percentile_cont",
        "statisticParameters": {"value": 0.5},
        "onStatisticField": "number",
        "outStatisticFieldName": "middle",
    }
    assert statistics(median) == [{"middle": (ROWS - 1) / 2}]
    discrete = {**median, "statisticType": "percentile_disc"}
    assert statistics(discrete, where="number < 5") == [{"middle": 2}]
    count = {"statisticType": "count", "onStatisticField": "number", "outStatisticFieldName": "n"}
    groups = statistics(
        count,
        where="number < 10",
        groupByFieldsForStatistics="kind",
        having="COUNT(number) > 3",
        orderByFields="kind",
    )
    assert groups == [{"kind": "ash", "n": 4}]
    wrong = ask(f"{layer}/query", outStatistics=[{**median, "statisticParameters": {"value": 7}}])
    assert wrong["error"]["code"] == 400


def test_quantized_answers_are_whole_numbers_of_their_grid(layer):
    extent = {"xmin": -120, "ymin": 30, "xmax": -110, "ymax": 40, "spatialReference": {"wkid": 4326}}
    parameters = {"mode": "view", "originPosition": "upperLeft", "tolerance": 0.05, "extent": extent}
    answer = ask(
        f"{layer}/query", where="number = 101", quantizationParameters=parameters, returnGeometry="true"
    )
    transform, shape = answer["transform"], answer["features"][0]["geometry"]
    assert transform["originPosition"] == "upperLeft"
    assert (shape["x"], shape["y"]) == (2, 198)
    x = shape["x"] * transform["scale"][0] + transform["translate"][0]
    y = transform["translate"][1] - shape["y"] * transform["scale"][1]
    assert (x, y) == pytest.approx((-119.9, 30.1), abs=0.05)


def test_geometry_that_is_no_strict_json_is_understood(layer):
    sloppy = "{x: -120.0, y: 30.0}"
    answer = ask(
        f"{layer}/query",
        geometry=sloppy,
        geometryType="esriGeometryPoint",
        inSR="4326",
        distance="1",
        units="esriSRUnit_Meter",
        outFields="number",
    )
    assert [feature["attributes"]["number"] for feature in answer["features"]] == [0]
    swapped = ask(f"{layer}/query", geometry="-119.95,30.05,-120.05,29.95", returnCountOnly="true")
    assert swapped == {"count": 1}


def test_a_script_may_ask_for_a_callback(layer):
    body, headers = fetch(f"{layer}/query?where=number%3D1&f=json&callback=got.it&outFields=number")
    assert headers["Content-Type"].startswith("text/javascript")
    text = body.decode()
    assert text.startswith("/**/got.it({")
    assert json.loads(text.removeprefix("/**/got.it(").removesuffix(");"))["features"]
    body, headers = fetch(f"{layer}/query?where=number%3D1&f=json&callback=alert(1)//")
    assert not headers["Content-Type"].startswith("text/javascript")
    assert b"alert(1)//(" not in body


def test_a_layer_without_relationships_says_so(layer):
    answer = ask(f"{layer}/queryRelatedRecords", objectIds="1", relationshipId="0")
    assert answer["error"]["code"] == 400
    assert "no relationship" in answer["error"]["details"][0]


def test_answers_are_packed_for_those_who_ask_and_small_ones_for_nobody(layer):
    url = f"{layer}/query?where=1%3D1&outFields=*&f=json"
    plain, headers = fetch(url)
    assert headers["Content-Encoding"] is None
    packed, headers = fetch(url, {"Accept-Encoding": "gzip"})
    assert headers["Content-Encoding"] == "gzip"
    assert len(packed) < len(plain) / 4
    assert unpacked(packed) == plain
    _, headers = fetch(f"{url}&returnCountOnly=true", {"Accept-Encoding": "gzip"})
    assert headers["Content-Encoding"] is None


def test_a_large_answer_comes_in_pieces_packed_or_not(site, ann, tmp_path):
    path = write_points(tmp_path / "large.gpkg", 12_000)
    service = publish(site, ann, path, "large", maxRecordCount=20_000)["serviceurl"]
    url = f"{service}/0/query?where=1%3D1&outFields=*&token={ann}&f="
    for form in ("json", "geojson"):
        plain, headers = fetch(url + form)
        assert headers["Transfer-Encoding"] == "chunked"
        assert len(plain) > 1 << 20
        assert len(json.loads(plain)["features"]) == 12_000
        packed, headers = fetch(url + form, {"Accept-Encoding": "gzip"})
        assert headers["Content-Encoding"] == "gzip"
        assert unpacked(packed) == plain


def edit(url: str, token: str, **form) -> dict:
    return ask(f"{url}/applyEdits", token=token, **form)


def rows(url: str, token: str, **form) -> list[dict]:
    answer = ask(f"{url}/query", token=token, outFields="*", orderByFields="fid", **form)
    return [feature["attributes"] for feature in answer["features"]]


def test_who_edited_and_when_is_filled_in_and_cannot_be_forged(site, ann, tracked):
    before = int(time.time() * 1000)
    forged = {"number": 9, "made_by": "somebody", "made_at": 5, "changed_by": "somebody"}
    added = edit(tracked, ann, adds=[{"attributes": forged}])["addResults"][0]
    assert added["success"]
    row = rows(tracked, ann, objectIds=str(added["objectId"]))[0]
    assert (row["made_by"], row["changed_by"]) == ("ann", "ann")
    assert before <= row["made_at"] <= int(time.time() * 1000)
    admin = token_of(site, "admin", site.password)
    change = {"fid": added["objectId"], "number": 10, "made_by": "x", "made_at": 1}
    assert edit(tracked, admin, updates=[{"attributes": change}])["updateResults"][0]["success"]
    now = rows(tracked, ann, objectIds=str(added["objectId"]))[0]
    assert (now["number"], now["made_by"], now["changed_by"]) == (10, "ann", "admin")
    assert now["made_at"] == row["made_at"]
    assert now["changed_at"] >= row["changed_at"]


def test_rows_are_named_by_their_global_ids(tracked, ann):
    wanted = "{6F9619FF-8B86-4D01-B42D-00CF4FC964FF}"
    added = edit(tracked, ann, useGlobalIds="true", adds=[{"attributes": {"number": 50, "GlobalID": wanted}}])
    assert added["addResults"][0]["success"]
    assert added["addResults"][0]["globalId"].strip("{}").upper() == wanted.strip("{}")
    changed = edit(
        tracked, ann, useGlobalIds="true", updates=[{"attributes": {"GlobalID": wanted, "number": 51}}]
    )
    assert changed["updateResults"][0]["success"]
    assert [row["number"] for row in rows(tracked, ann, where="number > 49")] == [51]
    unknown = "{00000000-8B86-4D01-B42D-00CF4FC964FF}"
    kept = edit(tracked, ann, useGlobalIds="true", deletes=[wanted, unknown])
    assert [result["success"] for result in kept["deleteResults"]] == [False, False]
    assert len(rows(tracked, ann, where="number = 51")) == 1
    gone = edit(tracked, ann, useGlobalIds="true", deletes=[wanted])
    assert gone["deleteResults"][0]["success"]
    assert rows(tracked, ann, where="number = 51") == []
    refused = edit(tracked, ann, useGlobalIds="true", updates=[{"attributes": {"number": 1}}])
    assert not refused.get("updateResults", [{"success": False}])[0]["success"]


def test_edits_of_a_service_are_one_transaction(site, ann, tmp_path):
    path = write_points(tmp_path / "pair.gpkg", 3)
    pyogrio.raw.write(
        str(path),
        geometry=None,
        field_data=[pyogrio.raw.read(str(path), layer="points")[3][0][:2]],
        fields=["number"],
        geometry_type=None,
        crs=None,
        driver="GPKG",
        layer="notes",
        append=True,
    )
    info = {"capabilities": "Query,Create,Update,Delete"}
    service = publish(site, ann, path, "pair", layerInfo=info)["serviceurl"]

    def counts() -> list[int]:
        ask_count = {"where": "1=1", "returnCountOnly": "true", "token": ann}
        return [ask(f"{service}/{at}/query", **ask_count)["count"] for at in (0, 1)]

    assert counts() == [3, 2]
    adds = [{"attributes": {"number": 7}}]
    edits = [{"id": 0, "adds": adds}, {"id": 1, "adds": adds, "deletes": [99]}]
    first, second = ask(f"{service}/applyEdits", token=ann, edits=edits)
    assert not first["addResults"][0]["success"]
    assert not second["deleteResults"][0]["success"]
    assert counts() == [3, 2]
    kept = ask(f"{service}/applyEdits", token=ann, edits=edits, rollbackOnFailure="false")
    assert kept[0]["addResults"][0]["success"]
    assert counts() == [4, 3]


def test_a_token_ends(tmp_path):
    folder = tmp_path / "state"
    with Site(folder, users={"ann": "ann-pw"}) as site:
        token = token_of(site, "ann", "ann-pw")
    # No client can ask for less than a minute.
    with contextlib.closing(sqlite3.connect(folder / "site.sqlite")) as database, database:
        database.execute("update tokens set expires = ?", [int(time.time() * 1000) + 3000])
    with Site(folder) as site:
        url = f"{site.portal_url}/sharing/rest/community/self"
        assert ask(url, token=token)["username"] == "ann"
        time.sleep(3.1)
        assert ask(url, token=token)["error"]["code"] == 498
        assert ask(url, token="x" + token)["error"]["code"] == 498


RESOURCES = [
    "{service}",
    "{service}/layers",
    "{service}/query?layerDefs=0:1%3D1",
    "{service}/0",
    "{service}/0/query?where=1%3D1",
    "{service}/0/queryRelatedRecords?objectIds=1",
    "{service}/0/validateSQL?sql=1%3D1",
    "{service}/0/1",
    "{item}",
    "{item}/data",
    "{item}/relatedItems?relationshipType=Service2Data&direction=forward",
    "{item}/resources",
    "{item}/info/metadata/metadata.xml",
]
HIDDEN = {400, 403, 404, 498, 499}


def test_every_resource_is_hidden_from_those_it_is_not_shared_with(site, ann, tmp_path):
    answer = publish(site, ann, write_points(tmp_path / "kept.gpkg", 3), "kept")
    item = answer["serviceItemId"]
    places = {
        "service": answer["serviceurl"],
        "item": f"{site.portal_url}/sharing/rest/content/items/{item}",
    }
    bob = token_of(site, "bob", "bob-pw")

    def seen(token: str | None) -> list[str]:
        found = []
        for resource in RESOURCES:
            url = resource.format(**places)
            url += ("&" if "?" in url else "?") + "f=json" + (f"&token={token}" if token else "")
            body, _ = fetch(url)
            error = json.loads(body).get("error") if body.startswith(b"{") else None
            if error is None or "relationship" in json.dumps(error):
                found.append(resource)
            else:
                assert error["code"] in HIDDEN, (resource, error)
        return found

    def listed(token: str | None) -> bool:
        end = f"&token={token}" if token else ""
        catalog = json.loads(fetch(f"{site.url}/server/rest/services/Hosted?f=json{end}")[0])
        search = json.loads(fetch(f"{site.portal_url}/sharing/rest/search?f=json&q=id:{item}{end}")[0])[
            "results"
        ]
        named = "Hosted/kept" in [service["name"] for service in catalog["services"]]
        assert named == bool(search)
        return named

    own = seen(ann)
    assert len(own) >= len(RESOURCES) - 3
    assert seen(bob) == []
    assert seen(None) == []
    assert (listed(ann), listed(bob), listed(None)) == (True, False, False)
    share(site, ann, item, org="true")
    assert seen(bob) == own
    assert seen(None) == []
    assert (listed(bob), listed(None)) == (True, False)
    share(site, ann, item, everyone="true", org="true")
    assert seen(None) == own
    edited = ask(f"{places['service']}/0/addFeatures", token=bob, features=[{"attributes": {"number": 1}}])
    assert "error" in edited


def served(folder: Path, port: int) -> subprocess.Popen:
    environment = {**os.environ, "GEOSHARING_PORTAL_PASSWORD": "admin-pw"}
    child = subprocess.Popen(
        [sys.executable, "-u", "-m", "geosharing", "serve", str(folder), "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert child.stdout is not None
    assert child.stdout.readline().startswith("portal")
    return child


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill -9")
def test_edits_outlive_kill_9(tmp_path):
    folder = tmp_path / "state"
    with Site(folder, users={"ann": "ann-pw"}) as site:
        token = token_of(site, "ann", "ann-pw")
        path = write_points(tmp_path / "lasting.gpkg", 3)
        info = {"capabilities": "Query,Create,Update,Delete"}
        url = publish(site, token, path, "lasting", layerInfo=info)["serviceurl"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    layer = base + urllib.parse.urlsplit(url).path + "/0"
    for round_ in range(2):
        child = served(folder, port)
        try:
            assert len(rows(layer, token)) == 3 + round_
            added = edit(layer, token, adds=[{"attributes": {"number": 100 + round_, "name": "späť"}}])
            assert added["addResults"][0]["success"]
        finally:
            os.kill(child.pid, signal.SIGKILL)
            child.communicate(timeout=20)
    with Site(folder) as site:
        layer = site.url + urllib.parse.urlsplit(url).path + "/0"
        found = rows(layer, token, where="number >= 100")
    assert [(row["number"], row["name"]) for row in found] == [(100, "späť"), (101, "späť")]
