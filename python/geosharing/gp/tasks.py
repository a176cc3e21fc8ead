"""From results of tools to the tasks of a service, and what an analysis must know about them."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from typing import Any

from .. import _native
from ..exceptions import InvalidInputError, SharingError
from .datatypes import DATASETS
from .result import FAILED, Result
from .scan import ScriptScan, local_files, scan
from .toolbox import SYSTEM, Tool, load
from .valuetable import split_values

__all__ = [
    "facts",
    "facts_of_draft",
    "referenced_data",
    "set_choices",
    "set_constants",
    "tasks_of",
    "write_tasks",
]

Task = dict[str, Any]

_REMEDY = "pass the Result that a tool returned, or the path of a .rlt file that Result.saveToFile wrote"


def tasks_of(results: Any) -> list[Task]:
    """Return the tasks of a Result, of a result file, or of a list of these.

    Raises:
        InvalidInputError: there is none, a run failed, or something else was passed.
        NotSupportedError: a result file is in the binary form of ArcGIS.
    """
    entries = list(results) if isinstance(results, (list, tuple)) else [results]
    if not entries:
        raise InvalidInputError(f"there is no Result to share: {_REMEDY}")
    tasks: list[Task] = []
    for entry in entries:
        if isinstance(entry, Result):
            tasks.append(task_of(entry))
        elif isinstance(entry, str) or hasattr(entry, "__fspath__"):
            path = os.fspath(entry)
            if not os.path.isfile(path):
                raise InvalidInputError(f"`{path}` is no result file: {_REMEDY}", 732)
            tasks.extend(_native.result_read(path))
        else:
            raise InvalidInputError(f"a {type(entry).__name__} is no Result: {_REMEDY}")
    for task in tasks:
        if task.get("status") == FAILED:
            raise InvalidInputError(
                f"the run of {task['name']} failed; correct it and pass the Result of a good run"
            )
    return tasks


def task_of(result: Result) -> Task:
    """Return the task of one Result."""
    source = result.source
    if not source.toolbox:
        raise InvalidInputError(
            f"`{source.tool}` is of no toolbox, so that it cannot become a task; run a tool of a toolbox"
        )
    tool = load(source.toolbox).tools.get(source.tool)
    if tool is None:
        raise InvalidInputError(
            f"`{source.toolbox}` has no tool `{source.tool}` any more; run the tool again"
        )
    system = source.toolbox in SYSTEM
    words = tool.metadata
    return {
        "name": source.tool,
        "label": source.label or tool.label,
        "description": words.description or source.description or tool.description,
        "summary": words.summary,
        "tags": words.tags,
        "toolbox": {
            "kind": "system" if system else "python" if tool.kind == "python" else "archive",
            "path": source.toolbox,
            "alias": source.alias or source.toolbox,
            "label": tool.toolbox.label,
        },
        "files": [] if system else _files(tool),
        "parameters": _parameters(result),
        "environments": result.environments,
        "messages": result.getAllMessages(),
        "status": result.status,
    }


def _files(tool: Tool) -> list[str]:
    found = set(tool.files)
    source, path = _source(tool)
    if source:
        found.update(local_files(source, path))
    for file in [file for file in found if file.endswith(".py")]:
        with open(file, "rb") as opened:
            local_files(opened.read(), file, found)
    return sorted(found)


def _source(tool: Tool) -> tuple[bytes, str]:
    """Return the code of a tool and where it stands; nothing for tools without any."""
    if tool.kind == "python":
        with open(tool.toolbox.path, "rb") as file:
            return file.read(), tool.toolbox.path
    if tool.kind == "script":
        try:
            return tool.source_code()  # type: ignore[attr-defined]
        except SharingError:
            return b"", ""
    return b"", ""


def _parameters(result: Result) -> list[dict[str, Any]]:
    described = [dict(parameter) for parameter in result.parameters]
    for parameter in described:
        dataset = _dataset(parameter)
        if dataset is not None:
            parameter["dataset"] = dataset
    return described


def _words(parameter: Mapping[str, Any]) -> set[str]:
    return set(parameter.get("datatypes") or [parameter.get("datatype")])


def _values(parameter: Mapping[str, Any]) -> list[str]:
    value = parameter.get("value")
    if not value:
        return []
    return split_values(value) if parameter.get("multiValue") else [value]


def _dataset(parameter: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what the data of a value looks like, for the schema that clients see."""
    if not _words(parameter) & (DATASETS - {"DEFile", "DEFolder", "DEWorkspace"}):
        return None
    for value in _values(parameter):
        described = describe_data(value)
        if described is not None:
            return described
    return None


