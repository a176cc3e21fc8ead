"""Publishing while others publish and query, and a serving process that is killed on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geosharing as arcpy
import pytest
from e2e_support import AMC16, User, count, files, post, publishable, sign_in, stage, upload
from geosharing import _portal
from geosharing.client import Portal
from geosharing.exceptions import ExecuteError

ROWS = 20_000
COUNTS = [71, 1, 244, 775, 1, 6, 4]
"""Rows of the layers and the table of the example project."""


@pytest.fixture
def user(site: Any) -> Iterator[User]:
    yield sign_in(site)
    _portal.deactivate()


def staged(name: str, folder: Path, **properties: Any) -> Path:
    map_ = arcpy.mp.ArcGISProject(str(AMC16)).listMaps()[0]
    return stage(map_, publishable(map_), name, folder, **properties)


def test_two_services_are_published_at_once(user: User, tmp_path: Path) -> None:
    definitions = [staged(f"At_once_{number}", tmp_path) for number in range(2)]
    together = threading.Barrier(2)

    def publish(sd: Path) -> str:
        together.wait(10)
        return upload(sd)

    with ThreadPoolExecutor(2) as pool:
        urls = list(pool.map(publish, definitions))
    assert len(set(urls)) == 2
    for url, sd in zip(urls, definitions, strict=True):
        assert url.endswith(f"/{sd.stem}/FeatureServer")
        described = post(url, token=user.token)
        counts = [
            count(f"{url}/{entry['id']}", user.token) for entry in described["layers"] + described["tables"]
        ]
        assert counts == COUNTS


def test_queries_are_answered_while_their_service_is_replaced(user: User, tmp_path: Path) -> None:
    url = upload(staged("Asked", tmp_path))
    wanted = count(f"{url}/2", user.token)
    (tmp_path / "again").mkdir()
    again = staged("Asked", tmp_path / "again", overwriteExistingService=True)
    over, answers = threading.Event(), []

    def ask() -> None:
        while not over.is_set():
            answers.append(count(f"{url}/2", user.token))

    with ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(ask) for _ in range(2)]
        try:
            assert upload(again) == url
            assert upload(staged("Beside", tmp_path)) != url
        finally:
            over.set()
        for each in asking:
            each.result(30)
    assert len(answers) > 5
    assert set(answers) == {wanted}


@contextmanager
def serving(folder: Path, port: int = 0, **limits: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `geosharing serve` in a process of its own."""

    def limit() -> None:
        import resource

        for name, value in limits.items():
            resource.setrlimit(getattr(resource, name), (value, value))

    process = subprocess.Popen(
        [sys.executable, "-m", "geosharing", "serve", str(folder), "--port", str(port)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "GEOSHARING_PORTAL_PASSWORD": "pass.word", "PYTHONUNBUFFERED": "1"},
        preexec_fn=limit if limits else None,
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().split()[-1]
    finally:
        process.kill()
        process.wait(10)
        process.stdout.close()


def administrator(portal_url: str) -> User:
    portal = Portal(portal_url, "admin", "pass.word", retry_pause=0.01)
    _portal.activate(portal)
    fields = {"username": "admin", "password": "pass.word", "client": "requestip"}
    return User(portal, post(f"{portal_url}/sharing/rest/generateToken", **fields)["token"])


def many_points(folder: Path) -> Path:
    features = ",".join(
        json.dumps(
            {
                "type": "Feature",
                "properties": {"name": f"point {n}", "n": n},
                "geometry": {"type": "Point", "coordinates": [n % 360 - 180, n % 180 - 90]},
            }
        )
        for n in range(ROWS)
    )
    path = folder / "many.geojson"
    path.write_text(f'{{"type":"FeatureCollection","features":[{features}]}}')
    return path


@pytest.mark.skipif(os.name != "posix", reason="Windows has no kill -9")
def test_a_site_that_is_killed_while_it_publishes_goes_on_where_it_was(tmp_path: Path) -> None:
    home, stores = tmp_path / "site", tmp_path / "site" / "services"
    map_ = arcpy.mp.ArcGISProject(str(AMC16)).createMap("Many")
    map_.addDataFromPath(str(many_points(tmp_path)))
    with serving(home) as (process, portal_url):
        port = int(portal_url.split(":")[2].split("/")[0])
        first = upload(staged("First", tmp_path)) if administrator(portal_url) else ""
        kept = {path.name for path in stores.iterdir()}
        big = stage(map_, publishable(map_), "Big", tmp_path)
        with ThreadPoolExecutor(1) as pool:
            publishing = pool.submit(upload, big)
            end = time.monotonic() + 30
            while not any(stores.glob("Big-*/*")) and time.monotonic() < end:
                time.sleep(0.001)
            os.kill(process.pid, signal.SIGKILL)
            with pytest.raises(ExecuteError, match=r"connect|connection"):
                publishing.result(30)
    assert any(stores.glob("Big-*")), "it was not killed while it published"
    with serving(home, port) as (_, portal_url):
        user = administrator(portal_url)
        assert count(f"{first}/2", user.token) == 244
        assert "error" in post(first.replace("/First/", "/Big/"), token=user.token)
        assert {path.name for path in stores.iterdir()} == kept
        assert [item["title"] for item in user.portal.search('type:"Feature Service"')] == ["First"]
        arcpy.env.overwriteOutput = True
        url = upload(stage(map_, publishable(map_), "Big", tmp_path, overwriteExistingService=True))
        assert count(f"{url}/0", user.token) == ROWS
    _portal.deactivate()


@pytest.mark.skipif(os.name != "posix", reason="the limit that stands for a full disk is a POSIX one")
@pytest.mark.parametrize("room", [200_000, 450_000], ids=["for no file", "for the file only"])
def test_a_full_disk_of_the_site_is_told_and_leaves_nothing(room: int, tmp_path: Path) -> None:
    home = tmp_path / "site"
    with serving(home, RLIMIT_FSIZE=room) as (_, portal_url):
        user = administrator(portal_url)
        sd = staged("Full", tmp_path)
        before = files(home)
        with pytest.raises(ExecuteError, match="The site's disk is full; free space"):
            upload(sd)
        assert files(home) == before
        assert user.portal.search("owner:admin") == []
    _portal.deactivate()
