"""Spatial references of maps."""

from __future__ import annotations

from typing import Any

__all__ = ["SpatialReference"]


class SpatialReference:
    """A coordinate system by its well-known id or text.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/classes/spatialreference.htm
    """

    def __init__(self, item: int | str | None = None) -> None:
        """Make a reference.

        Args:
            item: Well-known id such as 3857, WKT, or `None` for an unknown system.
        """
        self._value: dict[str, Any] = {}
        if isinstance(item, int) or (isinstance(item, str) and item.isdigit()):
            self._value = {"wkid": int(item)}
        elif item:
            self._value = {"wkt": str(item)}

    @classmethod
    def from_value(cls, value: dict[str, Any] | None) -> SpatialReference:
        """Make a reference from its REST form."""
        out = cls()
        out._value = {key: item for key, item in (value or {}).items() if item is not None}
        return out

    def to_value(self) -> dict[str, Any]:
        """Return the REST form: `wkid` and `latestWkid`, or `wkt`."""
        return dict(self._value)

    @property
    def factoryCode(self) -> int:
        """The newest well-known id, 0 for systems without one."""
        return int(self._value.get("latestWkid") or self._value.get("wkid") or 0)

    def _crs(self) -> Any:
        import pyproj

        code = self.factoryCode
        if not code:
            wkt = self._value.get("wkt")
            return pyproj.CRS.from_user_input(wkt) if wkt else None
        try:
            return pyproj.CRS.from_epsg(code)
        except pyproj.exceptions.CRSError:
            return pyproj.CRS.from_authority("ESRI", code)

    @property
    def name(self) -> str:
        """Name of the coordinate system, `Unknown` without one."""
        crs = self._crs()
        return crs.name.replace(" / ", "_").replace(" ", "_") if crs is not None else "Unknown"

    @property
    def type(self) -> str:
        """`Projected`, `Geographic` or `Unknown`."""
        crs = self._crs()
        if crs is None:
            return "Unknown"
        return "Projected" if crs.is_projected else "Geographic"

    def exportToString(self) -> str:
        """Return the Esri WKT."""
        if wkt := self._value.get("wkt"):
            return str(wkt)
        crs = self._crs()
        return str(crs.to_wkt("WKT1_ESRI")) if crs is not None else ""

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, SpatialReference)
            and self.factoryCode == other.factoryCode
            and (bool(self.factoryCode) or self._value == other._value)
        )

    def __hash__(self) -> int:
        return hash(self.factoryCode)

    def __repr__(self) -> str:
        return f"<SpatialReference {self.factoryCode or self.name}>"
