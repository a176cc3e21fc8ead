"""Add, alter, delete, calculate and join fields."""

from __future__ import annotations

import uuid
from typing import Any

from ..data._edit import Editor
from ..exceptions import ExistsError, InvalidInputError
from ..gp.messages import ToolRun
from ..gp.values import given, names, one_of
from ..tools import calculate, joining, measuring
from ..tools.running import tool
from ..tools.sources import Source, resolve

__all__ = [
    "AddField",
    "AddFields",
    "AddGlobalIDs",
    "AlterField",
    "CalculateField",
    "CalculateFields",
    "CalculateGeometryAttributes",
    "DeleteField",
    "JoinField",
]


def _add(
    run: ToolRun,
    editor: Editor,
    source: Source,
    name: str,
    kind: Any,
    length: Any = None,
    alias: Any = None,
    nullable: bool = True,
    domain: Any = None,
    default: Any = None,
) -> None:
    if editor.has(name) or name.lower() == editor.oid_name.lower():
        raise ExistsError(f"Field name {name} already exists", 12)
    if not name or not (name[0].isalpha() or name[0] == "_") or not name.replace("_", "a").isalnum():
        raise InvalidInputError(f"Field Name: The field name {name} contains invalid characters", 310)
    if source.about["driver"] == "ESRI Shapefile" and len(name) > 10:
        run.warning(f"the field name {name} is cut to {name[:10]}, as shapefiles hold ten characters", 1013)
        name = name[:10]
    editor.add_column(
        name,
        str(kind or "LONG"),
        length=int(length) if given(length) is not None else None,
        alias=given(alias),
        nullable=nullable,
        domain=given(domain),
        default=default,
    )


@tool
def AddField(
    run: ToolRun,
    in_table: Any,
    field_name: Any,
    field_type: Any = "LONG",
    field_precision: Any = None,
    field_scale: Any = None,
    field_length: Any = None,
    field_alias: Any = None,
    field_is_nullable: Any = "NULLABLE",
    field_is_required: Any = "NON_REQUIRED",
    field_domain: Any = None,
) -> dict[str, Any]:
    """Add a field to a table or feature class.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/add-field.htm
    """
    source = resolve(in_table, "in_table")
    words = ("NULLABLE", "NON_NULLABLE")
    nullable = one_of("Field IsNullable", field_is_nullable, words, "NULLABLE") == "NULLABLE"
    with Editor(source.path, source.layer) as editor:
        name = str(field_name)
        _add(run, editor, source, name, field_type, field_length, field_alias, nullable, field_domain)
    return {"out_table": in_table}


@tool
def AddFields(run: ToolRun, in_table: Any, field_description: Any, template: Any = None) -> dict[str, Any]:
    """Add several fields: lists of name, type, alias, length, default value and domain.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/add-fields.htm
    """
    source = resolve(in_table, "in_table")
    entries = field_description
    if isinstance(entries, str):
        import shlex

        entries = [shlex.split(part) for part in entries.split(";") if part.strip()]
    with Editor(source.path, source.layer) as editor:
        for entry in entries:
            parts = [*([entry] if isinstance(entry, str) else entry), *[None] * 6]
            name, kind, alias, length, default, domain = parts[:6]
            literal = None
            if given(default) is not None:
                quoted = str(default).replace("'", "''")
                text = str(kind).upper() in ("TEXT", "STRING", "DATE", "GUID")
                literal = f"'{quoted}'" if text else quoted
            _add(run, editor, source, str(name), kind, length, alias, True, domain, literal)
    return {"out_table": in_table}


@tool
def AlterField(
    run: ToolRun,
    in_table: Any,
    field: Any,
    new_field_name: Any = None,
    new_field_alias: Any = None,
    field_type: Any = None,
    field_length: Any = None,
    field_is_nullable: Any = None,
    clear_field_alias: Any = "DO_NOT_CLEAR",
) -> dict[str, Any]:
    """Rename a field, or change its alias or length.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/alter-field-properties.htm
    """
    source = resolve(in_table, "in_table")
    alias = given(new_field_alias)
    if clear_field_alias in (True, "CLEAR_ALIAS", "true"):
        alias = ""
    length = given(field_length)
    with Editor(source.path, source.layer) as editor:
        editor.alter_column(
            str(field), new_name=given(new_field_name), alias=alias, length=int(length) if length else None
        )
    return {"out_table": in_table}


@tool
def DeleteField(
    run: ToolRun, in_table: Any, drop_field: Any, method: Any = "DELETE_FIELDS"
) -> dict[str, Any]:
    """Delete fields, or all but the named ones.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/delete-field.htm
    """
    source = resolve(in_table, "in_table")
    keep = one_of("Method", method, ("DELETE_FIELDS", "KEEP_FIELDS"), "DELETE_FIELDS") == "KEEP_FIELDS"
    named = names(drop_field)
    with Editor(source.path, source.layer) as editor:
        chosen = [editor.column(name).name for name in named]
        if keep:
            system = {"shape_length", "shape_area"}
            kept = {name.lower() for name in chosen} | system
            chosen = [column.name for column in editor.columns if column.name.lower() not in kept]
        for name in chosen:
            editor.delete_column(name)
    return {"out_table": in_table}


