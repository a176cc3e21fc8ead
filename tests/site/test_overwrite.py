"""Replacing a live layer, and keeping what was set on it since it was published."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import geosharing as arcpy
import pytest
from geosharing import _portal
from geosharing.admin import AdminClient
from geosharing.exceptions import ExecuteError, ExistsError, InvalidInputError, MissingError
from geosharing.server import stage
from geosharing.site import Site
from map_support import copy_complex

MAP = "test_mapping_complex.aprx"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site(users={"pia": "pia.password"}) as site:
        yield site


@pytest.fixture
def portal(site: Site):
    arcpy.SignInToPortal(site.portal_url, "pia", "pia.password")
    yield _portal.require()
    arcpy.SignOutFromPortal()


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory):
    """Return a function that stages a feature layer with draft properties."""
    folder = tmp_path_factory.mktemp("layers")
    copy_complex(folder / "project")

    def make(name: str, layers: int | None = None, **properties: object) -> str:
        project = arcpy.mp.ArcGISProject(str(folder / "project" / MAP))
        shown = project.listMaps()[0]
        chosen = [layer for layer in shown.listLayers() if layer.isFeatureLayer and not layer.isBroken]
        draft = shown.getWebLayerSharingDraft("HOSTING_SERVER", "FEATURE", name, chosen[:layers])
        draft.overwriteExistingService = True
        for key, value in properties.items():
            setattr(draft, key, value)
        draft.offline = True
        path = Path(folder, f"{name}.sddraft")
        path.unlink(missing_ok=True)
        draft.exportToSDDraft(str(path))
        return str(stage(path, path.with_suffix(".sd"), overwrite=True).path)

    return make


def live(portal, name):
    found = portal.search(f'title:"{name}" AND type:"Feature Service"')[0]
    return portal.item(found["id"])


def test_a_dry_run_tells_the_differences_and_uploads_nothing(portal, definitions):
    definition = definitions("Dry")
    portal.publish(definition, "Dry", everyone=True)
    before = live(portal, "Dry")
    plan = portal.overwrite(definition, dry_run=True, preserve=["sharing"])
    assert plan.published is None
    assert plan.item_id == before["id"]
    [change] = [change for change in plan.changes if change.part == "sharing"]
    assert (change.live, change.new, change.kept) == ("public", "private", True)
    assert "kept" in str(plan)
    assert "sharing" in plan._repr_html_()
    assert live(portal, "Dry") == before
    result = arcpy.server.UploadServiceDefinition(definition, "HOSTING_SERVER", dry_run=True)
    assert "sharing item: public -> private" in arcpy.GetMessages()
    assert result[3] == before["id"]
    assert live(portal, "Dry") == before


def test_without_preserve_the_definition_wins(portal, definitions):
    definition = definitions("Loose")
    portal.publish(definition, "Loose", everyone=True)
    arcpy.server.UploadServiceDefinition(definition, "HOSTING_SERVER")
    assert live(portal, "Loose")["access"] == "private"


def test_what_is_preserved_stays_through_the_replacement(site, portal, definitions):
    definition = definitions("Kept")
    published = portal.publish(definition, "Kept", everyone=True)
    item = published.item_id
    server = AdminClient(f"{site.url}/server", portal=portal)
    path = "rest/admin/services/Hosted/Kept/FeatureServer/updateDefinition"
    server.call(path, {"updateDefinition": json.dumps({"capabilities": "Query,Extract,Create"})})
    popup = {"title": "of the people", "fieldInfos": []}
    text = json.dumps({"layers": [{"id": 0, "popupInfo": popup}]})
    portal.call(f"content/users/pia/items/{item}/update", {"text": text})
    result = arcpy.server.UploadServiceDefinition(
        definition, "HOSTING_SERVER", preserve=["sharing", "capabilities", "popups", "layer_ids"]
    )
    assert result[3] == item
    assert "(kept;" in arcpy.GetMessages()
    assert live(portal, "Kept")["access"] == "public"
    service = server.call("rest/services/Hosted/Kept/FeatureServer")
    assert service["capabilities"] == "Query,Extract,Create"
    data = portal.call(f"content/items/{item}/data")
    assert next(layer for layer in data["layers"] if layer["id"] == 0)["popupInfo"] == popup


def test_layers_that_come_and_go_are_told(portal, definitions):
    portal.publish(definitions("Shrinking"), "Shrinking")
    plan = portal.overwrite(definitions("Shrinking", layers=1), dry_run=True)
    gone = [change for change in plan.changes if change.part in ("layers", "layer_ids")]
    assert gone
    moved = [change for change in gone if change.part == "layer_ids"]
    if moved:
        with pytest.raises(ExistsError, match="would change the ids"):
            portal.overwrite(definitions("Shrinking", layers=1), preserve="layer_ids")


def test_bad_orders_are_named(portal, definitions):
    definition = definitions("Unknown")
    with pytest.raises(InvalidInputError, match="layer_ids, popups, sharing"):
        portal.overwrite(definition, preserve=["everything"])
    with pytest.raises(MissingError, match="no feature service `Unknown`"):
        portal.overwrite(definition, preserve=["sharing"])
    with pytest.raises(ExecuteError, match="no feature service `Unknown`"):
        arcpy.server.UploadServiceDefinition(definition, "HOSTING_SERVER", dry_run=True)


def test_definitions_are_changed_only_by_their_owner_and_only_in_known_members(site, portal, definitions):
    portal.publish(definitions("Guarded"), "Guarded", everyone=True)
    server = AdminClient(f"{site.url}/server", portal=portal)
    path = "rest/admin/services/Hosted/Guarded/FeatureServer/updateDefinition"
    for change in ('{"layers": []}', '{"capabilities": 5}', '{"maxRecordCount": 0}', "[]", "{"):
        with pytest.raises(Exception, match=r"Unable to update|Invalid value"):
            server.call(path, {"updateDefinition": change})
    with pytest.raises(Exception, match="Token Required"):
        AdminClient(f"{site.url}/server").call(path, {"updateDefinition": '{"capabilities": "Query"}'})
