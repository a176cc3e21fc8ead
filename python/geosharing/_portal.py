"""The active portal of this process, and the sites that run in it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .exceptions import AuthenticationError

if TYPE_CHECKING:
    from .client import Portal

__all__ = ["activate", "active", "certificate_of_own_site", "deactivate", "require"]

ARCGIS_ONLINE = "https://www.arcgis.com/"


_active: Portal | None = None
_known: list[str] = []
_resolver: Callable[[str], str] | None = None


def active() -> Portal | None:
    """Return the signed-in portal; None before any sign-in."""
    if _active is None and os.environ.get("GEOSHARING_PORTAL_URL"):
        from .client import Portal

        user = os.environ.get("GEOSHARING_PORTAL_USER")
        password = os.environ.get("GEOSHARING_PORTAL_PASSWORD")
        activate(Portal(os.environ["GEOSHARING_PORTAL_URL"], user, password))
    return _active


def require() -> Portal:
    """Return the signed-in portal.

    Raises:
        AuthenticationError: nobody has signed in.
    """
    portal = active()
    if portal is None:
        raise AuthenticationError(
            "you are not signed in to a portal; call SignInToPortal, or set GEOSHARING_PORTAL_URL, "
            "GEOSHARING_PORTAL_USER and GEOSHARING_PORTAL_PASSWORD"
        )
    return portal


def activate(portal: Portal) -> None:
    """Make a portal the active one."""
    global _active
    _active = portal
    if portal.url not in _known:
        _known.append(portal.url)


def deactivate() -> None:
    """Forget the active portal."""
    global _active
    if _active is not None:
        _active.sign_out()
    _active = None


def known() -> list[str]:
    """Return the addresses of the portals met so far, ArcGIS Online among them."""
    return [*_known, *([] if ARCGIS_ONLINE in _known else [ARCGIS_ONLINE])]


def redirect(resolver: Callable[[str], str] | None) -> None:
    """Let another portal answer for the addresses that scripts name (`run --site`)."""
    global _resolver
    _resolver = resolver


def resolve(url: str) -> str:
    """Return the address to use for one that a script names."""
    return _resolver(url) if _resolver else url


def is_redirected() -> bool:
    """Return whether another portal answers for every address."""
    return _resolver is not None


def certificate_of_own_site(url: str) -> str | None:
    """Return the PEM certificate of the site of this process that answers at an address."""
    module = sys.modules.get("geosharing.site")
    place = urlsplit(url)
    for site in list(getattr(module, "_running", ())):
        own = urlsplit(site.url)
        if place.port == own.port and place.hostname in ("127.0.0.1", "localhost", "::1", own.hostname):
            return site.certificate_path.read_text(encoding="ascii")
    return None