@tool
def CalculateField(
    run: ToolRun,
    in_table: Any,
    field: Any,
    expression: Any,
    expression_type: Any = "PYTHON3",
    code_block: Any = None,
    field_type: Any = "TEXT",
    enforce_domains: Any = "NO_ENFORCE_DOMAINS",
) -> dict[str, Any]:
    """Set a field of every row by a Python expression; a field that is not there is added.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/calculate-field.htm
    """
    source = resolve(in_table, "in_table")
    known = {f["name"].lower() for f in source.about["fields"]}
    name = str(field)
    if name.lower() not in known and name.lower() != "shape":
        calculate.compiled(str(expression), code_block)
        with Editor(source.path, source.layer) as editor:
            _add(run, editor, source, name, field_type or "TEXT")
        source = resolve(in_table, "in_table")
    calculate.calculate(source, [(name, str(expression))], code_block, str(expression_type or "PYTHON3"))
    return {"out_table": in_table}


@tool
def CalculateFields(
    run: ToolRun,
    in_table: Any,
    expression_type: Any = "PYTHON3",
    fields: Any = None,
    code_block: Any = None,
    enforce_domains: Any = "NO_ENFORCE_DOMAINS",
) -> dict[str, Any]:
    """Set several fields of every row by Python expressions: lists of field and expression.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/calculate-fields.htm
    """
    source = resolve(in_table, "in_table")
    entries = fields or []
    if isinstance(entries, str):
        entries = [part.split(None, 1) for part in entries.split(";") if part.strip()]
    steps = [
        (str(entry[0]), str(entry[1]).strip().strip("'\"") if isinstance(fields, str) else str(entry[1]))
        for entry in entries
    ]
    for name, _ in steps:
        source.field(name, "Field Name")
    calculate.calculate(source, steps, code_block, str(expression_type or "PYTHON3"))
    return {"out_table": in_table}


@tool
def CalculateGeometryAttributes(
    run: ToolRun,
    in_features: Any,
    geometry_property: Any,
    length_unit: Any = None,
    area_unit: Any = None,
    coordinate_system: Any = None,
    coordinate_format: Any = "SAME_AS_INPUT",
) -> dict[str, Any]:
    """Set fields to areas, lengths or coordinates: lists of field and property such as `AREA_GEODESIC`.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/calculate-geometry-attributes.htm
    """
    source = resolve(in_features, "in_features", spatial=True)
    one_of("Coordinate Format", coordinate_format, ("SAME_AS_INPUT", "DD"), "SAME_AS_INPUT")
    steps = geometry_property
    if isinstance(steps, str):
        steps = [part.split() for part in steps.split(";") if part.strip()]
    known = {f["name"].lower() for f in source.about["fields"]}
    with Editor(source.path, source.layer) as editor:
        for name, word in steps:
            if str(name).lower() not in known:
                _add(run, editor, source, str(name), measuring.field_type(str(word)))
    source = resolve(in_features, "in_features", spatial=True)
    pairs = [(str(name), str(word)) for name, word in steps]
    measuring.measure(source, pairs, given(length_unit), given(area_unit), coordinate_system)
    return {"updated_features": in_features}


@tool
def AddGlobalIDs(run: ToolRun, in_datasets: Any) -> dict[str, Any]:
    """Add a field `GlobalID` with a new id for every row.

    GDAL makes the column a GUID, which ArcGIS then takes for an ordinary one.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/add-global-ids.htm
    """
    wanted = in_datasets if isinstance(in_datasets, list | tuple) else str(in_datasets).split(";")
    for entry in wanted:
        source = resolve(entry, "in_datasets")
        if source.about["globalIdField"]:
            run.warning(f"{source.name} has global ids already")
            continue
        with Editor(source.path, source.layer) as editor:
            if not editor.has("GlobalID"):
                editor.add_column("GlobalID", "GUID")
            column = editor.column("GlobalID")
            for _, feature in editor.rows(editor.ids()):
                editor.put(feature, column, "{" + str(uuid.uuid4()).upper() + "}")
                editor.store(feature)
    return {"out_datasets": in_datasets}


@tool
def JoinField(
    run: ToolRun,
    in_data: Any,
    in_field: Any,
    join_table: Any,
    join_field: Any,
    fields: Any = None,
    fm_option: Any = "NOT_USE_FM",
    field_mapping: Any = None,
    index_join_fields: Any = "NO_INDEXES",
) -> dict[str, Any]:
    """Copy fields of another table into this one, by a common value; the first match counts.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/join-field.htm
    """
    source, other = resolve(in_data, "in_data"), resolve(join_table, "join_table")
    joining.join_field(source, str(in_field), other, str(join_field), names(fields))
    return {"out_layer_or_view": in_data}
