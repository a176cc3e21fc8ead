"""What fails on the way from project to service: the error names the thing and the remedy, nothing is left."""

from __future__ import annotations

import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geosharing as arcpy
import pytest
from e2e_support import AMC16, User, count, files, post, publishable, sign_in, stage, upload
from geosharing import _portal
from geosharing.client import Portal
from geosharing.exceptions import AnalyzerError, AuthenticationError, ExecuteError, PortalError
from geosharing.site import Site


@pytest.fixture
def own_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site of the test's own, and a folder of its own for temporary files."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(arcpy.env, "overwriteOutput", True)
    with Site(tmp_path / "site") as running:
        yield running
    _portal.deactivate()
    assert files(tmp_path / "tmp") == [], "a temporary file was left"


@pytest.fixture
def user(own_site: Site) -> User:
    return sign_in(own_site)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return shutil.copytree(AMC16.parent, tmp_path / "project") / AMC16.name


def draft(project: Path, name: str, folder: Path, **properties: Any) -> Path:
    map_ = arcpy.mp.ArcGISProject(str(project)).listMaps()[0]
    return stage(map_, publishable(map_), name, folder, **properties)


def damage(sd: Path) -> Path:
    """Wipe a few bytes of packed data; the directory at the end stays whole."""
    content = bytearray(sd.read_bytes())
    content[1000:1064] = bytes(64)
    sd.write_bytes(content)
    return sd


def test_data_that_is_gone_is_named_before_anything_is_written(
    user: User, project: Path, tmp_path: Path
) -> None:
    map_ = arcpy.mp.ArcGISProject(str(project)).listMaps()[0]
    members = publishable(map_)
    shutil.rmtree(project.with_suffix(".gdb"))
    assert all(member.isBroken for member in members)
    with pytest.raises(AnalyzerError, match=r"001272.*AMC16AGP\.gdb.*repair the path of the data") as failure:
        stage(map_, members, "Gone", tmp_path)
    broken = failure.value.analysis["errors"]
    assert {code for _, code in broken} == {3, 32}
    assert sorted(str(thing) for things in broken.values() for thing in things) == sorted(
        member.longName for member in members
    )
    assert not list(tmp_path.glob("Gone*"))


def test_data_that_goes_between_draft_and_staging_is_named(user: User, project: Path, tmp_path: Path) -> None:
    sd = draft(project, "Late", tmp_path)
    sd.unlink()
    shutil.rmtree(project.with_suffix(".gdb"))
    with pytest.raises(AnalyzerError, match=r"(?s)001272.*inaccessible.*AMC16AGP\.gdb.*StageService"):
        arcpy.server.StageService(str(tmp_path / "Late.sddraft"), str(sd))
    assert [path.name for path in tmp_path.glob("Late*")] == ["Late.sddraft"]


def test_a_broken_layer_stops_the_others_only_when_it_is_shared(
    user: User, project: Path, tmp_path: Path
) -> None:
    aprx = arcpy.mp.ArcGISProject(str(project))
    map_ = aprx.listMaps()[0]
    broken, *others = publishable(map_)
    definition = broken.getDefinition("V3")
    definition.featureTable.dataConnection.dataset = "Nowhere"
    broken.setDefinition(definition)
    with pytest.raises(AnalyzerError, match=rf"inaccessible.*Nowhere.*{broken.name}"):
        stage(map_, [broken, *others], "Broken", tmp_path)
    assert not list(tmp_path.glob("Broken.sd"))
    url = upload(stage(map_, others, "Rest", tmp_path))
    assert len(post(url, token=user.token)["layers"]) == 5


def test_a_portal_that_is_not_there_is_named(
    user: User, own_site: Site, project: Path, tmp_path: Path
) -> None:
    sd = draft(project, "Dead", tmp_path)
    place = own_site.url.removeprefix("http://")
    own_site.stop()
    with pytest.raises(ExecuteError, match=rf"(?s)cannot connect to `{place}`.*check the address"):
        upload(sd)
    with pytest.raises(PortalError, match=rf"cannot connect to `{place}`.*check the address"):
        Portal(f"http://{place}/portal", "me", "secret", retry_pause=0.01)


