import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from geosharing.client import Portal
from geosharing.exceptions import JobTimeoutError, PortalError


@pytest.fixture
def portal(fake):
    return Portal(fake.url, "me", "secret", retry_pause=0.01)


def test_a_portal_is_signed_in_and_says_who_it_is(portal, fake):
    assert portal.url == fake.url + "/"
    assert portal.username == "me"
    assert portal.token.token == "TOKEN"
    assert portal.properties()["name"] == "Org"
    assert repr(portal) == f"Portal('{fake.url}/')"
    portal.sign_out()
    assert portal.token is None


def test_calls_turn_python_values_into_fields(portal, fake):
    portal.call("x/y", {"flag": True, "off": False, "number": 5, "none": None})
    fields = fake.fields("x/y")
    assert (fields["flag"], fields["off"], fields["number"]) == ("true", "false", "5")
    assert "none" not in fields


def test_errors_of_the_portal_have_its_fields(portal, fake):
    fake.replies["gone"] = {
        "error": {
            "code": 400,
            "messageCode": "CONT_0001",
            "message": "Item does not exist.",
            "details": ["x"],
        }
    }
    with pytest.raises(PortalError) as caught:
        portal.call("content/items/gone")
    error = caught.value
    assert (error.code, error.message_code, error.details) == (400, "CONT_0001", ["x"])
    assert error.url == f"{fake.url}/sharing/rest/content/items/gone"
    assert "TOKEN" not in str(error)


def test_publishing_reports_progress_and_returns_the_layer(portal, fake, make_definition):
    told = []
    definition = make_definition()
    published = portal.publish(definition, progress=lambda done, total, _: told.append((done, total)))
    assert published.url.endswith("/FeatureServer")
    assert published.item_id == "5" * 32
    assert told[-1] == (os.path.getsize(definition),) * 2
    assert "5555" in published._repr_html_()


def test_a_job_without_end_is_given_up(portal, fake, make_definition):
    fake.replies["status"] = {"status": "processing"}
    with pytest.raises(JobTimeoutError, match="did not end within") as caught:
        portal.publish(make_definition(), timeout=0.2)
    assert isinstance(caught.value, TimeoutError)


def test_files_become_items(portal, fake, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("x\n1\n")
    assert portal.add_item(path, "CSV", properties={"tags": "t"}, folder="New") == "a" * 32
    assert "content/users/me/f1/addItem" in fake.paths()
    assert b"\r\n\r\nCSV\r\n" in fake.body("addItem")


def test_addresses_and_certificates_that_cannot_be_used_are_named(tmp_path):
    with pytest.raises(ValueError, match="is not the address of a portal"):
        Portal("ftp://host/portal")
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no certificate")
    with pytest.raises(ValueError, match=r"wrong\.pem.*no PEM certificate"):
        Portal("https://host/portal", verify=wrong)
    with pytest.raises(OSError, match=r"none\.pem"):
        Portal("https://host/portal", verify="none.pem")


def run(code, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
def test_ctrl_c_ends_a_wait():
    process = run("""
        import socket
        from geosharing.client import Portal
        silent = socket.create_server(("127.0.0.1", 0))
        portal = Portal(f"http://127.0.0.1:{silent.getsockname()[1]}/portal")
        print("waiting", flush=True)
        portal.properties()
    """)
    assert process.stdout.readline() == "waiting\n"
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    start = time.monotonic()
    _, errors = process.communicate(timeout=20)
    assert "KeyboardInterrupt" in errors
    assert time.monotonic() - start < 10


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_is_told_to_spawn(fake):
    process = run(
        """
        import os, sys
        from geosharing.client import Portal
        portal = Portal(sys.argv[1], "me", "secret")
        if os.fork() == 0:
            try:
                portal.properties()
            except RuntimeError as error:
                print(error, flush=True)
            os._exit(0)
        os.wait()
        """,
        fake.url,
    )
    told, _ = process.communicate(timeout=60)
    assert "'spawn'" in told
