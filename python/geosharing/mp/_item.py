"""What layers and tables have in common: a definition in a project, and a data connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geosharing import cim
from geosharing.exceptions import InvalidInputError

from . import _connection, _names

if TYPE_CHECKING:
    from geosharing.metadata import Metadata

__all__ = ["ConnectionItem", "Item"]


class Item:
    """Something with a definition in a project."""

    def __init__(self, native: Any, uri: str) -> None:
        self._native = native
        self._uri = uri

    @property
    def URI(self) -> str:
        """Where the definition is in the project, `CIMPATH=map/roads.json`."""
        return self._uri

    @property
    def name(self) -> str:
        """Name in the project."""
        return str(self._native.get(self._uri, "/name") or "")

    @name.setter
    def name(self, value: str) -> None:
        if not str(value).strip():
            raise InvalidInputError("a name must not be empty")
        self._native.set(self._uri, "/name", str(value))

    def getDefinition(self, cim_version: str) -> cim.CIMObject:
        """Return the CIM definition as objects with attribute access.

        The copy is written back by `setDefinition`.

        Args:
            cim_version: `V2` or `V3`; both give the members that the file has.
        """
        cim.check_version(cim_version)
        definition: cim.CIMObject = cim.from_value(self._native.document(self._uri))
        return definition

    def setDefinition(self, definition_object: cim.CIMObject) -> None:
        """Write a CIM definition back; `save` of the project then stores it.

        Raises:
            InvalidInputError: If it is no definition of the same class.
        """
        value = cim.to_value(definition_object)
        now = self._native.get(self._uri, "/type")
        if not isinstance(value, dict) or value.get("type") != now:
            found = value.get("type") if isinstance(value, dict) else type(definition_object).__name__
            raise InvalidInputError(f"`{found}` cannot replace the definition of `{self.name}`, a `{now}`")
        self._native.set_document(self._uri, value)

    @property
    def metadata(self) -> Metadata:
        """Title, summary, tags and more; `save` of the metadata and of the project stores them."""
        from geosharing.metadata import Metadata

        return Metadata._of_project(self._native, self._uri, self.name)

    @metadata.setter
    def metadata(self, value: Metadata) -> None:
        self._native.set_metadata(self._uri, value.xml)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[int, str]:
        return id(self._native), self._uri

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"


class ConnectionItem(Item):
    """A layer or table of a project."""

    # Where the connection and the query stand in the definition.
    _table = ""

    def __init__(self, native: Any, uri: str, view: dict[str, Any]) -> None:
        super().__init__(native, uri)
        self._view = view

    @property
    def longName(self) -> str:
        r"""Names of the groups and the item, `Group\Roads`."""
        groups, _, _ = str(self._view["long_name"]).rpartition("\\")
        return f"{groups}\\{self.name}" if groups else self.name

    @property
    def isBroken(self) -> bool:
        """Whether the data cannot be found on this machine; services count as found."""
        return bool(self._native.is_broken(self._uri))

    @property
    def dataSource(self) -> str:
        """Path of the data on this machine, or address of the service."""
        source = self._native.data_source(self._uri)
        if source is None:
            raise AttributeError(f"`{self.name}` has no `dataSource`; ask `supports('DATASOURCE')` first")
        return str(source)

    @property
    def source(self) -> tuple[Any, str | None, str | None]:
        """Path, name inside the container and definition query, for `geosharing.data`.

        Raises:
            MissingError: If the data cannot be found; both spellings of the path are shown.
            NotSupportedError: If it is a service or in a format that cannot be read.
        """
        path, layer, where = self._native.source(self._uri)
        return path, layer, where

    @property
    def connectionProperties(self) -> dict[str, Any] | None:
        """`dataset`, `workspace_factory` and `connection_info` of the data; `None` for groups."""
        properties: dict[str, Any] | None = self._native.connection_properties(self._uri)
        return properties

    @connectionProperties.setter
    def connectionProperties(self, value: dict[str, Any]) -> None:
        self.updateConnectionProperties(None, value)

    def updateConnectionProperties(
        self,
        current_connection_info: Any,
        new_connection_info: Any,
        auto_update_joins_and_relates: bool = True,
        validate: bool = True,
        ignore_case: bool = False,
    ) -> bool:
        """Point the item at other data; returns whether anything changed.

        Args:
            current_connection_info: Path (or part of one) or dictionary to replace; `None` for all.
            new_connection_info: Path or dictionary to put there.
            auto_update_joins_and_relates: Change joined tables too.
            validate: Change only if the new data exists.
            ignore_case: Compare paths without regard to case.
        """
        return _connection.update(
            self._native,
            self._uri,
            current_connection_info,
            new_connection_info,
            joins=auto_update_joins_and_relates,
            validate=validate,
            ignore_case=ignore_case,
        )

    @property
    def definitionQuery(self) -> str:
        """Condition that features must meet, empty for none."""
        return str(self._native.get(self._uri, f"{self._table}/definitionExpression") or "")

    @definitionQuery.setter
    def definitionQuery(self, value: str | None) -> None:
        self._native.set(self._uri, f"{self._table}/definitionExpression", value or None)

    def listDefinitionQueries(self, wildcard: str | None = None) -> list[dict[str, Any]]:
        """List the stored queries as dictionaries of `name`, `sql` and `isActive`."""
        active = self._native.get(self._uri, f"{self._table}/definitionExpressionName")
        choices = self._native.get(self._uri, f"{self._table}/definitionFilterChoices") or []
        found = [
            {
                "name": choice.get("name", ""),
                "sql": choice.get("definitionExpression", ""),
                "isActive": choice.get("name") == active,
            }
            for choice in choices
        ]
        if not found and self.definitionQuery:
            found = [{"name": active or "Query 1", "sql": self.definitionQuery, "isActive": True}]
        named = _names.matching((_Named(query) for query in found), wildcard)
        return [query.query for query in named]

    def updateDefinitionQueries(self, definitionQueries: list[dict[str, Any]] | None) -> None:
        """Replace the stored queries; the active one filters the data."""
        queries = definitionQueries or []
        active = next((query for query in queries if query.get("isActive")), None)
        choices = [
            {
                "type": "CIMDefinitionFilter",
                "name": query["name"],
                "definitionExpression": query["sql"],
            }
            for query in queries
        ]

        def put(key: str, value: Any) -> None:
            self._native.set(self._uri, f"{self._table}/{key}", value)

        put("definitionFilterChoices", choices or None)
        put("definitionExpression", active["sql"] if active else None)
        put("definitionExpressionName", active["name"] if active else None)

    def saveACopy(self, file_name: Any) -> None:
        """Write the item as a layer file (`.lyrx`)."""
        self._native.export_layer(self._uri, _names.destination(file_name, ".lyrx"))


class _Named:
    def __init__(self, query: dict[str, Any]) -> None:
        self.query = query
        self.name = query["name"]
