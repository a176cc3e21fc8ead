"""The main job: unmodified arcpy scripts publish real projects, and GDAL reads the layers back."""

import json
import math
import os
import shutil
import textwrap
import urllib.parse
import urllib.request
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from geosharing import _portal, _run, data, mp

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / ".." / "shared" / "corpus"
PROJECTS = {
    "amc16": (ROOT / "examples" / "amc16", CORPUS / "projects" / "amc16"),
    "simple": (ROOT / "tests" / "fixtures" / "projects" / "simple",),
    "mapping_complex": (CORPUS / "projects" / "mapping_complex",),
}

SCRIPT = """
import os, sys
import arcpy

arcpy.env.overwriteOutput = True
project, folder, portal, user, password, service = sys.argv[1:]
arcpy.SignInToPortal(portal, user, password)
aprx = arcpy.mp.ArcGISProject(project)
view = aprx.listMaps()[0]
things = [layer for layer in view.listLayers() if layer.isFeatureLayer and not layer.isBroken]
things += [table for table in view.listTables() if not table.isBroken]
draft = view.getWebLayerSharingDraft("HOSTING_SERVER", "FEATURE", service, things)
draft.summary = "A summary"
draft.tags = "one, two"
draft.overwriteExistingService = True
sddraft = os.path.join(folder, service + ".sddraft")
draft.exportToSDDraft(sddraft)
sd = os.path.join(folder, service + ".sd")
staged = arcpy.StageService_server(sddraft, sd)
assert staged.status == 4 and staged.getOutput(0) == sd
result = arcpy.UploadServiceDefinition_server(sd, "My Hosted Services")
with open(os.path.join(folder, "result.txt"), "w") as file:
    file.write("\\n".join([result[5], result[3]]))
"""


def copy_project(name, tmp_path):
    source = next((path for path in PROJECTS[name] if path.is_dir()), None)
    if source is None:
        pytest.skip(f"project {name} is not in this clone; it is in the corpus beside it")
    folder = tmp_path / name
    shutil.copytree(source, folder)
    return next(folder.glob("*.aprx"))


def post(url, **fields):
    body = urllib.parse.urlencode({"f": "json", **fields}).encode()
    with urllib.request.urlopen(url, body) as reply:
        return json.load(reply)


def token_for(portal_url, name):
    """Get a token that is bound to no referer, since GDAL sends none."""
    answer = post(
        f"{portal_url}/sharing/rest/generateToken", username=name, password="pass.word", client="requestip"
    )
    return answer["token"]


def publish(site, project, folder, service="Chain", script=SCRIPT):
    """Run a script as a user of the site would, and return address, item and token."""
    name = f"user_{os.urandom(3).hex()}"
    site.add_user(name, "pass.word", "org_publisher")
    path = folder / "script.py"
    path.write_text(script)
    _portal.deactivate()
    try:
        status = _run.run_script(
            path, [str(project), str(folder), site.portal_url, name, "pass.word", service]
        )
    finally:
        _portal.deactivate()
    assert status == 0
    url, item = (folder / "result.txt").read_text().split("\n")
    return url, item, token_for(site.portal_url, name)


def read_esri_json(url, token):
    """Read a layer as GDAL does, page by page, in the order of its row ids."""
    order = post(url, token=token)["objectIdField"]
    fields = {"where": "1=1", "outFields": "*", "f": "json", "token": token, "orderByFields": order}
    answer = post(f"{url}/query", **fields)
    assert "features" in answer, answer
    return pyogrio.raw.read(f"ESRIJSON:{url}/query?{urllib.parse.urlencode(fields)}")


def source_of(thing):
    text = str(thing.dataSource).replace("\\", os.sep)
    where = thing.definitionQuery or None
    return data.describe(text, where=where), text, where


def same(left, right):
    if left is None or right is None:
        return left is right
    if isinstance(left, float) and math.isnan(left):
        return isinstance(right, float) and math.isnan(right)
    return left == right


@pytest.mark.parametrize("name", PROJECTS)
def test_a_script_publishes_a_real_project_and_gdal_reads_every_layer_back(name, site, tmp_path, capfd):
    project = copy_project(name, tmp_path)
    url, _item, token = publish(site, project, tmp_path, service=f"Chain_{name}")
    described = post(url, token=token)
    view = mp.ArcGISProject(str(project)).listMaps()[0]
    things = {
        thing.name: thing
        for thing in [*(layer for layer in view.listLayers() if layer.isFeatureLayer), *view.listTables()]
        if not thing.isBroken
    }
    listed = described["layers"] + described["tables"]
    assert {entry["name"] for entry in listed if entry.get("type") != "Group Layer"} == set(things)
    for entry in listed:
        if entry.get("type") == "Group Layer":
            continue
        about, path, where = source_of(things[entry["name"]])
        layer = f"{url}/{entry['id']}"
        assert (
            post(f"{layer}/query", where="1=1", returnCountOnly="true", token=token)["count"]
            == about["count"]
        )
        check_rows(layer, token, path, about, where)


