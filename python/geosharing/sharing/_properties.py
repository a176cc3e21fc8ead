"""Attributes of drafts, each one a row of the mapping table of the core."""

from __future__ import annotations

import warnings
from typing import Any

__all__ = ["Group", "Property", "ReadOnly", "warn_unknown"]

# Properties of other drafts that scripts set on this one, too.
ELSEWHERE = {
    "copyDataToServer": "hosted feature layers always hold a copy of the data",
    "federatedServerUrl": "hosted feature layers go to the portal's hosting server",
    "serverFolder": "hosted feature layers lie in a portalFolder",
    "targetServer": "hosted feature layers go to the portal's hosting server",
}


def warn_unknown(owner: str, name: str, suggestion: str | None, stacklevel: int = 4) -> None:
    """Warn that an attribute is kept and not published; arcpy up to 3.3 takes any name silently."""
    reason = ELSEWHERE.get(name)
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
            "getWebLayerSharingDraft"
        )


class Group:
    """Properties that belong together, such as `draft.sharing`."""

    def __init__(self, draft: Any) -> None:
        object.__setattr__(self, "_draft", draft)

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(getattr(type(self), name, None), Property):
            object.__setattr__(self, name, value)
            return
        from .. import _native

        warn_unknown(type(self).__name__, name, _native.draft_suggest(name), stacklevel=3)
        self.__dict__[name] = value

    def __repr__(self) -> str:
        names = [name for name, value in vars(type(self)).items() if isinstance(value, Property)]
        return f"<{type(self).__name__} {', '.join(f'{name}={getattr(self, name)!r}' for name in names)}>"
