"""Fixtures for tests of publishing scripts: `site`, `portal`, `project`.

Installed with the package; `GEOSHARING_TEST_PROJECT` names the project that `project` opens a copy of.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

__all__ = ["portal", "project", "site"]


@pytest.fixture(scope="session")
def site() -> Iterator[Any]:
    """Run an embedded site on a free port for the whole session."""
    from geosharing.site import Site

    with Site() as running:
        yield running


@pytest.fixture
def portal(site: Any) -> Iterator[Any]:
    """Give a signed-in portal of a fresh publisher; it is the active portal within the test."""
    from geosharing import _portal
    from geosharing.client import Portal

    name, password = f"user_{secrets.token_hex(4)}", secrets.token_urlsafe(12)
    site.add_user(name, password, role="org_publisher")
    signed_in = Portal(site.portal_url, name, password)
    _portal.activate(signed_in)
    yield signed_in
    _portal.deactivate()


@pytest.fixture
def project(tmp_path: Path) -> Any:
    """Open a copy of the project that GEOSHARING_TEST_PROJECT names, with the data beside it."""
    from geosharing import mp

    named = os.environ.get("GEOSHARING_TEST_PROJECT")
    if not named:
        pytest.skip("set GEOSHARING_TEST_PROJECT to the .aprx file that the test needs")
    source = Path(named)
    folder = tmp_path / source.parent.name
    shutil.copytree(source.parent, folder)
    return mp.ArcGISProject(str(folder / source.name))
