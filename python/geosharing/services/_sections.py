"""Parts of a description whose members are attributes."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any

from .._native import ServiceDescription as Native
from ..exceptions import MissingError

__all__ = ["Extension", "Properties", "assign", "misspelt", "read"]


def misspelt(native: Native, part: str, name: str, extension: str | None) -> AttributeError:
    """Return the error that names the nearest property."""
    near = native.suggest(part, name, extension)
    owner = f"extension `{extension}`" if extension else "a service" if part == "service" else f"`{part}`"
    hint = f"; did you mean `{near}`?" if near else "; dir() lists what there is"
    return AttributeError(f"{owner} has no `{name}`{hint}")


def read(native: Native, part: str, name: str, extension: str | None = None) -> Any:
    """Return a value in its type: what is said, else the documented default, else None."""
    said, value = native.get(part, name, extension)
    if not said and name not in native.known(part, extension):
        raise misspelt(native, part, name, extension)
    return value


def assign(native: Native, part: str, name: str, value: Any, extension: str | None = None) -> None:
    """Set a value that the table knows, or that is there already; None takes it out."""
    if value is None:
        native.remove(part, name, extension)
        return
    try:
        native.set(part, name, value, extension)
    except MissingError as error:
        if extension and extension not in native.extensions():
            raise
        raise misspelt(native, part, name, extension) from error


class Properties(MutableMapping[str, Any]):
    """The properties of a service, an extension or the framework.

    Attributes are typed and checked: `properties.maxRecordCount = 5000`. What the description does not say
    reads as the documented default, or None. As a mapping it holds what is said, and takes any name, since
    servers keep properties that they do not know: `properties["vendorKey"] = "x"`.
    """

    __slots__ = ("_extension", "_native", "_part")

    _native: Native
    _part: str
    _extension: str | None

    def __init__(self, native: Native, part: str, extension: str | None = None) -> None:
        object.__setattr__(self, "_native", native)
        object.__setattr__(self, "_part", part)
        object.__setattr__(self, "_extension", extension)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return read(self._native, self._part, name, self._extension)

    def __setattr__(self, name: str, value: Any) -> None:
        assign(self._native, self._part, name, value, self._extension)

    def __delattr__(self, name: str) -> None:
        if not self._native.remove(self._part, name, self._extension):
            raise AttributeError(f"`{name}` is not set")

    def __getitem__(self, name: str) -> Any:
        said, value = self._native.get(self._part, name, self._extension)
        if not said:
            raise KeyError(name)
        return value

    def __setitem__(self, name: str, value: Any) -> None:
        self._native.set(self._part, name, value, self._extension, any=True)

    def __delitem__(self, name: str) -> None:
        if not self._native.remove(self._part, name, self._extension):
            raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._native.names(self._part, self._extension))

    def __len__(self) -> int:
        return len(self._native.names(self._part, self._extension))

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._native.known(self._part, self._extension), *self})

    def __repr__(self) -> str:
        return f"<Properties {', '.join(f'{name}={value!r}' for name, value in self.items())}>"


class Extension:
    """One extension of a service; it is added when something of it is set.

    Attributes:
        typeName: its type, such as `WMSServer`.
        enabled: whether it is on (bool).
        capabilities: what clients may do, words separated by commas (str).
        properties: its properties.
    """

    __slots__ = ("_native", "typeName")

    _native: Native
    typeName: str

    def __init__(self, native: Native, name: str) -> None:
        object.__setattr__(self, "_native", native)
        object.__setattr__(self, "typeName", name)

    @property
    def enabled(self) -> bool:
        """Whether it is on."""
        return self._native.get("extension", "enabled", self.typeName)[1] is True

    @enabled.setter
    def enabled(self, value: Any) -> None:
        self._native.set("extension", "enabled", value, self.typeName)

    @property
    def capabilities(self) -> str:
        """What clients may do, words separated by commas."""
        return self._native.get("extension", "capabilities", self.typeName)[1] or ""

    @capabilities.setter
    def capabilities(self, value: str) -> None:
        self._native.set("extension", "capabilities", value, self.typeName)

    @property
    def properties(self) -> Properties:
        """Its properties."""
        return Properties(self._native, "properties", self.typeName)

    @properties.setter
    def properties(self, values: dict[str, Any]) -> None:
        properties = self.properties
        properties.clear()
        properties.update(values)

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(getattr(type(self), name, None), property):
            object.__setattr__(self, name, value)
            return
        raise misspelt(self._native, "extension", name, self.typeName)

    def __repr__(self) -> str:
        return f"<Extension {self.typeName} {'enabled' if self.enabled else 'disabled'}>"
