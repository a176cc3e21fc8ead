import pytest
from geosharing import cim
from geosharing.exceptions import InvalidInputError


def test_members_are_found_whatever_their_case():
    layer = cim.from_value({"type": "CIMFeatureLayer", "uRI": "CIMPATH=a", "serviceLayerID": 3})
    assert (layer.URI, layer.uri, layer.serviceLayerId) == ("CIMPATH=a", "CIMPATH=a", 3)
    layer.URI = "CIMPATH=b"
    assert cim.to_value(layer) == {"type": "CIMFeatureLayer", "uRI": "CIMPATH=b", "serviceLayerID": 3}


def test_extents_and_references_have_attributes_and_keys():
    value = {"type": "CIMMap", "defaultExtent": {"xmin": 1, "spatialReference": {"wkid": 4326}}}
    one = cim.from_value(value)
    assert (one.defaultExtent.xmin, one.defaultExtent["spatialReference"].wkid) == (1, 4326)
    one.defaultExtent.xmin = 2
    assert cim.to_value(one)["defaultExtent"] == {"xmin": 2, "spatialReference": {"wkid": 4326}}


def test_json_of_an_object_makes_the_same_object():
    color = cim.CIMRGBColor(values=[1, 2, 3, 100])
    assert cim.GetCIMObjectFromJSON(cim.GetJSONForCIMObject(color, "V3")) == color
    assert type(color).__name__ == "CIMRGBColor"


def test_what_is_no_cim_class_is_refused():
    with pytest.raises(InvalidInputError, match="Renderer"):
        cim.CreateCIMObjectFromClassName("Renderer", "V3")
    with pytest.raises(InvalidInputError, match="V7"):
        cim.CreateCIMObjectFromClassName("CIMRenderer", "V7")
    with pytest.raises(InvalidInputError, match="type"):
        cim.GetCIMObjectFromJSON("{}")
    with pytest.raises(AttributeError):
        cim.Thing  # noqa: B018
