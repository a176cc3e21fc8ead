"""Projects."""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geosharing import _native
from geosharing.exceptions import InvalidInputError, MissingError, NotSupportedError

from . import _connection, _names
from ._layer import Layer
from ._map import Map
from ._table import Table

if TYPE_CHECKING:
    from geosharing.metadata import Metadata

__all__ = ["ArcGISProject", "current_project", "set_current_project"]

CURRENT_VARIABLE = "GEOSHARING_PROJECT"
_current: ArcGISProject | None = None


def set_current_project(project: Any) -> ArcGISProject | None:
    """Say which project `ArcGISProject("CURRENT")` is; `None` for none.

    Args:
        project: A path or an `ArcGISProject`.
    """
    global _current
    _current = project if project is None or isinstance(project, ArcGISProject) else ArcGISProject(project)
    return _current


def current_project() -> ArcGISProject | None:
    """Return the current project, which `GEOSHARING_PROJECT` may name too."""
    if _current is None and (path := os.environ.get(CURRENT_VARIABLE)):
        return set_current_project(path)
    return _current


class ArcGISProject:
    """A project of ArcGIS Pro (`.aprx`), of any version.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/mapping/arcgisproject-class.htm

    Examples:
        >>> from geosharing import mp
        >>> aprx = mp.ArcGISProject("examples/amc16/AMC16AGP.aprx")
        >>> [m.name for m in aprx.listMaps()]
        ['Map']
    """

    _native: Any

    def __init__(self, aprx_path: Any) -> None:
        """Open a project.

        Args:
            aprx_path: Path of a project or project package, which may be a Windows path, or
                `CURRENT` for the project that `run --project` named.

        Raises:
            MissingError: If there is no such file, or no current project.
            InvalidInputError: If the file is damaged or no project.
        """
        text = os.fspath(aprx_path)
        if text.strip().upper() == "CURRENT":
            project = current_project()
            if project is None:
                raise MissingError(
                    "there is no current project; run the script with `python -m geosharing run --project FILE`, "
                    f"or set {CURRENT_VARIABLE}"
                )
            self._native = project._native
        else:
            self._native = _native.Project.open(_names.existing(text))

    @property
    def filePath(self) -> str:
        """Path of the project file."""
        return str(self._native.path)

    @property
    def documentVersion(self) -> str:
        """Version of ArcGIS Pro that saved the project, `3.3`."""
        return ".".join(str(self._native.version).split(".")[:2])

    @property
    def version(self) -> str:
        """Full version of ArcGIS Pro that saved the project, `3.3.0`."""
        return str(self._native.version)

    @property
    def dateSaved(self) -> datetime.datetime:
        """When the file was written, in UTC."""
        written = Path(self._native.path).stat().st_mtime
        return datetime.datetime.fromtimestamp(written, datetime.UTC)

    @property
    def isReadOnly(self) -> bool:
        """Whether `save` would fail."""
        return not os.access(self._native.path, os.W_OK) or Path(self._native.path).suffix.lower() in (
            ".ppkx",
            ".mpkx",
        )

    def _default(self, key: str) -> str:
        path = self._native.default_path(key)
        return str(path) if path is not None else ""

    def _set_default(self, key: str, value: Any) -> None:
        path = _names.existing(value)
        try:
            text = ".\\" + str(path.absolute().relative_to(self._native.folder)).replace(os.sep, "\\")
        except ValueError:
            text = str(value)
        self._native.set(self._native.root, f"/{key}", text)

    @property
    def defaultGeodatabase(self) -> str:
        """Path of the default geodatabase."""
        return self._default("defaultGeoDatabase")

    @defaultGeodatabase.setter
    def defaultGeodatabase(self, value: Any) -> None:
        self._set_default("defaultGeoDatabase", value)

    @property
    def defaultToolbox(self) -> str:
        """Path of the default toolbox."""
        return self._default("defaultToolbox")

    @defaultToolbox.setter
    def defaultToolbox(self, value: Any) -> None:
        self._set_default("defaultToolbox", value)

    @property
    def homeFolder(self) -> str:
        """Path of the project's folder."""
        return self._default("defaultFolder") or str(self._native.folder)

    @homeFolder.setter
    def homeFolder(self, value: Any) -> None:
        self._set_default("defaultFolder", value)

    def _items(self, kind: str) -> list[dict[str, Any]]:
        items = self._native.get(self._native.root, "/projectItems") or []
        return [item for item in items if item.get("itemType") == kind]

    def _paths(self, kind: str, key: str, default: str) -> list[dict[str, Any]]:
        found = []
        for item in self._items(kind):
            text = str(item.get("catalogPath", ""))
            path = (
                str(_native.resolve_path(text.replace("\\", os.sep), self._native.folder, False))
                if text
                else ""
            )
            found.append(
                {key: path, default: os.path.normpath(path) == os.path.normpath(self._kind_default(kind))}
            )
        return found

    def _kind_default(self, kind: str) -> str:
        return {"GDB": self.defaultGeodatabase, "GP": self.defaultToolbox}.get(kind, self.homeFolder) or "."

    @property
    def databases(self) -> list[dict[str, Any]]:
        """Geodatabases of the project: `databasePath`, `isDefaultDatabase`."""
        return self._paths("GDB", "databasePath", "isDefaultDatabase")

    @property
    def toolboxes(self) -> list[dict[str, Any]]:
        """Toolboxes of the project: `toolboxPath`, `isDefaultToolbox`."""
        return self._paths("GP", "toolboxPath", "isDefaultToolbox")

    @property
    def folderConnections(self) -> list[dict[str, Any]]:
        """Folders of the project: `connectionString`, `alias`, `isHomeFolder`."""
        found = self._paths("FolderConnection", "connectionString", "isHomeFolder")
        return [
            {"connectionString": one["connectionString"], "alias": "", "isHomeFolder": one["isHomeFolder"]}
            for one in found
        ]

    @property
    def metadata(self) -> Metadata:
        """Metadata of the project."""
        from geosharing.metadata import Metadata

        return Metadata._of_project(self._native, self._native.root, Path(self._native.path).stem)

    @property
    def activeMap(self) -> Map | None:
        """The map that was open when the project was saved, or `None`."""
        uri = self._native.active_map()
        return Map(self._native, uri, self) if uri is not None else None

    @property
    def activeView(self) -> Map | None:
        """The active map, since nothing is drawn here."""
        return self.activeMap

    @property
    def styles(self) -> list[str]:
        """Names of the styles of the project."""
        return [str(item.get("name", "")) for item in self._items("Style")]

    def closeViews(self, view_type: str = "MAPS_AND_LAYOUTS") -> None:
        """Do nothing: there are no views."""

    def listMaps(self, wildcard: str | None = None) -> list[Map]:
        """List the maps.

        Args:
            wildcard: Name, in which `*` stands for any text; case does not matter.
        """
        return _names.matching((Map(self._native, uri, self) for uri, _ in self._native.maps()), wildcard)

    def listLayouts(self, wildcard: str | None = None) -> list[Any]:
        """List the layouts as CIM objects with a `name`; they cannot be drawn."""
        from geosharing import cim

        layouts = [cim.from_value(item) for item in self._items("Layout")]
        return _names.matching(layouts, wildcard)

    def listReports(self, wildcard: str | None = None) -> list[Any]:
        """List the reports as CIM objects with a `name`."""
        from geosharing import cim

        return _names.matching([cim.from_value(item) for item in self._items("Report")], wildcard)

    def listBrokenDataSources(self) -> list[Layer | Table]:
        """List the layers and tables of all maps whose data cannot be found."""
        return [item for one in self.listMaps() for item in one.listBrokenDataSources()]

    def createMap(self, name: str = "Map", map_type: str = "MAP") -> Map:
        """Add an empty map.

        Args:
            name: Name; a number is added if it is taken.
            map_type: `MAP` or `SCENE`.
        """
        kind = str(map_type or "MAP").upper()
        if kind not in ("MAP", "SCENE", "LOCALSCENE", "GLOBALSCENE", "BASEMAP"):
            raise InvalidInputError(f"`{map_type}` is no kind of map; use 'MAP' or 'SCENE'")
        return Map(self._native, self._native.create_map(name or "Map", "SCENE" in kind), self)

    def copyItem(self, project_item: Map, new_name: str | None = None) -> Map:
        """Copy a map within the project."""
        name = new_name or project_item.name
        return Map(self._native, self._native.import_map(project_item._native, project_item._uri, name), self)

    def deleteItem(self, project_item: Map) -> None:
        """Delete a map with its layers and tables."""
        if not isinstance(project_item, Map):
            raise NotSupportedError(f"`{project_item!r}` cannot be deleted; only maps can")
        self._native.delete_map(project_item._uri)

    def importDocument(
        self,
        document_path: Any,
        include_layout: bool = True,
        reuse_existing_maps: bool = False,
        log_files: bool = True,
    ) -> Map | None:
        """Copy the maps of a `.mapx` or `.aprx` into the project and return the first.

        Args:
            document_path: Path, which may be a Windows path.
            include_layout: Layouts are not imported.
            reuse_existing_maps: Keep a map of the same name instead of adding another.
            log_files: Not used.
        """
        del include_layout, log_files
        other = _native.Project.open(_names.existing(document_path))
        here = {one.name: one for one in self.listMaps()}
        first = None
        for uri, name in other.maps():
            if reuse_existing_maps and name in here:
                found = here[name]
            else:
                found = Map(self._native, self._native.import_map(other, uri, None), self)
            first = first or found
        return first

    def updateConnectionProperties(
        self,
        current_connection_info: Any,
        new_connection_info: Any,
        auto_update_joins_and_relates: bool = True,
        validate: bool = True,
        ignore_case: bool = False,
    ) -> bool:
        """Point every layer and table that uses some data at other data."""
        uris = [
            item._uri
            for one in self.listMaps()
            for items in one._contents()
            for item in items
            if "#" not in item._uri
        ]
        return _connection.update_all(
            self._native,
            uris,
            current_connection_info,
            new_connection_info,
            joins=auto_update_joins_and_relates,
            validate=validate,
            ignore_case=ignore_case,
        )

    def save(self) -> None:
        """Write the changes into the project file.

        Raises:
            NotSupportedError: If the file is a project package; use `saveACopy`.
            DeniedError: If the folder cannot be written to.
        """
        self._native.save()

    def saveACopy(self, file_name: Any) -> None:
        """Write a copy, whose layers show the same data.

        Args:
            file_name: Path; `.aprx` is added if it is missing.
        """
        self._native.save_copy(_names.destination(file_name, ".aprx"))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ArcGISProject) and self._native is other._native

    def __hash__(self) -> int:
        return id(self._native)

    def __repr__(self) -> str:
        return f"<ArcGISProject {self.filePath!r}>"
