"""The description of a service."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._native import ServiceDescription as Native
from ._sections import Extension, Properties, assign, read

if TYPE_CHECKING:
    from _typeshed import StrPath

__all__ = ["Difference", "Fault", "ServiceDescription"]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a description.

    Attributes:
        path: where, such as `service.extensions[1].properties.featureLimit`.
        text: what is wrong and what is allowed.
        warning: whether servers take it nevertheless.
    """

    path: str
    text: str
    warning: bool = False

    def __str__(self) -> str:
        return f"`{self.path}`: {self.text}"


@dataclass(frozen=True)
class Difference:
    """One value in which two descriptions differ; None where one of them does not say it."""

    path: str
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{self.path}: {self.before!r} -> {self.after!r}"


class ServiceDescription:
    """A service as servers take it: the five sections of the Create Service operation.

    Members have the names of the JSON: `serviceName`, `type`, `description`, `capabilities`, `clusterName`,
    `minInstancesPerNode`, `maxInstancesPerNode`, `maxWaitTime` (seconds), `recycleInterval` (hours) and so on;
    `dir()` lists them. Values may be typed or texts; they are checked when they are set.

    https://developers.arcgis.com/rest/enterprise-administration/server/createservice/

    Args:
        name: letters, digits, underscores and hyphens, up to 120.
        type: such as `MapServer`.
        folder: the folder on the server, or of a hosted layer in the portal; None for the root.

    Raises:
        InvalidInputError: a value does not fit; its text names the path and what is allowed.
    """

    _native: Native

    def __init__(self, name: str, type: str = "MapServer", *, folder: str | None = None) -> None:
        native = Native(name, type)
        native.set("service", "serviceName", name)
        native.set("service", "type", type)
        native.folder = folder
        object.__setattr__(self, "_native", native)

    @classmethod
    def _of(cls, native: Native) -> ServiceDescription:
        self = cls.__new__(cls)
        object.__setattr__(self, "_native", native)
        return self

    @classmethod
    def from_json(cls, source: str | bytes | StrPath | Mapping[str, Any]) -> ServiceDescription:
        """Read JSON: a text, a file, or a dictionary.

        It is the service itself, or `{"folderName": ..., "service": ...}` as service definitions have it.
        What can be read and is wrong is kept; `validate` names it.

        Raises:
            InvalidInputError: it is no JSON object.
            LimitError: it is too long or nested too deep.
            MissingError: there is no such file.
        """
        if isinstance(source, Mapping):
            text = json.dumps(source)
        elif isinstance(source, bytes):
            text = source.decode("utf-8")
        elif isinstance(source, str) and source.lstrip("\ufeff \t\r\n")[:1] in ("{", "[", '"', ""):
            text = source.lstrip("\ufeff")
        else:
            text = _read(source)
        return cls._of(Native.from_json(text))

    @classmethod
    def from_sddraft(cls, path: StrPath) -> ServiceDescription:
        """Read a draft of any kind and any maker; it is kept, so that nothing of it is lost.

        Raises:
            MissingError: there is no such file (000732).
            InvalidInputError: it is no draft.
        """
        return cls._of(Native.from_sddraft(os.fspath(path)))

    def to_json(self, *, draft: bool = False) -> dict[str, Any]:
        """Return the service as servers write it: texts in properties, numbers beside them.

        Args:
            draft: return `{"folderName": ..., "service": ..., "draft": ...}`, which holds all that the draft
                has beside the service; `from_json` reads it and `to_sddraft` gives the same draft again.
        """
        found: dict[str, Any] = self._native.to_envelope() if draft else self._native.to_json()
        return found

    def item_info(self) -> dict[str, Any] | None:
        """Return what the draft says about its portal item, with the portal's names; None without a draft."""
        return self._native.item_info()

    def to_sddraft(self, path: StrPath) -> Path:
        """Write a draft: the one it came from with what was changed, or a full new one.

        A new draft has no project behind it; it holds what an untouched draft of ArcGIS Pro holds, and the
        values of this description. It is written aside and renamed.

        Raises:
            InvalidInputError: the description has faults; nothing is written.
            NotSupportedError: services of this type have no drafts.
        """
        self._native.save(os.fspath(path))
        return Path(path)

    def validate(self) -> list[Fault]:
        """Return what is wrong, errors and warnings; an empty list when nothing is."""
        return [Fault(**found) for found in self._native.validate()]

    def check(self) -> None:
        """Raise when servers would refuse the description.

        Raises:
            InvalidInputError: it has faults; the text names each with its path.
        """
        self._native.check()

    def diff(self, other: ServiceDescription) -> list[Difference]:
        """Compare with another description, value by value; extensions by their type."""
        return [Difference(**found) for found in self._native.diff(other._native)]

    @property
    def name(self) -> str:
        """The name of the service."""
        return str(self.serviceName or "")

    @property
    def folder(self) -> str | None:
        """The folder on the server, or of a hosted layer in the portal; None for the root."""
        return self._native.folder

    @folder.setter
    def folder(self, value: str | None) -> None:
        self._native.folder = value or None

    @property
    def properties(self) -> Properties:
        """The properties of the service's type."""
        return Properties(self._native, "properties")

    @properties.setter
    def properties(self, values: Mapping[str, Any]) -> None:
        properties = self.properties
        properties.clear()
        properties.update(values)

    @property
    def framework(self) -> Properties:
        """The framework properties, such as `javaHeapSize` (megabytes)."""
        return Properties(self._native, "frameworkProperties")

    @property
    def extensions(self) -> list[Extension]:
        """The extensions, in order."""
        return [Extension(self._native, name) for name in self._native.extensions()]

    def extension(self, name: str) -> Extension:
        """Return an extension by its type, such as `WMSServer`; it is added when something of it is set.

        Raises:
            MissingError: (when set) services of this type have no such extension.
        """
        return Extension(self._native, name)

    def remove_extension(self, name: str) -> bool:
        """Take an extension out and return whether it was there."""
        return self._native.remove_extension(name)

    def copy(self) -> ServiceDescription:
        """Return a copy that can be changed by itself."""
        import copy

        return self._of(copy.copy(self._native))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return read(self._native, "service", name)

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(getattr(type(self), name, None), property):
            object.__setattr__(self, name, value)
        else:
            assign(self._native, "service", name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._native.known("service")})

    def __eq__(self, other: object) -> bool:
        return self._native == other._native if isinstance(other, ServiceDescription) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        folder = f"{self.folder}/" if self.folder else ""
        return f"<ServiceDescription {folder}{self.name}.{self.type}>"

    def _repr_html_(self) -> str:
        from .. import _display

        service = self.to_json()
        rows: list[tuple[str, Any]] = [(name, service[name]) for name in self._native.names("service")]
        rows += [(f"properties.{name}", value) for name, value in self.properties.items()]
        rows += [(f"framework.{name}", value) for name, value in self.framework.items()]
        for found in self.extensions:
            state = "on" if found.enabled else "off"
            rows.append((found.typeName, f"{state}: {found.capabilities}" if found.capabilities else state))
        html = _display.table(repr(self)[1:-1], ("Property", "Value"), rows)
        faults = [
            ("warning" if found.warning else "error", found.path, found.text) for found in self.validate()
        ]
        if faults:
            html += _display.table("Faults", ("Severity", "Path", "Text"), faults)
        return html


def _read(path: StrPath | bytes) -> str:
    from ..exceptions import MissingError

    try:
        return Path(os.fsdecode(path)).read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise MissingError(
            f"cannot read service description `{os.fsdecode(path)}`: it does not exist"
        ) from error
