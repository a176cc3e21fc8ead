"""Files of every kind, analyzed."""

import json
import re
import struct
import zipfile

import geosharing as arcpy
import pytest
from geosharing import analyze
from geosharing.__main__ import main
from geosharing.exceptions import ExecuteError, InvalidInputError, MissingError
from geosharing.gp.toolbox import load

TOOLBOX = '''
import arcpy
import nosuchmodule_

class Toolbox:
    def __init__(self):
        self.label, self.alias, self.tools = "Box", "box", [Rings]

class Rings:
    """C:\\\\in\\\\a\\\\docstring.gdb is no path."""
    def __init__(self):
        self.label, self.description = "Rings", "Draws rings"

    def getParameterInfo(self):
        return []

    def execute(self, parameters, messages):
        arcpy.AddMessage("https://example.com/data.gdb/x is an address")
        arcpy.management.CopyFeatures("C:\\\\Data\\\\gone.gdb\\\\roads", "memory\\\\copy")
'''


def write_tiff(path, side):
    """Write a grey TIFF without overviews and coordinate system."""
    tags = [
        (256, side),
        (257, side),
        (258, 8),
        (259, 1),
        (262, 1),
        (273, 8),
        (277, 1),
        (278, side),
        (279, side**2),
    ]
    table = struct.pack("<H", len(tags)) + b"".join(
        struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags
    )
    head = struct.pack("<2sHI", b"II", 42, 8 + side * side)
    path.write_bytes(head + bytes(side * side) + table + bytes(4))


def codes(report):
    return {found.code for found in report.findings}


def test_a_project_is_analyzed_for_what_it_is_to_become(amc):
    (feature,) = analyze.analyze(amc)
    (service,) = analyze.analyze(amc, "map_service", arcmap=True)
    assert not feature.has_errors
    assert 24078 in codes(feature)
    assert 30003 in codes(service)
    assert 30003 not in codes(feature)


def test_a_missing_geodatabase_is_an_error_that_names_layers_cause_and_page(amc):
    (amc.parent / "AMC16AGP.gdb").rename(amc.parent / "moved.gdb")
    (report,) = analyze.analyze(amc)
    missing = [found for found in report if found.code == 3]
    assert missing
    assert report.has_errors
    assert all(hasattr(layer, "dataSource") for found in missing for layer in found.objects)
    text = report.to_text(80)
    assert "ERROR 00003" in text
    assert "fix     Repair the path of the data" in text
    assert all(len(line) <= 80 or "http" in line or "/" in line for line in text.splitlines())


def test_a_draft_is_analyzed_with_the_edits_that_scripts_made(complex_project):
    draft = complex_project / "test_mapping_complex.sddraft"
    before = analyze.analyze_sddraft(draft)
    assert codes(before) == {10001, 24058, 24059}
    text = draft.read_text(encoding="utf-8")
    key = "<Key>inheritLayerNames</Key><Value xsi:type='xs:string'>"
    place = text.index(key)
    start = text.rindex("<SVCExtension", 0, place)
    edited = text[start:].replace("<Enabled>false</Enabled>", "<Enabled>true</Enabled>", 1)
    edited = edited.replace(key + "false", key + "true", 1).replace(">WMS<", "><", 1)
    draft.write_text(text[:start] + edited, encoding="utf-8")
    assert 101 in codes(analyze.analyze_sddraft(draft))


def test_analyze_for_sd_has_the_shape_and_the_layers_of_arcpy(complex_project):
    draft = str(complex_project / "test_mapping_complex.sddraft")
    analysis = arcpy.mapping.AnalyzeForSD(draft)
    assert analysis["errors"] == {}
    for key in ("messages", "warnings", "errors"):
        for (message, code), layers in analysis[key].items():
            assert isinstance(message, str)
            assert isinstance(code, int)
            assert all(layer.name and layer.isFeatureLayer for layer in layers)
    assert {code for _, code in analysis["messages"]} == {30003}
    assert {code for _, code in arcpy.sharing.AnalyzeForSD(draft)["messages"]} == set()
    assert (
        arcpy.mp.AnalyzeForSD(draft)["warnings"].keys()
        == arcpy.sharing.AnalyzeForSD(draft)["warnings"].keys()
    )


def test_a_missing_draft_is_an_execute_error_with_its_code(tmp_path):
    with pytest.raises(ExecuteError, match=r"000732|does not exist"):
        arcpy.mapping.AnalyzeForSD(str(tmp_path / "gone.sddraft"))


def test_a_toolbox_is_analyzed_without_running_its_tools(tmp_path):
    path = tmp_path / "box.pyt"
    path.write_text(TOOLBOX.replace("import nosuchmodule_\n", ""), encoding="utf-8")
    (report,) = analyze.analyze(path)
    assert [found.text for found in report if found.code == 68] == [
        "Rings contains broken project data source C:\\Data\\gone.gdb\\roads: line 18"
    ]


def test_a_script_that_does_not_compile_is_found_with_its_line(tmp_path):
    box = tmp_path / "box.pyt"
    box.write_text(TOOLBOX.replace("import nosuchmodule_\n", ""), encoding="utf-8")
    (tool,) = load(str(box)).tools.values()
    box.write_text("import arcpy\ndef f(:\n", encoding="utf-8")
    report = analyze.analyze_tools([tool])
    (found,) = [found for found in report if found.code == 72]
    assert "Script tool Rings has syntax errors: line 2" in found.text
    assert found.objects == (tool,)


