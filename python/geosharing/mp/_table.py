"""Stand-alone tables."""

from __future__ import annotations

from typing import Any

from ._item import ConnectionItem

__all__ = ["Table"]


class Table(ConnectionItem):
    """A table of a map, or of a data source.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/mapping/table-class.htm
    """

    def __init__(self, table_data_source: Any, _uri: str = "", _view: dict[str, Any] | None = None) -> None:
        """Open a table.

        Args:
            table_data_source: Path of a table, for `Map.addTable`.
        """
        if _view is None:
            from ._loose import loose

            _view, table_data_source = loose(table_data_source)
            _uri = _view["uri"]
        super().__init__(table_data_source, _uri, _view)

    def supports(self, table_property: str) -> bool:
        """Tell whether the table has a property, by its arcpy name."""
        return table_property.upper() in (
            "CONNECTIONPROPERTIES",
            "DATASOURCE",
            "DEFINITIONQUERY",
            "LONGNAME",
            "NAME",
        )

    @property
    def isTable(self) -> bool:
        """True."""
        return True
