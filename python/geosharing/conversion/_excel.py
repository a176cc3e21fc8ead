"""Excel To Table, Table To Excel."""

from __future__ import annotations

import os
import re
from typing import Any

from ..exceptions import ExistsError, MissingError
from ..gp.env import env
from ..gp.messages import ToolRun
from ..gp.values import flag, given, literal_path, output_path
from ..tools.outputs import output, write
from ..tools.reading import Batch, batches, fields_of, schema_of
from ..tools.running import label, tool
from ..tools.sources import Source, absolute, resolve, several

__all__ = ["ExcelToTable", "TableToExcel"]


@tool
def ExcelToTable(
    run: ToolRun,
    Input_Excel_File: Any,
    Output_Table: Any,
    Sheet: Any = None,
    field_names_row: Any = 1,
    cell_range: Any = None,
) -> dict[str, Any]:
    """Read a sheet of a workbook (.xlsx) into a table; the first sheet by default.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/conversion/excel-to-table.htm
    """
    from .. import data

    path = absolute(literal_path(Input_Excel_File))
    if not os.path.isfile(path):
        raise MissingError(
            f"{label('Input_Excel_File')}: Dataset {path} does not exist or is not supported", 732
        )
    if given(cell_range) is not None or str(field_names_row or 1) != "1":
        run.warning("cell_range and field_names_row are not used: the sheet is read from its first row")
    sheet = given(Sheet) or data.list_datasets(path)[0]
    source = Source(path, sheet, name=sheet)
    made = output(Output_Table, "Output_Table", spatial=False)
    names = fields_of(source)
    schema = schema_of(source, names)
    taken: list[str] = []
    for name in names:
        clean = re.sub(r"\W", "_", name.strip()) or "Field"
        clean = clean if not clean[0].isdigit() else f"F{clean}"
        while clean.lower() in (known.lower() for known in taken):
            clean += "_1"
        taken.append(clean)
    import pyarrow as pa

    renamed = pa.schema([field.with_name(name) for field, name in zip(schema, taken, strict=True)])
    rows = (
        Batch(b.oids, pa.RecordBatch.from_arrays(b.rows.columns, schema=renamed), None)
        for b in batches(source, names)
    )
    return {"Output_Table": write(made, renamed, rows, shape=None)}


@tool
def TableToExcel(
    run: ToolRun,
    Input_Table: Any,
    Output_Excel_File: Any,
    Use_field_alias_as_column_header: Any = "NAME",
    Use_domain_and_subtype_description: Any = "CODE",
) -> dict[str, Any]:
    """Write tables as a workbook (.xlsx), one sheet each.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/conversion/table-to-excel.htm
    """
    from openpyxl import Workbook

    alias = flag("Use field alias", Use_field_alias_as_column_header, "ALIAS", "NAME", default=False)
    path = output_path(absolute(literal_path(Output_Excel_File)))
    if os.path.exists(path) and not env.overwriteOutput:
        raise ExistsError(f"{label('Output_Excel_File')}: Dataset {path} already exists", 725)
    book = Workbook(write_only=True)
    for value in several(Input_Table, "Input_Table"):
        source = resolve(value, "Input_Table")
        fields = [f for f in source.about["fields"] if f["name"].lower() not in source.hidden]
        names = [f["name"] for f in fields]
        sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", "_", os.path.splitext(source.name)[0])[:31])
        oid = source.about["objectIdField"] or "OBJECTID"
        sheet.append([oid, *(f["alias"] if alias else f["name"] for f in fields)])
        for batch in batches(source, names):
            columns = [batch.rows.column(name).to_pylist() for name in names]
            for fid, *row in zip(batch.oids.tolist(), *columns, strict=True):
                plain = [v.replace(tzinfo=None) if hasattr(v, "tzinfo") and v.tzinfo else v for v in row]
                sheet.append([fid, *(None if isinstance(v, bytes) else v for v in plain)])
    part = f"{path}.{os.getpid()}.part"
    try:
        book.save(part)
        os.replace(part, path)
    finally:
        if os.path.exists(part):
            os.unlink(part)
    return {"Output_Excel_File": path}
