"""The pages of the site in a real browser."""

import re
import shutil
import subprocess
import urllib.parse

import pytest
from geosharing.site import Site
from rest_support import layer_info, publish, share, token_of, write_points

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


@pytest.fixture(scope="module")
def site():
    with Site(users={"ann": "ann-pw"}) as running:
        yield running


@pytest.fixture(scope="module")
def service(site, tmp_path_factory):
    token = token_of(site, "ann", "ann-pw")
    path = write_points(tmp_path_factory.mktemp("data") / "trees.gpkg", 30)
    info = layer_info(tracked=True) | {"name": "Trees <b>& more</b>"}
    answer = publish(site, token, path, "trees", layerInfo=info)
    share(site, token, answer["serviceItemId"], everyone="true")
    return answer["serviceurl"]


def seen(tmp_path, url: str) -> str:
    """Return the page as the browser has it once it is loaded."""
    profile = tmp_path / "profile"
    done = subprocess.run(
        [str(CHROMIUM), *FLAGS, f"--user-data-dir={profile}", "--dump-dom", url],
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    page = done.stdout
    assert not re.search(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=.?https?:", page)
    return page


def test_the_services_directory_leads_to_the_service(tmp_path, site, service):
    page = seen(tmp_path, f"{site.url}/server/rest/services/Hosted")
    assert urllib.parse.urlsplit(service).path in page


def test_a_layer_lists_its_fields_and_its_name_stays_text(tmp_path, service):
    page = seen(tmp_path, f"{service}/0")
    assert "<h1>Trees &lt;b&gt;&amp; more&lt;/b&gt;</h1>" in page
    assert "<td>changed_by</td>" in page


def test_the_form_shows_its_query_and_the_rows(tmp_path, service):
    page = seen(tmp_path, f"{service}/0/query?where=number%3C12&outFields=*&f=html")
    assert "<h2>12 rows</h2>" in page
    assert 'value="number&lt;12"' in page or 'value="number<12"' in page
    assert "2024-01-12" in page
    assert "it's 11" in page


def test_a_query_that_fails_says_why(tmp_path, service):
    page = seen(tmp_path, f"{service}/0/query?where=nope%3D1&f=html")
    assert 'class="error"' in page
    assert "nope" in page


def test_the_sign_in_page_asks_for_name_and_password(tmp_path, site):
    query = urllib.parse.urlencode(
        {"response_type": "token", "client_id": "x", "redirect_uri": site.url, "state": "</script><b>"}
    )
    page = seen(tmp_path, f"{site.portal_url}/sharing/rest/oauth2/authorize?{query}")
    assert 'type="password"' in page
    assert "<b>" not in page