def describe_data(path: str) -> dict[str, Any] | None:
    """Return geometry type, spatial reference and fields of a feature class or table; None for other things."""
    from .. import data

    try:
        found = data.describe(path)
    except (OSError, ValueError, NotImplementedError):
        return None
    keys = ("geometryType", "hasZ", "hasM", "spatialReference", "objectIdField", "fields")
    return {key: found.get(key) for key in keys}


def set_constants(tasks: list[Task], names: Iterable[str] | str | None) -> None:
    """Fix the values of parameters, named `param` or `tool.param`, so that clients do not see them."""
    for _, parameter in _named(tasks, names, "constantValues"):
        parameter["constant"] = True


def set_flag(tasks: list[Task], names: Iterable[str] | str | None, what: str, flag: str) -> None:
    """Set a flag on the named parameters."""
    for _, parameter in _named(tasks, names, what):
        parameter[flag] = True


def set_choices(tasks: list[Task], choices: Mapping[str, Iterable[Any]] | None) -> None:
    """Let clients choose from lists: of texts, or of layers and data by their names.

    Raises:
        InvalidInputError: a parameter is unknown, or its own filter does not have a choice.
    """
    for name, listed in (choices or {}).items():
        for task, parameter in _named(tasks, [name], "choiceLists"):
            entries = [listed] if isinstance(listed, str) else list(listed)
            own = [str(entry) for entry in (parameter.get("filter") or {}).get("list", [])]
            rule = (parameter.get("filter") or {}).get("type")
            for entry in entries:
                if own and rule == "ValueList" and str(entry) not in own:
                    raise InvalidInputError(
                        f"`{entry}` of choiceLists is no choice of {task['name']}.{parameter['name']}; "
                        f"it takes {', '.join(own)}"
                    )
            parameter["choices"] = [_choice(entry, parameter) for entry in entries]


def _choice(entry: Any, parameter: Mapping[str, Any]) -> list[str]:
    from .datasets import _source

    if not _words(parameter) & DATASETS:
        return [str(entry), str(entry)]
    name = str(getattr(entry, "name", "") or os.path.basename(str(entry).replace("\\", "/")))
    path = _source(entry)
    return [
        name,
        os.path.abspath(path) if os.path.exists(path) or os.path.exists(os.path.dirname(path)) else path,
    ]


def _named(
    tasks: list[Task], names: Iterable[str] | str | None, what: str
) -> Iterable[tuple[Task, dict[str, Any]]]:
    listed = [names] if isinstance(names, str) else list(names or ())
    found: list[tuple[Task, dict[str, Any]]] = []
    for name in listed:
        tool, dot, own = str(name).rpartition(".")
        wanted = (own if dot else str(name)).lower()
        hits = [
            (task, parameter)
            for task in tasks
            if not dot
            or tool.lower() in (task["name"].lower(), f"{task['name']}_{task['toolbox']['alias']}".lower())
            for parameter in task["parameters"]
            if parameter["name"].lower() == wanted
        ]
        if not hits:
            known = ", ".join(f"{task['name']}.{p['name']}" for task in tasks for p in task["parameters"])
            raise InvalidInputError(
                f"{what} names `{name}`, which is no parameter of the tools; they have {known}"
            )
        found.extend(hits)
    return found


def write_tasks(tasks: list[Task], path: str | os.PathLike[str] | None = None) -> str:
    """Write a result file and return its path.

    Args:
        tasks: the tasks.
        path: where to; in a folder of the user's own below the system's temporary folder when left out.
    """
    if path is None:
        # The same draft is the same file, whenever the tools ran.
        lasting = [{key: value for key, value in task.items() if key != "messages"} for task in tasks]
        text = json.dumps(lasting, sort_keys=True, default=str)
        name = hashlib.sha256(text.encode()).hexdigest()[:32].upper()
        path = os.path.join(_folder(), f"{name}.rlt")
    _native.result_write(os.fspath(path), tasks)
    return os.path.abspath(os.fspath(path))


