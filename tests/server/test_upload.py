import geosharing as arcpy
import pytest
from geosharing import _portal
from geosharing.exceptions import AuthenticationError


@pytest.mark.parametrize(
    "server",
    [
        "My Hosted Services",
        "MY_HOSTED_SERVICES",
        "HOSTING_SERVER",
        "hosting_server",
        " My hosted services ",
        "'My Hosted Services'",
    ],
)
def test_every_spelling_of_the_hosting_server_publishes(signed_in, make_definition, server):
    result = arcpy.server.UploadServiceDefinition(make_definition(), server)
    assert result.status == 4
    assert result[0] == "https://h/services/Hosted/Roads/FeatureServer"
    assert result[1] == result[5] == "https://h/rest/services/Hosted/Roads/FeatureServer"
    assert result[3] == "5" * 32
    assert result.outputCount == 11
    assert result[6] == ""
    assert [result.getOutput(i) for i in range(result.outputCount)] == list(result)
    assert result["errors"] == {}


def test_the_twelve_positional_arguments_of_old_scripts_work(signed_in, make_definition):
    result = arcpy.UploadServiceDefinition_server(
        make_definition(), "My Hosted Services", "Streets", "", "NEW", "Town",
        "STARTED", "OVERRIDE_DEFINITION", "SHARE_ONLINE", "PUBLIC", "SHARE_ORGANIZATION", "Planners",
    )  # fmt: skip
    assert result.status == 4
    assert signed_in.fields("publish")["publishParameters"] == '{"name":"Streets"}'
    assert signed_in.fields("createFolder")["title"] == "Town"
    shared = signed_in.fields("share")
    assert (shared["everyone"], shared["org"], shared["groups"]) == ("true", "true", "g1")
    assert "content/users/me/f1/addItem" in signed_in.paths()


@pytest.mark.parametrize("empty", [None, "", "#"])
def test_empty_values_mean_not_given(signed_in, make_definition, empty):
    definition = make_definition(PackageIsPublic="true", PortalFolderName="Maps")
    arcpy.server.UploadServiceDefinition(definition, "HOSTING_SERVER", *[empty] * 11)
    assert signed_in.fields("share")["everyone"] == "true"
    assert signed_in.fields("createFolder")["title"] == "Maps"
    assert signed_in.fields("publish")["overwrite"] == "false"


@pytest.mark.parametrize(
    ("yes", "no"), [(True, False), ("true", "false"), ("PUBLIC", "PRIVATE"), ("public", "private")]
)
def test_keywords_may_be_booleans_in_any_case(signed_in, make_definition, yes, no):
    arcpy.server.UploadServiceDefinition(make_definition(), "HOSTING_SERVER", in_override=True, in_public=yes)
    assert signed_in.fields("share")["everyone"] == "true"
    signed_in.asked.clear()
    arcpy.server.UploadServiceDefinition(
        make_definition(), "HOSTING_SERVER", in_override="true", in_public=no
    )
    assert signed_in.fields("share")["everyone"] == "false"


def test_without_override_the_definition_decides(signed_in, make_definition):
    definition = make_definition(PackageUnderMyOrg="true", PackageShareGroups="true", PackageGroupIDs="g1")
    arcpy.server.UploadServiceDefinition(definition, "HOSTING_SERVER", in_public="PUBLIC")
    shared = signed_in.fields("share")
    assert (shared["everyone"], shared["org"], shared["groups"]) == ("false", "true", "g1")
    assert "OVERRIDE_DEFINITION" in arcpy.GetMessages(1)


@pytest.mark.parametrize("groups", ["Planners", "Planners;planners", ["Planners"], "'Planners'"])
def test_groups_are_a_list_or_a_text(signed_in, make_definition, groups):
    arcpy.server.UploadServiceDefinition(
        make_definition(), "HOSTING_SERVER", in_override="OVERRIDE_DEFINITION", in_groups=groups
    )
    assert set(signed_in.fields("share")["groups"].split(",")) == {"g1"}


def test_a_wrong_keyword_is_error_000800(signed_in, make_definition):
    with pytest.raises(
        arcpy.ExecuteError, match=r"ERROR 000800: Public: The value is not a member of PUBLIC"
    ):
        arcpy.server.UploadServiceDefinition(make_definition(), "HOSTING_SERVER", in_public="SURE")
    assert signed_in.asked[1:] == []


def test_the_item_carries_what_the_definition_says(signed_in, make_definition):
    arcpy.server.UploadServiceDefinition(make_definition(), "HOSTING_SERVER")
    body = signed_in.body("addItem").decode("latin-1")
    for text in ("Roads & more", "short", "a,b", "us", "Service Definition"):
        assert f"\r\n\r\n{text}\r\n" in body


def test_a_definition_staged_to_overwrite_says_so_and_overwrites(signed_in, make_definition):
    arcpy.server.UploadServiceDefinition(make_definition(overwrite=True), "HOSTING_SERVER")
    assert "WARNING 003308" in arcpy.GetMessages(1)
    assert signed_in.fields("publish")["overwrite"] == "true"


def test_a_name_with_spaces_becomes_underscores_with_a_warning(signed_in, make_definition):
    arcpy.server.UploadServiceDefinition(make_definition(), "HOSTING_SERVER", "SPW AGO Public Data")
    assert signed_in.fields("publish")["publishParameters"] == '{"name":"SPW_AGO_Public_Data"}'
    assert "`SPW AGO Public Data` becomes `SPW_AGO_Public_Data`" in arcpy.GetMessages(1)


def test_a_name_over_120_characters_is_refused(signed_in, make_definition):
    with pytest.raises(arcpy.ExecuteError, match="121 characters"):
        arcpy.server.UploadServiceDefinition(make_definition(), "HOSTING_SERVER", "n" * 121)


