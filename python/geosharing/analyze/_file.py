"""Files: projects, maps, layer files, drafts, service definitions, toolboxes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .. import _native
from ..exceptions import InvalidInputError, MissingError
from ..gp.tasks import facts_of_draft
from ._map import PRODUCTS, analyze_map, run
from ._report import Report
from ._tools import analyze_tools

__all__ = ["analyze", "analyze_sddraft"]

DOCUMENTS = (".aprx", ".mapx", ".lyrx", ".ppkx", ".mpkx")
TOOLBOXES = (".pyt", ".atbx")
SERVICES = {"FeatureServer": "feature", "MapServer": "map_service", "VectorTileServer": "vector_tile"}


def analyze(
    path: str | os.PathLike[str],
    product: str = "feature",
    *,
    map_name: str | None = None,
    arcmap: bool = False,
) -> list[Report]:
    """Analyze a file: one report for each map, draft or toolbox in it.

    Args:
        path: `.aprx`, `.mapx`, `.lyrx`, `.ppkx`, `.sddraft`, `.sd`, `.pyt` or `.atbx`.
        product: what maps are to become, `feature`, `tile`, `vector_tile`, `map_image`, `map_service`,
            `scene`, `web_map` or `package`; drafts and service definitions say it themselves.
        map_name: only the map of this name.
        arcmap: let the analyzers speak that only ArcMap had, such as slow labels and symbols.

    Raises:
        MissingError: there is no such file.
        InvalidInputError: it is nothing that can be analyzed, or has no map of that name.
    """
    name = os.fspath(path)
    suffix = os.path.splitext(name)[1].lower()
    if product not in PRODUCTS:
        raise InvalidInputError(f"`{product}` is nothing to analyze for: pass one of {', '.join(PRODUCTS)}")
    if not os.path.isfile(name):
        raise MissingError(f"there is no file `{name}`")
    if suffix == ".sddraft":
        return [analyze_sddraft(name, arcmap=arcmap)]
    if suffix == ".sd":
        return list(_definition(name, arcmap))
    if suffix in TOOLBOXES:
        from ..gp.toolbox import load

        box = load(name)
        subject = f"{os.path.basename(name)} as a geoprocessing service"
        return [analyze_tools(box.tools.values(), subject=subject)]
    if suffix not in DOCUMENTS:
        known = ", ".join((*DOCUMENTS, ".sddraft", ".sd", *TOOLBOXES))
        raise InvalidInputError(f"`{name}` cannot be analyzed: pass one of {known}")
    maps = [map for map in _maps(name) if map_name in (None, map.name)]
    if not maps and map_name is not None:
        raise InvalidInputError(f"`{name}` has no map `{map_name}`")
    return [analyze_map(map, product, arcmap=arcmap) for map in maps]


def analyze_sddraft(path: str | os.PathLike[str], *, arcmap: bool = False) -> Report:
    """Analyze a draft with the project, toolbox or data that it names.

    Args:
        path: the `.sddraft` file, as exported or as edited since.
        arcmap: let the analyzers speak that only ArcMap had.

    Raises:
        MissingError: ERROR 000732, there is no such draft, or its project is gone.
        InvalidInputError: it is no draft.
    """
    name = os.fspath(path)
    about = _native.draft_about(name)
    text, product = about["text"], about["product"]
    subject = f"{os.path.basename(name)} as a {PRODUCTS[product]}"
    desktop = "arc_map" if arcmap else "pro"
    if product == "geoprocessing":
        return run(None, {"draft": text, "desktop": desktop, "gp": facts_of_draft(name)}, subject)
    if not about["cim_path"]:
        return run(None, {"draft": text, "desktop": desktop}, subject)
    folder = os.path.dirname(os.path.abspath(name))
    map = _map(_document(about["document"], folder), about["cim_path"])
    report = analyze_map(map, draft=text, arcmap=arcmap)
    report.subject = subject
    return report


def _document(name: str, folder: str) -> str:
    try:
        return str(_native.resolve_path(name, folder))
    except MissingError:
        # A draft that was sent with its project names a folder of another machine.
        beside = os.path.join(folder, name.replace("\\", "/").rsplit("/", 1)[-1])
        if os.path.isfile(beside):
            return beside
        raise


def _map(document: str, uri: str) -> Any:
    from ..mp import Map

    return Map(_native.Project.open(document), uri)


def _maps(document: str) -> list[Any]:
    from ..mp import Map

    native = _native.Project.open(document)
    return [Map(native, uri) for uri, _ in native.maps()]


def _definition(path: str, arcmap: bool) -> Iterator[Report]:
    from .._definition import read_manifest

    manifest = read_manifest(path)
    product = SERVICES.get(manifest.service_type, "other")
    if manifest.service_type == "MapServer" and manifest.hosted:
        product = "tile"
    with _unpacked(path) as folder:
        documents = sorted(folder.rglob("*.mapx"))
        if not documents:
            raise InvalidInputError(f"`{path}` holds no map; what is staged without one cannot be analyzed")
        for map in _maps(str(documents[0])):
            report = analyze_map(map, product, arcmap=arcmap)
            report.subject = f"{os.path.basename(path)} as a {PRODUCTS[product]}"
            yield report


@contextmanager
def _unpacked(path: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="geosharing-analyze-") as folder:
        _native.archive_extract(path, folder)
        yield Path(folder)
