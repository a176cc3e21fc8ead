"""Spatial references, as arcpy has them."""

from __future__ import annotations

import functools
import os
import re
from typing import Any

__all__ = ["SpatialReference"]


_UNITS = {
    "metre": "Meter",
    "meter": "Meter",
    "us survey foot": "Foot_US",
    "foot": "Foot",
    "kilometre": "Kilometer",
}


class SpatialReference:
    """A coordinate system by its well-known id, its text, or a `.prj` file.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/classes/spatialreference.htm

    Raises:
        ValueError: when no such system is known.
    """

    def __init__(self, item: Any = None, vcs: Any = None, text: str | None = None) -> None:
        """Make a reference.

        Args:
            item: well-known id such as 3857, WKT, path of a `.prj` file, or None for an unknown system.
            vcs: vertical system; ignored.
            text: WKT.
        """
        source = text if text is not None else item
        self._value: dict[str, Any] = {}
        self._known: Any = None
        if isinstance(source, SpatialReference):
            self._value = dict(source._value)
        elif isinstance(source, dict):
            self._value = {key: value for key, value in source.items() if value is not None}
        elif isinstance(source, int) or (isinstance(source, str) and source.isdigit()):
            self._value = {"wkid": int(source)} if int(source) else {}
            self._crs()
        elif source:
            if str(source).lower().endswith(".prj") and os.path.isfile(source):
                with open(source, encoding="utf-8") as file:
                    source = file.read()
            self._value = {"wkt": str(source)}
            try:
                self._known, code = _by_text(str(source))
            except _crs_error() as error:
                raise ValueError(f"`{source}` is no spatial reference: {error}") from error
            if code:
                self._value["wkid"] = code

    @classmethod
    def from_value(cls, value: dict[str, Any] | None) -> SpatialReference:
        """Make a reference from its REST form."""
        return cls(value or {})

    def to_value(self) -> dict[str, Any]:
        """Return the REST form: `wkid` and `latestWkid`, or `wkt`."""
        if self.factoryCode:
            return {key: value for key, value in self._value.items() if key != "wkt"}
        return dict(self._value)

    @property
    def factoryCode(self) -> int:
        """The newest well-known id, 0 for systems without one."""
        return int(self._value.get("latestWkid") or self._value.get("wkid") or 0)

    def _crs(self) -> Any:
        if self._known is None and self._value:
            import pyproj

            code, text = self.factoryCode, self._value.get("wkt")
            try:
                self._known = _by_code(code) if code else pyproj.CRS.from_user_input(text)
            except pyproj.exceptions.CRSError as error:
                raise ValueError(f"`{code or text}` is no spatial reference: {error}") from error
        return self._known

    @property
    def name(self) -> str:
        """Name of the system in Esri's spelling, `Unknown` without one."""
        crs = self._crs()
        if crs is None:
            return "Unknown"
        named = re.match(r'\w+\["([^"]+)"', self.exportToString())
        return named[1] if named else str(crs.name)

    @property
    def type(self) -> str:
        """`Projected`, `Geographic` or `Unknown`."""
        crs = self._crs()
        if crs is None:
            return "Unknown"
        return "Projected" if crs.is_projected else "Geographic"

    @property
    def linearUnitName(self) -> str:
        """Unit of a projected system in Esri's spelling, empty for others."""
        crs = self._crs()
        if crs is None or not crs.is_projected:
            return ""
        unit = crs.axis_info[0].unit_name
        return _UNITS.get(unit.lower(), unit.title().replace(" ", "_"))

    @property
    def metersPerUnit(self) -> float:
        """Metres of one unit of a projected system; 0 for others."""
        crs = self._crs()
        return float(crs.axis_info[0].unit_conversion_factor) if crs is not None and crs.is_projected else 0.0

    @property
    def angularUnitName(self) -> str:
        """Unit of a geographic system, empty for others."""
        crs = self._crs()
        return crs.axis_info[0].unit_name.title() if crs is not None and crs.is_geographic else ""

    @property
    def PCSCode(self) -> int:
        """Id of a projected system, 0 for others."""
        return self.factoryCode if self.type == "Projected" else 0

    @property
    def GCSCode(self) -> int:
        """Id of a geographic system, 0 for others."""
        return self.factoryCode if self.type == "Geographic" else 0

    @property
    def GCS(self) -> SpatialReference:
        """The geographic system under a projected one; a geographic system itself."""
        crs = self._crs()
        if crs is None or not crs.is_projected:
            return self
        base = crs.geodetic_crs
        return SpatialReference(base.to_epsg() or base.to_wkt())

    def exportToString(self) -> str:
        """Return the system as Esri WKT, empty for an unknown one."""
        crs = self._crs()
        if crs is None:
            return ""
        text: str | None = crs.to_wkt("WKT1_ESRI")
        return text or str(crs.to_wkt())

    def loadFromString(self, string: str) -> None:
        """Become the system of a WKT."""
        other = SpatialReference(text=string)
        self._value, self._known = other._value, other._known

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SpatialReference):
            return NotImplemented
        if self.factoryCode or other.factoryCode:
            return self.factoryCode == other.factoryCode
        return self._value.get("wkt") == other._value.get("wkt")

    def __hash__(self) -> int:
        return hash(self.factoryCode or self._value.get("wkt"))

    def __repr__(self) -> str:
        return f"<SpatialReference {self.name}{f' ({self.factoryCode})' if self.factoryCode else ''}>"


def _crs_error() -> type[Exception]:
    from pyproj.exceptions import CRSError

    return CRSError


@functools.lru_cache(maxsize=256)
def _by_text(text: str) -> tuple[Any, int | None]:
    """Return a system and its id; looking for the id takes a tenth of a second."""
    import pyproj

    crs = pyproj.CRS.from_user_input(text)
    return crs, crs.to_epsg()


def _by_code(code: int) -> Any:
    import pyproj

    try:
        return pyproj.CRS.from_epsg(code)
    except pyproj.exceptions.CRSError:
        return pyproj.CRS.from_authority("ESRI", code)
