"""What every draft says of the machine, the portal and the item."""

from __future__ import annotations

import functools
import os
import platform
from collections.abc import Mapping
from typing import Any

from .. import _portal
from ..exceptions import SharingError

__all__ = ["reference", "registered", "signed_in", "surroundings", "text", "wkt", "words"]


def text(value: Any) -> str:
    """Return a value as a text; empty for None."""
    return "" if value is None else str(value)


def surroundings(path: str | None) -> dict[str, Any]:
    """Return folder, machine and portal of a draft.

    Args:
        path: where the draft goes.
    """
    return {
        "folder": os.path.dirname(os.path.abspath(path)) if path else "",
        "portal": signed_in(),
        "machine": platform.node().upper(),
    }


def signed_in() -> dict[str, Any] | None:
    """Return the portal of the session, in the form of the core's `Portal`; None without a sign-in."""
    portal = _portal.active()
    if portal is None:
        return None
    try:
        about = portal.properties()
    except SharingError:
        # The name and the address are enough for a draft; the upload will say what is wrong.
        about = {}
    return {
        "url": portal.url,
        "user": portal.username or "",
        "version": text(about.get("currentVersion", "")),
        "is_portal": bool(about.get("isPortal", False)),
    }


def registered(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what the server of a draft has registered, in the form of the core's `ServerFacts`.

    None when the draft copies its data or has no server, and when nobody answers: the report lists what
    could not be checked then.

    Args:
        values: the draft's properties.
    """
    where = text(values.get("federatedServerUrl") or values.get("targetServer"))
    if not where or values.get("offline") or values.get("copyDataToServer") is not False:
        return None
    from ..gp.registered import server_facts

    try:
        return server_facts(where)
    except SharingError:
        return None


def words(metadata: Any) -> dict[str, str]:
    """Return what metadata says of an item, in the form of the core's `ItemText`."""

    def word(name: str) -> str:
        return text(getattr(metadata, name, None))

    return {
        "summary": word("summary"),
        "tags": word("tags"),
        "description": word("description"),
        "credits": word("credits"),
        "use_limitations": word("accessConstraints"),
        "xml": word("xml"),
    }


@functools.lru_cache(maxsize=64)
def wkt(wkid: int) -> str:
    """Return Esri's WKT of a system; empty when it is not known."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    for authority in ("EPSG", "ESRI"):
        try:
            return str(CRS.from_authority(authority, wkid).to_wkt("WKT1_ESRI"))
        except CRSError:
            continue
    return ""


NUMBERS = ("falseX", "falseY", "xyUnits", "falseZ", "zUnits", "falseM", "mUnits")
TOLERANCES = ("xyTolerance", "zTolerance", "mTolerance")


def reference(found: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return a spatial reference of CIM or of data with its WKT; None without one."""
    if not found:
        return None
    wkid = int(found.get("wkid") or 0)
    latest = int(found.get("latestWkid") or wkid)
    made: dict[str, Any] = {"wkid": wkid, "latestWkid": latest}
    made["wkt"] = text(found.get("wkt")) or wkt(latest or wkid)
    made |= {key: float(found[key]) for key in (*NUMBERS, *TOLERANCES) if found.get(key) is not None}
    return made
