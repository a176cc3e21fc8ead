"""Create Domain and its kin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..data import _gdal
from ..data._edit import Editor
from ..exceptions import DeniedError, InvalidInputError, MissingError
from ..gp.messages import ToolRun
from ..gp.values import literal_path, one_of
from ..tools import domains
from ..tools.running import tool
from ..tools.sources import absolute, resolve

__all__ = [
    "AddCodedValueToDomain",
    "AssignDomainToField",
    "CreateDomain",
    "DeleteCodedValueFromDomain",
    "DeleteDomain",
    "RemoveDomainFromField",
    "SetValueForRangeDomain",
]

_TYPES = ("SHORT", "LONG", "BIGINTEGER", "FLOAT", "DOUBLE", "TEXT", "DATE")


@contextmanager
def _workspace(value: Any) -> Iterator[Any]:
    import os

    path = absolute(literal_path(value))
    if not os.path.exists(path):
        raise MissingError(f"Input Workspace: Dataset {path} does not exist or is not supported", 732)
    try:
        opened = _gdal.opened(path, _gdal.OF_VECTOR | _gdal.OF_UPDATE)
        handle = opened.__enter__()
    except _gdal.GdalError as error:
        raise DeniedError(f"`{path}` cannot be edited: {error}", 499) from error
    try:
        yield handle
    finally:
        opened.__exit__(None, None, None)


@tool
def CreateDomain(
    run: ToolRun,
    in_workspace: Any,
    domain_name: Any,
    domain_description: Any = None,
    field_type: Any = "SHORT",
    domain_type: Any = "CODED",
    split_policy: Any = "DEFAULT",
    merge_policy: Any = "DEFAULT",
) -> dict[str, Any]:
    """Make a domain in a file geodatabase.

    A domain of coded values begins empty; `AddCodedValueToDomain` fills it.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/create-domain.htm
    """
    kind = one_of("Field Type", field_type, _TYPES, "SHORT")
    coded = one_of("Domain Type", domain_type, ("CODED", "RANGE"), "CODED") == "CODED"
    with _workspace(in_workspace) as handle:
        domains.ensure_absent(handle, str(domain_name))
        limits = None if coded else (0, 0)
        domains.add(handle, str(domain_name), domain_description or "", kind, {} if coded else None, limits)
    return {"out_workspace": in_workspace}


def _changed(workspace: Any, name: str, change: Any) -> None:
    with _workspace(workspace) as handle:
        domain = domains.read(handle, name)
        if domain.codedValues is None:
            raise InvalidInputError(f"Domain Name: `{name}` is a range, it has no coded values", 800)
        values = dict(domain.codedValues)
        change(values)
        kind = domain._kind  # type: ignore[attr-defined]
        domains.add(handle, name, domain.description, kind, values, replace=True)


@tool
def AddCodedValueToDomain(
    run: ToolRun, in_workspace: Any, domain_name: Any, code: Any, code_description: Any
) -> dict[str, Any]:
    """Add a coded value to a domain, or change its text.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/add-coded-value-to-domain.htm
    """

    def change(values: dict[Any, str]) -> None:
        known = {str(key): key for key in values}
        values[known.get(str(code), code)] = str(code_description)

    _changed(in_workspace, str(domain_name), change)
    return {"out_workspace": in_workspace}


@tool
def DeleteCodedValueFromDomain(
    run: ToolRun, in_workspace: Any, domain_name: Any, code: Any
) -> dict[str, Any]:
    """Take coded values out of a domain.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/delete-coded-value-from-domain.htm
    """
    codes = {str(part) for part in (code if isinstance(code, list) else str(code).split(";"))}

    def change(values: dict[Any, str]) -> None:
        for key in [key for key in values if str(key) in codes]:
            del values[key]

    _changed(in_workspace, str(domain_name), change)
    return {"out_workspace": in_workspace}


@tool
def SetValueForRangeDomain(
    run: ToolRun, in_workspace: Any, domain_name: Any, min_value: Any, max_value: Any
) -> dict[str, Any]:
    """Set the limits of a range domain.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/set-value-for-range-domain.htm
    """
    with _workspace(in_workspace) as handle:
        domain = domains.read(handle, str(domain_name))
        if domain.codedValues is not None:
            raise InvalidInputError(f"Domain Name: `{domain_name}` has coded values, no range", 800)
        kind = domain._kind  # type: ignore[attr-defined]
        limits = (min_value, max_value)
        domains.add(handle, str(domain_name), domain.description, kind, None, limits, replace=True)
    return {"out_workspace": in_workspace}


@tool
def DeleteDomain(run: ToolRun, in_workspace: Any, domain_name: Any) -> dict[str, Any]:
    """Delete a domain.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/delete-domain.htm
    """
    with _workspace(in_workspace) as handle:
        domains.delete(handle, str(domain_name))
    return {"out_workspace": in_workspace}


@tool
def AssignDomainToField(
    run: ToolRun, in_table: Any, field_name: Any, domain_name: Any, subtype_code: Any = None
) -> dict[str, Any]:
    """Give a field a domain of its geodatabase.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/assign-domain-to-field.htm
    """
    source = resolve(in_table, "in_table")
    with Editor(source.path, source.layer) as editor:
        domains.read(editor.handle, str(domain_name))
        editor.alter_column(str(field_name), domain=str(domain_name))
    return {"out_table": in_table}


@tool
def RemoveDomainFromField(
    run: ToolRun, in_table: Any, field_name: Any, subtype_code: Any = None
) -> dict[str, Any]:
    """Take the domain of a field away.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/remove-domain-from-field.htm
    """
    source = resolve(in_table, "in_table")
    with Editor(source.path, source.layer) as editor:
        editor.alter_column(str(field_name), domain="")
    return {"out_table": in_table}
