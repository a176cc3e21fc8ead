"""`geosharing.services`: descriptions of services, typed, checked, in every form."""

import json
from pathlib import Path

import pytest
from geosharing.exceptions import InvalidInputError, LimitError, MissingError, NotSupportedError
from geosharing.services import Difference, ServiceDescription

FIXTURES = Path(__file__).parents[1] / "fixtures"
MAP_SERVICE = FIXTURES / "sddraft" / "map_service_pro30.sddraft"
REQUEST = FIXTURES / "services" / "create_service.json"


@pytest.fixture
def service() -> ServiceDescription:
    return ServiceDescription.from_json(REQUEST)


def test_the_request_of_the_documentation_is_accepted(service):
    assert service.validate() == []
    service.check()
    assert service.type == "MapServer"
    assert service.minInstancesPerNode == 1
    assert service.properties.maxRecordCount == 1000
    assert service.properties.isCached is False
    assert service.extension("KmlServer").enabled is True
    assert service.extension("KmlServer").properties.featureLimit == 1_000_000
    assert service.framework.javaHeapSize == 64
    written = service.to_json()
    assert written["properties"]["maxRecordCount"] == "1000"
    assert written["extensions"][2]["enabled"] == "false"
    assert ServiceDescription.from_json(written) == service


def test_typed_values_and_texts_are_taken_and_texts_are_written(service):
    service.properties.maxRecordCount = 5000
    service.properties.enableDynamicLayers = "true"
    service.maxInstancesPerNode = "4"
    service.extension("WMSServer").enabled = True
    service.extension("WMSServer").properties.inheritLayerNames = True
    service.properties["vendorKey"] = 7
    written = service.to_json()
    assert written["properties"]["maxRecordCount"] == "5000"
    assert written["properties"]["enableDynamicLayers"] == "true"
    assert written["properties"]["vendorKey"] == "7"
    assert written["maxInstancesPerNode"] == 4
    added = written["extensions"][3]
    assert (added["typeName"], added["enabled"]) == ("WMSServer", "true")
    assert added["properties"] == {"inheritLayerNames": "true"}
    assert [fault.path for fault in service.validate()] == ["service.properties.vendorKey"]


def test_what_is_not_said_reads_as_the_documented_default(service):
    assert "maxDomainCodeCount" not in service.properties
    assert service.properties.maxDomainCodeCount == 25000
    assert service.properties.maxSampleSize is None
    assert service.keepAliveInterval == 1800
    service.properties.maxRecordCount = None
    assert "maxRecordCount" not in service.to_json()["properties"]
    del service.properties["maxBufferCount"]
    with pytest.raises(KeyError):
        service.properties["maxBufferCount"]


@pytest.mark.parametrize(
    ("act", "hint"),
    [
        (lambda s: s.properties.maxRecordCont, "did you mean `maxRecordCount`?"),
        (lambda s: setattr(s.properties, "maxImageWdth", 5), "did you mean `maxImageWidth`?"),
        (lambda s: setattr(s, "minInstancePerNode", 1), "did you mean `minInstancesPerNode`?"),
        (lambda s: s.loadBalancng, "did you mean `loadBalancing`?"),
        (lambda s: setattr(s.extension("KmlServer"), "enable", True), "did you mean `enabled`?"),
        (lambda s: s.extension("KmlServer").properties.featureLimt, "did you mean `featureLimit`?"),
        (lambda s: s.framework.heap, "has no `heap`"),
    ],
)
def test_misspelt_attributes_are_answered_with_the_nearest_name(service, act, hint):
    with pytest.raises(AttributeError) as caught:
        act(service)
    assert hint in str(caught.value)


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (lambda s: setattr(s.properties, "maxRecordCount", -1), "a whole number from 0"),
        (lambda s: setattr(s.properties, "antialiasingMode", "Finest"), "`Fastest`"),
        (lambda s: setattr(s.properties, "isCached", "perhaps"), "`true` or `false`"),
        (lambda s: setattr(s, "isolationLevel", "MEDIUM"), "`LOW`, `HIGH`"),
        (lambda s: setattr(s, "type", "Map"), "`service.type`"),
        (lambda s: setattr(s, "serviceName", "a b"), "letters, digits"),
        (lambda s: setattr(s, "maxWaitTime", [1]), "one level too many"),
        (lambda s: setattr(s.extension("KmlServer"), "enabled", "on"), "`true` or `false`"),
        (
            lambda s: setattr(s.extension("KmlServer").properties, "featureLimit", 0),
            "`service.extensions[0].properties.featureLimit`",
        ),
    ],
)
def test_values_that_do_not_fit_are_refused_with_what_is_allowed(service, act, told):
    before = service.to_json()
    with pytest.raises(InvalidInputError) as caught:
        act(service)
    assert told in str(caught.value)
    assert service.to_json() == before


