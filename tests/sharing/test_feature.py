import copy
import warnings
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from geosharing import ExecuteError, SetSeverityLevel, _native
from geosharing.sharing import FeatureSharingDraft, _FeatureSharingDraft
from geosharing.sharing._properties import paths


@pytest.fixture(autouse=True)
def usual_severity():
    yield
    SetSeverityLevel(2)


def export(draft, tmp_path: Path) -> ET.Element:
    path = tmp_path / "out.sddraft"
    draft.exportToSDDraft(str(path))
    return ET.parse(path).getroot()


def staging(root: ET.Element, key: str) -> str | None:
    return root.findtext(f"StagingSettings/PropertyArray/PropertySetProperty[Key='{key}']/Value")


def test_every_row_of_the_mapping_table_is_a_property_and_the_other_way_round(draft):
    rows = {row["property"] for row in _native.draft_table()}
    assert set(paths(FeatureSharingDraft)) == rows


def test_defaults_are_those_of_the_documentation(draft):
    assert isinstance(draft, _FeatureSharingDraft)
    assert draft.serverType == "HOSTING_SERVER"
    assert draft.serviceName == "Town"
    assert draft.maxRecordCount == 2000
    assert draft.offlineTarget == "ENTERPRISE_10x"
    assert draft.allowUpdateWithoutMValues is True
    assert draft.overwriteExistingService is False
    assert (draft.summary, draft.sharing.sharingLevel, draft.sharing.groups) == ("", "", "")
    assert draft.timezone.ID is None
    assert (draft.zDefault.enable, draft.zDefault.value) == (True, 0)


def test_sloppy_values_of_real_scripts_are_taken(draft):
    draft.overwriteExistingService = "true"
    draft.offlineTarget = None
    draft.maxRecordCount = "5000"
    draft.sharing.groups = ["one", "two"]
    draft.portalFolder = None
    assert draft.overwriteExistingService is True
    assert draft.offlineTarget == "ENTERPRISE_10x"
    assert draft.maxRecordCount == 5000
    assert draft.sharing.groups == "one,two"
    assert draft.portalFolder == ""


def test_a_wrong_value_is_refused_with_what_is_allowed(draft):
    with pytest.raises(ValueError, match=r"`sharing.sharingLevel` cannot be `PUBLIC`.*`EVERYONE`"):
        draft.sharing.sharingLevel = "PUBLIC"
    with pytest.raises(ValueError, match="from 1 to 2147483647"):
        draft.maxRecordCount = -5


def test_read_only_properties_cannot_be_set(draft):
    with pytest.raises(AttributeError, match=r"`serverType` .* is read-only"):
        draft.serverType = "FEDERATED_SERVER"
    with pytest.raises(AttributeError, match=r"set `sharing.sharingLevel` instead"):
        draft.sharing = "EVERYONE"


def test_misspelt_attributes_are_kept_with_a_warning_that_names_the_right_one(draft):
    with pytest.warns(UserWarning, match="did you mean `overwriteExistingService`") as caught:
        draft.overwriteExistingServices = True
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match="always hold a copy of the data"):
        draft.copyDataToServer = True
    with pytest.warns(UserWarning, match="not published"):
        draft.categories = ["x"]
    with pytest.warns(UserWarning, match=r"`sharing\.groups`"):
        draft.sharing.group = "x"
    assert draft.categories == ["x"]
    with pytest.raises(AttributeError, match="did you mean `summary`"):
        _ = draft.sumary


def test_the_draft_names_the_project_the_map_and_the_layers(draft, project, signed_in, tmp_path):
    root = export(draft, tmp_path)
    resource = root.find("Resources/SVCResource")
    assert resource.findtext("OnPremisePath") == str(tmp_path / "town.aprx")
    assert resource.findtext("CIMPath") == "CIMPATH=map/map.json"
    assert staging(root, "PackageLayerList") == "CIMPATH=map/roads.json|CIMPATH=map/signs.json"
    assert staging(root, "PortalURL") == signed_in.url
    assert staging(root, "UserName") == "author"
    assert staging(root, "ServerRunTimeVersion") == "330"
    wkt = root.findtext("ItemInfo/SpatialReference/WKT")
    assert wkt.startswith('GEOGCS["GCS_WGS_1984"')
    assert wkt.endswith('AUTHORITY["EPSG",4326]]')
    assert [side.text for side in root.find("ItemInfo/Extent")[:4]] == ["1", "2", "3", "4"]


def test_properties_reach_the_draft(draft, signed_in, tmp_path):
    draft.summary = "S"
    draft.tags = "a; b"
    draft.credits = "C"
    draft.description = "<b>D</b>"
    draft.useLimitations = "U"
    draft.overwriteExistingService = True
    draft.portalFolder = "Maps"
    draft.allowExporting = True
    draft.featureCapabilities = "Query,Create"
    draft.sharing.sharingLevel = "EVERYONE"
    draft.timezone.ID = "UTC"
    draft.serviceName = "Other"
    root = export(draft, tmp_path)
    info = root.find("ItemInfo")
    texts = [info.findtext(name) for name in ("Snippet", "Description", "Credits", "AccessInformation")]
    assert texts == ["S", "<b>D</b>", "C", "U"]
    assert [tag.text for tag in info.find("Tags")] == ["a", "b"]
    assert root.findtext("Type") == "esriServiceDefinitionType_Replacement"
    assert root.findtext("Name") == "Other"
    assert root.findtext("Configurations/SVCConfiguration/ServiceFolder") == "Maps"
    assert staging(root, "PackageIsPublic") == "true"
    service = _native.sddraft_service_configuration(str(tmp_path / "out.sddraft"))["service"]
    assert service["capabilities"] == "Query,Extract,Create"
    assert service["properties"]["dateFieldsTimezoneID"] == "UTC"


