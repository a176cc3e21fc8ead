"""Attributes of drafts, each one a row of the mapping table of the core."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

from .. import _native

__all__ = ["Group", "Property", "ReadOnly", "build", "paths", "warn_unknown"]

HOSTED = {
    "copyDataToServer": "hosted layers always hold a copy of the data",
    "federatedServerUrl": "hosted layers go to the portal's hosting server",
    "serverFolder": "hosted layers lie in a portalFolder",
    "targetServer": "hosted layers go to the portal's hosting server",
}
# Properties of other drafts that scripts set on these, too.
ELSEWHERE: dict[str, dict[str, str]] = {
    "FEATURE": HOSTED,
    "TILE": HOSTED,
    "MAP_IMAGE": {"targetServer": "set federatedServerUrl"},
    "MAP_SERVICE": {
        "federatedServerUrl": "set targetServer",
        "portalFolder": "a stand-alone server has no portal; set serverFolder",
        "useCIMSymbols": "map services draw the project's own symbols",
    },
    "IMAGE_SERVICE": {"federatedServerUrl": "set targetServer"},
}


def warn_unknown(owner: str, name: str, kind: str, path: str | None = None, stacklevel: int = 4) -> None:
    """Warn that an attribute is kept and not published; arcpy up to 3.3 takes any name silently."""
    reason = ELSEWHERE.get(kind, {}).get(name)
    suggestion = None if reason else _native.draft_suggest(path or name, kind)
    hint = f": {reason}" if reason else f"; did you mean `{suggestion}`?" if suggestion else ""
    text = f"`{owner}` has no property `{name}`, so its value is not published{hint}"
    warnings.warn(text, UserWarning, stacklevel=stacklevel)


class Property:
    """One property of a draft; values are checked when they are set."""

    def __init__(self, path: str, doc: str) -> None:
        self.path = path
        self.__doc__ = doc

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        return self if owner is None else owner._draft.get(self.path)

    def __set__(self, owner: Any, value: Any) -> None:
        owner._draft.set(self.path, value)


class ReadOnly(Property):
    """A property that follows from how the draft was made."""

    def __set__(self, owner: Any, value: Any) -> None:
        raise AttributeError(
            f"`{self.path}` of `{type(owner).__name__}` is read-only: make another draft with "
            "getWebLayerSharingDraft or CreateSharingDraft"
        )


class Group:
    """Properties that belong together, such as `draft.sharing`."""

    _kind = ""
    _path = ""

    def __init__(self, draft: Any) -> None:
        object.__setattr__(self, "_draft", draft)

    def __setattr__(self, name: str, value: Any) -> None:
        known = getattr(type(self), name, None)
        if isinstance(known, Property):
            object.__setattr__(self, name, value)
            return
        if isinstance(known, property):
            raise AttributeError(f"`{self._path}.{name}` cannot be replaced; set what is in it")
        warn_unknown(type(self).__name__, name, self._kind, f"{self._path}.{name}", stacklevel=3)
        self.__dict__[name] = value

    def __getattr__(self, name: str) -> Any:
        suggestion = None if name.startswith("_") else _native.draft_suggest(name, self._kind)
        hint = f"; did you mean `{suggestion}`?" if suggestion else ""
        raise AttributeError(f"`{self._path}` has no `{name}`{hint}")

    def __repr__(self) -> str:
        names = [name for name, value in vars(type(self)).items() if isinstance(value, (Property, property))]
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"<{type(self).__name__} {shown}>"


def _name(path: str) -> str:
    last = path.rsplit(".", 1)[-1]
    return {"timezone": "TimeZone"}.get(last, last[:1].upper() + last[1:])


def _accessor(group: type[Group]) -> property:
    def get(self: Any) -> Any:
        return group(self._draft)

    get.__annotations__ = {"return": group}
    return property(get, doc=group.__doc__)


def build(owner: type, kind: str) -> None:
    """Give a class an attribute for each property of a kind of drafts.

    Args:
        owner: the class.
        kind: arcpy's word for the kind, such as `FEATURE`.
    """
    groups: dict[str, type] = {"": owner}

    def group(path: str) -> type:
        if path not in groups:
            parent, _, last = path.rpartition(".")
            made = type(_name(path), (Group,), {"_kind": kind, "_path": path})
            made.__doc__ = f"The properties `{path}.*`."
            made.__module__ = owner.__module__
            groups[path] = made
            setattr(group(parent), last, _accessor(made))
        return groups[path]

    for row in _native.draft_table(kind):
        path, _, name = row["property"].rpartition(".")
        doc = f"{row['doc']} ({row['type']}, since {row['since']}"
        if row["allowed"]:
            doc += "; " + ", ".join(f"`{word}`" for word in row["allowed"] if word)
        made = ReadOnly if row["read_only"] else Property
        setattr(group(path), name, made(row["property"], doc + ")"))


def paths(owner: type) -> Iterator[str]:
    """Yield the names of all properties of a class and of its groups."""
    for member in vars(owner).values():
        if isinstance(member, Property):
            yield member.path
        elif isinstance(member, property) and member.fget is not None:
            inner = member.fget.__annotations__.get("return")
            if isinstance(inner, type) and issubclass(inner, Group):
                yield from paths(inner)