def test_an_extension_that_the_type_does_not_take_is_refused(service):
    with pytest.raises(MissingError, match=r"has no extension `WMServer`.*did you mean `WMSServer`"):
        service.extension("WMServer").enabled = True
    with pytest.raises(MissingError, match="JPIPServer"):
        service.extension("JPIPServer").enabled = True
    assert service.extension("NAServer").enabled is False
    assert len(service.to_json()["extensions"]) == 3


def test_faults_are_named_with_their_paths_and_nothing_is_written(service, tmp_path):
    found = service.to_json()
    found["extensions"][1]["properties"]["enableTransactions"] = "sometimes"
    found["maxWaitTime"] = {"seconds": 60}
    wrong = ServiceDescription.from_json(found)
    paths = [fault.path for fault in wrong.validate()]
    assert paths == ["service.maxWaitTime", "service.extensions[1].properties.enableTransactions"]
    with pytest.raises(InvalidInputError) as caught:
        wrong.to_sddraft(tmp_path / "wrong.sddraft")
    assert all(path in str(caught.value) for path in paths)
    assert list(tmp_path.iterdir()) == []


def test_keys_that_stand_twice_are_faults():
    text = REQUEST.read_text().replace('"dpi": "96"', '"dpi": "96", "dpi": "72"')
    faults = ServiceDescription.from_json(text).validate()
    assert [(fault.path, fault.warning) for fault in faults] == [
        ("service.extensions[0].properties.dpi", False)
    ]


def test_texts_that_are_no_description_are_refused(tmp_path):
    for text in ("", "{", "[]", '"a"', '{"a": 1} x'):
        with pytest.raises(InvalidInputError):
            ServiceDescription.from_json(text)
    with pytest.raises(LimitError):
        ServiceDescription.from_json('{"a":' * 200 + "1" + "}" * 200)
    with pytest.raises(MissingError, match=r"nowhere\.json"):
        ServiceDescription.from_json(tmp_path / "nowhere.json")
    with pytest.raises(MissingError):
        ServiceDescription.from_sddraft(tmp_path / "nowhere.sddraft")
    with pytest.raises(InvalidInputError):
        ServiceDescription.from_sddraft(REQUEST)
    with pytest.raises(InvalidInputError, match="letters, digits"):
        ServiceDescription("")
    with pytest.raises(InvalidInputError, match="did you mean `MapServer`"):
        ServiceDescription("A", "MapSever")


def test_a_genuine_draft_survives_json_and_an_edit_changes_only_its_place(tmp_path):
    service = ServiceDescription.from_sddraft(MAP_SERVICE)
    same = service.to_sddraft(tmp_path / "same.sddraft")
    assert same.read_bytes() == MAP_SERVICE.read_bytes()
    text = json.dumps(service.to_json(draft=True))
    again = ServiceDescription.from_json(text)
    assert again.to_sddraft(tmp_path / "again.sddraft").read_bytes() == MAP_SERVICE.read_bytes()
    again.properties.maxRecordCount = 5000
    again.extension("WMSServer").enabled = True
    assert service.diff(again) == [
        Difference("service.properties.maxRecordCount", "2000", "5000"),
        Difference("service.extensions[WMSServer].enabled", "false", "true"),
    ]
    again.to_sddraft(tmp_path / "edited.sddraft")
    from geosharing import _native

    changes = _native.sddraft_diff(str(MAP_SERVICE), str(tmp_path / "edited.sddraft"))
    assert {change["after"] for change in changes} == {"5000", "true"}


def test_a_description_becomes_a_full_draft_that_reads_back_equal(service, tmp_path):
    service.folder = "Maps"
    path = service.to_sddraft(tmp_path / "new.sddraft")
    back = ServiceDescription.from_sddraft(path)
    assert back.to_json() == service.to_json()
    assert back.folder == "Maps"
    assert back.diff(service) == []
    with pytest.raises(NotSupportedError, match="no drafts"):
        ServiceDescription("A", "SceneServer").to_sddraft(tmp_path / "scene.sddraft")


def test_descriptions_show_themselves(service):
    service.folder = "Maps"
    assert repr(service) == "<ServiceDescription Maps/Test.MapServer>"
    html = service._repr_html_()
    assert "maxRecordCount" in html
    assert "Faults" not in html
    service.properties["<b>"] = "<i>"
    html = service._repr_html_()
    assert "Faults" in html
    assert "<i>" not in html
    assert "&lt;i&gt;" in html
    assert {"maxRecordCount", "filePath"} <= set(dir(service.properties))
    assert {"minInstancesPerNode", "from_json"} <= set(dir(service))
    assert "toolbox" not in dir(service.properties)
    assert "enabled" in repr(service.extensions[0])


def test_a_copy_is_changed_by_itself(service):
    other = service.copy()
    other.properties.maxRecordCount = 1
    assert service.properties.maxRecordCount == 1000
    assert service != other
    assert other.remove_extension("WCSServer")
    assert not other.remove_extension("WCSServer")
    assert len(service.extensions) == 3