def _folder() -> str:
    """Return a folder that only this user writes to, and that the next process finds again."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = str(os.getuid()) if hasattr(os, "getuid") else "user"
    folder = os.path.join(tempfile.gettempdir(), f"geosharing-results-{user}")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    # Another user may have made the folder first, to put something under our names.
    if hasattr(os, "getuid") and os.stat(folder).st_uid != os.getuid():
        return tempfile.mkdtemp(prefix="geosharing-results-")
    return folder


def referenced_data(tasks: list[Task]) -> list[tuple[str, str]]:
    """Return the data that the service itself uses: tool and path of constants, choices and paths in scripts."""
    found: list[tuple[str, str]] = []
    for task in tasks:
        paths: list[str] = []
        for parameter in task["parameters"]:
            if parameter.get("direction") != "Input" or not _words(parameter) & DATASETS:
                continue
            if parameter.get("choices"):
                paths += [path for _, path in parameter["choices"]]
            elif parameter.get("constant"):
                paths += _values(parameter)
        paths += [named.found for named in _scanned(task)[1].paths if named.exists]
        for path in dict.fromkeys(paths):
            if (task["name"], path) not in found:
                found.append((task["name"], path))
    return found


def _scanned(task: Task) -> tuple[dict[str, Any] | None, ScriptScan]:
    """Return what an analysis must know about a task's script, and what the script names."""
    if task["toolbox"]["kind"] == "system":
        return None, ScriptScan()
    tool = load(task["toolbox"]["path"]).tools.get(task["name"])
    if tool is None or tool.kind not in ("python", "script"):
        return None, ScriptScan()
    source, path = _source(tool)
    if not source:
        linked = getattr(tool, "script_path", lambda: None)()
        missing = linked is None or not os.path.isfile(linked)
        return {"path": linked or "", "missing": missing}, ScriptScan()
    found = scan(source, path)
    for file in task.get("files", []):
        if file.endswith(".py"):
            with open(file, "rb") as opened:
                more = scan(opened.read(), file)
            found.paths += [named for named in more.paths if named not in found.paths]
            found.unknown_imports += [
                name for name in more.unknown_imports if name not in found.unknown_imports
            ]
            found.tools += [name for name in more.tools if name not in found.tools]
    return {
        "path": path,
        "missing": False,
        "syntax_error": found.syntax_error or None,
        "unknown_imports": found.unknown_imports,
        "paths": [
            {"path": named.path, "exists": named.exists, "is_toolbox": named.is_toolbox, "line": named.line}
            for named in found.paths
        ],
        "tools": found.tools,
    }, found


_KINDS = {"python": "python_toolbox", "script": "script", "model": "model", "system": "system"}


def facts(tasks: list[Task], *, summary: str = "", result_map_service: bool = False) -> dict[str, Any]:
    """Return what the core's analysis of tools takes.

    Args:
        tasks: the tasks.
        summary: summary of the service, which stands in for that of a tool without one.
        result_map_service: whether a map service draws the outputs.
    """
    return {
        "tools": [_tool_facts(task, summary) for task in tasks],
        "result_map_service": result_map_service,
    }


def _tool_facts(task: Task, summary: str) -> dict[str, Any]:
    fault, kind, described = None, "python_toolbox", None
    script: dict[str, Any] | None = None
    try:
        tool = load(task["toolbox"]["path"]).tools.get(task["name"])
        if tool is None:
            fault = f"its toolbox `{task['toolbox']['path']}` does not have it any more"
        else:
            kind = _KINDS.get(tool.kind, "library")
            described = tool.metadata if tool.metadata.summary or tool.metadata.parameters else None
            script = _scanned(task)[0]
    except SharingError as error:
        fault = str(error)
    own = (described.summary if described else "") or task.get("summary") or summary
    if kind == "system":
        own = own or task.get("description") or task["name"]
    parameters = []
    for parameter in task["parameters"]:
        said = (
            parameter.get("description") if described and described.parameters else parameter["displayName"]
        )
        values = _values(parameter) if _words(parameter) & DATASETS else []
        value = next((entry for entry in values if _fixed(parameter, entry)), None)
        parameters.append(
            {
                "name": parameter["name"],
                "datatype": parameter["datatype"],
                "output": parameter.get("direction") == "Output",
                "description": said or "",
                "value": {"path": value, "exists": _exists(value)} if value else None,
                "in_memory": any(
                    entry.lower().startswith(("memory\\", "memory/", "in_memory")) for entry in values
                ),
            }
        )
    return {
        "name": task["name"],
        "kind": kind,
        "fault": fault,
        "summary": own if kind != "python_toolbox" or own else None,
        "script": script,
        "parameters": parameters,
    }


def _fixed(parameter: Mapping[str, Any], value: str) -> bool:
    return parameter.get("direction") == "Input" and not value.lstrip().startswith(
        ("{", "http", "memory", "in_memory")
    )


def _exists(path: str) -> bool:
    from .datasets import Exists

    return os.path.exists(path) or Exists(path)


def facts_of_draft(draft: str | os.PathLike[str]) -> dict[str, Any]:
    """Return what the core's analysis of tools takes, from the result file that a draft names.

    Empty for drafts of the products, whose toolboxes are in a form of their own, and where the file is gone.
    """
    about = _native.draft_about(os.fspath(draft))
    if not str(about["document"]).lower().endswith(".rlt") or not os.path.isfile(about["document"]):
        return {}
    tasks = _native.result_read(about["document"])
    snippet = re.search(r"<Snippet>([^<]*)</Snippet>", about["text"])
    drawn = re.search(r"<Key>resultMapServer</Key>\s*<Value[^>]*>true<", about["text"])
    return facts(tasks, summary=snippet[1] if snippet else "", result_map_service=bool(drawn))
