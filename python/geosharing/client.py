"""Talk to a portal: sign in, upload, publish, share, search."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import _native, _portal
from ._display import progress as _progress

if TYPE_CHECKING:
    from ._overwrite import OverwritePlan

__all__ = ["Portal", "Published", "PublishedService", "Token"]

REFERER = "http"


@dataclass(frozen=True)
class Token:
    """A token and what it is good for."""

    token: str = field(repr=False)
    """The token itself."""
    referer: str
    """The `Referer` header that it is bound to."""
    expires: int | None
    """When it ends, in milliseconds since 1970; None when the portal did not say."""


@dataclass(frozen=True)
class PublishedService:
    """One service that a service definition became."""

    type: str
    """`Feature Service`, `Map Service`, ..."""
    url: str
    """Its REST address."""
    item_id: str
    """Its item."""


@dataclass(frozen=True)
class Published:
    """What became of a service definition."""

    definition_id: str
    """Item of the service definition."""
    replaced: bool
    """Whether something of that name was replaced."""
    services: tuple[PublishedService, ...]
    """The services, in the portal's order."""

    @property
    def url(self) -> str:
        """REST address of the first service."""
        return self.services[0].url

    @property
    def item_id(self) -> str:
        """Item of the first service."""
        return self.services[0].item_id

    def _repr_html_(self) -> str:
        from ._display import table

        return table(
            "Published", ("Type", "Address", "Item"), ((s.type, s.url, s.item_id) for s in self.services)
        )


