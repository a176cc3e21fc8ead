"""arcpy's functions about the active portal."""

from __future__ import annotations

import os
from typing import Any

from .. import _portal
from ..client import Portal, Token
from ..exceptions import AuthenticationError
from .values import given

__all__ = [
    "GetActivePortalURL",
    "GetPortalDescription",
    "GetPortalInfo",
    "GetSigninToken",
    "ListPortalURLs",
    "SignInToPortal",
    "SignOutFromPortal",
]


def SignInToPortal(
    portal_url: str,
    username: str | None = None,
    password: str | None = None,
    cert_file: str | None = None,
    cert_password: str | None = None,
) -> dict[str, Any]:
    """Sign in with a built-in account; the portal becomes the active one.

    Without a name, GEOSHARING_PORTAL_USER and GEOSHARING_PORTAL_PASSWORD are used, or the sign-in that
    this process already has at the portal.

    Args:
        portal_url: address of the portal, in any usual spelling.
        username: name of a built-in account.
        password: its password.
        cert_file: not supported.
        cert_password: not supported.

    Returns:
        `token`, `referer` and `expires` (seconds since 1970).

    Raises:
        AuthenticationError: the portal refuses.
        PortalError: the portal does not answer.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/signintoportal.htm
    """
    if cert_file or cert_password:
        raise NotImplementedError("signing in with a certificate is not supported; use a built-in account")
    url = _portal.resolve(portal_url)
    current = _portal.active()
    if _portal.is_redirected() and current is not None:
        token = current.token
        assert token is not None
        return _described(token)
    user = given(username) or os.environ.get("GEOSHARING_PORTAL_USER")
    if user is None:
        token = current.token if current is not None and _same(current, url) else None
        if token is None:
            raise AuthenticationError(
                f"cannot sign in to `{portal_url}` without a name and password; pass them, or set "
                "GEOSHARING_PORTAL_USER and GEOSHARING_PORTAL_PASSWORD"
            )
        return _described(token)
    secret = password if password is not None else os.environ.get("GEOSHARING_PORTAL_PASSWORD", "")
    portal = Portal(url)
    token = portal.sign_in(user, secret)
    _portal.activate(portal)
    return _described(token)


def SignOutFromPortal() -> None:
    """Forget the sign-in and the active portal."""
    _portal.deactivate()


def GetActivePortalURL() -> str:
    """Return the address of the active portal with its trailing slash; ArcGIS Online's before any sign-in.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/getactiveportalurl.htm
    """
    portal = _portal.active()
    return portal.url if portal is not None else _portal.ARCGIS_ONLINE


def ListPortalURLs() -> list[str]:
    """Return the addresses of the portals that this process knows."""
    return _portal.known()


def GetSigninToken() -> dict[str, Any] | None:
    """Return the token of the active portal, renewed if need be; None when nobody is signed in.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/getsignintoken.htm
    """
    portal = _portal.active()
    token = portal.token if portal is not None else None
    return None if token is None else {**_described(token), "messages": []}


def GetPortalDescription(portal_URL: str | None = None) -> dict[str, Any]:
    """Describe a portal as its resource `portals/self` does.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/getportaldescription.htm
    """
    return _at(portal_URL).properties()


def GetPortalInfo(portal_URL: str | None = None) -> dict[str, Any]:
    """Return a few facts about a portal: organisation, version, role of the user.

    https://pro.arcgis.com/en/pro-app/2.8/arcpy/functions/getportalinfo.htm
    """
    described = _at(portal_URL).properties()
    version = str(described.get("currentVersion", "0")).split(".")
    kind = described.get("subscriptionInfo", {}).get("type", "")
    return {
        "SSL_enabled": bool(described.get("allSSL", False)),
        "organization": described.get("name") or described.get("portalName") or "",
        "organization_type": kind,
        "organizationtype": kind,
        "portal_version": float(".".join(version[:2]) or 0),
        "role": described.get("user", {}).get("role", ""),
    }


def _at(url: str | None) -> Portal:
    portal = _portal.active()
    wanted = given(url)
    if wanted is not None:
        wanted = _portal.resolve(wanted)
    if portal is not None and (wanted is None or _same(portal, wanted)):
        return portal
    return Portal(wanted or GetActivePortalURL())


def _same(portal: Portal, url: str) -> bool:
    return Portal(url).url.rstrip("/").lower() == portal.url.rstrip("/").lower()


def _described(token: Token) -> dict[str, Any]:
    expires = None if token.expires is None else token.expires // 1000
    return {"token": token.token, "referer": token.referer, "expires": expires}
