"""The embedded site: a portal with a server in this process, for development, tests and small teams.

`Site` answers the ArcGIS REST API on one port, over HTTP and over TLS with a certificate of its own.
It listens on this machine only, unless it is told otherwise.

    >>> from geosharing.site import Site
    >>> with Site() as site:
    ...     site.add_user("ann", "her password", role="org_publisher")
    ...     site.portal_url.endswith("/portal")
    True
"""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import sys
import tempfile
import time
import weakref
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from . import _native

__all__ = ["Site", "serve"]

WORKER_MEMORY = 4 << 30
"""Bytes that one tool may use, unless it is told otherwise."""

_running: weakref.WeakSet[Site] = weakref.WeakSet()


class Site:
    """A portal and a server in this process.

    Args:
        folder: Where users, items and services are kept. Without one the site begins empty and leaves
            nothing behind; with one it goes on where it was, also after it was killed.
        port: Port to listen on; 0 takes a free one.
        host: Address to listen on. The default serves this machine only.
        users: Further users, as `{"name": "password"}` or as `(name, password, role)`.
        name: Name of the portal.
        username: The administrator.
        password: The administrator's password; a random one without it. A folder keeps the password
            that the administrator got first.
        workers: What runs the tools of geoprocessing services: `local` for processes of this machine,
            `dask://host:port` for a Dask cluster that sees the site's folder under the same path, `None` for
            nothing. Tools run with the rights of these processes; publish only what you trust.
        worker_memory: Most bytes that one tool may use, 0 for no bound.

    Raises:
        ExistsError: When another site uses the folder, or the port is taken.
        InvalidInputError: When a user's name, password or role is not acceptable.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str] | None = None,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        users: Mapping[str, str] | Iterable[tuple[str, str, str]] | None = None,
        name: str = "geosharing",
        username: str = "admin",
        password: str | None = None,
        workers: str | None = "local",
        worker_memory: int = WORKER_MEMORY,
    ) -> None:
        self._workers = _worker_command(workers)
        self._worker_memory = worker_memory
        self._keep = folder is not None
        self._folder = Path(folder).absolute() if folder is not None else None
        self._port = port
        self._host = host
        self._name = name
        self.username = username
        self.password = password or secrets.token_urlsafe(18)
        self._users = [(username, self.password, "org_admin")]
        if isinstance(users, Mapping):
            self._users += [(user, word, "org_publisher") for user, word in users.items()]
        elif users is not None:
            self._users += [(user, word, role) for user, word, role in users]
        self._native: Any = None
        self._process = os.getpid()

    def start(self) -> Site:
        """Start answering; does nothing on a running site.

        Returns:
            The site itself.
        """
        if self._native is not None:
            return self
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="geosharing-site-"))
        try:
            command, shared = self._workers
            self._native = _native.Site(
                self._folder,
                host=self._host,
                port=self._port,
                name=self._name,
                users=self._users,
                workers=command,
                shared=shared,
                worker_memory=self._worker_memory,
            )
        except BaseException:
            self._clear()
            raise
        self._process = os.getpid()
        _running.add(self)
        return self

    def stop(self, timeout: float = 5.0) -> None:
        """Stop answering and, without a folder of its own, remove everything.

        Args:
            timeout: Seconds that requests under way have to end.
        """
        native, self._native = self._native, None
        _running.discard(self)
        if native is not None:
            native.stop(timeout)
        self._clear()

    def _clear(self) -> None:
        if not self._keep and self._folder is not None and self._process == os.getpid():
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    @property
    def running(self) -> bool:
        """Whether the site answers."""
        return self._native is not None

    @property
    def folder(self) -> Path | None:
        """Where the state lies; `None` for a site without a folder that is not running."""
        return self._folder

    @property
    def url(self) -> str:
        """`http://host:port`; the same port answers `https`."""
        return str(self._started().url)

    @property
    def portal_url(self) -> str:
        """Address of the portal, for `SignInToPortal` and `GIS`."""
        return f"{self.url}/portal"

    @property
    def server_url(self) -> str:
        """Address of the server; services are below `/rest/services`."""
        return f"{self.url}/server"

    @property
    def certificate_path(self) -> Path:
        """The site's certificate, for clients that check it (PEM)."""
        return Path(self._started().certificate)

    def export_certificate(self, path: str | os.PathLike[str]) -> Path:
        """Copy the certificate to a file.

        Args:
            path: The file to write.

        Returns:
            The path of the file.
        """
        self._started().export_certificate(Path(path))
        return Path(path)

    def add_user(
        self,
        username: str,
        password: str,
        role: str = "org_publisher",
        *,
        full_name: str | None = None,
        email: str | None = None,
        replace: bool = False,
    ) -> None:
        """Make a user.

        Args:
            username: Name to sign in with: letters, digits and `._-@`.
            password: The password; only its hash is kept.
            role: `org_admin`, `org_publisher`, `org_user` or `viewer`.
            full_name: Name to show.
            email: Address to show.
            replace: Give an existing user this password and role instead of failing.

        Raises:
            ExistsError: When the name is taken.
            InvalidInputError: When name, password or role is not acceptable.
        """
        self._started().add_user(username, password, role, full_name, email, replace)

    def items(self) -> list[dict[str, Any]]:
        """Return every item of the portal, whoever owns it, as the REST API shows it."""
        return list(self._started().items())

    def services(self) -> list[str]:
        """Return the addresses of the services."""
        return list(self._started().services())

    def _started(self) -> Any:
        if self._native is None:
            raise RuntimeError("the site is not running; call start() or use it in a with statement")
        return self._native

    def __enter__(self) -> Site:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        if self._native is None:
            return "<Site stopped>"
        return f"<Site {self.url}>"


