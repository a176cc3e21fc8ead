"""Layers."""

from __future__ import annotations

from typing import Any

from geosharing.exceptions import InvalidInputError

from . import _names
from ._item import ConnectionItem
from ._table import Table

__all__ = ["LabelClass", "Layer"]

_ALWAYS = {"LONGNAME", "NAME", "VISIBLE", "MAXTHRESHOLD", "MINTHRESHOLD", "METADATA", "URI"}
_DATA = {"CONNECTIONPROPERTIES", "DATASOURCE"}
_FEATURE = {"DEFINITIONQUERY", "SHOWLABELS", "SYMBOLOGY", "TIME"}


class LabelClass:
    """One label class of a layer.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/mapping/labelclass-class.htm
    """

    def __init__(self, native: Any, uri: str, index: int) -> None:
        self._native = native
        self._uri = uri
        self._at = f"/labelClasses/{index}"

    def _get(self, key: str) -> Any:
        return self._native.get(self._uri, f"{self._at}/{key}")

    @property
    def name(self) -> str:
        """Name of the class."""
        return self._get("name") or ""

    @property
    def expression(self) -> str:
        """Expression in the class's language."""
        return self._get("expression") or ""

    @expression.setter
    def expression(self, value: str) -> None:
        self._native.set(self._uri, f"{self._at}/expression", value)

    @property
    def SQLQuery(self) -> str:
        """Condition on the features that are labelled."""
        return self._get("whereClause") or ""

    @SQLQuery.setter
    def SQLQuery(self, value: str) -> None:
        self._native.set(self._uri, f"{self._at}/whereClause", value or None)

    @property
    def visible(self) -> bool:
        """Whether the class is switched on."""
        return bool(self._get("visibility"))

    @visible.setter
    def visible(self, value: bool) -> None:
        self._native.set(self._uri, f"{self._at}/visibility", bool(value))


