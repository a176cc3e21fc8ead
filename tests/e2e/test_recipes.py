"""Edits that published scripts make on drafts, in the service definition that is staged of ours.

Each recipe parses the draft, edits the tree as scripts on GitHub do it, and saves it under another name.
"""

from __future__ import annotations

import copy
import xml.dom.minidom as dom
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geosharing as arcpy
import pytest
from e2e_support import SIMPLE, User, post, publishable, sign_in, upload
from geosharing import _native, _portal

Staged = tuple[ET.Element, dict[str, Any]]


def the_help_recipe(doc: dom.Document) -> None:
    """Walk the configuration's properties, and clone one for another time zone."""
    props = doc.getElementsByTagName("ConfigurationProperties")[0].firstChild
    for prop in props.childNodes:
        for key_value in prop.childNodes:
            if key_value.tagName == "Key" and key_value.firstChild.data == "maxRecordCount":
                key_value.nextSibling.firstChild.data = "3000"
    clone = copy.deepcopy(props.childNodes[0])
    key, value = clone.childNodes
    key.firstChild.data, value.firstChild.data = "dateFieldsTimezoneID", "Pacific Standard Time"
    props.appendChild(clone)


def the_help_recipe_is_staged(staged: Staged) -> None:
    properties = staged[1]["properties"]
    assert properties["maxRecordCount"] == "3000"
    assert properties["dateFieldsTimezoneID"] == "Pacific Standard Time"


def the_capabilities_recipe(doc: dom.Document) -> None:
    for prop in doc.getElementsByTagName("Info")[0].firstChild.childNodes:
        for key_value in prop.childNodes:
            if key_value.tagName == "Key" and key_value.firstChild.data.lower() == "webcapabilities":
                key_value.nextSibling.firstChild.data = "Query,Create,Update,Delete,Uploads,Editing"


def the_capabilities_recipe_is_staged(staged: Staged) -> None:
    assert staged[1]["capabilities"] == "Query,Create,Update,Delete,Uploads,Editing"


def the_overwrite_recipe(doc: dom.Document) -> None:
    for name, text in (("Type", "esriServiceDefinitionType_Replacement"), ("State", "esriSDState_Published")):
        for tag in doc.getElementsByTagName(name):
            if tag.parentNode.tagName == "SVCManifest" and tag.hasChildNodes():
                tag.firstChild.data = text


def the_overwrite_recipe_is_staged(staged: Staged) -> None:
    assert staged[0].findtext("Type") == "esriServiceDefinitionType_Replacement"
    assert staged[0].findtext("State") == "esriSDState_Staged"


def the_extension_recipe(doc: dom.Document) -> None:
    for type_name in doc.getElementsByTagName("TypeName"):
        if type_name.firstChild.data == "FeatureServer":
            for part in type_name.parentNode.childNodes:
                if part.tagName == "Enabled":
                    part.firstChild.data = "true"


def the_extension_recipe_is_staged(staged: Staged) -> None:
    assert [(part["typeName"], part["enabled"]) for part in staged[1]["extensions"]] == [
        ("FeatureServer", "true")
    ]


def the_sharing_recipe(doc: dom.Document) -> None:
    keys, values = doc.getElementsByTagName("Key"), doc.getElementsByTagName("Value")
    for key, value in zip(keys, values, strict=True):
        if key.firstChild.nodeValue in ("PackageUnderMyOrg", "PackageIsPublic"):
            value.firstChild.nodeValue = "true"
        if key.firstChild.nodeValue == "PackageShareGroups":
            value.firstChild.nodeValue = "false"


def the_sharing_recipe_is_staged(staged: Staged) -> None:
    found = flags(staged)
    assert (found["PackageUnderMyOrg"], found["PackageIsPublic"]) == ("true", "true")
    assert found["PackageShareGroups"] == "false"


