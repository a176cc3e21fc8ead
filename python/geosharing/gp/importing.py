"""`arcpy.ImportToolbox`: tools of toolboxes under arcpy's names."""

from __future__ import annotations

import fnmatch
import functools
import inspect
import os
import re
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..exceptions import InvalidInputError, NotSupportedError
from .result import Result
from .values import given

if TYPE_CHECKING:
    from .toolbox import Tool, Toolbox

__all__ = [
    "AddToolbox",
    "ImportToolbox",
    "ListToolboxes",
    "ListTools",
    "RemoveToolbox",
    "ToolboxModule",
    "find_tool",
    "imported",
]


class ToolboxModule(types.ModuleType):
    """An imported toolbox; its attributes are its tools."""

    toolbox: Toolbox

    def __init__(self, name: str, toolbox: Toolbox) -> None:
        super().__init__(name, toolbox.description or toolbox.label)
        self.__dict__.update(toolbox=toolbox, __all__=list(toolbox.tools), __file__=toolbox.path)
        for tool in toolbox.tools.values():
            self.__dict__[tool.name] = _function(tool)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        known = ", ".join(self.toolbox.tools) or "none"
        raise AttributeError(f"toolbox `{self.toolbox.path}` has no tool `{name}`; it has {known}")

    def __repr__(self) -> str:
        return f"<toolbox {self.__name__} ({self.toolbox.path})>"


_imported: dict[str, ToolboxModule] = {}


def _function(tool: Tool) -> Callable[..., Result]:
    """Return a tool as a function with its parameters in its signature."""

    @functools.wraps(tool.run, assigned=())
    def call(*args: Any, **kwargs: Any) -> Result:
        return tool(*args, **kwargs)

    call.__name__ = call.__qualname__ = tool.name
    call.__doc__ = tool.metadata.summary or tool.description or tool.label
    call.tool = tool  # type: ignore[attr-defined]
    try:
        parameters = tool.parameters()
    except InvalidInputError:
        parameters = []
    spoken = [p for p in parameters if p.parameterType != "Derived" and p.name.isidentifier()]
    call.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(p.name, inspect.Parameter.KEYWORD_ONLY, default=None) for p in spoken]
        if len({p.name for p in spoken}) == len(spoken)
        else []
    )
    return call


def imported(name: str) -> Any:
    """Return what `arcpy.<name>` means for imported toolboxes: `alias`, `Tool_alias`; else None."""
    if name in _imported:
        return _imported[name]
    tool, _, alias = name.rpartition("_")
    while tool:
        module = _imported.get(alias)
        if module is not None and tool in module.toolbox.tools:
            return getattr(module, tool)
        # Aliases and tools may have underscores of their own.
        tool, _, more = tool.rpartition("_")
        alias = f"{more}_{alias}"
    return None


def imported_names() -> list[str]:
    """Return the names that imported toolboxes add to arcpy."""
    return [
        name
        for alias, module in _imported.items()
        for name in (alias, *(f"{tool}_{alias}" for tool in module.toolbox.tools))
    ]


def ImportToolbox(input_file: str, module_name: str | None = None) -> ToolboxModule:
    """Read a toolbox and give arcpy its tools: `module.Tool`, `arcpy.Tool_alias` and `arcpy.alias.Tool`.

    Args:
        input_file: a `.pyt` or `.atbx` file.
        module_name: name to use in place of the alias; required where the toolbox has no alias.

    Raises:
        MissingError: ERROR 000732, there is no such file.
        NotSupportedError: it is a binary `.tbx`, or a geoprocessing service.
        InvalidInputError: it is no toolbox, its code fails, or it has no alias and no name was given.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/importtoolbox.htm
    """
    path = os.fspath(input_file) if hasattr(input_file, "__fspath__") else str(input_file)
    if ";" in path and (re.match(r"https?://", path, re.IGNORECASE) or ".ags;" in path.lower()):
        raise NotSupportedError(
            "tools of a geoprocessing service cannot be imported here; call the service with "
            "geosharing.client, or with import_toolbox of the package `arcgis`"
        )
    from .toolbox import load

    toolbox = load(path)
    name = given(module_name) or toolbox.alias
    if not name:
        raise InvalidInputError(
            f"toolbox `{path}` has no alias; pass a module_name to ImportToolbox, or set `self.alias` in it"
        )
    module = ToolboxModule(name, toolbox)
    for key in {name, toolbox.alias or name}:
        _imported[key] = module
    return module


AddToolbox = ImportToolbox


def RemoveToolbox(toolbox: str) -> None:
    """Forget an imported toolbox, by its path or alias."""
    path = os.path.abspath(str(toolbox).replace("\\", "/"))
    for key, module in list(_imported.items()):
        if str(toolbox) in (key, module.toolbox.path) or module.toolbox.path == path:
            del _imported[key]


def ListToolboxes(wild_card: str | None = None) -> list[str]:
    """Return the toolboxes as `label(alias)`: arcpy's own that are here, then the imported ones.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/listtoolboxes.htm
    """
    from .toolbox import SYSTEM

    found = [f"{label}({alias})" for alias, label in SYSTEM.items()]
    found += [f"{module.toolbox.label}({alias})" for alias, module in _imported.items()]
    return [name for name in found if _matches(name, wild_card)]


def ListTools(wild_card: str | None = None) -> list[str]:
    """Return the tools as `Tool_alias`.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/listtools.htm
    """
    from .toolbox import SYSTEM, load

    boxes = [load(alias) for alias in SYSTEM]
    found = {f"{tool}_{box.alias}" for box in boxes for tool in box.tools}
    found |= {f"{tool}_{alias}" for alias, module in _imported.items() for tool in module.toolbox.tools}
    return sorted(name for name in found if _matches(name, wild_card))


def _matches(name: str, wild_card: str | None) -> bool:
    pattern = given(wild_card)
    return pattern is None or fnmatch.fnmatchcase(name.lower(), pattern.lower())


def find_tool(name: str) -> Tool:
    """Return a tool by `Tool_alias`, `alias.Tool` or `Tool`.

    Raises:
        InvalidInputError: there is none.
    """
    from .toolbox import SYSTEM, load

    first, dot, second = name.partition(".")
    boxes = [(alias, module.toolbox) for alias, module in _imported.items()]
    boxes += [(alias, load(alias)) for alias in SYSTEM]
    for alias, box in boxes:
        for tool in box.tools.values():
            if name in (tool.name, f"{tool.name}_{alias}") or (dot and (first, second) == (alias, tool.name)):
                return tool
    raise InvalidInputError(f"no tool is named `{name}`; import its toolbox first, with arcpy.ImportToolbox")
