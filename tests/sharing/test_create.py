import pytest
from geosharing import ExecuteError, sharing
from geosharing.sharing import CreateSharingDraft, FeatureSharingDraft, Publish


@pytest.mark.parametrize(
    ("server", "service", "made"),
    [
        ("HOSTING_SERVER", "FEATURE", "FeatureSharingDraft"),
        ("My Hosted Services", "tile", "TileSharingDraft"),
        ("FEDERATED_SERVER", "MAP_IMAGE", "MapImageSharingDraft"),
        ("HOSTING_SERVER", "VECTOR_TILE", "VectorTileSharingDraft"),
        ("FEDERATED_SERVER", "VECTOR_TILE", "VectorTileSharingDraft"),
    ],
)
def test_each_kind_is_of_its_class_under_both_of_its_names(town, good, server, service, made):
    draft = town.getWebLayerSharingDraft(server, service, "X", good)
    assert type(draft).__name__ == made
    assert isinstance(draft, getattr(sharing, f"_{made}"))
    assert draft.serviceType == service.upper()
    assert draft.serverType == ("HOSTING_SERVER" if "Hosted" in server else server)


def test_map_services_have_every_spelling_of_their_class(town):
    draft = CreateSharingDraft("STANDALONE_SERVER", "MAP_SERVICE", "X", town)
    for name in ("MapServiceDraft", "MapServiceSharingDraft", "_MapServiceSharingDraft"):
        assert isinstance(draft, getattr(sharing, name))
    assert (draft.serverType, draft.serviceType) == ("STANDALONE_SERVER", "MAP_SERVICE")
    assert isinstance(CreateSharingDraft("ARCGIS_SERVER", "MAP_SERVICE", "X", town), sharing.MapServiceDraft)


def test_a_map_service_takes_a_map_a_layer_or_layers_of_one_map(town, good):
    whole = CreateSharingDraft("STANDALONE_SERVER", "MAP_SERVICE", "X", town)
    one = CreateSharingDraft("STANDALONE_SERVER", "MAP_SERVICE", "X", good[0])
    some = CreateSharingDraft("STANDALONE_SERVER", "MAP_SERVICE", "X", good)
    assert [repr(draft).rsplit(", ", 1)[1] for draft in (whole, one, some)] == [
        "5 layers>",
        "1 layer>",
        "2 layers>",
    ]
    with pytest.raises(ValueError, match="pass a map, or layers of one map"):
        CreateSharingDraft("STANDALONE_SERVER", "MAP_SERVICE", "X", "roads.aprx")


def test_kinds_and_servers_must_go_together(town):
    with pytest.raises(ValueError, match="does not go with server_type `FEDERATED_SERVER`"):
        town.getWebLayerSharingDraft("FEDERATED_SERVER", "FEATURE", "X")
    with pytest.raises(ValueError, match="does not go with server_type `HOSTING_SERVER`"):
        town.getWebLayerSharingDraft("HOSTING_SERVER", "MAP_IMAGE", "X")
    with pytest.raises(ValueError, match="`IMAGE_TILE` is no service_type"):
        town.getWebLayerSharingDraft("HOSTING_SERVER", "IMAGE_TILE", "X")
    with pytest.raises(ValueError, match="`SOMEWHERE` is no server_type"):
        town.getWebLayerSharingDraft("SOMEWHERE", "FEATURE", "X")
    with pytest.raises(ValueError, match="does not go with"):
        CreateSharingDraft("HOSTING_SERVER", "MAP_SERVICE", "X", town)


def test_keywords_are_arcpys(town):
    draft = town.getWebLayerSharingDraft(
        server_type="HOSTING_SERVER", service_type="feature", service_name="X", layers_and_tables=None
    )
    assert isinstance(draft, FeatureSharingDraft)


def test_a_scene_layer_is_made_of_one_layer(town, good):
    with pytest.raises(ValueError, match="exactly one layer and not of 2"):
        town.getWebLayerSharingDraft("HOSTING_SERVER", "SCENE_LAYER", "X", good)
    draft = town.getWebLayerSharingDraft("HOSTING_SERVER", "SCENE_LAYER", "X", [good[0]])
    draft.cachedAttributes = ["n"]
    assert draft.cachedAttributes == "n"


def test_drafts_without_a_file_are_analyzed_and_publishing_them_says_what_to_do(town, good, signed_in):
    draft = town.getWebLayerSharingDraft("HOSTING_SERVER", "VECTOR_TILE", "X", good)
    assert not hasattr(type(draft), "exportToSDDraft")
    found = draft.analyzeForSharing()
    assert set(found) == {"errors", "warnings", "messages"}
    assert found["errors"] == {}
    with pytest.raises(NotImplementedError, match="can be published as a tile layer"):
        Publish(draft, {"web_feature_layer_id": "0" * 32})
    with pytest.raises(ValueError, match="must be 32 characters"):
        Publish(draft, {"web_feature_layer_id": "XYZ"})
    with pytest.raises(ValueError, match="item_id has no `layer`"):
        Publish(draft, {"layer": "0" * 32})


def test_publish_refuses_drafts_that_become_files(draft, town):
    with pytest.raises(ValueError, match="call exportToSDDraft, StageService"):
        Publish(draft)
    with pytest.raises(ValueError, match="and not `Map`"):
        Publish(town)


def test_a_hosted_draft_without_a_sign_in_is_not_written(town, good, tmp_path):
    draft = town.getWebLayerSharingDraft("HOSTING_SERVER", "TILE", "X", good)
    with pytest.raises(ExecuteError, match="not signed in"):
        draft.exportToSDDraft(tmp_path / "a.sddraft")
    assert not (tmp_path / "a.sddraft").exists()