@pytest.mark.parametrize(
    "address",
    [
        "https://gis.example.org/server",
        "https://gis.example.org/server/rest/services/",
        "https://gis:6443/arcgis/admin",
    ],
)
def test_the_address_of_the_hosting_server_is_the_portal(signed_in, make_definition, address):
    assert arcpy.server.UploadServiceDefinition(make_definition(), address).status == 4


@pytest.mark.parametrize(
    ("server", "remedy"),
    [
        ("https://elsewhere.org/server", "sign in to its portal, or use a connection file"),
        ("C:\\x\\gis.ags", "does not exist"),
        ("my server", "HOSTING_SERVER"),
    ],
)
def test_other_servers_are_refused_with_a_remedy(signed_in, make_definition, server, remedy):
    with pytest.raises(arcpy.ExecuteError, match=remedy):
        arcpy.server.UploadServiceDefinition(make_definition(), server)


def test_a_failed_job_reads_as_in_arcpy(signed_in, make_definition):
    signed_in.replies["status"] = {"status": "failed", "statusMessage": "no room on the disk"}
    with pytest.raises(arcpy.ExecuteError) as caught:
        arcpy.server.UploadServiceDefinition(make_definition(), "HOSTING_SERVER")
    lines = str(caught.value).splitlines()
    assert lines == [
        "ERROR 001369: Failed to create the service.",
        "no room on the disk",
        "Failed to execute (Publish Service Definition).",
        "ERROR: the server's publishing job didn't succeed.",
        "Failed to execute (UploadServiceDefinition).",
    ]
    assert any(path.endswith("delete") for path in signed_in.paths())


def test_a_taken_name_is_error_001369(signed_in, make_definition):
    signed_in.replies["isServiceNameAvailable"] = {"available": False}
    with pytest.raises(arcpy.ExecuteError, match=r"ERROR 001369.*\n.*`Roads` is already taken"):
        arcpy.server.UploadServiceDefinition(make_definition(), "HOSTING_SERVER")


def test_without_sign_in_the_remedy_is_named(make_definition):
    _portal.deactivate()
    with pytest.raises(arcpy.ExecuteError, match="not signed in to a portal; call SignInToPortal"):
        arcpy.server.UploadServiceDefinition(make_definition(), "HOSTING_SERVER")


def test_a_missing_file_a_draft_and_a_wrong_file_are_told_apart(signed_in, tmp_path):
    with pytest.raises(
        arcpy.ExecuteError, match=r"ERROR 000732: Service Definition: Dataset .*no\.sd does not exist"
    ):
        arcpy.server.UploadServiceDefinition(str(tmp_path / "no.sd"), "HOSTING_SERVER")
    with pytest.raises(arcpy.ExecuteError, match="stage it first"):
        arcpy.server.UploadServiceDefinition("x.sddraft", "HOSTING_SERVER")
    wrong = tmp_path / "wrong.sd"
    wrong.write_bytes(b"PK\x03\x04 not 7-Zip")
    with pytest.raises(arcpy.ExecuteError, match=r"wrong\.sd"):
        arcpy.server.UploadServiceDefinition(str(wrong), "HOSTING_SERVER")


def test_a_manifest_with_entities_is_refused(signed_in, make_definition, monkeypatch):
    bomb = "<!DOCTYPE x [<!ENTITY a 'aaaa'>]><SVCManifest/>"
    monkeypatch.setattr("geosharing._native.read_service_definition", lambda _: (bomb, {}))
    with pytest.raises(arcpy.ExecuteError, match="document type"):
        arcpy.server.UploadServiceDefinition(make_definition(), "HOSTING_SERVER")


def test_level_zero_returns_the_failure(signed_in):
    arcpy.SetSeverityLevel(0)
    try:
        result = arcpy.server.UploadServiceDefinition("no.sd", "HOSTING_SERVER")
    finally:
        arcpy.SetSeverityLevel(2)
    assert (result.status, len(result)) == (5, 0)


def test_sign_in_gives_the_dictionary_of_arcpy(fake):
    token = arcpy.SignInToPortal(fake.url + "/home/index.html", "me", "secret")
    try:
        assert token == {"token": "TOKEN", "referer": "http", "expires": 4102444800}
        assert arcpy.GetActivePortalURL() == fake.url + "/"
        assert arcpy.GetActivePortalURL() in arcpy.ListPortalURLs()
        assert arcpy.GetSigninToken()["token"] == "TOKEN"
        assert arcpy.SignInToPortal(fake.url) == token
        info = arcpy.GetPortalInfo()
        assert (info["organization"], info["portal_version"], info["role"]) == (
            "Org",
            2024.1,
            "org_publisher",
        )
        assert arcpy.GetPortalDescription()["isPortal"] is True
        assert "secret" not in repr(_portal.active()) + repr(_portal.active().token)
        assert "TOKEN" not in repr(_portal.active().token)
    finally:
        arcpy.SignOutFromPortal()
    assert arcpy.GetActivePortalURL() == "https://www.arcgis.com/"
    assert arcpy.GetSigninToken() is None


def test_a_refused_sign_in_raises_and_keeps_the_portal_inactive(fake):
    fake.replies["generateToken"] = {
        "error": {"code": 400, "message": "Unable to generate token.", "details": []}
    }
    with pytest.raises(
        AuthenticationError, match=r"cannot sign in to `.*` as `.*`: Unable to generate token"
    ):
        arcpy.SignInToPortal(fake.url, "me", "secret")
    assert _portal.active() is None
    with pytest.raises(AuthenticationError, match="without a name and password"):
        arcpy.SignInToPortal(fake.url)
