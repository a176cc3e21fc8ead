import re
import textwrap
import xml.etree.ElementTree as ET
from pathlib import Path

import geosharing as arcpy
import pytest
from geosharing import _native

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "sddraft"
GENUINE = CORPUS / "DavidWhittingham__agsconfig__geoprocessingservice.sddraft"

BOX = """
    # -*- coding: utf-8 -*-
    import arcpy
    import os
    {imports}

    class Toolbox:
        def __init__(self):
            self.label = "Reports"
            self.alias = "reports"
            self.tools = [{tools}]

    class Parcels:
        '''Reads C:\\\\documentation\\\\only.gdb in words.'''
        def __init__(self):
            self.label = "Parcel report"
            self.description = "Counts parcels."

        def getParameterInfo(self):
            table = arcpy.Parameter("parcels", "Parcels", "Input", "GPFeatureLayer", "Required")
            kind = arcpy.Parameter("kind", "Kind", "Input", "GPString", "Optional")
            kind.filter.list = ["old", "new", "any"]
            size = arcpy.Parameter("size", "Size", "Input", "GPLinearUnit", "Optional")
            size.value = "10 Meters"
            out = arcpy.Parameter("report", "Report", "Output", "DEFile", "Derived")
            return [table, kind, size, out]

        def execute(self, parameters, messages):
            {body}
            parameters[3].value = "report.txt"

    class Other(Parcels):
        pass

    class With_Underscore(Parcels):
        pass
"""


@pytest.fixture
def parcels(tmp_path):
    path = tmp_path / "parcels.geojson"
    path.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"AGE":4},'
        '"geometry":{"type":"Point","coordinates":[1,2]}}]}'
    )
    return str(path)