def the_staging_recipe(doc: dom.Document) -> None:
    assert doc.firstChild.firstChild.tagName == "Databases"
    wanted = {"useMapServiceLayerID": "true", "HasBDAW": "true", "ServiceTitle": "Town plan"}
    for prop in doc.getElementsByTagName("StagingSettings")[0].firstChild.childNodes:
        key, value = prop.childNodes
        if key.firstChild.data in wanted:
            value.firstChild.data = wanted.pop(key.firstChild.data)
    assert not wanted


def the_staging_recipe_is_staged(staged: Staged) -> None:
    found = flags(staged)
    assert (found["useMapServiceLayerID"], found["HasBDAW"]) == ("true", "true")
    assert found["ServiceTitle"] == "Town plan"


def flags(staged: Staged) -> dict[str | None, str | None]:
    pairs = staged[0].iterfind("StagingSettings/PropertyArray/PropertySetProperty")
    return {pair.findtext("Key"): pair.findtext("Value") for pair in pairs}


RECIPES: list[tuple[Callable[[dom.Document], None], Callable[[Staged], None]]] = [
    (the_help_recipe, the_help_recipe_is_staged),
    (the_capabilities_recipe, the_capabilities_recipe_is_staged),
    (the_overwrite_recipe, the_overwrite_recipe_is_staged),
    (the_extension_recipe, the_extension_recipe_is_staged),
    (the_sharing_recipe, the_sharing_recipe_is_staged),
    (the_staging_recipe, the_staging_recipe_is_staged),
]


@pytest.fixture
def user(site: Any) -> Iterator[User]:
    yield sign_in(site)
    _portal.deactivate()


def draft_of(name: str, folder: Path) -> Path:
    map_ = arcpy.mp.ArcGISProject(str(SIMPLE)).listMaps()[0]
    draft = map_.getWebLayerSharingDraft("HOSTING_SERVER", "FEATURE", name, publishable(map_))
    draft.exportToSDDraft(str(folder / f"{name}.sddraft"))
    return folder / f"{name}.sddraft"


def save(doc: dom.Document, sddraft: Path) -> Path:
    edited = sddraft.with_name(f"{sddraft.stem}_mod_xml.sddraft")
    with open(edited, "w") as file:
        doc.writexml(file)
    return edited


def stage_edited(sddraft: Path) -> tuple[Path, Staged]:
    sd = sddraft.with_suffix(".sd")
    result = arcpy.StageService_server(str(sddraft), str(sd))
    assert result["errors"] == {}
    manifest, configuration = _native.read_service_definition(str(sd))
    return sd, (ET.fromstring(manifest), configuration["service"])


@pytest.mark.parametrize(("recipe", "is_staged"), RECIPES, ids=[pair[0].__name__ for pair in RECIPES])
def test_an_edit_by_hand_is_in_the_service_definition(
    recipe: Callable[[dom.Document], None],
    is_staged: Callable[[Staged], None],
    user: User,
    tmp_path: Path,
) -> None:
    sddraft = draft_of("Edited", tmp_path)
    _, untouched = stage_edited(sddraft)
    with pytest.raises((AssertionError, KeyError)):
        is_staged(untouched)
    doc = dom.parse(str(sddraft))
    recipe(doc)
    _, staged = stage_edited(save(doc, sddraft))
    is_staged(staged)


def test_all_edits_together_reach_the_published_service(user: User, tmp_path: Path) -> None:
    first = draft_of("Edited_all", tmp_path)
    url = upload(stage_edited(first)[0])
    assert "error" in post(url), "nobody else sees it yet"
    doc = dom.parse(str(first))
    for recipe, _ in RECIPES:
        recipe(doc)
    sd, staged = stage_edited(save(doc, first))
    for _, is_staged in RECIPES:
        is_staged(staged)
    assert upload(sd) == url, "the same service was replaced"
    everyone = post(url)
    assert everyone["maxRecordCount"] == 3000
    assert everyone["capabilities"] == "Query,Create,Update,Delete,Uploads,Editing"
    answer = post(f"{url}/0/addFeatures", features='[{"attributes": {}, "geometry": {"x": 1, "y": 2}}]')
    assert answer["addResults"][0]["success"] is True
