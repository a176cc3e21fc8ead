"""Tools that are to become tasks."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ._map import run
from ._report import Report

__all__ = ["analyze_tools", "tool_facts"]

KINDS = {"python": "python_toolbox", "script": "script", "model": "model", "system": "system"}


def analyze_tools(
    tools: Iterable[Any],
    *,
    draft: str | None = None,
    values: Mapping[str, Mapping[str, Any]] | None = None,
    result_map_service: bool = False,
    allowed_paths: Iterable[str] = (),
    subject: str = "Tools as a geoprocessing service",
) -> Report:
    """Analyze tools of toolboxes for a geoprocessing service or web tool.

    Args:
        tools: `geosharing.gp.toolbox.Tool` objects.
        draft: the text of the draft, whose summary and tags then count.
        values: values of a run, by tool and parameter.
        result_map_service: whether a result map service shows outputs.
        allowed_paths: paths in scripts that need not be here, as they are written.
        subject: what the report calls them.
    """
    listed = list(tools)
    known = {tool.name: tool for tool in listed}
    facts = {
        "tools": [tool_facts(tool, (values or {}).get(tool.name)) for tool in listed],
        "result_map_service": result_map_service,
        "allowed_paths": list(allowed_paths),
    }
    request: dict[str, Any] = {"gp": facts, "product": "geoprocessing", "draft": draft}
    return run(None, request, subject, known.get)


def tool_facts(tool: Any, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return what the rules need of one tool, as `GpTool` of the core has it."""
    facts: dict[str, Any] = {"name": tool.name, "kind": KINDS.get(tool.kind, "script"), "parameters": []}
    if tool.kind in ("python", "script"):
        facts["script"] = _script(tool)
    metadata = tool.metadata
    # A tool without any item description lacks everything at once, which is said once.
    described = bool(metadata.summary or metadata.parameters or metadata.tags)
    facts["summary"] = metadata.summary if described else (tool.description or None)
    try:
        parameters = tool.parameters()
    except Exception as error:
        # The tool's own code runs here; whatever it raises is the finding.
        return facts | {"fault": str(error)}
    for parameter in parameters:
        value = (values or {}).get(parameter.name, parameter.valueAsText)
        text = "" if value is None else str(value)
        facts["parameters"].append(
            {
                "name": parameter.name,
                "datatype": str(parameter.datatype),
                "output": parameter.direction == "Output",
                "description": metadata.parameters.get(parameter.name, "") if described else None,
                "value": _data(text),
                "in_memory": text.lower().startswith(("memory\\", "memory/", "in_memory")),
            }
        )
    return facts


def _script(tool: Any) -> dict[str, Any] | None:
    from ..gp.scan import scan

    if tool.kind == "python":
        path = tool.toolbox.path
        source = Path(path).read_bytes()
    else:
        linked = tool.script_path()
        if linked is not None and not os.path.isfile(linked):
            return {"path": linked, "missing": True}
        source, path = tool.source_code()
    found = scan(source, path)
    return {
        "path": path,
        "syntax_error": found.syntax_error or None,
        "unknown_imports": found.unknown_imports,
        "paths": [
            {"path": named.path, "exists": named.exists, "is_toolbox": named.is_toolbox, "line": named.line}
            for named in found.paths
        ],
        "tools": found.tools,
    }


def _data(text: str) -> dict[str, Any] | None:
    if not text or "://" in text or not any(mark in text for mark in ("/", "\\", ".gdb", ".shp")):
        return None
    native = text.replace("\\", "/")
    parts = [native]
    while os.path.dirname(parts[-1]) not in ("", "/", parts[-1]):
        parts.append(os.path.dirname(parts[-1]))
    inside = any(os.path.exists(part) for part in parts[1:] if part.lower().endswith((".gdb", ".gpkg")))
    return {"path": text, "exists": os.path.exists(native) or inside}
