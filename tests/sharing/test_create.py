import pytest
from geosharing.sharing import CreateSharingDraft, FeatureSharingDraft


@pytest.mark.parametrize("kind", ["TILE", "VECTOR_TILE", "SCENE_LAYER"])
def test_other_kinds_say_what_is_available(town, kind):
    with pytest.raises(NotImplementedError, match=rf"`{kind}` are not supported yet; available is `FEATURE`"):
        town.getWebLayerSharingDraft("HOSTING_SERVER", kind, "X")


def test_kinds_and_servers_must_go_together(town):
    with pytest.raises(ValueError, match="does not go with server_type `FEDERATED_SERVER`"):
        town.getWebLayerSharingDraft("FEDERATED_SERVER", "FEATURE", "X")
    with pytest.raises(ValueError, match="`IMAGE_TILE` is no service_type"):
        town.getWebLayerSharingDraft("HOSTING_SERVER", "IMAGE_TILE", "X")
    with pytest.raises(ValueError, match="`SOMEWHERE` is no server_type"):
        town.getWebLayerSharingDraft("SOMEWHERE", "FEATURE", "X")


def test_keywords_are_arcpys(town):
    draft = town.getWebLayerSharingDraft(
        server_type="HOSTING_SERVER", service_type="feature", service_name="X", layers_and_tables=None
    )
    assert isinstance(draft, FeatureSharingDraft)


def test_drafts_of_services_are_refused_by_kind(town):
    with pytest.raises(NotImplementedError, match="`MAP_SERVICE` are not supported yet"):
        CreateSharingDraft("STANDALONE_SERVER", "MAP_SERVICE", "X", town)
    with pytest.raises(ValueError, match="does not go with"):
        CreateSharingDraft("HOSTING_SERVER", "MAP_SERVICE", "X", town)
