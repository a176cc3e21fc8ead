"""The GPServer over HTTP: tasks, values of every type, jobs, uploads, and tools that misbehave."""

import json
import os
import sys
import time
import urllib.parse

import pytest
from geosharing.site import Site
from web_tool_support import Client, definition, publish, texts

pytestmark = pytest.mark.timeout(180)
POINTS = {
    "geometryType": "esriGeometryPoint",
    "spatialReference": {"wkid": 4326},
    "fields": [
        {"name": "name", "type": "esriFieldTypeString", "alias": "name", "length": 20},
        {"name": "size", "type": "esriFieldTypeDouble", "alias": "size"},
    ],
    "features": [
        {"attributes": {"name": "a", "size": 1.5}, "geometry": {"x": 10.0, "y": 50.0}},
        {"attributes": {"name": None, "size": None}, "geometry": {"x": 11.0, "y": 51.0}},
    ],
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tools")
    with Site(folder / "site", users={"ann": "ann-pw", "bob": "bob-pw"}, worker_memory=768 << 20) as running:
        synchronous = definition(
            folder,
            "now",
            executionType="Synchronous",
            capabilities="Uploads",
            maxUsageTime=8,
            maximumRecords="1",
        )
        queued = definition(folder, "later", maxUsageTime=8, maxInstancesPerNode=1)
        publish(running, synchronous, "now")
        publish(running, queued, "later")
        yield running


@pytest.fixture(scope="module")
def now(site):
    return Client(site, "now")


@pytest.fixture(scope="module")
def later(site):
    return Client(site, "later")


def test_the_service_and_its_tasks_describe_themselves(now):
    root = now.ask()
    assert root["tasks"] == ["Noop", "Echo", "Rows", "File", "Bad", "Work"]
    assert root["executionType"] == "esriExecutionTypeSynchronous"
    assert root["capabilities"] == "Uploads"
    assert root["resultMapServerName"] == ""
    task = now.ask("Echo")
    kinds = {
        one["name"]: (one["dataType"], one["direction"], one["parameterType"]) for one in task["parameters"]
    }
    assert kinds["length"] == ("GPLinearUnit", "esriGPParameterDirectionInput", "esriGPParameterTypeOptional")
    assert kinds["out_many"][0] == "GPMultiValue:GPString"
    assert now.ask("Nothing")["error"]["code"] == 404


def test_the_portal_has_an_item_and_the_catalogue_an_entry(site, now):
    assert any(item["type"] == "Geoprocessing Service" and item["title"] for item in site.items())
    assert any(address.endswith("/now/GPServer") for address in site.services())


def test_values_of_every_type_go_in_and_come_out(now):
    values = now.values(
        "Echo",
        text="a 'b' \"c\"",
        whole="7",
        number="2.5",
        flag="true",
        day="1199145600000",
        length=json.dumps({"distance": 5, "units": "esriMiles"}),
        area=json.dumps({"area": 2, "units": "esriHectares"}),
        many=json.dumps(["x", "y z"]),
    )
    assert values == {
        "out_text": "a 'b' \"c\"",
        "out_whole": 7,
        "out_number": 2.5,
        "out_flag": True,
        "out_day": 1199145600000,
        "out_length": {"distance": 5.0, "units": "esriMiles"},
        "out_area": {"area": 2.0, "units": "esriHectares"},
        "out_many": ["x", "y z"],
    }


def test_messages_of_prints_and_of_the_tool_are_heard(now):
    messages = now.execute("Echo")["messages"]
    kinds = {one["description"]: one["type"] for one in messages}
    assert kinds["printed"] == kinds["said"] == "esriJobMessageTypeInformative"
    assert kinds["warned"] == "esriJobMessageTypeWarning"


def test_features_become_data_and_data_becomes_features(now, later):
    job = later.submit("Rows", rows=json.dumps(POINTS))
    assert later.wait("Rows", job)["jobStatus"] == "esriJobSucceeded", texts(later.job("Rows", job))
    rows = later.ask(f"Rows/jobs/{job}/results/out_rows")["value"]
    assert rows["geometryType"] == "esriGeometryPoint"
    assert rows["spatialReference"]["wkid"] == 4326
    found = [
        (row["attributes"]["name"], row["attributes"]["size"], row["geometry"]) for row in rows["features"]
    ]
    assert found == [("a", 1.5, {"x": 10.0, "y": 50.0}), (None, None, {"x": 11.0, "y": 51.0})]
    assert later.ask(f"Rows/jobs/{job}/results/count")["value"] == 2
    assert later.ask(f"Rows/jobs/{job}/inputs/rows")["value"] == POINTS
    # The other service hands out one row at most.
    rows = now.values("Rows", rows=json.dumps(POINTS), **{"env:outSR": "102100"})["out_rows"]
    assert len(rows["features"]) == 1
    assert rows["exceededTransferLimit"] is True
    assert rows["features"][0]["geometry"]["x"] == pytest.approx(1113194.9, abs=1)


def test_large_inputs_and_results_go_by_way_of_files(site, later):
    many = dict(POINTS)
    many["features"] = POINTS["features"] * 400
    job = later.submit("Rows", rows=json.dumps(many))
    assert later.wait("Rows", job)["jobStatus"] == "esriJobSucceeded"
    assert len(later.ask(f"Rows/jobs/{job}/results/out_rows")["value"]["features"]) == 800
    assert len(later.ask(f"Rows/jobs/{job}/inputs/rows")["value"]["features"]) == 800


@pytest.mark.parametrize(
    ("form", "texts"),
    [
        ({}, ["ERROR 000735: Rows: Value is required"]),
        ({"rows": "[1]"}, ["ERROR 000840: Rows:"]),
        ({"rows": "{" * 5000}, ["ERROR 000840: Rows:"]),
        ({"rows": '{"url": "http://example.invalid/x/FeatureServer/0"}'}, ["fetches nothing"]),
        ({"rows": '{"url": "file:///etc/passwd"}'}, ["fetches nothing"]),
    ],
)
def test_values_that_cannot_be_are_refused_by_name(now, form, texts):
    error = now.execute("Rows", **form)["error"]
    assert error["code"] == 400
    said = "\n".join(error["details"])
    assert all(text in said for text in texts), said


def test_uploads_are_inputs_and_results_are_downloads(now):
    upload = now.upload("../../etc/pass\\..\\wd x.txt", b"hello")
    assert upload["success"]
    assert upload["item"]["itemName"] == "wd x.txt"
    item = upload["item"]["itemID"]
    value = now.values("File", text=json.dumps({"itemID": item}))["out_file"]
    assert value["url"].startswith(f"{now.origin}/server/rest/directories/arcgisjobs/now_gpserver/j")
    assert now.raw(f"{value['url']}?token={now.token}") == b"wd x.txt:HELLO"
    # A result is an input of the next task.
    again = now.values("File", text=json.dumps(value))["out_file"]
    assert now.raw(f"{again['url']}?token={now.token}") == b"upper.txt:WD X.TXT:HELLO"
    outside = value["url"].rsplit("/", 1)[0] + "/..%2f..%2f..%2fjobs.sqlite"
    assert b'"code":404' in now.raw(f"{outside}?token={now.token}&f=json")
    assert b'"code":4' in now.raw(f"{value['url']}?f=json"), "the service is private"


def test_uploads_belong_to_who_made_them(site, now):
    item = now.upload("a.txt", b"x")["item"]["itemID"]
    assert [one["itemID"] for one in now.ask("uploads")["uploads"]].count(item) == 1
    bob = Client(site, "now", "bob", "bob-pw")
    assert "error" in bob.ask(f"uploads/{item}")
    assert now.ask(f"uploads/{item}/delete") == {"success": True}
    assert "error" in now.execute("File", text=json.dumps({"itemID": item}))


def test_uploads_in_parts_are_joined(now):
    registered = now.ask("uploads/register", itemName="parts.txt")["item"]
    assert registered["committed"] is False
    assert "error" in now.ask(f"uploads/{registered['itemID']}/commit"), "nothing is there yet"
    assert "not committed" in json.dumps(
        now.execute("File", text=json.dumps({"itemID": registered["itemID"]}))
    )


def test_jobs_are_queued_cancelled_and_private_to_their_service(later, now):
    running = later.submit("Bad", how="hang")
    later.wait("Bad", running, until="esriJobExecuting")
    waiting = later.submit("Noop")
    assert later.job("Noop", waiting)["jobStatus"] == "esriJobSubmitted"
    begin = time.monotonic()
    assert later.ask(f"Bad/jobs/{running}/cancel")["jobStatus"] in ("esriJobCancelling", "esriJobCancelled")
    assert later.wait("Bad", running)["jobStatus"] == "esriJobCancelled"
    assert time.monotonic() - begin < 3
    assert later.wait("Noop", waiting)["jobStatus"] == "esriJobSucceeded"
    assert later.ask(f"Noop/jobs/{waiting}/results/out")["value"] == "done"
    assert "error" in now.ask(f"Noop/jobs/{waiting}")
    assert "error" in later.ask(f"Bad/jobs/{waiting}")
    assert "error" in later.ask("Noop/jobs/j" + "0" * 32)
    assert "error" in later.execute("Noop"), "the service is asynchronous"
    assert "error" in now.ask("Noop/submitJob"), "the service is synchronous"


@pytest.mark.parametrize(
    ("how", "status", "said"),
    [
        ("raise", "esriJobFailed", ["before raise", "ValueError: deliberate", "Failed to execute (Bad)."]),
        ("spin", "esriJobTimedOut", ["longer than the 8 seconds"]),
        ("exit", "esriJobFailed", ["SystemExit: 3"]),
        ("memory", "esriJobFailed", ["before memory", "Memory"]),
        ("leave", "esriJobFailed", ["exit status: 7"]),
        ("crash", "esriJobFailed", ["before crash", "signal: 11", "Segmentation fault", "tests.pyt"]),
        ("type", "esriJobFailed", ["out: the tool returned `no number`, which is no GPLong"]),
        ("print", "esriJobSucceeded", ["the rest is left out"]),
        ("protocol", "esriJobSucceeded", ['"event": "done"']),
    ],
)
def test_a_tool_that_misbehaves_fails_its_job_and_nothing_else(later, how, status, said):
    job = later.wait("Bad", later.submit("Bad", how=how))
    assert job["jobStatus"] == status, texts(job)
    for text in said:
        assert text in texts(job), texts(job)[:3000]
    assert len(json.dumps(job)) < 2_000_000
    assert later.wait("Noop", later.submit("Noop"))["jobStatus"] == "esriJobSucceeded"


def test_a_failed_synchronous_run_is_an_error_with_the_tools_own_lines(now):
    error = now.execute("Bad", how="raise")["error"]
    assert error["message"] == "Unable to complete operation."
    assert any("ValueError: deliberate" in line for line in error["details"])
    assert error["details"][-1] == "Failed to execute (Bad)."


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_a_tool_started_ends_with_it(later):
    job = later.submit("Bad", how="child")
    while "pid" not in texts(later.job("Bad", job)):
        time.sleep(0.05)
    said = next(line for line in texts(later.job("Bad", job)).splitlines() if line.startswith("pid"))
    pids = [int(word) for word in said.split()[1:]]
    later.ask(f"Bad/jobs/{job}/cancel")
    later.wait("Bad", job)
    end = time.monotonic() + 5
    while any(alive(pid) for pid in pids):
        assert time.monotonic() < end, pids
        time.sleep(0.05)


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_pages_have_a_form_and_show_jobs(now, later):
    page = now.raw(f"{now.address}/Echo?f=html&token={now.token}").decode()
    assert 'action="/server/rest/services/now/GPServer/Echo/execute"' in page
    assert 'name="length"' in page
    job = later.submit("Noop")
    later.wait("Noop", job)
    page = later.raw(f"{later.address}/Noop/jobs/{job}?f=html&token={later.token}").decode()
    assert "esriJobSucceeded" in page
    assert "results/out" in page
    query = urllib.parse.urlencode({"f": "json", "token": now.token, "text": "by GET"})
    reply = json.loads(now.raw(f"{now.address}/Echo/execute?{query}"))
    assert reply["results"][0]["value"] == "by GET"


def test_strangers_are_asked_for_a_token(site):
    assert Client(site, "now", user=None).ask()["error"]["code"] == 499


def test_queued_jobs_outlive_the_site_and_running_ones_fail(tmp_path):
    folder = tmp_path / "site"
    with Site(folder, users={"ann": "ann-pw"}) as site:
        publish(site, definition(tmp_path, "queue", maxInstancesPerNode=1), "queue")
        client = Client(site, "queue")
        running = client.submit("Bad", how="hang")
        client.wait("Bad", running, until="esriJobExecuting")
        waiting = [client.submit("Work", seconds="0.01") for _ in range(3)]
    with Site(folder) as site:
        client = Client(site, "queue")
        failed = client.wait("Bad", running)
        assert failed["jobStatus"] == "esriJobFailed"
        assert "The site was stopped while this job ran." in texts(failed)
        for job in waiting:
            assert client.wait("Work", job)["jobStatus"] == "esriJobSucceeded"


def test_no_worker_outlives_the_site(tmp_path):
    with Site(tmp_path / "site", users={"ann": "ann-pw"}) as site:
        publish(site, definition(tmp_path, "short"), "short")
        client = Client(site, "short")
        assert client.wait("Noop", client.submit("Noop"))["jobStatus"] == "esriJobSucceeded"
        job = client.submit("Bad", how="child")
        while "pid" not in texts(client.job("Bad", job)):
            time.sleep(0.05)
        said = next(line for line in texts(client.job("Bad", job)).splitlines() if line.startswith("pid"))
        pids = [int(word) for word in said.split()[1:]]
    time.sleep(0.2)
    assert not any(alive(pid) for pid in pids)
    assert os.getpid() not in pids


def test_a_definition_with_a_binary_toolbox_says_what_to_do(tmp_path, site):
    package = tmp_path / "binary"
    (package / "p20").mkdir(parents=True)
    (package / "p20" / "x.tbx").write_bytes(b"\xd0\xcf\x11\xe0")
    path = definition(tmp_path, "plain")
    for name in ("manifest.xml", "serviceconfiguration.json"):
        (package / name).write_text((tmp_path / "plain" / name).read_text())
    from geosharing import _native

    path = tmp_path / "binary.sd"
    _native.archive_folder(package, path)
    with pytest.raises(Exception, match="binary toolbox"):
        publish(site, path, "binary")


def test_a_toolbox_that_does_not_load_fails_its_jobs_with_the_reason(tmp_path, site):
    path = definition(
        tmp_path, "broken", toolbox="import arcpy\nraise RuntimeError('no good')\n", tasks={"Noop": []}
    )
    publish(site, path, "broken")
    client = Client(site, "broken")
    job = client.wait("Noop", client.submit("Noop"))
    assert job["jobStatus"] == "esriJobFailed"
    assert "no good" in texts(job)