@pytest.fixture
def make(tmp_path, parcels, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def run(tool="Parcels", *, imports="", body="pass", **values):
        path = tmp_path / "Reports.pyt"
        text = textwrap.dedent(BOX).format(
            imports=imports, tools="Parcels, Other, With_Underscore", body=body
        )
        path.write_text(text, encoding="utf-8")
        module = arcpy.ImportToolbox(path)
        return getattr(module, tool)(values.pop("parcels", parcels), **values)

    yield run
    arcpy.RemoveToolbox("reports")


def text_at(root, path):
    return root.find(path).text or ""


def prop(root, part, key):
    for entry in root.find(part).iter("PropertySetProperty"):
        if entry.findtext("Key") == key:
            return entry.find("Value").text or ""
    return None


CONFIGURATION = "Configurations/SVCConfiguration/Definition/ConfigurationProperties"
PROPS = "Configurations/SVCConfiguration/Definition/Props"


def test_all_parameters_arrive_in_the_draft(make, tmp_path):
    draft = tmp_path / "a.sddraft"
    found = arcpy.CreateGPSDDraft(
        make(), draft, "Report", "MY_HOSTED_SERVICES", None, True, "Tools", "A summary", "one, two",
        "Synchronous", True, "INFO", 5000, 2, 3, 100, 10, 99, "UPLOADS", ["kind"], {"Parcels.kind": ["old", "new"]},
    )  # fmt: skip
    root = ET.parse(draft).getroot()
    assert prop(root, CONFIGURATION, "executionType") == prop(root, PROPS, "executionType") == "Synchronous"
    assert prop(root, CONFIGURATION, "resultMapServer") == "true"
    assert prop(root, CONFIGURATION, "showMessages") == prop(root, PROPS, "showMessages") == "Info"
    assert prop(root, CONFIGURATION, "maximumRecords") == "5000"
    assert (prop(root, CONFIGURATION, "minInstances"), prop(root, PROPS, "MinInstances")) == ("2", "2")
    assert (prop(root, CONFIGURATION, "maxInstances"), prop(root, PROPS, "MaxInstances")) == ("3", "3")
    assert [prop(root, PROPS, key) for key in ("UsageTimeout", "WaitTimeout", "IdleTimeout")] == [
        "100", "10", "99"
    ]  # fmt: skip
    assert prop(root, PROPS, "webCapabilities") == "Uploads"
    assert text_at(root, "Configurations/SVCConfiguration/ServiceFolder") == "Tools"
    assert text_at(root, "ItemInfo/Snippet") == "A summary"
    assert [tag.text for tag in root.find("ItemInfo/Tags")] == ["one", "two"]
    assert text_at(root, "ByReference") == "false"
    path = text_at(root, "Resources/SVCResource/OnPremisePath")
    assert prop(root, CONFIGURATION, "toolbox") == path
    (task,) = _native.result_read(path)
    by_name = {parameter["name"]: parameter for parameter in task["parameters"]}
    assert by_name["kind"]["constant"]
    assert by_name["kind"]["choices"] == [("old", "old"), ("new", "new")] or by_name["kind"]["choices"] == [
        ["old", "old"], ["new", "new"]
    ]  # fmt: skip
    assert by_name["size"]["value"] == "10 Meters"
    assert by_name["parcels"]["dataset"]["geometryType"] == "esriGeometryPoint"
    assert task["toolbox"]["kind"] == "python"
    # A web tool wants a portal.
    assert any("SignInToPortal" in text for text, _ in found["errors"])


def test_the_defaults_are_the_documented_ones(make, tmp_path):
    draft = tmp_path / "a.sddraft"
    found = arcpy.CreateGPSDDraft(make(), draft, "Report", summary="s", tags="t")
    assert found == {"messages": {}, "warnings": {}, "errors": {}}
    root = ET.parse(draft).getroot()
    said = {
        key: prop(root, CONFIGURATION, key) for key in ("executionType", "showMessages", "maximumRecords")
    }
    assert said == {"executionType": "Asynchronous", "showMessages": "None", "maximumRecords": "1000"}
    assert prop(root, CONFIGURATION, "webCapabilities") == ""
    assert text_at(root, "State") == "esriSDState_Draft"
    assert text_at(root, "ServerType") == "esriSVCServerType_FullServer"
    again = draft.read_bytes()
    arcpy.CreateGPSDDraft(make(), draft, "Report", summary="s", tags="t")
    assert draft.read_bytes() == again


def listing(path):
    """Return element names and keys in order, without the values."""

    def walk(element):
        key = element.findtext("Key") if element.tag == "PropertySetProperty" else None
        if key:
            kind = next(
                (value for name, value in element.find("Value").attrib.items() if "type" in name), "nil"
            )
            return [f"{key}:{kind}"]
        return [element.tag, *(name for child in element for name in walk(child))]

    return walk(ET.parse(path).getroot())


@pytest.mark.skipif(not GENUINE.is_file(), reason="the corpus is not beside the repository")
def test_the_draft_has_the_genuine_listing(make, tmp_path):
    draft = tmp_path / "a.sddraft"
    arcpy.CreateGPSDDraft(make(), draft, "Report", "MY_HOSTED_SERVICES", summary="s")
    ours, genuine = listing(draft), listing(GENUINE)
    # The corpus file has a WPS extension, which its readers' tests want; web tools have none.
    start = genuine.index("Extensions") + 1
    del genuine[start : genuine.index("Cluster")]
    # An untouched draft has no tags, and ours has none either.
    assert ours == genuine
    service = tmp_path / "b.sddraft"
    arcpy.CreateGPSDDraft(make(), service, "Report", "ARCGIS_SERVER", summary="s")
    assert "SVCExtension" in listing(service)
    start = listing(GENUINE).index("SVCExtension")
    keys = listing(GENUINE)[start : listing(GENUINE).index("Cluster")]
    assert [key.partition(":")[0] for key in listing(service)[start : start + len(keys)]][:4] == [
        key.partition(":")[0] for key in keys
    ][:4]


def test_the_draft_is_one_line_in_the_product_s_style(make, tmp_path):
    draft = tmp_path / "a.sddraft"
    arcpy.CreateGPSDDraft(make(), draft, "Report", summary="s", tags="t")
    text = draft.read_text(encoding="utf-8")
    assert text.startswith("<SVCManifest xsi:type='typens:SVCManifest'")
    assert "\n" not in text
    assert "<TypeKeywords xsi:nil='true'/>" in text


def test_two_results_become_two_tasks_and_names_are_checked(make, tmp_path):
    draft = tmp_path / "a.sddraft"
    results = [make(), make("Other")]
    arcpy.CreateGPSDDraft(
        results, draft, "Report", constantValues=["Other.kind", "size"], summary="s", tags="t"
    )
    path = text_at(ET.parse(draft).getroot(), "Resources/SVCResource/OnPremisePath")
    tasks = {task["name"]: {p["name"]: p for p in task["parameters"]} for task in _native.result_read(path)}
    assert list(tasks) == ["Parcels", "Other"]
    assert "constant" not in tasks["Parcels"]["kind"]
    assert tasks["Other"]["kind"]["constant"]
    assert tasks["Other"]["size"]["constant"] == tasks["Parcels"]["size"]["constant"] is True
    with pytest.raises(ValueError, match=r"`Other\.nothing`, which is no parameter"):
        arcpy.CreateGPSDDraft(results, draft, "Report", constantValues=["Other.nothing"])
    with pytest.raises(ValueError, match=r"`red` of choiceLists is no choice of Parcels\.kind"):
        arcpy.CreateGPSDDraft(results, draft, "Report", choiceLists={"Parcels.kind": ["red"]})
    found = arcpy.CreateGPSDDraft([results[0], results[0]], draft, "Report", summary="s", tags="t")
    assert [code for _, code in found["errors"]] == [69]


def test_a_saved_result_is_taken_back(make, tmp_path):
    result = make(kind="old")
    result.saveToFile(tmp_path / "a.rlt")
    drafts = tmp_path / "a.sddraft", tmp_path / "b.sddraft"
    for draft, value in zip(drafts, (result, str(tmp_path / "a.rlt")), strict=True):
        arcpy.CreateGPSDDraft(value, draft, "Report", summary="s", tags="t")
    first, second = (re.sub(rb"[ab]\.sddraft|[0-9A-F]{32}\.rlt", b"", draft.read_bytes()) for draft in drafts)
    assert first == second
    (tmp_path / "ole.rlt").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 binary")
    with pytest.raises(NotImplementedError, match="run the tool here and pass its Result"):
        arcpy.CreateGPSDDraft(str(tmp_path / "ole.rlt"), drafts[0], "Report")
    with pytest.raises(ValueError, match=r"gone\.rlt` is no result file"):
        arcpy.CreateGPSDDraft(str(tmp_path / "gone.rlt"), drafts[0], "Report")


def test_what_is_no_good_result_is_refused(make, tmp_path, parcels):
    with pytest.raises(ValueError, match="a int is no Result"):
        arcpy.CreateGPSDDraft(4, tmp_path / "a.sddraft", "Report")
    with pytest.raises(ValueError, match="there is no Result"):
        arcpy.CreateGPSDDraft([], tmp_path / "a.sddraft", "Report")
    arcpy.SetSeverityLevel(0)
    try:
        failed = make(body="raise ValueError('no')")
    finally:
        arcpy.SetSeverityLevel(2)
    assert failed.status == 5
    with pytest.raises(ValueError, match="the run of Parcels failed"):
        arcpy.CreateGPSDDraft(failed, tmp_path / "a.sddraft", "Report")
    for wrong, text in (
        ({"server_type": "ELSEWHERE"}, "not a member of ARCGIS_SERVER"),
        ({"executionType": "Sometimes"}, "`Asynchronous`, `Synchronous`"),
        ({"server_type": "FROM_CONNECTION_FILE"}, "needs a connection_file_path"),
        ({"maximumRecords": -1}, "whole number from 0"),
    ):
        with pytest.raises(ValueError, match=text):
            arcpy.CreateGPSDDraft(make(), tmp_path / "a.sddraft", "Report", **wrong)
    with pytest.raises(FileNotFoundError, match=r"gone\.ags"):
        arcpy.CreateGPSDDraft(make(), tmp_path / "a.sddraft", "Report", connection_file_path="gone.ags")


def codes(found, kind="errors"):
    return sorted(code for _, code in found[kind])


def test_rules_find_what_would_not_run_on_a_server(make, tmp_path):
    draft = tmp_path / "a.sddraft"
    assert codes(arcpy.CreateGPSDDraft(make(), draft, "Report")) == [70, 71]
    words = {"summary": "s", "tags": "t"}
    broken = make(body=r'data = r"C:\gone\parcels.gdb\lots"; where = "https://example.com/a.shp"; '
                       r'out = r"C:\gone\out.shp"')  # fmt: skip
    found = arcpy.CreateGPSDDraft(broken, draft, "Report", **words)
    assert codes(found) == [68]
    (text, _), objects = next(iter(found["errors"].items()))
    assert r"C:\gone\parcels.gdb\lots" in text
    assert "line" in text
    assert objects == ["Parcels"]
    imports = make(
        imports="import nobody_has_this\ntry:\n    import nor_this\nexcept ImportError:\n    pass\n"
    )
    assert codes(arcpy.CreateGPSDDraft(imports, draft, "Report", **words)) == [81]
    assert codes(arcpy.CreateGPSDDraft(make("With_Underscore"), draft, "Report", **words)) == [1378]
    constant = arcpy.CreateGPSDDraft(make(), draft, "Report", constantValues=["parcels"], **words)
    assert (codes(constant), codes(constant, "warnings")) == ([], [24032])
    reference = {"copy_data_to_server": False, "constantValues": ["parcels"]}
    assert not arcpy.CreateGPSDDraft(make(), draft, "Report", **reference, **words)["warnings"]
    assert text_at(ET.parse(draft).getroot(), "ByReference") == "true"


def test_code_beside_the_toolbox_belongs_to_the_task(make, tmp_path):
    (tmp_path / "helper_one.py").write_text("import helper_two\nHERE = 'lookup.csv'\n")
    (tmp_path / "helper_two.py").write_text("")
    (tmp_path / "lookup.csv").write_text("a,b\n")
    result = make(imports="import helper_one")
    draft = tmp_path / "a.sddraft"
    found = arcpy.CreateGPSDDraft(result, draft, "Report", summary="s", tags="t")
    assert codes(found, "warnings") == [24032]
    path = text_at(ET.parse(draft).getroot(), "Resources/SVCResource/OnPremisePath")
    (task,) = _native.result_read(path)
    assert [Path(file).name for file in task["files"]] == ["helper_one.py", "helper_two.py"]


def test_the_draft_class_takes_every_property_as_a_keyword(make, tmp_path):
    draft = arcpy.sharing.GeoprocessingSharingDraft(
        serverType="STANDALONE_SERVER", serviceName="Report", draftValue=make(), summary="s", tags="t",
        offline=True, executionType="ASynchronous", messageLevel="Info", capabilities=["Uploads", "Validate"],
        constantValues=["kind"], removeDefaultValues=["size"], GPStringValues=["size"], maximumRecords=7,
    )  # fmt: skip
    assert (draft.serviceType, draft.executionType) == ("GP_SERVICE", "Asynchronous")
    assert draft.capabilities == "Uploads,Validate"
    assert draft.maxUsageTime == 600
    assert draft.exportToSDDraft(tmp_path / "a.sddraft")["errors"] == {}
    assert draft["errors"] == {}
    root = ET.parse(tmp_path / "a.sddraft").getroot()
    assert prop(root, PROPS, "maximumRecords") == "7"
    (task,) = _native.result_read(text_at(root, "Resources/SVCResource/OnPremisePath"))
    size = next(p for p in task["parameters"] if p["name"] == "size")
    assert size["noDefault"]
    assert _native.gp_service_parameter(size) == ("GPString", False)
    with pytest.raises(AttributeError, match="read-only"):
        draft.serverType = "FEDERATED_SERVER"
    with pytest.warns(UserWarning, match="did you mean `summary`"):
        draft.sumary = "x"
    with pytest.raises(AttributeError, match="did you mean `messageLevel`"):
        _ = draft.mesageLevel
    assert "GP_SERVICE" in repr(draft)
    assert "maximumRecords" in draft._repr_html_()


def test_analyze_sd_draft_returns_lists(make, tmp_path):
    draft = arcpy.sharing.CreateSharingDraft("STANDALONE_SERVER", "GP_SERVICE", "Report", [make()])
    found = draft.analyzeSDDraft()
    assert [item[0] for item in found["errors"]] == ["00000", "00070", "00071"]
    assert "Missing target server" in found["errors"][0][1]
    assert found["warnings"] == []
    assert "ERROR 00070  Missing summary" in draft.explain().to_text()
    draft.offline, draft.summary, draft.tags = True, "s", "t"
    assert draft.analyzeSDDraft(tmp_path / "a.sddraft")["errors"] == []
    assert (tmp_path / "a.sddraft").is_file()
    draft.summary = ""
    with pytest.raises(arcpy.ExecuteError, match="00070"):
        draft.exportToSDDraft(tmp_path / "b.sddraft")
    assert not (tmp_path / "b.sddraft").exists()


def test_arcpys_own_tools_become_tasks(make, tmp_path, parcels):
    count = arcpy.management.GetCount(parcels)
    found = arcpy.CreateGPSDDraft([make(), count], tmp_path / "a.sddraft", "Both", summary="s", tags="t")
    assert found["errors"] == {}
    path = text_at(ET.parse(tmp_path / "a.sddraft").getroot(), "Resources/SVCResource/OnPremisePath")
    task = _native.result_read(path)[1]
    assert (task["name"], task["toolbox"]["kind"], task["toolbox"]["path"]) == (
        "GetCount",
        "system",
        "management",
    )
    assert [(p["name"], p["direction"], p["value"]) for p in task["parameters"]] == [
        ("in_rows", "Input", parcels), ("row_count", "Output", "1")
    ]  # fmt: skip


def test_analyze_for_sd_reads_what_the_draft_names(make, tmp_path):
    draft = tmp_path / "a.sddraft"
    broken = make(body=r'data = r"C:\gone\parcels.gdb\lots"')
    arcpy.CreateGPSDDraft(broken, draft, "Report", tags="t")
    found = arcpy.sharing.AnalyzeForSD(draft)
    assert codes(found) == [68, 70]
    edited = draft.read_text().replace("<Snippet></Snippet>", "<Snippet>Now it has one</Snippet>")
    draft.write_text(edited)
    assert codes(arcpy.sharing.AnalyzeForSD(draft)) == [68]
