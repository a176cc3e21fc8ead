"""Maps."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from geosharing import _native
from geosharing.exceptions import InvalidInputError, MissingError

from . import _connection, _names
from ._item import Item
from ._layer import Layer
from ._reference import SpatialReference
from ._table import Table

__all__ = ["Map", "add_data"]


class Map(Item):
    """A map of a project.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/mapping/map-class.htm
    """

    def __init__(self, native: Any, uri: str, project: Any = None) -> None:
        super().__init__(native, uri)
        self._project = project

    @property
    def name(self) -> str:
        """Name of the map."""
        return str(self._native.map_view(self._uri)["name"])

    @name.setter
    def name(self, value: str) -> None:
        if not str(value).strip():
            raise InvalidInputError("a map's name must not be empty")
        self._native.set(self._uri, "/name", str(value))
        if self._native.kind == "project":
            items = self._native.get(self._native.root, "/projectItems") or []
            for item in items:
                if item.get("catalogPath") == self._uri:
                    item["name"] = str(value)
            self._native.set(self._native.root, "/projectItems", items)

    @property
    def mapType(self) -> str:
        """`MAP` or `SCENE`."""
        return str(self._native.map_view(self._uri)["type"])

    @property
    def spatialReference(self) -> SpatialReference:
        """Coordinate system of the map."""
        return SpatialReference.from_value(self._native.map_view(self._uri)["spatial_reference"])

    @spatialReference.setter
    def spatialReference(self, value: Any) -> None:
        reference = value if isinstance(value, SpatialReference) else SpatialReference(value)
        self._native.set(self._uri, "/spatialReference", reference.to_value())

    @property
    def mapUnits(self) -> str:
        """Units of the coordinate system, `DecimalDegrees` or `Meter`."""
        crs = self.spatialReference._crs()
        if crs is None:
            return "Unknown"
        unit = crs.axis_info[0].unit_name if crs.axis_info else "Unknown"
        return {
            "degree": "DecimalDegrees",
            "metre": "Meter",
            "US survey foot": "Foot_US",
            "foot": "Foot",
        }.get(unit, unit)

    @property
    def referenceScale(self) -> float:
        """Scale at which symbols have their size; 0 for none."""
        return self._native.get(self._uri, "/referenceScale") or 0

    @referenceScale.setter
    def referenceScale(self, value: float) -> None:
        self._native.set(self._uri, "/referenceScale", value or None)

    @property
    def colorModel(self) -> str:
        """`RGB` or `CMYK`."""
        return self._native.get(self._uri, "/colorModel") or "RGB"

    @property
    def description(self) -> str:
        """Description in the map's own properties."""
        return self._native.get(self._uri, "/description") or ""

    @property
    def defaultCamera(self) -> dict[str, Any] | None:
        """Extent that the map opens with: `xmin`, `ymin`, `xmax`, `ymax`."""
        extent: dict[str, Any] | None = self._native.map_view(self._uri)["default_extent"]
        return extent

    def _contents(self) -> tuple[list[Layer], list[Table]]:
        layers, tables = self._native.contents(self._uri)
        return (
            [Layer(self._native, view["uri"], view, self._uri) for view in layers],
            [Table(self._native, view["uri"], view) for view in tables],
        )

    def listLayers(self, wildcard: str | None = None) -> list[Layer]:
        """List the layers in drawing order, groups before their members.

        Args:
            wildcard: Name, in which `*` stands for any text; case does not matter.
        """
        return _names.matching(self._contents()[0], wildcard)

    def listTables(self, wildcard: str | None = None) -> list[Table]:
        """List the stand-alone tables, those inside groups too."""
        return _names.matching(self._contents()[1], wildcard)

    def listBookmarks(self, wildcard: str | None = None) -> list[Any]:
        """List the bookmarks as objects with a `name`."""
        from geosharing import cim

        marks = [cim.from_value(mark) for mark in self._native.get(self._uri, "/bookmarks") or []]
        return _names.matching(marks, wildcard)

    def listBrokenDataSources(self) -> list[Layer | Table]:
        """List the layers and tables whose data cannot be found."""
        layers, tables = self._contents()
        items: list[Layer | Table] = [*layers, *tables]
        return [item for item in items if item.isBroken]

    def _item(self, uri: str) -> Layer | Table:
        layers, tables = self._contents()
        items: list[Layer | Table] = [*layers, *tables]
        return next(item for item in items if item._uri == uri)

    def addDataFromPath(
        self,
        data_path: Any,
        web_service_type: str = "AUTOMATIC",
        custom_parameters: dict[str, Any] | None = None,
    ) -> Layer | Table:
        r"""Add a feature class, table, file or service and return the layer or table.

        Args:
            data_path: Path such as `C:\data\a.gdb\roads`, or URL of a service or of one of its layers.
            web_service_type: Kind of service; found out from the URL.
            custom_parameters: Not used.

        Raises:
            MissingError: If there is no such data.
            NotSupportedError: If it is in a format that cannot be read.
        """
        del web_service_type, custom_parameters
        return self._item(add_data(self._native, self._uri, data_path))

    def addLayer(self, add_layer_or_layerfile: Any, add_position: str = "AUTO_ARRANGE") -> list[Layer]:
        """Copy a layer, or the layers of a layer file, into the map and return them.

        Args:
            add_layer_or_layerfile: A `Layer`, `LayerFile`, or path of a layer file.
            add_position: `AUTO_ARRANGE`, `TOP` or `BOTTOM`.
        """
        position = str(add_position or "AUTO_ARRANGE").upper()
        return self._add(add_layer_or_layerfile, position, None)

    def insertLayer(
        self, reference_layer: Layer, insert_layer_or_layerfile: Any, insert_position: str = "BEFORE"
    ) -> list[Layer]:
        """Copy a layer next to another one.

        Args:
            reference_layer: Layer of this map.
            insert_layer_or_layerfile: A `Layer`, `LayerFile`, or path of a layer file.
            insert_position: `BEFORE` or `AFTER` the reference layer.
        """
        position = str(insert_position or "BEFORE").upper()
        return self._add(insert_layer_or_layerfile, position, self._own(reference_layer))

    def addLayerToGroup(
        self, target_group_layer: Layer, add_layer_or_layerfile: Any, add_position: str = "AUTO_ARRANGE"
    ) -> list[Layer]:
        """Copy a layer into a group of this map."""
        del add_position
        return self._add(add_layer_or_layerfile, "INTO", self._own(target_group_layer))

    def _add(self, what: Any, position: str, target: str | None) -> list[Layer]:
        from ._layerfile import LayerFile

        if isinstance(what, str | os.PathLike):
            what = LayerFile(what)
        if isinstance(what, LayerFile):
            _, tables = what._native.contents("")
            sources = [
                (what._native, layer._uri) for layer in what.listLayers() if layer._view["parent"] is None
            ]
            for view in tables:
                if view["parent"] is None:
                    self._native.add_copy(self._uri, what._native, view["uri"], "BOTTOM")
        elif isinstance(what, Layer):
            sources = [(what._native, what._uri)]
        else:
            raise InvalidInputError(f"`{what!r}` is no layer and no layer file")
        # Each of these goes above the one before it, so the last is added first.
        ordered = reversed(sources) if position in ("TOP", "AFTER", "INTO") else sources
        added = [self._native.add_copy(self._uri, native, uri, position, target) for native, uri in ordered]
        layers, _ = self._contents()
        return [layer for layer in layers if layer._uri in added]

    def addTable(self, add_table: Any) -> Table:
        """Copy a stand-alone table into the map and return it.

        Args:
            add_table: A `Table`, or the path of one.
        """
        table = add_table if isinstance(add_table, Table) else Table(add_table)
        uri = self._native.add_copy(self._uri, table._native, table._uri, "BOTTOM")
        return next(item for item in self._contents()[1] if item._uri == uri)

    def createGroupLayer(self, name: str, group_layer: Layer | None = None) -> Layer:
        """Make an empty group at the top of the map, or inside another group."""
        place, target = ("TOP", None) if group_layer is None else ("INTO", self._own(group_layer))
        uri = self._native.create_group(self._uri, name, place, target)
        return next(layer for layer in self._contents()[0] if layer._uri == uri)

    def moveLayer(self, reference_layer: Layer, move_layer: Layer, insert_position: str = "BEFORE") -> None:
        """Move a layer before or after another one; after a group means into it."""
        position = str(insert_position or "BEFORE").upper()
        self._native.move_layer(self._uri, self._own(move_layer), position, self._own(reference_layer))

    def removeLayer(self, remove_layer: Layer) -> None:
        """Take a layer, with the members of a group, out of the map."""
        self._native.remove(self._uri, self._own(remove_layer))

    def removeTable(self, remove_table: Table) -> None:
        """Take a stand-alone table out of the map."""
        self._native.remove(self._uri, self._own(remove_table))

    def _own(self, item: Any) -> str:
        if not isinstance(item, Layer | Table):
            raise InvalidInputError(f"`{item!r}` is no layer or table")
        if item._native is not self._native:
            raise InvalidInputError(f"`{item}` belongs to another project; list the layers of `{self}` anew")
        return item._uri

    def clearSelection(self) -> None:
        """Forget the selections that the project stores."""
        for item in [*self._contents()[0], *self._contents()[1]]:
            for pointer in ("/featureTable/selectionSetURI", "/selectionSetURI"):
                if self._native.get(item._uri, pointer):
                    self._native.set(item._uri, pointer, None)

    def openView(self) -> None:
        """Do nothing: there are no views."""

    def updateConnectionProperties(
        self,
        current_connection_info: Any,
        new_connection_info: Any,
        auto_update_joins_and_relates: bool = True,
        validate: bool = True,
        ignore_case: bool = False,
    ) -> bool:
        """Point every layer and table that uses some data at other data."""
        layers, tables = self._contents()
        return _connection.update_all(
            self._native,
            [item._uri for item in [*layers, *tables] if "#" not in item._uri],
            current_connection_info,
            new_connection_info,
            joins=auto_update_joins_and_relates,
            validate=validate,
            ignore_case=ignore_case,
        )

    def exportToMAPX(self, out_mapx: Any) -> str:
        """Write the map as `.mapx` and return the path."""
        path = _names.destination(out_mapx, ".mapx")
        self._native.export_map(self._uri, path)
        return str(path)

    def getWebLayerSharingDraft(
        self,
        server_type: str,
        service_type: str,
        service_name: str,
        layers_and_tables: Any = None,
    ) -> Any:
        """Return a sharing draft of the map or of some of its layers.

        Args:
            server_type: `HOSTING_SERVER` or `FEDERATED_SERVER`.
            service_type: `FEATURE`, `TILE` or `MAP_IMAGE`.
            service_name: Name of the web layer.
            layers_and_tables: A layer or table or a list of them; all by default.

        https://pro.arcgis.com/en/pro-app/latest/arcpy/sharing/featuresharingdraft-class.htm
        """
        from geosharing.sharing._create import web_layer_draft

        return web_layer_draft(self, server_type, service_type, service_name, layers_and_tables)