def test_a_staged_definition_is_analyzed_with_the_data_inside(amc, tmp_path):
    draft = (
        arcpy.mp.ArcGISProject(str(amc))
        .listMaps()[0]
        .getWebLayerSharingDraft("HOSTING_SERVER", "FEATURE", "Amc")
    )
    draft.offline = True
    draft.timezone.ID = "UTC"
    explained = draft.explain()
    assert {found.code for found in explained} == {24058, 24059, 24078}
    assert "24058  Missing Summary in Item Description" in str(explained)
    draft.exportToSDDraft(tmp_path / "a.sddraft")
    arcpy.server.StageService(tmp_path / "a.sddraft", tmp_path / "a.sd")
    staged = arcpy.GetMessages(1)
    assert staged.startswith("WARNING 002893: Analyzer warnings were encountered (")
    assert '{"code":"24058","message":"Missing Summary in Item Description"}' in staged
    (report,) = analyze.analyze(tmp_path / "a.sd")
    assert report.subject == "a.sd as a web feature layer"
    assert not report.has_errors


def test_drafts_of_rasters_and_locators_look_at_what_they_name(corpus, tmp_path):
    genuine = corpus / "sddraft" / "DavidWhittingham__agsconfig__imageservice.sddraft"
    text = genuine.read_text(encoding="utf-8-sig")
    path = re.search(r"<SVCResource\b.*?<OnPremisePath>([^<]*)<", text, re.DOTALL)[1]
    draft = tmp_path / "image.sddraft"
    draft.write_text(text.replace(path, str(tmp_path / "gone.tif")), encoding="utf-8")
    assert 3 in codes(analyze.analyze_sddraft(draft))
    raster = tmp_path / "dem.tif"
    write_tiff(raster, 2048)
    draft.write_text(text.replace(path, str(raster)), encoding="utf-8")
    assert {10029, 20028} <= codes(analyze.analyze_sddraft(draft))
    assert 3 not in codes(analyze.analyze_sddraft(draft))
    locator = corpus / "sddraft" / "DavidWhittingham__agsconfig__geocodeservice.sddraft"
    report = analyze.analyze_sddraft(locator)
    assert 96 in codes(report)
    assert 24020 in {gap.code for gap in report.not_checked}


def test_the_command_line_prints_text_or_json_and_fails_on_errors(amc, capsys):
    assert main(["analyze", str(amc)]) == 0
    assert "WARNING 24078" in capsys.readouterr().out
    assert main(["analyze", str(amc), "--as", "map_service", "--arcmap", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert "30003" in {found["code"] for found in told["findings"]}
    (amc.parent / "AMC16AGP.gdb").rename(amc.parent / "moved.gdb")
    assert main(["analyze", str(amc)]) == 1


def test_what_cannot_be_analyzed_is_refused_by_name(tmp_path, amc):
    with pytest.raises(MissingError, match="there is no file"):
        analyze.analyze(tmp_path / "gone.aprx")
    (tmp_path / "notes.txt").write_text("notes")
    with pytest.raises(InvalidInputError, match=r"cannot be analyzed: pass one of \.aprx"):
        analyze.analyze(tmp_path / "notes.txt")
    with pytest.raises(InvalidInputError, match="`poster` is nothing to analyze for"):
        analyze.analyze(amc, "poster")
    with pytest.raises(InvalidInputError, match="has no map `Moon`"):
        analyze.analyze(amc, map_name="Moon")


def test_reports_are_json_and_escaped_html(amc):
    with zipfile.ZipFile(amc) as archive:
        assert archive.namelist()
    (report,) = analyze.analyze(amc)
    told = json.loads(report.to_json())
    assert told["subject"] == "Map 'Map' as a web feature layer"
    assert {"severity", "code", "text", "layers", "cause", "fix", "url"} == set(told["findings"][0])
    report.subject = "<b>Map</b>"
    page = report._repr_html_()
    assert "&lt;b&gt;Map&lt;/b&gt;" in page
    assert "<a href='https://" in page
    assert "src=" not in page


def test_no_project_of_the_corpus_that_publishes_is_stopped(corpus):
    for name in ("simple/simple.aprx", "amc16/AMC16AGP.aprx", "mapping_complex/test_mapping_complex.aprx"):
        for product in ("feature", "map_image", "map_service", "tile"):
            for report in analyze.analyze(corpus / "projects" / name, product, arcmap=True):
                assert not report.has_errors, report.to_text()


def test_every_document_of_the_corpus_is_analyzed(corpus):
    reports = 0
    for path in sorted((corpus / "documents").rglob("*.*")):
        if path.suffix in (".aprx", ".mapx", ".lyrx"):
            for product in ("feature", "map_image", "web_map", "package"):
                found = analyze.analyze(path, product, arcmap=True)
                reports += len(found)
                # Only what is truly missing or empty may stop these documents.
                stops = {one.code for report in found for one in report if one.severity == "error"}
                assert stops <= {1, 3, 4, 5, 6, 21, 32, 33, 45, 93, 102, 105}, (path.name, product, stops)
    assert reports > 100
