"""From the path that a project or script names to what GDAL opens."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from geosharing.exceptions import MissingError, NotSupportedError

MEMORY_FOLDER = "/vsimem/geosharing-memory"
_MEMORY = re.compile(r"^(?:memory|in_memory)(?:[\\/](?P<name>.+))?$", re.IGNORECASE)
_INSIDE = re.compile(
    r"^(?P<box>.*?\.(?:gdb|gpkg|sqlite|db|geodatabase|xlsx|sde))[\\/](?P<layer>.+)$", re.IGNORECASE
)
_SINGLE = {".shp", ".dbf", ".geojson", ".json", ".csv", ".txt", ".tsv", ".fgb", ".gpx", ".kml"}
_TEXT = {".csv", ".txt", ".tsv"}


@dataclass(frozen=True)
class Target:
    """One dataset as GDAL knows it."""

    name: str
    """What GDAL opens."""
    layer: str | None
    """The layer inside, `None` for the only one."""
    options: tuple[str, ...] = ()
    """Open options of the driver."""

    @property
    def keywords(self) -> dict[str, str]:
        """The open options as pyogrio takes them."""
        return dict(option.split("=", 1) for option in self.options)


def locate(path: str | os.PathLike[str], layer: str | None = None) -> Target:
    r"""Find what to open for a path and a layer.

    Args:
        path: A file, a folder, or a path that goes on inside a container, as in
            `x.gdb\dataset\roads`, `a.gpkg/main.roads` or `memory\roads`.
        layer: Name inside the container.

    Raises:
        MissingError: If there is no such file.
        NotSupportedError: If it is an enterprise geodatabase connection.
    """
    text = os.fspath(path)
    memory = _MEMORY.match(text)
    if memory:
        name = layer or memory["name"]
        return Target(f"{MEMORY_FOLDER}/{_leaf(name).lower()}.gpkg" if name else MEMORY_FOLDER, None)
    if text.startswith("/vsi"):
        return Target(text, layer)
    inside = _INSIDE.match(text)
    if inside and not os.path.exists(text):
        text, layer = inside["box"], layer or inside["layer"]
    if layer is not None:
        layer = _leaf(layer)
    if text.lower().endswith(".sde"):
        raise NotSupportedError(
            f"`{text}` is an enterprise geodatabase connection, which cannot be read here; "
            "export the data to a file geodatabase first"
        )
    file = Path(text)
    if file.is_dir() and file.suffix.lower() != ".gdb":
        return _in_folder(file, layer)
    if not file.exists():
        shapefile = file.with_name(file.name + ".shp")
        if layer is None and shapefile.exists():
            return Target(str(shapefile), None)
        raise MissingError(f"`{text}` does not exist", 732)
    suffix = file.suffix.lower()
    if suffix in _TEXT:
        # Without types a definition query on a number would compare text.
        return Target(f"CSV:{file}" if suffix != ".csv" else str(file), None, ("AUTODETECT_TYPE=YES",))
    if suffix == ".zip":
        return Target(f"/vsizip/{file}", layer)
    return Target(str(file), None if suffix in _SINGLE else layer)


def _in_folder(folder: Path, layer: str | None) -> Target:
    """Find a file of a folder workspace; projects name it with or without its suffix."""
    if layer is None:
        return Target(str(folder), None)
    for candidate in (layer, f"{layer}.shp", f"{layer}.dbf", f"{layer}.csv", f"{layer}.gpkg"):
        if (folder / candidate).is_file():
            return locate(folder / candidate)
    lower = {entry.name.lower(): entry for entry in folder.iterdir() if entry.is_file()}
    for candidate in (layer.lower(), f"{layer.lower()}.shp", f"{layer.lower()}.dbf"):
        if candidate in lower:
            return locate(lower[candidate])
    raise MissingError(f"`{folder}` has no `{layer}`", 732)


def _leaf(layer: str) -> str:
    r"""Drop feature datasets and schemas: `transport\roads`, `main.roads`, `"roads"` are `roads`."""
    leaf = re.split(r"[\\/]", layer)[-1]
    for schema in ("main.", "%"):
        leaf = leaf.removeprefix(schema)
    return leaf.strip('"')
