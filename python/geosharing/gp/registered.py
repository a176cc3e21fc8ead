"""What the server of a draft has registered, so that data it knows need no copy."""

from __future__ import annotations

from typing import Any

from .. import _native
from ..admin import AdminClient
from ..exceptions import SharingError
from .datastore import ROOTS, _listed, _server
from .values import literal_path

__all__ = ["of_draft", "server_facts"]

REFERENCING = ("map_image", "map_service")
SECRETS = ("PASSWORD", "ENCRYPTED_PASSWORD", "ENCRYPTED_PASSWORD_UTF8")
SILENCE = 30.0
"""Seconds that a server may be silent; nobody waits longer for an answer that is of use only."""


def of_draft(path: str) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """Ask the server of a map draft that refers to its data.

    Args:
        path: the draft's file.

    Returns:
        The core's `ServerFacts`, None for other drafts and where nobody answered; and a message with
        the reason in the latter case.
    """
    try:
        about = _native.draft_about(path)
    except SharingError:
        # Staging says what is wrong with the draft.
        return None, []
    if not (about["by_reference"] and about["server"] and about["product"] in REFERENCING):
        return None, []
    try:
        return server_facts(about["server"]), []
    except SharingError as error:
        text = (
            f"the server `{about['server']}` was not asked what it has registered, so all data are referenced "
            f"where they are; if the upload refuses them, set copyDataToServer = True: {error}"
        )
        return None, [{"severity": "message", "code": 0, "text": text, "objects": []}]


def server_facts(server: str) -> dict[str, Any]:
    """Return the core's `ServerFacts` of a server.

    Args:
        server: the address of a federated server, or the path of a connection file (`.ags`).

    Raises:
        SharingError: nobody is signed in to it, or it does not answer.
    """
    if server.lower().endswith(".ags"):
        client = AdminClient.from_connection(literal_path(server), timeout=SILENCE, retries=1)
    else:
        client = _server(server)
    items = [_item(kind, found) for root, kind in ROOTS.values() for found in client.data_items(root)]
    return {"url": client.url, "data_items": items}


def _item(kind: str, found: dict[str, Any]) -> dict[str, str]:
    _, _, client, _ = _listed(found)
    connection = str((found.get("info") or {}).get("connectionString") or "")
    public = [pair for pair in connection.split(";") if pair.partition("=")[0].strip().upper() not in SECRETS]
    return {
        "kind": kind,
        "client_path": client if kind == "folder" else "",
        "connection": ";".join(public),
    }
