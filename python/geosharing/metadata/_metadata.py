"""Metadata documents of projects, maps, layers and files."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from geosharing import _native
from geosharing.exceptions import DeniedError, InvalidInputError, MissingError

__all__ = ["Metadata"]

_EMPTY = '<metadata xml:lang="en"><Esri><ArcGISFormat>1.0</ArcGISFormat></Esri></metadata>'
_MAX = 64 << 20

# Where ArcGIS keeps each property.
_TITLE = "dataIdInfo/idCitation/resTitle"
_SUMMARY = "dataIdInfo/idPurp"
_DESCRIPTION = "dataIdInfo/idAbs"
_CREDITS = "dataIdInfo/idCredit"
_LIMITS = "dataIdInfo/resConst/Consts/useLimit"
_TAGS = "dataIdInfo/searchKeys"
_BOX = "dataIdInfo/dataExt/geoEle/GeoBndBox"


class Metadata:
    """Title, summary, description, tags, credits and limits of an item.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/metadata/metadata-class.htm

    Examples:
        >>> from geosharing.metadata import Metadata
        >>> new = Metadata()
        >>> new.title, new.tags = "Roads", "roads, county"
        >>> new.tags
        'roads, county'
    """

    def __init__(self, uri: Any = None) -> None:
        """Open the metadata of an item; without one, start empty.

        Args:
            uri: Path of a project, layer file, geodatabase item, file or metadata document (`.xml`),
                or a map or layer.

        Raises:
            MissingError: If there is no such item.
            InvalidInputError: If its metadata is no XML.
        """
        self._native: Any = None
        self._native_uri = ""
        self._file: Path | None = None
        self._name = ""
        if uri is None:
            self._load("")
        elif hasattr(uri, "_native"):
            self._bind(
                uri._native, getattr(uri, "_uri", None) or uri._native.root, str(getattr(uri, "name", ""))
            )
        else:
            self._open(os.fspath(uri))

    @classmethod
    def _of_project(cls, native: Any, uri: str, name: str) -> Metadata:
        out = cls()
        out._bind(native, uri, name)
        return out

    def _bind(self, native: Any, uri: str, name: str) -> None:
        self._native, self._native_uri, self._name = native, uri, name
        self._load(native.metadata(uri) or "")

    def _open(self, text: str) -> None:
        path = Path(_native.resolve_path(text, None, False))
        suffix = path.suffix.lower()
        if suffix in (".aprx", ".mapx", ".lyrx"):
            native = _native.Project.open(_native.resolve_path(text))
            uri = native.root
            if suffix != ".aprx":
                layers, _ = native.contents(native.maps()[0][0])
                uri = native.maps()[0][0] if suffix == ".mapx" else layers[0]["uri"]
            self._bind(native, uri, path.stem)
            return
        if suffix == ".xml":
            self._file = path
        else:
            inside = re.match(r"^(.*\.gdb)[\\/]", text, re.IGNORECASE)
            if not path.exists() and not (inside and Path(_native.resolve_path(inside[1])).is_dir()):
                raise MissingError(f"`{text}` does not exist (looked for `{path}`)")
            # Items of geodatabases and files keep a document beside them.
            self._file = path.with_name(path.name + ".xml") if not inside else None
        self._name = path.stem
        self._load(self._read(self._file) if self._file and self._file.exists() else "")

    @staticmethod
    def _read(path: Path) -> str:
        if path.stat().st_size > _MAX:
            raise InvalidInputError(f"`{path}` has more than {_MAX >> 20} MiB, too much for metadata")
        data = path.read_bytes()
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "replace")

    def _load(self, text: str) -> None:
        if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
            raise InvalidInputError(
                f"the metadata of `{self._name}` declares a document type, which is refused"
            )
        try:
            self._root = ElementTree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text) or _EMPTY)
        except ElementTree.ParseError as error:
            raise InvalidInputError(
                f"the metadata of `{self._name}` is no well-formed XML: {error}"
            ) from error

    def _text(self, path: str) -> str | None:
        node = self._root.find(path)
        text = "".join(node.itertext()).strip() if node is not None else ""
        return text or None

    def _node(self, path: str) -> ElementTree.Element:
        node = self._root
        for name in path.split("/"):
            child = node.find(name)
            node = child if child is not None else ElementTree.SubElement(node, name)
        return node

    def _put(self, path: str, value: str | None) -> None:
        node = self._node(path)
        for child in list(node):
            node.remove(child)
        node.text = value or ""

    @property
    def title(self) -> str | None:
        """Title of the item."""
        return self._text(_TITLE) or self._name or None

    @title.setter
    def title(self, value: str | None) -> None:
        self._put(_TITLE, value)

    @property
    def summary(self) -> str | None:
        """Summary in a sentence or two."""
        return self._text(_SUMMARY)

    @summary.setter
    def summary(self, value: str | None) -> None:
        self._put(_SUMMARY, value)

    @property
    def description(self) -> str | None:
        """Description, which may be HTML."""
        return self._text(_DESCRIPTION)

    @description.setter
    def description(self, value: str | None) -> None:
        self._put(_DESCRIPTION, value)

    @property
    def tags(self) -> str | None:
        """Tags, separated by commas."""
        words = [
            (word.text or "").strip()
            for group in ("searchKeys", "themeKeys", "placeKeys", "otherKeys")
            for word in self._root.findall(f"dataIdInfo/{group}/keyword")
        ]
        words = list(dict.fromkeys(word for word in words if word))
        return ", ".join(words) or None

    @tags.setter
    def tags(self, value: str | None) -> None:
        node = self._node(_TAGS)
        for child in list(node):
            node.remove(child)
        for word in (value or "").split(","):
            if word.strip():
                ElementTree.SubElement(node, "keyword").text = word.strip()

    @property
    def credits(self) -> str | None:
        """Who made the item."""
        return self._text(_CREDITS)

    @credits.setter
    def credits(self, value: str | None) -> None:
        self._put(_CREDITS, value)

    @property
    def accessConstraints(self) -> str | None:
        """Limits of use; drafts call them `useLimitations`."""
        return self._text(_LIMITS)

    @accessConstraints.setter
    def accessConstraints(self, value: str | None) -> None:
        self._put(_LIMITS, value)

    def _scale(self, name: str) -> float | None:
        node = self._root.find("Esri/scaleRange")
        text = node.findtext(name) if node is not None else None
        return float(text) if text else None

    @property
    def minScale(self) -> float | None:
        """Scale denominator of the farthest view."""
        return self._scale("minScale")

    @property
    def maxScale(self) -> float | None:
        """Scale denominator of the nearest view."""
        return self._scale("maxScale")

    def _side(self, name: str) -> float | None:
        text = self._text(f"{_BOX}/{name}")
        try:
            return float(text) if text else None
        except ValueError:
            return None

    @property
    def xMin(self) -> float | None:
        """West in degrees."""
        return self._side("westBL")

    @property
    def yMin(self) -> float | None:
        """South in degrees."""
        return self._side("southBL")

    @property
    def xMax(self) -> float | None:
        """East in degrees."""
        return self._side("eastBL")

    @property
    def yMax(self) -> float | None:
        """North in degrees."""
        return self._side("northBL")

    @property
    def thumbnailUri(self) -> str | None:
        """Always `None`: thumbnails are drawn when a service is staged."""
        return None

    @property
    def uri(self) -> str | None:
        """Where the metadata is."""
        if self._native is not None:
            return self._native_uri or str(self._native.path)
        return str(self._file) if self._file else None

    @property
    def isReadOnly(self) -> bool:
        """Whether `save` has nowhere to write."""
        return self._native is None and self._file is None

    @property
    def xml(self) -> str:
        """The whole document."""
        return ElementTree.tostring(self._root, encoding="unicode")

    @xml.setter
    def xml(self, value: str) -> None:
        self._load(value)

    def copy(self, source: Metadata | Any) -> None:
        """Take everything from other metadata.

        Args:
            source: `Metadata`, or what `Metadata` opens.
        """
        other = source if isinstance(source, Metadata) else Metadata(source)
        self._load(other.xml)
        if not self._text(_TITLE) and other.title:
            self.title = other.title

    def save(self) -> None:
        """Store the metadata; that of a map or layer waits for the project's `save`.

        Raises:
            DeniedError: If the item keeps no metadata that can be written.
        """
        if self._native is not None:
            self._native.set_metadata(self._native_uri, self.xml)
        elif self._file is not None:
            self._write(self._file)
        else:
            raise DeniedError("this metadata belongs to no item that can be written; use `saveAsXML`")

    def reload(self) -> None:
        """Forget changes that were not saved."""
        if self._native is not None:
            self._load(self._native.metadata(self._native_uri) or "")
        elif self._file is not None and self._file.exists():
            self._load(self._read(self._file))

    def synchronize(self, metadata_sync_option: str = "ALWAYS") -> None:
        """Do nothing: properties of the data are read when they are needed."""

    def importMetadata(self, sourceUri: Any, metadata_import_option: str = "DEFAULT") -> None:
        """Take everything from another item or metadata document."""
        self.copy(sourceUri)

    def exportMetadata(self, outputPath: Any, metadata_export_option: str = "ISO19139", *_: Any) -> None:
        """Write the document in ArcGIS format; other standards are not translated."""
        self.saveAsXML(outputPath)

    def saveAsXML(self, outputPath: Any, metadata_save_option: str = "EXACT_COPY") -> None:
        """Write the document to a file."""
        self._write(Path(_native.resolve_path(os.fspath(outputPath), None, False)))

    def _write(self, path: Path) -> None:
        aside = path.with_name(f".{path.name}.part")
        aside.write_text('<?xml version="1.0"?>\n' + self.xml, encoding="utf-8")
        aside.replace(path)

    def __repr__(self) -> str:
        return f"<Metadata of {self.title or 'nothing'!r}>"
