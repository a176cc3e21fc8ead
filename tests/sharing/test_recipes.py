"""The ways in which public scripts edit drafts, on ours."""

import copy
import xml.dom.minidom as dom
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from geosharing import _native


@pytest.fixture
def path(draft, signed_in, tmp_path: Path) -> Path:
    draft.exportToSDDraft(str(tmp_path / "town.sddraft"))
    return tmp_path / "town.sddraft"


def written(document: dom.Document, path: Path, **how) -> Path:
    out = path.with_name("town_mod_xml.sddraft")
    with open(out, "w", **how) as file:
        document.writexml(file)
    return out


def changes(path: Path, edited: Path) -> dict[str, tuple[str | None, str | None]]:
    found = _native.sddraft_diff(str(path), str(edited))
    return {change["path"]: (change["before"], change["after"]) for change in found}


def test_overwrite_by_type_and_state(path):
    document = dom.parse(str(path))
    for name, text in (("Type", "esriServiceDefinitionType_Replacement"), ("State", "esriSDState_Published")):
        for element in document.getElementsByTagName(name):
            if element.parentNode.tagName == "SVCManifest" and element.hasChildNodes():
                element.firstChild.data = text
    assert changes(path, written(document, path)) == {
        "Type": ("esriServiceDefinitionType_New", "esriServiceDefinitionType_Replacement"),
        "State": ("esriSDState_Draft", "esriSDState_Published"),
    }


def test_capabilities_of_the_service(path):
    document = dom.parse(str(path))
    properties = document.getElementsByTagName("Info")[0].firstChild.childNodes
    for entry in properties:
        for key in entry.childNodes:
            if key.tagName == "Key" and key.firstChild.data.lower() == "webcapabilities":
                key.nextSibling.firstChild.data = "Query,Create,Update,Delete,Uploads,Editing"
    [(place, (_, after))] = changes(path, written(document, path)).items()
    assert place == "Configurations/SVCConfiguration/Definition/Info[webCapabilities]"
    assert after == "Query,Create,Update,Delete,Uploads,Editing"


def test_configuration_properties(path):
    document = dom.parse(str(path))
    properties = document.getElementsByTagName("ConfigurationProperties")[0].firstChild
    for entry in properties.childNodes:
        if entry.childNodes[0].firstChild.data == "maxRecordCount":
            entry.childNodes[1].firstChild.data = "10000"
    # Appending a clone with other words is how scripts set time zones.
    clone = copy.deepcopy(properties.childNodes[0])
    key, value = clone.childNodes
    key.firstChild.data, value.firstChild.data = "dateFieldsTimezoneID", "UTC"
    properties.appendChild(clone)
    edited = written(document, path)
    assert len(changes(path, edited)) == 2
    service = _native.sddraft_service_configuration(str(edited))["service"]
    assert service["properties"]["maxRecordCount"] == "10000"
    assert service["properties"]["dateFieldsTimezoneID"] == "UTC"


def test_enabling_an_extension(path):
    document = dom.parse(str(path))
    for type_name in document.getElementsByTagName("TypeName"):
        if type_name.firstChild.data == "FeatureServer":
            for part in type_name.parentNode.childNodes:
                if part.tagName == "Enabled":
                    part.firstChild.data = "true"
    [place] = changes(path, written(document, path))
    assert place.endswith("Extensions/SVCExtension[FeatureServer]/Enabled")


def test_sharing_by_parallel_lists(path):
    document = dom.parse(str(path))
    keys, values = document.getElementsByTagName("Key"), document.getElementsByTagName("Value")
    assert len(keys) == len(values)
    for key, value in zip(keys, values, strict=True):
        if key.firstChild.nodeValue in ("PackageUnderMyOrg", "PackageIsPublic", "PackageShareGroups"):
            value.firstChild.nodeValue = "true"
        if key.firstChild.nodeValue == "PackageGroupIDs":
            value.firstChild.nodeValue = "0123"
    found = changes(path, written(document, path))
    assert {place for place in found if "Package" in place} == set(found)
    assert len(found) == 4


def test_staging_flags(path):
    document = dom.parse(str(path))
    assert document.firstChild.firstChild.tagName == "Databases"
    for entry in document.getElementsByTagName("StagingSettings")[0].firstChild.childNodes:
        key, value = entry.childNodes
        if key.firstChild.data == "useMapServiceLayerID":
            value.firstChild.data = "true"
    assert list(changes(path, written(document, path))) == ["StagingSettings[useMapServiceLayerID]"]


def test_retyping_with_elementtree(path):
    tree = ET.parse(path)
    tree.find("./Type").text = "esriServiceDefinitionType_Replacement"
    for entry in tree.iterfind(".//SVCExtension[TypeName='FeatureServer']/Info//PropertySetProperty"):
        if entry.findtext("Key") == "WebCapabilities":
            entry.find("Value").text = "Query,Sync"
    out = path.with_name("et.sddraft")
    tree.write(out)
    assert len(changes(path, out)) == 2


def test_a_legacy_code_page_without_a_declaration_is_read(path):
    document = dom.parse(str(path))
    document.getElementsByTagName("Snippet")[0].appendChild(document.createTextNode("Stra\xdfe"))
    edited = written(document, path, encoding="latin-1")
    assert changes(path, edited) == {"ItemInfo/Snippet": ("", "Stra\xdfe")}


def test_pretty_printing_changes_nothing(path):
    document = dom.parse(str(path))
    out = path.with_name("pretty.sddraft")
    out.write_text(document.toprettyxml(), encoding="utf-8")
    assert changes(path, out) == {}


def test_a_tree_shows_keys_and_values(path):
    tree = _native.sddraft_tree(str(path))
    assert "  StagingSettings\n" in tree
    assert "maxRecordCount = 2000\n" in tree


def test_what_is_no_draft_is_refused(tmp_path):
    broken = tmp_path / "x.sddraft"
    broken.write_text("<SVCManifest><Databases>")
    with pytest.raises(ValueError, match=r"cannot read draft `.*x\.sddraft`: it ends inside an element"):
        _native.sddraft_tree(str(broken))
    with pytest.raises(FileNotFoundError, match="does not exist") as caught:
        _native.sddraft_tree(str(tmp_path / "none.sddraft"))
    assert caught.value.code == 732