def add_data(native: Any, map_uri: str, data_path: Any, base: Any = None) -> str:
    """Add data to a map and return the URI of its layer or table."""
    from geosharing import data

    text = os.fspath(data_path)
    if "://" in text:
        return str(native.add_service(map_uri, _service_name(text), text))
    memory = re.fullmatch(r"(?:memory|in_memory)[\\/](?:.*[\\/])?([^\\/]+)", text, re.IGNORECASE)
    if memory:
        described = data.describe("memory", memory[1])
        return str(native.add_dataset(map_uri, memory[1], described, Path("memory"), memory[1]))
    path, layer = _split(text, Path(base) if base else None)
    described = data.describe(path, layer)
    # `describe` finds the one layer of a container; the project has to name it.
    if layer is None and path.suffix.lower() in (".gpkg", ".gdb", ".xlsx", ".sqlite"):
        layer = described["name"]
    name = (layer or path.stem).rpartition("/")[2].rpartition(".")[2] if layer else path.stem
    return str(native.add_dataset(map_uri, name, described, path, layer))


def _split(text: str, base: Path | None) -> tuple[Path, str | None]:
    r"""Split a path that goes on inside a container: `C:\a.gdb\dataset\roads`."""
    try:
        return Path(_native.resolve_path(text, base)), None
    except MissingError as missing:
        # A path may go on inside of a geodatabase.
        head = text
        parts: list[str] = []
        while True:
            cut = max(head.rfind("/"), head.rfind("\\"))
            if cut <= 0:
                raise missing
            parts.insert(0, head[cut + 1 :])
            head = head[:cut]
            if head.lower().endswith((".gdb", ".gpkg", ".sqlite", ".xlsx")):
                return Path(_native.resolve_path(head, base)), parts[-1].removeprefix("main.")


def _service_name(url: str) -> str:
    parts = [part for part in url.split("?")[0].rstrip("/").split("/") if part]
    names = [part for part in parts if not part.lower().endswith("server") and not part.isdigit()]
    return names[-1] if names else "Service"
