from pathlib import Path

import pytest
from geosharing import _native
from geosharing.__main__ import main

DRAFT = Path(__file__).parent / "fixtures" / "sddraft" / "hosted_feature_pro23.sddraft"


@pytest.fixture
def edited(tmp_path):
    """A copy of the draft with another name."""
    path = tmp_path / "edited.sddraft"
    text = DRAFT.read_text(encoding="utf-8")
    name = _native.sddraft_tree(str(DRAFT)).split("\n  Name: ", 1)[1].split("\n", 1)[0]
    path.write_text(text.replace(f"<Name>{name}</Name>", "<Name>Other</Name>"), encoding="utf-8")
    return path


def test_a_draft_is_shown_as_a_tree(capfd):
    assert main(["inspect", str(DRAFT)]) == 0
    shown = capfd.readouterr().out
    assert shown.startswith("SVCManifest\n")
    assert "ServerType: esriSVCServerType_LightweightOnline" in shown
    assert main(["inspect", str(DRAFT), "--depth", "1"]) == 0
    assert capfd.readouterr().out == "SVCManifest\n"


def test_a_definition_is_shown_with_its_files(make_definition, capfd):
    assert main(["inspect", make_definition()]) == 0
    shown = capfd.readouterr().out
    assert "Roads.sd (service definition)" in shown
    assert "  serviceconfiguration.json (" in shown
    assert "Type: esriServiceDefinitionType_New" in shown


def test_two_drafts_are_compared_property_by_property(edited, capfd):
    assert main(["diff", str(DRAFT), str(DRAFT)]) == 0
    assert capfd.readouterr().out == ""
    assert main(["diff", str(DRAFT), str(edited)]) == 1
    lines = capfd.readouterr().out.splitlines()
    assert any(line.startswith("Name") and line.endswith("-> 'Other'") for line in lines)
    assert all("Name" in line for line in lines)


def test_two_definitions_are_compared_with_their_files(make_definition, tmp_path, capfd):
    left = make_definition("Roads")
    assert main(["diff", left, left]) == 0
    right = make_definition("Lakes_and_rivers", overwrite=True)
    assert main(["diff", left, right]) == 1
    shown = capfd.readouterr().out
    assert "serviceconfiguration.json: " in shown
    assert "'esriServiceDefinitionType_New' -> 'esriServiceDefinitionType_Replacement'" in shown


def test_a_file_of_another_kind_is_refused(tmp_path, capfd):
    path = tmp_path / "x.docx"
    path.write_text("x")
    assert main(["inspect", str(path)]) == 1
    assert "is none of .aprx, .lyrx, .sddraft, .sd" in capfd.readouterr().err


def test_a_definition_is_uploaded(fake, make_definition, monkeypatch, capfd):
    monkeypatch.setenv("GEOSHARING_PORTAL_PASSWORD", "secret")
    definition = make_definition(PackageIsPublic="true")
    assert main(["upload", definition, "--portal", fake.url, "--user", "me"]) == 0
    assert capfd.readouterr().out == "https://h/rest/services/Hosted/Roads/FeatureServer\n"
    assert fake.fields("share")["everyone"] == "true"
    fake.asked.clear()
    arguments = [
        "upload",
        definition,
        "--portal",
        fake.url,
        "--user",
        "me",
        "--group",
        "Planners",
        "--name",
        "Streets",
    ]
    assert main(arguments) == 0
    assert (fake.fields("share")["everyone"], fake.fields("share")["groups"]) == ("false", "g1")
    assert fake.fields("publish")["publishParameters"] == '{"name":"Streets"}'


def test_uploading_without_a_portal_says_what_to_set(make_definition, monkeypatch, capfd):
    monkeypatch.delenv("GEOSHARING_PORTAL_URL", raising=False)
    assert main(["upload", make_definition()]) == 1
    assert "GEOSHARING_PORTAL_URL" in capfd.readouterr().err


def test_a_failed_staging_is_told_in_one_text(tmp_path, capfd):
    assert main(["stage", str(tmp_path / "none.sddraft")]) == 1
    told = capfd.readouterr().err
    assert told.startswith("geosharing: Failed to execute. Parameters are not valid.\nERROR 000732")
