"""Stage Service."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .. import _native
from ..exceptions import AnalyzerError, InvalidInputError
from ..gp.env import env
from ..gp.findings import Analysis, analyzer_json
from ..gp.messages import ToolRun, run_tool
from ..gp.registered import of_draft
from ..gp.result import Result
from ..gp.values import given, literal_path, output_path

__all__ = ["StageService", "Staged", "stage"]

Profile = Literal["compatible", "fast", "store"]
PROFILE_VARIABLE = "GEOSHARING_STAGE_PROFILE"
"""Environment variable that chooses the profile of `StageService`, which has no parameter for it."""


@dataclass(frozen=True)
class Staged:
    """A service definition and what was found while it was staged."""

    path: Path
    """The `.sd` file."""
    analysis: Analysis
    """Messages and warnings, as arcpy's dictionary."""


def stage(
    draft: str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
    *,
    staging_version: int = 102,
    profile: Profile = "compatible",
    overwrite: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Staged:
    """Stage a sharing draft: copy its data and pack it with all documents into a service definition.

    A map draft that refers to its data (`copyDataToServer = False`) has its server asked what is registered;
    other data are copied. All stay where they are if nobody is signed in to that server.

    Args:
        draft: the `.sddraft` file.
        out: the `.sd` file to write; by default beside the draft under its name.
        staging_version: as in arcpy: 5, 102, or that of a server, such as 330 for 11.3.
        profile: how files are packed: `compatible` as ArcGIS does, `fast` (Deflate) or `store`.
        overwrite: whether an existing file is replaced.
        progress: called with bytes packed and bytes in all.

    Returns:
        The file and the findings.

    Raises:
        AnalyzerError: the map or its data cannot be published; nothing was written.
        MissingError: the draft or its project does not exist.
        ExistsError: the output exists.
        StorageError: the folder cannot be written to or the disk is full; nothing is left.

    Examples:
        >>> staged = stage("roads.sddraft", profile="fast")  # doctest: +SKIP
        >>> staged.path.name  # doctest: +SKIP
        'roads.sd'
    """
    found = _stage(draft, out, staging_version, profile, overwrite, progress)
    analysis = Analysis(found["findings"])
    if not found["written"]:
        text = f"Analyzer errors were encountered ({analyzer_json(analysis, 'error')})."
        raise AnalyzerError(text, 1272, analysis=analysis)
    return Staged(Path(found["path"]), analysis)


def _stage(
    draft: str | os.PathLike[str],
    out: str | os.PathLike[str] | None,
    staging_version: int,
    profile: str,
    overwrite: bool,
    progress: Callable[[int, int], None] | None,
) -> Mapping[str, Any]:
    source = os.fspath(draft)
    target = os.path.splitext(source)[0] + ".sd" if out is None else os.fspath(out)
    if not os.path.splitext(target)[1]:
        target += ".sd"
    server, remarks = of_draft(source)
    found: dict[str, Any] = _native.stage(
        source,
        target,
        staging_version=staging_version,
        profile=profile,
        overwrite=overwrite,
        server=server,
        progress=progress,
    )
    found["findings"] = [*found["findings"], *remarks]
    return found


def StageService(
    in_service_definition_draft: Any,
    out_service_definition: Any = None,
    staging_version: Any = None,
) -> Result:
    """Stage a service definition draft.

    Args:
        in_service_definition_draft: path of the `.sddraft` file, as exported or as edited since.
        out_service_definition: path of the `.sd` file; by default beside the draft under its name.
        staging_version: 5, 102 (default), or that of a server.

    Returns:
        A result whose first output is the path of the `.sd` file, with the findings by key.

    Raises:
        ExecuteError: with ERROR 000732 for a missing draft, 000725 for an existing output while
            `arcpy.env.overwriteOutput` is False, and 001272 with its JSON when the map cannot be
            published.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/server/stage-service.htm
    """
    inputs = dict(locals())

    def work(run: ToolRun) -> dict[str, Any]:
        draft = given(in_service_definition_draft)
        if draft is None:
            raise InvalidInputError("Service Definition Draft: Value is required", 735)
        out = None if given(out_service_definition) is None else output_path(out_service_definition)
        found = _stage(
            literal_path(in_service_definition_draft),
            out,
            _version(staging_version),
            os.environ.get(PROFILE_VARIABLE) or "compatible",
            bool(env.overwriteOutput),
            None,
        )
        run.found(found["findings"])
        run.message(f"Staged {found['path']}")
        return {"out_service_definition": str(found["path"])}

    return run_tool("StageService", work, inputs)


def _version(value: Any) -> int:
    text = given(value)
    if text is None:
        return 102
    try:
        return int(float(text))
    except ValueError:
        raise InvalidInputError(f"Staging Version: `{value}` is not a whole number", 840) from None