def test_the_analysis_is_returned_and_carried_with_real_layers(town, good, signed_in, tmp_path):
    base = next(layer for layer in town.listLayers() if layer.name == "Base")
    draft = town.getWebLayerSharingDraft("HOSTING_SERVER", "FEATURE", "My town", [*good, base])
    found = draft.exportToSDDraft(str(tmp_path / "a.sddraft"))
    assert found is draft.analysis
    assert found["errors"] == {}
    assert draft["errors"] == {}
    assert dict(draft) == found
    key = ("Layer's data source is not supported: CIMTiledServiceLayer", 24078)
    assert found["warnings"][key] == [base]
    assert any("My_town" in text for text, _ in found["warnings"])
    assert ET.parse(tmp_path / "a.sddraft").getroot().findtext("Name") == "My_town"


def test_without_a_sign_in_the_export_fails_and_writes_nothing(draft, tmp_path):
    path = tmp_path / "a.sddraft"
    with pytest.raises(ExecuteError, match="not signed in") as caught:
        draft.exportToSDDraft(str(path))
    assert "Failed to execute (ExportToSDDraft)." in str(caught.value)
    assert not path.exists()
    SetSeverityLevel(0)
    assert len(draft.exportToSDDraft(str(path))["errors"]) == 1
    assert not path.exists()
    draft.offline = True
    assert draft.exportToSDDraft(str(path))["errors"] == {}
    root = ET.parse(path).getroot()
    assert staging(root, "ServerConnectionString") in (None, "")
    assert staging(root, "offlineSDVersion") == "offlineSDVersion10x"


def test_a_broken_layer_is_an_error_that_the_severity_level_lets_through(town, signed_in, tmp_path):
    draft = town.getWebLayerSharingDraft("HOSTING_SERVER", "FEATURE", "All")
    path = tmp_path / "a.sddraft"
    with pytest.raises(ExecuteError, match=r"001272.*00003.*Lost"):
        draft.exportToSDDraft(str(path))
    assert not path.exists()
    SetSeverityLevel(0)
    found = draft.exportToSDDraft(str(path))
    [layers] = found["errors"].values()
    assert [layer.name for layer in layers] == ["Lost"]
    assert layers[0].isBroken
    assert path.exists()


def test_an_unknown_layer_name_is_refused(town):
    with pytest.raises(ValueError, match="has no layer or table `Rivers`"):
        town.getWebLayerSharingDraft("HOSTING_SERVER", "FEATURE", "X", ["Rivers"])


def test_layers_come_as_one_as_a_list_or_by_name_and_groups_bring_their_members(
    town, good, signed_in, tmp_path
):
    group = next(layer for layer in town.listLayers() if layer.name == "Net")
    for chosen, uris in (
        (good[0], "CIMPATH=map/roads.json"),
        ("Signs", "CIMPATH=map/signs.json"),
        (tuple(good), "CIMPATH=map/roads.json|CIMPATH=map/signs.json"),
        ([group], "CIMPATH=map/roads.json"),
    ):
        draft = town.getWebLayerSharingDraft("HOSTING_SERVER", "FEATURE", "X", chosen)
        assert staging(export(draft, tmp_path), "PackageLayerList") == uris


def test_unsaved_changes_are_published_through_a_copy_beside_the_draft(town, good, signed_in, tmp_path):
    from geosharing.mp import ArcGISProject

    good[0].name = "Streets"
    draft = town.getWebLayerSharingDraft("HOSTING_SERVER", "FEATURE", "X", good)
    (tmp_path / "drafts").mkdir()
    root = export(draft, tmp_path / "drafts")
    copied = root.findtext("Resources/SVCResource/OnPremisePath")
    assert copied == str(tmp_path / "drafts" / "out.snapshot.aprx")
    layers = ArcGISProject(copied).listMaps()[0].listLayers()
    streets = next(layer for layer in layers if layer.name == "Streets")
    assert not streets.isBroken
    assert ArcGISProject(str(tmp_path / "town.aprx")).listMaps()[0].listLayers("Streets") == []


def test_the_same_draft_is_the_same_file(draft, signed_in, tmp_path):
    for name in ("a", "b"):
        draft.exportToSDDraft(str(tmp_path / f"{name}.sddraft"))
    assert (tmp_path / "a.sddraft").read_bytes() == (tmp_path / "b.sddraft").read_bytes()


def test_a_missing_folder_is_named(draft, signed_in, tmp_path):
    with pytest.raises(ExecuteError, match="create the folder first"):
        draft.exportToSDDraft(str(tmp_path / "none" / "a.sddraft"))
    SetSeverityLevel(0)
    [(text, _)] = draft.exportToSDDraft(str(tmp_path / "none" / "a.sddraft"))["errors"]
    assert "create the folder first" in text


def test_a_copy_is_independent(draft):
    draft.summary = "one"
    other = copy.deepcopy(draft)
    other.summary = "two"
    assert (draft.summary, other.summary, other.serviceName) == ("one", "two", "Town")


def test_reprs_are_short_and_escaped(draft, signed_in):
    draft.summary = "<script>alert(1)</script>"
    assert repr(draft) == "<FeatureSharingDraft 'Town' of map 'Map', 2 layers>"
    page = draft._repr_html_()
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "src=" not in page
    assert repr(draft.zDefault) == "<ZDefault enable=True, value=0>"


def test_nothing_is_warned_about_in_ordinary_use(draft, signed_in, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draft.summary, draft.tags = "s", "t"
        found = draft.exportToSDDraft(tmp_path / "a.sddraft")["warnings"]
        assert {code for _, code in found} == {20015}
