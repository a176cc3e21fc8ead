"""FieldMap and FieldMappings."""

from __future__ import annotations

from typing import Any

from .datasets import Field, ListFields

__all__ = ["FieldMap", "FieldMappings"]


class FieldMap:
    """One output field and the input fields that it takes its values from.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/classes/fieldmap.htm
    """

    def __init__(self) -> None:
        self.outputField: Any = None
        self.mergeRule = "First"
        self.joinDelimiter = ""
        self._inputs: list[tuple[str, str]] = []

    @property
    def inputFieldCount(self) -> int:
        """How many input fields there are."""
        return len(self._inputs)

    def addInputField(
        self, table_dataset: Any, field_name: str, start_position: int = -1, end_position: int = -1
    ) -> None:
        """Add an input field; the first one gives the output field its name and type."""
        path = str(getattr(table_dataset, "dataSource", table_dataset))
        found = [f for f in ListFields(table_dataset) if f.name.lower() == field_name.lower()]
        if not found:
            raise ValueError(f"field `{field_name}` does not exist in `{path}`")
        self._inputs.append((path, found[0].name))
        if self.outputField is None:
            self.outputField = found[0]

    def getInputFieldName(self, index: int) -> str:
        """Return the name of an input field."""
        return self._inputs[index][1]

    def getInputTableName(self, index: int) -> str:
        """Return the table of an input field."""
        return self._inputs[index][0]

    def findInputFieldIndex(self, table_dataset: Any, field_name: str) -> int:
        """Return the position of an input field, -1 for none."""
        wanted = (str(getattr(table_dataset, "dataSource", table_dataset)), field_name.lower())
        found = [i for i, (table, name) in enumerate(self._inputs) if (table, name.lower()) == wanted]
        return found[0] if found else -1

    def removeInputField(self, index: int) -> None:
        """Take an input field away."""
        del self._inputs[index]

    def removeAll(self) -> None:
        """Take all input fields away."""
        self._inputs.clear()

    def exportToString(self) -> str:
        """Return the text form that tools take."""
        out = self.outputField
        if out is None:
            raise ValueError("the field map has no output field; call addInputField first")
        kind = {"String": "Text", "Integer": "Long", "SmallInteger": "Short", "Single": "Float"}.get(
            out.type, out.type
        )
        nullable = str(bool(getattr(out, "isNullable", True))).lower()
        head = f'{out.name} "{out.aliasName}" true {nullable} false {out.length} {kind} 0 0'
        inputs = "".join(f",{table},{name},-1,-1" for table, name in self._inputs)
        joiner = f'"{self.joinDelimiter}"' if self.joinDelimiter else "#"
        return f"{head},{self.mergeRule},{joiner}{inputs}"

    def __repr__(self) -> str:
        return f"<FieldMap {self.outputField.name if self.outputField else ''}>"


class FieldMappings:
    """The field maps of an output.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/classes/fieldmappings.htm
    """

    def __init__(self) -> None:
        self.fieldMappings: list[FieldMap] = []

    @property
    def fieldCount(self) -> int:
        """How many output fields there are."""
        return len(self.fieldMappings)

    @property
    def fields(self) -> list[Field]:
        """The output fields."""
        return [entry.outputField for entry in self.fieldMappings]

    def addTable(self, table_dataset: Any) -> None:
        """Add the fields of a table; fields of one name share a map."""
        for field in ListFields(table_dataset):
            if field.type in ("OID", "Geometry") or field.name.lower() in ("shape_length", "shape_area"):
                continue
            at = self.findFieldMapIndex(field.name)
            entry = self.fieldMappings[at] if at >= 0 else FieldMap()
            entry.addInputField(table_dataset, field.name)
            if at < 0:
                self.fieldMappings.append(entry)

    def addFieldMap(self, field_map: FieldMap) -> None:
        """Add a field map."""
        self.fieldMappings.append(field_map)

    def findFieldMapIndex(self, field_map_name: str) -> int:
        """Return the position of the map of an output field, -1 for none."""
        for index, entry in enumerate(self.fieldMappings):
            if entry.outputField.name.lower() == field_map_name.lower():
                return index
        return -1

    def getFieldMap(self, index: int) -> FieldMap:
        """Return a field map."""
        return self.fieldMappings[index]

    def replaceFieldMap(self, index: int, value: FieldMap) -> None:
        """Put another field map at a position."""
        self.fieldMappings[index] = value

    def removeFieldMap(self, index: int) -> None:
        """Take a field map away."""
        del self.fieldMappings[index]

    def removeAll(self) -> None:
        """Take all field maps away."""
        self.fieldMappings.clear()

    def exportToString(self) -> str:
        """Return the text form that tools take."""
        return ";".join(entry.exportToString() for entry in self.fieldMappings)

    def loadFromString(self, string: str) -> None:
        """Become what a text form says."""
        from ..tools.fieldmaps import parse

        self.fieldMappings = []
        for mapped in parse(string):
            entry = FieldMap()
            entry.outputField = Field({"name": mapped.name, "type": "esriFieldTypeString"})
            entry.outputField.aliasName = mapped.alias or mapped.name
            entry.outputField.type, entry.outputField.length = mapped.type, mapped.length
            entry.mergeRule, entry.joinDelimiter = mapped.rule, mapped.joiner
            entry._inputs = list(mapped.inputs)
            self.fieldMappings.append(entry)

    def __repr__(self) -> str:
        return f"<FieldMappings {self.fieldCount} fields>"
