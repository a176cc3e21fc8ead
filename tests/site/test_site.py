"""The embedded site from Python: its life, its ports, its people."""

import json
import multiprocessing
import os
import signal
import socket
import ssl
import subprocess
import sys
import textwrap
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from geosharing.exceptions import ExistsError, InvalidInputError
from geosharing.site import Site


@pytest.fixture(scope="module")
def running():
    with Site(users={"ann": "ann-pw"}) as site:
        yield site


def ask(url: str, context: ssl.SSLContext | None = None, **form: str) -> dict:
    data = urllib.parse.urlencode(form).encode() if form else None
    with urllib.request.urlopen(url, data, timeout=20, context=context) as reply:
        return json.load(reply)


def token_of(site: Site, username: str, password: str) -> str:
    reply = ask(
        f"{site.portal_url}/sharing/rest/generateToken",
        username=username,
        password=password,
        client="requestip",
        f="json",
    )
    return reply["token"]


def test_one_port_speaks_http_and_tls(running, tmp_path):
    info = ask(f"{running.portal_url}/sharing/rest/info?f=json")
    assert info["owningSystemUrl"] == running.portal_url
    certificate = running.export_certificate(tmp_path / "site.pem")
    trusting = ssl.create_default_context(cafile=str(certificate))
    secure = running.portal_url.replace("http://", "https://")
    info = ask(f"{secure}/sharing/rest/info?f=json", trusting)
    assert info["owningSystemUrl"] == secure


def test_users_sign_in_with_their_role(running):
    token = token_of(running, "ann", "ann-pw")
    assert (
        ask(f"{running.portal_url}/sharing/rest/community/self?f=json&token={token}")["role"]
        == "org_publisher"
    )
    running.add_user("vic", "vic-pw", role="viewer", full_name="Vic Tor")
    with pytest.raises(ExistsError):
        running.add_user("VIC", "other")
    running.add_user("vic", "new-pw", role="org_user", replace=True)
    token = token_of(running, "vic", "new-pw")
    assert ask(f"{running.portal_url}/sharing/rest/community/self?f=json&token={token}")["role"] == "org_user"
    with pytest.raises(InvalidInputError, match="role"):
        running.add_user("zoe", "pw", role="king")
    with pytest.raises(InvalidInputError):
        running.add_user("a b/../c", "pw")


def test_items_are_listed(running):
    token = token_of(running, "ann", "ann-pw")
    url = f"{running.portal_url}/sharing/rest/content/users/ann/addItem"
    added = ask(url, f="json", token=token, title="A note", type="Web Map", text="{}")
    assert [item["id"] for item in running.items()] == [added["id"]]
    assert running.services() == []


def test_a_stopped_site_says_so_and_leaves_nothing():
    site = Site()
    with pytest.raises(RuntimeError, match="not running"):
        _ = site.url
    site.start()
    folder, url = site.folder, site.url
    assert folder is not None
    assert (folder / "site.sqlite").exists()
    site.stop()
    site.stop()
    assert not folder.exists()
    with pytest.raises(OSError, match=r"refused|reset|unreachable"):
        urllib.request.urlopen(url, timeout=2)
    assert repr(site) == "<Site stopped>"


def test_a_port_that_is_taken_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ExistsError, match=str(port)):
            Site(port=port).start()


def test_two_sites_do_not_share_a_folder(tmp_path):
    with Site(tmp_path / "a"), pytest.raises(ExistsError, match="another site"):
        Site(tmp_path / "a").start()


def test_state_survives_kill(tmp_path):
    script = textwrap.dedent(
        """
        import sys, time
        from geosharing.site import Site
        site = Site(sys.argv[1], password="pw").start()
        print(site.url, flush=True)
        time.sleep(60)
        """
    )
    folder = tmp_path / "state"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        url = child.stdout.readline().strip()
        rest = f"{url}/portal/sharing/rest"
        reply = ask(f"{rest}/generateToken", username="admin", password="pw", client="requestip", f="json")
        token = reply["token"]
        added = ask(
            f"{rest}/content/users/admin/addItem",
            f="json",
            token=token,
            title="n",
            type="Web Map",
            text="[1]",
        )
        child.kill()
    with Site(folder) as site:
        rest = f"{site.portal_url}/sharing/rest"
        assert ask(f"{rest}/content/items/{added['id']}?f=json&token={token}")["title"] == "n"
        data = urllib.request.urlopen(
            f"{rest}/content/items/{added['id']}/data?token={token}", timeout=10
        ).read()
        assert data == b"[1]"


def test_control_c_ends_a_served_site(tmp_path):
    script = "import sys; from geosharing.site import serve; sys.exit(serve(sys.argv[1]))"
    child = subprocess.Popen(
        [sys.executable, "-u", "-c", script, str(tmp_path / "s")], stdout=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(6)]
        assert lines[0].startswith("portal")
        assert "/portal" in lines[0]
        child.send_signal(signal.SIGINT)
        assert child.wait(timeout=20) == 0


def _use_in_child(site: Site, results) -> None:
    try:
        site.items()
    except RuntimeError as error:
        results.put(str(error))
    else:
        results.put("answered")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_is_told_to_spawn(running):
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    child = context.Process(target=_use_in_child, args=(running, results))
    child.start()
    assert "spawn" in results.get(timeout=20)
    child.join(20)
    assert child.exitcode == 0
    assert ask(f"{running.portal_url}/sharing/rest/info?f=json")


def test_a_request_that_never_ends_holds_nobody_up(running):
    host, port = running.url.removeprefix("http://").split(":")
    slow = [socket.create_connection((host, int(port))) for _ in range(50)]
    try:
        for connection in slow:
            connection.sendall(b"GET /portal/sharing/rest/info HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        began = time.monotonic()
        assert ask(f"{running.portal_url}/sharing/rest/info?f=json")
        assert time.monotonic() - began < 5
    finally:
        for connection in slow:
            connection.close()


def test_many_threads_get_their_own_answers(running):
    token = token_of(running, "ann", "ann-pw")
    rest = f"{running.portal_url}/sharing/rest"
    failures: list[str] = []

    def work(number: int) -> None:
        title = f"title-{number}"
        added = ask(
            f"{rest}/content/users/ann/addItem", f="json", token=token, title=title, type="Web Map", text="{}"
        )
        shown = ask(f"{rest}/content/items/{added['id']}?f=json&token={token}")
        if shown["title"] != title:
            failures.append(shown["title"])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    found = ask(f"{rest}/search?f=json&token={token}&num=100&q=title:title-*")
    assert {f"title-{n}" for n in range(16)} <= {item["title"] for item in found["results"]}


def test_a_read_only_folder_is_named(tmp_path):
    if os.geteuid() == 0:
        blocked = tmp_path / "file"
        blocked.write_text("not a folder")
    else:
        blocked = tmp_path / "locked"
        blocked.mkdir(mode=0o500)
    with pytest.raises(OSError, match=blocked.name):
        Site(blocked / "site").start()


def test_the_key_is_for_its_owner_only(running):
    assert running.folder is not None
    key = Path(running.folder) / "certificate.key"
    assert key.stat().st_mode & 0o077 == 0