def test_a_wrong_password_names_portal_and_user_and_not_itself(user: User, own_site: Site) -> None:
    with pytest.raises(AuthenticationError, match=r"as `nobody`: .* Invalid username or password") as failure:
        arcpy.SignInToPortal(own_site.portal_url, "nobody", "hunter2")
    assert own_site.portal_url in str(failure.value)
    assert "hunter2" not in repr(failure.getrepr(style="long", showlocals=True).reprcrash)


def test_an_expired_token_is_renewed_or_asks_for_a_sign_in(
    user: User, own_site: Site, project: Path, tmp_path: Path
) -> None:
    sd = draft(project, "Expired", tmp_path)
    port = int(own_site.url.rsplit(":", 1)[1])
    own_site.stop()
    with sqlite3.connect(tmp_path / "site" / "site.sqlite") as state:
        assert state.execute("update tokens set expires = 1").rowcount == 2
    state.close()
    with Site(tmp_path / "site", port) as again:
        _portal.activate(Portal(again.portal_url, token=user.token))
        with pytest.raises(ExecuteError, match=r"Invalid token\. Sign in to `.*` again\. \(code 498\)"):
            upload(sd)
        assert again.items() == []
        _portal.activate(user.portal)
        assert upload(sd) in again.services()


@pytest.mark.skipif(sys.platform != "linux", reason="needs a folder that refuses even the administrator")
def test_a_folder_that_may_not_be_written_is_named(user: User, project: Path, tmp_path: Path) -> None:
    sd = draft(project, "Refused", tmp_path)
    sd.unlink()
    for work in (
        lambda: draft(project, "Refused", Path("/sys/kernel")),
        lambda: arcpy.server.StageService(str(tmp_path / "Refused.sddraft"), "/sys/kernel/Refused.sd"),
    ):
        with pytest.raises(ExecuteError, match=r"`/sys/kernel.*(choose|make) .*write"):
            work()


@pytest.mark.parametrize("share", [0.001, 0.5, 0.999])
def test_a_truncated_definition_is_told_by_both_ends(
    share: float, user: User, own_site: Site, project: Path, tmp_path: Path
) -> None:
    sd = draft(project, "Cut", tmp_path)
    sd.write_bytes(sd.read_bytes()[: int(sd.stat().st_size * share)])
    with pytest.raises(ExecuteError, match=r"(?s)Cut\.sd.*(cut short|no 7-Zip|not)"):
        upload(sd)
    before = files(tmp_path / "site" / "services")
    item = user.portal.add_item(sd, type="Service Definition", title="Cut")
    with pytest.raises(PortalError, match=r"copy or download it again|service definition|7-Zip"):
        user.portal.call(
            f"content/users/{user.portal.username}/publish",
            {"itemid": item, "fileType": "serviceDefinition"},
        )
    assert own_site.services() == []
    assert files(tmp_path / "site" / "services") == before


def test_a_publish_that_fails_leaves_neither_item_nor_folder_nor_service(
    user: User, own_site: Site, project: Path, tmp_path: Path
) -> None:
    sd = damage(draft(project, "Damaged", tmp_path))
    before = files(tmp_path / "site")
    with pytest.raises(ExecuteError, match=r"(?s)001369.*in `Damaged\.sd` is damaged.*again") as failure:
        arcpy.server.UploadServiceDefinition(
            str(sd), "HOSTING_SERVER", in_folder_type="NEW", in_folder="Fresh"
        )
    assert str(tmp_path) not in str(failure.value), "the site's own folders are nobody's business"
    assert files(tmp_path / "site") == before
    assert (own_site.items(), own_site.services()) == ([], [])
    assert user.portal.call(f"content/users/{user.portal.username}")["folders"] == []


def test_an_overwrite_that_fails_keeps_the_old_service_serving(
    user: User, own_site: Site, project: Path, tmp_path: Path
) -> None:
    url = upload(draft(project, "Kept", tmp_path))
    stores, items = files(tmp_path / "site" / "services"), {item["id"] for item in own_site.items()}
    rows = count(f"{url}/2", user.token)
    sd = damage(draft(project, "Kept", tmp_path, overwriteExistingService=True))
    with pytest.raises(ExecuteError, match=r"(?s)001369.*damaged"):
        upload(sd)
    assert count(f"{url}/2", user.token) == rows == 244
    assert files(tmp_path / "site" / "services") == stores
    assert {item["id"] for item in own_site.items()} == items
    assert upload(draft(project, "Kept", tmp_path, overwriteExistingService=True)) == url
    assert count(f"{url}/2", user.token) == rows
