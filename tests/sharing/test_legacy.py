import xml.etree.ElementTree as ET

import pytest
from geosharing import mp
from geosharing.sharing import CreateWebLayerSDDraft

VALUE = "PropertyArray/PropertySetProperty[Key='{}']/Value"


def test_the_old_function_writes_the_same_draft(town, good, signed_in, tmp_path):
    path = tmp_path / "a.sddraft"
    found = mp.CreateWebLayerSDDraft(
        good,
        str(path),
        "Town",
        "MY_HOSTED_SERVICES",
        "FEATURE_ACCESS",
        "Maps",
        True,
        True,
        True,
        True,
        True,
        "S",
        "t",
    )
    assert found["errors"] == {}
    root = ET.parse(path).getroot()
    assert root.findtext("Type") == "esriServiceDefinitionType_Replacement"
    info = root.find("Configurations/SVCConfiguration/Definition/Info")
    assert info.findtext(VALUE.format("webCapabilities")) == "Query,Extract,Create,Update,Delete,Editing,Sync"
    assert root.find("StagingSettings").findtext(VALUE.format("PortalFolderName")) == "Maps"
    assert root.findtext("ItemInfo/Snippet") == "S"


def test_a_map_and_defaults_are_enough(town, project, signed_in, tmp_path):
    for layer in town.listLayers():
        if layer.isBroken:
            town.removeLayer(layer)
    found = CreateWebLayerSDDraft(town, str(tmp_path / "a.sddraft"), "Town")
    assert found["errors"] == {}
    info = ET.parse(tmp_path / "a.sddraft").getroot().find("Configurations/SVCConfiguration/Definition/Info")
    assert info.findtext(VALUE.format("webCapabilities")) == "Query,Extract"


def test_the_old_function_drafts_every_kind_that_has_a_file(town, good, signed_in, tmp_path):
    kinds = [
        ("MY_HOSTED_SERVICES", "TILED", "esriSVCServerType_LightweightOnline", "false"),
        ("FEDERATED_SERVER", "", "esriSVCServerType_FullServer", "true"),
        ("FEDERATED_SERVER", "MAP_IMAGE", "esriSVCServerType_FullServer", "true"),
        ("STANDALONE_SERVER", "MAP_SERVICE", "esriSVCServerType_FullServer", "true"),
    ]
    for server, service, written, by_reference in kinds:
        path = tmp_path / "a.sddraft"
        found = CreateWebLayerSDDraft(good, str(path), "Town", server, service, "F", enable_editing=True)
        assert found["errors"] == {}
        root = ET.parse(path).getroot()
        assert root.findtext("Configurations/SVCConfiguration/TypeName") == "MapServer"
        assert root.findtext("Configurations/SVCConfiguration/ServiceFolder") == "F"
        assert (root.findtext("ServerType"), root.findtext("ByReference")) == (written, by_reference)
        if by_reference == "true":
            enabled = [
                e.findtext("TypeName") for e in root.iter("SVCExtension") if e.findtext("Enabled") == "true"
            ]
            assert enabled == ["FeatureServer"]


def test_other_kinds_are_refused(town, tmp_path):
    with pytest.raises(ValueError, match="no draft file of `VECTOR_TILE`"):
        CreateWebLayerSDDraft(town, str(tmp_path / "a"), "X", "MY_HOSTED_SERVICES", "VECTOR_TILE")
    with pytest.raises(ValueError, match="is no service_type"):
        CreateWebLayerSDDraft(town, str(tmp_path / "a"), "X", service_type="CAKE")
    with pytest.raises(ValueError, match="layers of one map"):
        CreateWebLayerSDDraft([], str(tmp_path / "a"), "X")
