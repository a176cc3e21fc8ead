"""Layer files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geosharing import _native

from . import _connection, _names
from ._layer import Layer
from ._map import Map
from ._table import Table

if TYPE_CHECKING:
    from geosharing.metadata import Metadata

__all__ = ["LayerFile"]


class LayerFile:
    """A layer file (`.lyrx`).

    https://pro.arcgis.com/en/pro-app/latest/arcpy/mapping/layerfile-class.htm
    """

    def __init__(self, layer_file: Any) -> None:
        """Open a layer file.

        Args:
            layer_file: Path, which may be a Windows path.

        Raises:
            MissingError: If there is no such file.
            InvalidInputError: If it is no layer file.
        """
        self._native = _native.Project.open(_names.existing(layer_file))
        self._map = Map(self._native, "")

    @property
    def filePath(self) -> str:
        """Path of the file."""
        return str(self._native.path)

    @property
    def version(self) -> str:
        """Version of ArcGIS Pro that wrote it."""
        return str(self._native.version)

    @property
    def metadata(self) -> Metadata:
        """Metadata of the first layer."""
        return self.listLayers()[0].metadata

    def listLayers(self, wildcard: str | None = None) -> list[Layer]:
        """List the layers, groups before their members."""
        return self._map.listLayers(wildcard)

    def listTables(self, wildcard: str | None = None) -> list[Table]:
        """List the stand-alone tables."""
        return self._map.listTables(wildcard)

    def listBrokenDataSources(self) -> list[Layer | Table]:
        """List the layers and tables whose data cannot be found."""
        return self._map.listBrokenDataSources()

    def addLayer(self, add_layer_or_layerfile: Any, add_position: str = "AUTO_ARRANGE") -> list[Layer]:
        """Copy a layer, or the layers of another file, into this file."""
        return self._map.addLayer(add_layer_or_layerfile, add_position)

    def insertLayer(
        self, reference_layer: Layer, insert_layer_or_layerfile: Any, insert_position: str = "BEFORE"
    ) -> list[Layer]:
        """Copy a layer next to another one."""
        return self._map.insertLayer(reference_layer, insert_layer_or_layerfile, insert_position)

    def moveLayer(self, reference_layer: Layer, move_layer: Layer, insert_position: str = "BEFORE") -> None:
        """Move a layer before or after another one."""
        self._map.moveLayer(reference_layer, move_layer, insert_position)

    def removeLayer(self, remove_layer: Layer) -> None:
        """Take a layer out of the file."""
        self._map.removeLayer(remove_layer)

    def updateConnectionProperties(
        self,
        current_connection_info: Any,
        new_connection_info: Any,
        auto_update_joins_and_relates: bool = True,
        validate: bool = True,
        ignore_case: bool = False,
    ) -> bool:
        """Point every layer that uses some data at other data."""
        layers, tables = self._map._contents()
        return _connection.update_all(
            self._native,
            [item._uri for item in [*layers, *tables]],
            current_connection_info,
            new_connection_info,
            joins=auto_update_joins_and_relates,
            validate=validate,
            ignore_case=ignore_case,
        )

    def save(self) -> None:
        """Write the changes into the file."""
        self._native.save()

    def saveACopy(self, file_name: Any) -> None:
        """Write a copy."""
        self._native.save_copy(_names.destination(file_name, ".lyrx"))

    def __repr__(self) -> str:
        return f"<LayerFile {self.filePath!r}>"