class Portal:
    """A portal as one user sees it.

    Args:
        url: address of the portal, in any usual spelling.
        username: built-in account; anonymous when left out.
        password: its password; kept in memory to renew the token.
        token: a token from elsewhere, in place of name and password.
        expires: when that token ends, in milliseconds since 1970.
        verify: True checks certificates against the system's and GEOSHARING_CA_BUNDLE, False accepts
            every certificate, a path names a PEM file to trust as well. A site of this process is
            trusted by its own certificate.
        referer: what tokens are bound to.
        timeout: seconds that the portal may be silent within a request.
        retries: how often a request is repeated after transient failures.
        retry_pause: seconds before the first repetition; doubles each time.

    Raises:
        AuthenticationError: the portal refuses name, password or token.
        PortalError: the portal does not answer, or not as a portal.
    """

    def __init__(
        self,
        url: str,
        username: str | None = None,
        password: str | None = None,
        *,
        token: str | None = None,
        expires: int | None = None,
        verify: bool | str | os.PathLike[str] = True,
        referer: str = REFERER,
        timeout: float = 120.0,
        retries: int = 4,
        retry_pause: float = 0.5,
    ) -> None:
        bundle: str | None = None
        if not isinstance(verify, bool):
            bundle, verify = os.fspath(verify), True
        elif verify:
            bundle = os.environ.get("GEOSHARING_CA_BUNDLE") or None
        self._client = _native.Client(
            url,
            verify=verify,
            ca_bundle=bundle,
            pinned=_portal.certificate_of_own_site(url),
            referer=referer,
            silence=timeout,
            repeats=retries,
            pause=retry_pause,
        )
        if token is not None:
            self._client.use_token(token, expires)
        elif username is not None:
            self.sign_in(username, password or "")

    def sign_in(self, username: str, password: str) -> Token:
        """Sign in with a built-in account and return the token.

        Raises:
            AuthenticationError: name or password are wrong.
        """
        return Token(**self._client.sign_in(username, password))

    def sign_out(self) -> None:
        """Forget token and password."""
        self._client.sign_out()

    @property
    def url(self) -> str:
        """Root of the portal, with its trailing slash."""
        return self._client.url()

    @property
    def token(self) -> Token | None:
        """The token in use, renewed if it is about to end; None without sign-in."""
        token = self._client.token()
        return Token(**token) if token else None

    @property
    def username(self) -> str:
        """Name of the signed-in user."""
        return self._client.username()

    def call(
        self, path: str, fields: Mapping[str, Any] | None = None, *, repeat: bool = True
    ) -> dict[str, Any]:
        """Call a resource below `sharing/rest` and return its JSON.

        Args:
            path: such as `portals/self`.
            fields: form fields; None values are left out, booleans become `true` and `false`.
            repeat: whether the request may be sent again after a transient failure.
        """
        pairs = [(name, _text(value)) for name, value in (fields or {}).items() if value is not None]
        return self._client.call(path, pairs, repeat=repeat)

    def properties(self) -> dict[str, Any]:
        """Describe the portal, and who is signed in."""
        return self.call("portals/self")

    def search(self, query: str, limit: int = 100) -> list[dict[str, Any]]:
        """Search the portal's items."""
        return self._client.search(query, limit)

    def item(self, item_id: str) -> dict[str, Any]:
        """Describe one item."""
        return self._client.item(item_id)

    def add_item(
        self,
        path: str | os.PathLike[str],
        type: str,
        title: str | None = None,
        *,
        properties: Mapping[str, str] | None = None,
        folder: str | None = None,
        progress: bool | Callable[[int, int, str], None] | None = None,
    ) -> str:
        """Upload a file as an item and return the item's id; large files go in parts, in bounded memory.

        Args:
            path: the file.
            type: the portal's word for it: `Service Definition`, `Shapefile`, `CSV`, ...
            title: title of the item; the file's name without suffix when left out.
            properties: further item properties: `tags`, `snippet`, `description`, ...
            folder: title of a folder of My Content, made if missing.
            progress: False for none, a callable `(done, total, message)` for your own.
        """
        file = Path(path)
        fields = [("type", type), ("title", title or file.stem), *(properties or {}).items()]
        place = self.create_folder(folder) if folder else None
        with _progress(progress, f"Uploading {file.name}") as told:
            return self._client.add_item(file, fields, folder=place, progress=told)

    def delete_item(self, item_id: str) -> None:
        """Delete one item of the signed-in user."""
        self._client.delete_item(item_id)

    def find_folder(self, title: str) -> str | None:
        """Return the id of a folder of My Content."""
        return self._client.folder(title)

    def create_folder(self, title: str) -> str:
        """Return the id of a folder of My Content, made if it is missing."""
        folder = self._client.folder(title, create=True)
        assert folder is not None
        return folder

    def share(
        self, item_id: str, *, everyone: bool = False, organization: bool = False, groups: Iterable[str] = ()
    ) -> None:
        """Share one item with exactly these; groups by name or id."""
        self._client.share(item_id, everyone=everyone, organization=organization, groups=list(groups))

    def publish(
        self,
        definition: str | os.PathLike[str],
        service_name: str | None = None,
        *,
        title: str = "",
        properties: Mapping[str, str] | None = None,
        folder: str | None = None,
        create_folder: bool = True,
        overwrite: bool = False,
        everyone: bool | None = None,
        organization: bool | None = None,
        groups: Sequence[str] | None = None,
        item_id: str | None = None,
        timeout: float | None = None,
        progress: bool | Callable[[int, int, str], None] | None = None,
    ) -> Published:
        """Upload a service definition, publish it, wait, and share the layer.

        Args:
            definition: path of the `.sd` file.
            service_name: name of the service; that of the file when left out.
            title: title of the items; the service's name when empty.
            properties: further item properties: `tags`, `snippet`, `description`, ...
            folder: title of a folder of My Content.
            create_folder: whether a missing folder is made.
            overwrite: whether the service of that name is replaced, keeping its item.
            everyone: share with everyone.
            organization: share with the organisation.
            groups: share with groups, by name or id. Sharing is left alone when all three are None.
            item_id: the id that the layer's item should get.
            timeout: seconds that publishing may take; an hour when left out.
            progress: False for none, a callable `(done, total, message)` for your own.

        Raises:
            PortalError: the portal refuses.
            JobFailedError: publishing failed at the portal; its messages are in the details.
            JobTimeoutError: publishing did not end in time.
        """
        path = Path(definition)
        sharing = None
        if (everyone, organization, groups) != (None, None, None):
            sharing = (bool(everyone), bool(organization), list(groups or ()))
        with _progress(progress, f"Uploading {path.name}") as told:
            published = self._client.publish_definition(
                path,
                service_name or path.stem,
                title=title,
                properties=list((properties or {}).items()),
                folder=folder,
                create_folder=create_folder,
                overwrite=overwrite,
                sharing=sharing,
                item_id=item_id,
                timeout=timeout,
                progress=told,
            )
        services = tuple(PublishedService(**service) for service in published["services"])
        return Published(published["definition_id"], published["replaced"], services)

    def overwrite(
        self,
        definition: str | os.PathLike[str],
        service_name: str | None = None,
        *,
        preserve: Iterable[str] = (),
        dry_run: bool = False,
        **options: Any,
    ) -> OverwritePlan:
        """Replace a hosted feature service, and keep what was set on it since.

        Args:
            definition: path of the `.sd` file.
            service_name: name of the service; that of the definition when left out.
            preserve: what stays: `sharing`, `capabilities`, `editing`, `popups`, `layer_ids`.
            dry_run: True only says what would change.
            **options: as for `publish`.

        Returns:
            The differences, and what was published.

        Raises:
            MissingError: there is no such service.
            ExistsError: `layer_ids` cannot be kept.
        """
        from ._overwrite import overwrite

        return overwrite(self, definition, service_name, preserve=preserve, dry_run=dry_run, **options)

    def __repr__(self) -> str:
        return f"Portal({self.url!r})"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