def check_rows(layer, token, path, about, where):
    meta, _, shapes, columns = read_esri_json(layer, token)
    published = dict(zip(meta["fields"], columns, strict=True))
    box, inside, rest = path.partition(".gdb" + os.sep)
    target, inner = (box + ".gdb", os.path.basename(rest)) if inside else (path, None)
    source, _, source_shapes, source_columns = pyogrio.raw.read(target, layer=inner, where=where)
    own = dict(zip(source["fields"], source_columns, strict=True))
    assert len(columns[0]) == about["count"]
    compared = 0
    for field in about["fields"]:
        if field["type"] not in (
            "esriFieldTypeString",
            "esriFieldTypeInteger",
            "esriFieldTypeSmallInteger",
            "esriFieldTypeDouble",
        ):
            continue
        left = own.get(field["name"])
        right = next(
            (values for key, values in published.items() if key.lower() == field["name"].lower()), None
        )
        if left is None or right is None:
            continue
        for one, other in zip(left, right, strict=True):
            if isinstance(one, float | np.floating) and not isinstance(other, str) and other is not None:
                assert one == pytest.approx(float(other), rel=1e-9, abs=1e-12, nan_ok=True), field["name"]
            else:
                assert same(one, other) or str(one) == str(other), (field["name"], one, other)
        compared += 1
    assert compared or not about["fields"]
    if about["geometryType"]:
        before, after = shapely.from_wkb(source_shapes), shapely.from_wkb(shapes)
        scale = max(1.0, *(abs(value) for value in (about["extent"] or {"x": 1}).values()))
        distances = shapely.hausdorff_distance(before, after)
        assert np.nanmax(np.where(np.isnan(distances), 0, distances), initial=0) <= scale * 1e-9
        gone = shapely.is_empty(before) | shapely.is_missing(before)
        assert (gone == (shapely.is_empty(after) | shapely.is_missing(after))).all()


def test_publishing_again_replaces_the_service_and_keeps_its_item(site, tmp_path, capfd):
    project = copy_project("amc16", tmp_path)
    script = SCRIPT + textwrap.dedent("""
        arcpy.StageService_server(sddraft, sd)
        again = arcpy.server.UploadServiceDefinition(sd, "HOSTING_SERVER", in_override=True, in_public=True)
        assert (again[5], again[3]) == (result[5], result[3])
        assert "Replaced" in again.getMessages()
    """)
    url, _item, _token = publish(site, project, tmp_path, service="Again", script=script)
    assert "error" not in post(url), "everyone sees it"


def test_edits_of_the_draft_reach_the_service(site, tmp_path, capfd):
    project = copy_project("amc16", tmp_path)
    script = SCRIPT.replace(
        "sd = os.path.join(",
        textwrap.dedent("""
            import xml.dom.minidom as DOM
            doc = DOM.parse(sddraft)
            for prop in doc.getElementsByTagName("ConfigurationProperties")[0].firstChild.childNodes:
                if prop.childNodes[0].firstChild.data == "maxRecordCount":
                    prop.childNodes[1].firstChild.data = "777"
            sddraft = sddraft.replace(".sddraft", "_mod_xml.sddraft")
            with open(sddraft, "w") as file:
                doc.writexml(file)
            sd = os.path.join(""").lstrip(),
        1,
    )
    url, _, token = publish(site, project, tmp_path, service="Edited", script=script)
    assert post(url, token=token)["maxRecordCount"] == 777


def test_a_script_with_windows_paths_and_someone_elses_portal_runs_with_a_site_of_its_own(
    tmp_path, monkeypatch, capfd
):
    if os.name != "posix":
        pytest.skip("Windows has drives")
    from geosharing.__main__ import main

    project = copy_project("amc16", tmp_path)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    (work / "publish.py").write_text(
        textwrap.dedent(r"""
        import arcpy, os
        outdir = r"C:\Project\Output"
        service = "World"
        sddraft_output_filename = os.path.join(outdir, service + ".sddraft")
        sd_output_filename = outdir + "\\" + service + ".sd"
        arcpy.SignInToPortal("https://www.arcgis.com", "MyUserName", "MyPassword")
        aprx = arcpy.mp.ArcGISProject("CURRENT")
        m = aprx.listMaps()[0]
        draft = m.getWebLayerSharingDraft("HOSTING_SERVER", "FEATURE", service)
        draft.exportToSDDraft(sddraft_output_filename)
        arcpy.StageService_server(sddraft_output_filename, sd_output_filename)
        result = arcpy.UploadServiceDefinition_server(sd_output_filename, "My Hosted Services")
        print(result.getOutput(5))
        """)
    )
    monkeypatch.delenv("GEOSHARING_PROJECT", raising=False)
    monkeypatch.setattr(mp._project, "_current", None)
    assert main(["run", "publish.py", "--site", "--project", str(project)]) == 0
    monkeypatch.delenv("GEOSHARING_PROJECT", raising=False)
    assert "/World/FeatureServer" in capfd.readouterr().out
