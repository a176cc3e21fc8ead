"""The server that a draft is for."""

from __future__ import annotations

from typing import Any

from .. import connections
from ..exceptions import InvalidInputError

__all__ = ["server", "target"]


def server(value: Any) -> dict[str, str] | None:
    """Return address and connection file of a server, in the form of the core's `Server`.

    Args:
        value: the address of the server, or the path of a connection file (`.ags`).

    Raises:
        InvalidInputError: it is neither.
        MissingError: there is no such connection file.
    """
    text = "" if value is None else str(value).strip()
    if not text or text == "#":
        return None
    if "://" in text:
        return {"url": text}
    if text.lower().endswith(".ags"):
        return {"url": connections.server_url(text), "connection_file": text}
    raise InvalidInputError(
        f"`{text}` is no server: pass its address (https://...) or the path of a connection file (.ags)"
    )


def target(draft: Any) -> dict[str, str] | None:
    """Return the server of a draft; None when it has none, or goes to the hosting server."""
    values = dict(draft._draft.all())
    return server(values.get("federatedServerUrl") or values.get("targetServer"))
