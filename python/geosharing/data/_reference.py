"""Spatial references: from WKT to Esri's ids."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

# Esri's own ids of systems that EPSG numbered later.
_ESRI_IDS = {3857: 102100, 3395: 54004}


@lru_cache(maxsize=256)
def spatial_reference(wkt: str | None) -> dict[str, Any] | None:
    """Return `wkid`, `latestWkid` and, for systems without an id, Esri's `wkt`.

    Args:
        wkt: WKT in any dialect, such as the text of a `.prj` file.
    """
    if not wkt:
        return None
    import pyproj

    try:
        system = pyproj.CRS.from_wkt(wkt)
    except pyproj.exceptions.CRSError:
        return {"wkt": wkt}
    # The vertical part has ids of its own; layers are placed by the horizontal one.
    if system.is_compound and system.sub_crs_list:
        system = system.sub_crs_list[0]
    if system.is_bound and system.source_crs is not None:
        system = system.source_crs
    code = system.to_epsg(min_confidence=70)
    if code is not None:
        return {"wkid": _ESRI_IDS.get(code, code), "latestWkid": code}
    authority = system.to_authority(min_confidence=70)
    if authority is not None and authority[0] in ("ESRI", "EPSG"):
        return {"wkid": int(authority[1]), "latestWkid": int(authority[1])}
    if system.type_name == "Engineering CRS" or "unknown" in system.name.lower():
        return None
    return {"wkt": system.to_wkt("WKT1_ESRI")}