class Layer(ConnectionItem):
    """A layer of a map or layer file.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/mapping/layer-class.htm
    """

    _table = "/featureTable"

    def __init__(self, native: Any, uri: str, view: dict[str, Any], map_uri: str) -> None:
        super().__init__(native, uri, view)
        self._map_uri = map_uri

    @property
    def isFeatureLayer(self) -> bool:
        """Whether it shows features."""
        return self._view["kind"] == "Feature"

    @property
    def isGroupLayer(self) -> bool:
        """Whether it holds other layers."""
        return self._view["kind"] in ("Group", "SubtypeGroup", "Mosaic")

    @property
    def isRasterLayer(self) -> bool:
        """Whether it shows a raster or an image service."""
        return self._view["kind"] in ("Raster", "ImageService")

    @property
    def isMosaicLayer(self) -> bool:
        """Whether it shows a mosaic dataset."""
        return self._view["kind"] == "Mosaic"

    @property
    def isWebLayer(self) -> bool:
        """Whether it comes from a service on the web."""
        if self._view["is_web"]:
            return True
        source = self._native.data_source(self._uri)
        return bool(source) and "://" in str(source)

    @property
    def isBasemapLayer(self) -> bool:
        """Whether it is a basemap, which web layers leave out."""
        return bool(self._view["is_basemap"])

    @property
    def isSceneLayer(self) -> bool:
        """Whether it is a scene layer."""
        return self._view["kind"] == "Scene"

    @property
    def is3DLayer(self) -> bool:
        """Whether it lies in the 3D group of a scene."""
        return self._view["kind"] == "Scene" or bool(
            self._native.get(self._uri, "/layer3DProperties/isLayer3D")
        )

    @property
    def isNetworkDatasetLayer(self) -> bool:
        """Whether it shows a network dataset."""
        return self._view["type"] == "CIMNetworkDatasetLayer"

    @property
    def isNetworkAnalystLayer(self) -> bool:
        """Whether it is a network analysis layer."""
        return self._view["type"] == "CIMNALayer"

    @property
    def isAnnotationLayer(self) -> bool:
        """Whether it shows annotation."""
        return self._view["kind"] == "Annotation"

    @property
    def isSubtypeLayer(self) -> bool:
        """Whether it is a group by subtype."""
        return self._view["kind"] == "SubtypeGroup"

    @property
    def isQueryLayer(self) -> bool:
        """Whether its data is a query in a database."""
        return self._native.get(self._uri, "/featureTable/dataConnection/type") == "CIMSqlQueryDataConnection"

    @property
    def isTimeEnabled(self) -> bool:
        """Whether it filters by time."""
        return bool(self._native.get(self._uri, "/featureTable/timeFields/startTimeField"))

    @property
    def visible(self) -> bool:
        """Whether it is switched on."""
        return bool(self._native.get(self._uri, "/visibility"))

    @visible.setter
    def visible(self, value: bool) -> None:
        self._native.set(self._uri, "/visibility", bool(value))

    @property
    def transparency(self) -> int:
        """Percent; 0 is opaque."""
        return int(self._native.get(self._uri, "/transparency") or 0)

    @transparency.setter
    def transparency(self, value: float) -> None:
        if not 0 <= value <= 100:
            raise InvalidInputError(f"transparency must lie between 0 and 100, not `{value}`")
        self._native.set(self._uri, "/transparency", value)

    @property
    def brightness(self) -> int:
        """Brightness of a raster or web layer, -100 to 100."""
        return int(self._native.get(self._uri, "/brightness") or 0)

    @brightness.setter
    def brightness(self, value: int) -> None:
        self._native.set(self._uri, "/brightness", value)

    @property
    def contrast(self) -> int:
        """Contrast of a raster or web layer, -100 to 100."""
        return int(self._native.get(self._uri, "/contrast") or 0)

    @contrast.setter
    def contrast(self, value: int) -> None:
        self._native.set(self._uri, "/contrast", value)

    @property
    def minThreshold(self) -> float:
        """Scale denominator above which it does not draw; 0 for no limit."""
        return self._native.get(self._uri, "/minScale") or 0

    @minThreshold.setter
    def minThreshold(self, value: float) -> None:
        self._native.set(self._uri, "/minScale", value)

    @property
    def maxThreshold(self) -> float:
        """Scale denominator below which it does not draw; 0 for no limit."""
        return self._native.get(self._uri, "/maxScale") or 0

    @maxThreshold.setter
    def maxThreshold(self, value: float) -> None:
        self._native.set(self._uri, "/maxScale", value)

    @property
    def showLabels(self) -> bool:
        """Whether labels are switched on."""
        return bool(self._native.get(self._uri, "/labelVisibility"))

    @showLabels.setter
    def showLabels(self, value: bool) -> None:
        self._native.set(self._uri, "/labelVisibility", bool(value))

    def listLabelClasses(self, wildcard: str | None = None) -> list[LabelClass]:
        """List the label classes."""
        count = len(self._native.get(self._uri, "/labelClasses") or [])
        classes = [LabelClass(self._native, self._uri, index) for index in range(count)]
        return _names.matching(classes, wildcard)

    def listLayers(self, wildcard: str | None = None) -> list[Layer]:
        """List the layers inside a group, groups before their members."""
        layers, _ = self._native.contents(self._map_uri)
        inside = {self._uri}
        found = []
        for view in layers:
            if view["parent"] in inside:
                inside.add(view["uri"])
                found.append(Layer(self._native, view["uri"], view, self._map_uri))
        return _names.matching(found, wildcard)

    def listTables(self, wildcard: str | None = None) -> list[Table]:
        """List the tables inside a group."""
        layers, tables = self._native.contents(self._map_uri)
        inside = {self._uri}
        for view in layers:
            if view["parent"] in inside:
                inside.add(view["uri"])
        found = [Table(self._native, view["uri"], view) for view in tables if view["parent"] in inside]
        return _names.matching(found, wildcard)

    def supports(self, layer_property: str) -> bool:
        """Tell whether the layer has a property, by its arcpy name such as `DATASOURCE`."""
        name = layer_property.upper()
        if name in _ALWAYS:
            return True
        if name in _DATA:
            return self._native.data_source(self._uri) is not None
        if name == "TRANSPARENCY":
            return True
        if name in ("BRIGHTNESS", "CONTRAST"):
            return self.isRasterLayer or self.isWebLayer
        return name in _FEATURE and self.isFeatureLayer
