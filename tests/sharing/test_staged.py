"""Edits that scripts make on our drafts are in what staging makes of them."""

import xml.dom.minidom as dom
import xml.etree.ElementTree as ET
from pathlib import Path

import geosharing as arcpy
import pytest
from geosharing import _native


@pytest.fixture
def path(draft, signed_in, tmp_path: Path) -> Path:
    draft.exportToSDDraft(str(tmp_path / "town.sddraft"))
    return tmp_path / "town.sddraft"


def staged(document: dom.Document, path: Path) -> tuple[ET.Element, dict]:
    edited = path.with_name("town_mod_xml.sddraft")
    with open(edited, "w", encoding="utf-8") as file:
        document.writexml(file)
    arcpy.server.StageService(str(edited), str(path.with_suffix(".sd")))
    manifest, configuration = _native.read_service_definition(str(path.with_suffix(".sd")))
    return ET.fromstring(manifest), configuration["service"]


def test_edits_by_hand_are_staged(path):
    document = dom.parse(str(path))
    for name, text in (("Type", "esriServiceDefinitionType_Replacement"), ("State", "esriSDState_Published")):
        for element in document.getElementsByTagName(name):
            if element.parentNode.tagName == "SVCManifest":
                element.firstChild.data = text
    for part in document.getElementsByTagName("Info")[0].firstChild.childNodes:
        if part.firstChild.firstChild.data == "webCapabilities":
            part.lastChild.firstChild.data = "Query,Create,Update,Delete,Editing"
    for part in document.getElementsByTagName("ConfigurationProperties")[0].firstChild.childNodes:
        if part.firstChild.firstChild.data == "maxRecordCount":
            part.lastChild.firstChild.data = "10000"
    for name in document.getElementsByTagName("TypeName"):
        if name.parentNode.tagName == "SVCExtension":
            name.parentNode.firstChild.firstChild.data = "true"
    keys, values = document.getElementsByTagName("Key"), document.getElementsByTagName("Value")
    for key, value in zip(keys, values, strict=True):
        if key.firstChild.data == "PackageIsPublic":
            value.firstChild.data = "true"
    for part in document.getElementsByTagName("StagingSettings")[0].firstChild.childNodes:
        if part.firstChild.firstChild.data == "useMapServiceLayerID":
            part.lastChild.firstChild.data = "true"
    manifest, service = staged(document, path)
    assert manifest.findtext("Type") == "esriServiceDefinitionType_Replacement"
    assert manifest.findtext("State") == "esriSDState_Staged"
    flags = {
        part.findtext("Key"): part.findtext("Value") for part in manifest.iterfind("StagingSettings/*/*")
    }
    assert (flags["PackageIsPublic"], flags["useMapServiceLayerID"]) == ("true", "true")
    assert "ServerConnectionString" not in flags
    assert service["capabilities"] == "Query,Create,Update,Delete,Editing"
    assert service["properties"]["maxRecordCount"] == "10000"
    assert service["extensions"][0]["enabled"] == "true"