def _worker_command(workers: str | None) -> tuple[list[str] | None, bool]:
    """Return the command that runs tools, and whether one process of it takes every job.

    Raises:
        InvalidInputError: for what is neither `local` nor the address of a Dask scheduler.
    """
    from .exceptions import InvalidInputError

    # -P keeps modules beside a toolbox from standing in for Python's own.
    python = [sys.executable, "-P", "-m"]
    if workers is None or workers == "none":
        return None, False
    if workers == "local":
        return [*python, "geosharing.gp.worker"], False
    scheme, _, address = workers.partition("://")
    if scheme == "dask" and address:
        return [*python, "geosharing.gp.dask", address], True
    raise InvalidInputError(f"`{workers}` are no workers: pass `local`, `dask://host:port` or `none`")


def serve(
    folder: str | os.PathLike[str] | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    username: str = "admin",
    password: str | None = None,
    workers: str | None = "local",
    say: Callable[[str], None] = print,
) -> int:
    """Run a site until Ctrl-C and say how to reach it; `python -m geosharing serve` calls this.

    Args:
        folder: Where the state is kept; without one nothing is kept.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        username: The administrator.
        password: The administrator's password; `GEOSHARING_PORTAL_PASSWORD` or a random one without it.
        workers: As for `Site`.
        say: Takes the lines that are printed.

    Returns:
        The process's exit status.
    """
    password = password or os.environ.get("GEOSHARING_PORTAL_PASSWORD")
    site = Site(folder, port, host=host, username=username, password=password, workers=workers)
    first = folder is None or not (Path(folder) / "site.sqlite").exists()
    with site:
        if password and not first:
            site.add_user(username, password, "org_admin", replace=True)
        try:
            say(f"portal       {site.portal_url}")
            say(f"server       {site.server_url}/rest/services")
            say(f"certificate  {site.certificate_path}")
            say(f"user         {username}")
            if not password:
                say(
                    f"password     {site.password}"
                    if first
                    else "password     as it was; set GEOSHARING_PORTAL_PASSWORD"
                )
            say("Ctrl-C stops the site.")
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            say("stopping")
    return 0


def _stop_all() -> None:
    for site in list(_running):
        if site._process == os.getpid():
            site.stop(1.0)


atexit.register(_stop_all)
