"""Parameters of tools: `arcpy.Parameter`, its filters and its schema."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Sequence
from typing import Any

from ..exceptions import InvalidInputError
from .convert import as_text, convert
from .datatypes import DATASETS, display_name, keyword
from .valuetable import ValueTable, join_values, split_values

__all__ = ["Filter", "Parameter", "Schema"]

_TYPES = ("Required", "Optional", "Derived")
_DIRECTIONS = ("Input", "Output")
_FILTERS = {
    "valuelist": "ValueList",
    "range": "Range",
    "field": "Field",
    "featureclass": "Feature Class",
    "file": "File",
    "workspace": "Workspace",
    "raster": "Raster",
    "dataset": "Dataset",
    "areaunits": "Areal Unit",
    "arealunit": "Areal Unit",
    "linearunit": "Linear Unit",
    "timeunit": "Time Unit",
    "travelmode": "Travel Mode",
}
_BY_TYPE = {
    "Field": "Field",
    "DEFeatureClass": "Feature Class",
    "GPFeatureLayer": "Feature Class",
    "GPFeatureRecordSetLayer": "Feature Class",
    "DEFile": "File",
    "DEWorkspace": "Workspace",
}


class Filter:
    """Which values a parameter takes: `type` and `list`.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/classes/filter.htm
    """

    def __init__(self, datatype: str = "GPString") -> None:
        self._type = ""
        self._list: list[Any] = []
        self._datatype = datatype

    @property
    def type(self) -> str:
        """`ValueList`, `Range`, `Field`, `Feature Class`, `File`, `Workspace`, `Raster` ..."""
        return self._type or _BY_TYPE.get(self._datatype, "ValueList")

    @type.setter
    def type(self, value: str | None) -> None:
        word = str(value or "").replace(" ", "").replace("_", "").lower()
        if word and word not in _FILTERS:
            raise InvalidInputError(
                f"`{value}` is no type of a filter: pass one of {', '.join(sorted(set(_FILTERS.values())))}"
            )
        self._type = _FILTERS.get(word, "")

    @property
    def list(self) -> list[Any]:
        """The choices, the two ends of a range, or the kinds of field, file or feature class."""
        return self._list

    @list.setter
    def list(self, value: Iterable[Any] | None) -> None:
        if isinstance(value, str):
            raise InvalidInputError(f"the list of a filter is a list, not the text `{value}`")
        self._list = list(value or ())

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<Filter {self.type} {self._list}>"


class Schema:
    """What a tool says about an output before it runs.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/classes/schema.htm
    """

    def __init__(self) -> None:
        self.additionalChildren: list[Any] = []
        self.additionalFields: list[Any] = []
        self.cellSize: Any = None
        self.cellSizeRule = "AsSpecified"
        self.clone = False
        self.extent: Any = None
        self.extentRule = "AsSpecified"
        self.featureType = "Simple"
        self.featureTypeRule = "AsSpecified"
        self.fieldsRule = "None"
        self.generateOutputCatalogPath = False
        self.geometryType = "Unknown"
        self.geometryTypeRule = "Unknown"
        self.rasterFormatRule = "Img"
        self.rasterRule = "FirstRaster"
        self.type = ""

    def describe(self) -> dict[str, Any]:
        """Return what differs from an untouched schema."""
        usual = vars(Schema())
        return {
            key: value if isinstance(value, (str, int, float, bool, list)) else as_text(value)
            for key, value in vars(self).items()
            if value != usual.get(key)
        }


class Parameter:
    """One parameter of a tool.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/classes/parameter.htm
    """

    name: str
    displayName: str
    direction: str
    parameterType: str
    enabled: bool
    category: str | None
    symbology: str | None
    multiValue: bool
    filter: Filter
    altered: bool
    hasBeenValidated: bool
    charts: Any
    controlCLSID: str | None
    defaultEnvironmentName: str | None
    displayOrder: int
    description: str
    """What the author says about it in the tool's metadata."""
    parameterDependencies: list[Any]
    schema: Schema
    _keywords: list[str]
    _value: Any
    _columns: list[list[str]]
    _filters: list[Filter]
    _severity: int
    _message: str
    _derived: bool

    def __init__(
        self,
        name: str | None = None,
        displayName: str | None = None,
        direction: str | None = "Input",
        datatype: Any = "GPString",
        parameterType: str | None = "Required",
        enabled: bool | None = True,
        category: str | None = None,
        symbology: str | None = None,
        multiValue: bool | None = False,
    ) -> None:
        """Make a parameter.

        Args:
            name: name in Python.
            displayName: name in dialogs; the name when left out.
            direction: `Input` or `Output`.
            datatype: keyword or display name of a type, or a list of these for a composite.
            parameterType: `Required`, `Optional` or `Derived`.
            enabled: whether a dialog lets users change it.
            category: group in the dialog.
            symbology: path of a layer file for an output.
            multiValue: whether it takes several values.

        Raises:
            InvalidInputError: a word is none of those listed.
        """
        put = super().__setattr__
        words = [keyword(word) for word in _words(datatype)]
        put("_keywords", words)
        put("name", str(name or ""))
        put("displayName", str(displayName if displayName is not None else name or ""))
        put("direction", _one_of("direction", direction or "Input", _DIRECTIONS))
        put("parameterType", _one_of("parameterType", parameterType or "Required", _TYPES))
        put("enabled", True if enabled is None else bool(enabled))
        put("category", category)
        put("symbology", symbology)
        put("multiValue", bool(multiValue))
        put("_value", None)
        put("_columns", [])
        put("filter", Filter(words[0]))
        put("_filters", [])
        usual: dict[str, Any] = {
            "altered": False,
            "hasBeenValidated": False,
            "charts": None,
            "controlCLSID": None,
            "defaultEnvironmentName": None,
            "displayOrder": -1,
            "description": "",
            "parameterDependencies": [],
            "schema": Schema(),
            "_severity": 0,
            "_message": "",
            "_derived": False,
        }
        for plain, value in usual.items():
            put(plain, value)

    def __setattr__(self, name: str, value: Any) -> None:
        if (
            name.startswith("_")
            or name in self.__dict__
            or isinstance(getattr(type(self), name, None), property)
        ):
            if name in ("direction", "parameterType"):
                value = _one_of(name, value, _DIRECTIONS if name == "direction" else _TYPES)
            super().__setattr__(name, value)
            return
        same = [known for known in dir(self) if known.lower() == name.lower()]
        close = same or difflib.get_close_matches(name, [k for k in dir(self) if k[0] != "_"], 1)
        hint = f"; did you mean `{close[0]}`?" if close else ""
        raise AttributeError(f"a Parameter has no `{name}`{hint}")

    @property
    def datatype(self) -> Any:
        """Display name of the type; a list of them for a composite."""
        names = [display_name(word) for word in self._keywords]
        return names if len(names) > 1 else names[0]

    @datatype.setter
    def datatype(self, value: Any) -> None:
        self._keywords = [keyword(word) for word in _words(value)]
        self.filter._datatype = self._keywords[0]

    @property
    def keyword(self) -> str:
        """Keyword of the type, `GPComposite` for several."""
        return self._keywords[0] if len(self._keywords) == 1 else "GPComposite"

    @property
    def keywords(self) -> list[str]:
        """Keywords of the types."""
        return list(self._keywords)

    @property
    def columns(self) -> list[Any]:
        """Columns of a value table: lists of type and name."""
        return self._columns

    @columns.setter
    def columns(self, value: Sequence[Sequence[str]]) -> None:
        # The filters of the columns are kept when the same columns are set again.
        self._columns = [list(column) for column in value or ()]
        for column in self._columns:
            column[0] = keyword(column[0])
        self._filters = [
            self._filters[i] if i < len(self._filters) else Filter(column[0])
            for i, column in enumerate(self._columns)
        ]

    @property
    def filters(self) -> list[Filter]:
        """Filters of the columns of a value table, or of the types of a composite."""
        if not self._filters:
            self._filters = [Filter(word) for word in self._keywords]
        return self._filters

    @property
    def is_table(self) -> bool:
        """Whether the values are rows of several columns."""
        return bool(self._columns) or self.keyword == "GPValueTable"

    @property
    def value(self) -> Any:
        """The value in the type of the parameter; a ValueTable when it takes several."""
        if self._value is None or not (self.is_table or self.multiValue):
            return self._value
        if isinstance(self._value, ValueTable):
            return self._value
        return ValueTable.of([[entry] for entry in self._value], 1)

    @value.setter
    def value(self, value: Any) -> None:
        self._value = self._read(value)

    @property
    def values(self) -> list[Any] | None:
        """The values of a parameter that takes several; rows of a value table."""
        if self._value is None:
            return None
        if isinstance(self._value, ValueTable):
            return self._value.rows
        return list(self._value) if isinstance(self._value, list) else [self._value]

    @values.setter
    def values(self, value: Any) -> None:
        self._value = self._read(value)

    @property
    def valueAsText(self) -> str | None:
        """The value as text, None without one."""
        if self._value is None:
            return None
        if isinstance(self._value, ValueTable):
            return self._value.exportToString()
        if isinstance(self._value, list):
            return join_values(as_text(entry) for entry in self._value)
        return as_text(self._value)

    def _read(self, value: Any) -> Any:
        if value is None or (isinstance(value, str) and value.strip() in ("", "#")):
            # An empty text is a value of an output that a script sets, and no value elsewhere.
            return None
        if self.is_table:
            table = ValueTable.of(value, max(1, len(self._columns)))
            for row in table._cells:
                for i, column in enumerate(self._columns):
                    if i < len(row) and row[i] not in ("", None):
                        row[i] = convert(column[0], row[i])
            return table if table.rowCount else None
        if self.multiValue:
            if isinstance(value, ValueTable):
                entries: list[Any] = [row[0] for row in value.rows]
            elif isinstance(value, str):
                entries = [*split_values(value)]
            elif isinstance(value, (list, tuple, set)):
                entries = list(value)
            else:
                entries = [value]
            return [self._one(entry) for entry in entries] or None
        return self._one(value)

    def _one(self, value: Any) -> Any:
        words = self._keywords
        choices = self.filter._list
        if words[0] == "GPBoolean" and len(choices) == 2 and isinstance(value, str):
            for choice, meaning in zip(choices, (True, False), strict=True):
                if str(choice).lower() == value.strip().lower():
                    return meaning
        failure: InvalidInputError | None = None
        for word in words:
            try:
                return convert(word, value)
            except InvalidInputError as error:
                failure = failure or error
        assert failure is not None
        raise failure

    @property
    def message(self) -> str:
        """What validation says about the value; empty when there is nothing."""
        return self._message

    def hasError(self) -> bool:
        """Return whether validation found an error."""
        return self._severity == 2

    def hasWarning(self) -> bool:
        """Return whether validation found a warning."""
        return self._severity == 1

    def setErrorMessage(self, message: Any) -> None:
        """Say that the value is wrong: the tool will not run."""
        self._severity, self._message = 2, str(message)

    def setWarningMessage(self, message: Any) -> None:
        """Say what a user should look at."""
        self._severity, self._message = 1, str(message)

    def setIDMessage(
        self, message_type: str, message_ID: int, add_argument1: Any = None, add_argument2: Any = None
    ) -> None:
        """Set a numbered message; its text is the two arguments."""
        kind = str(message_type).upper()
        text = " ".join(str(part) for part in (add_argument1, add_argument2) if part is not None)
        if kind not in ("ERROR", "WARNING"):
            self.clearMessage()
            self._message = text
            return
        self._severity = 2 if kind == "ERROR" else 1
        self._message = f"{kind} {int(message_ID):06d}: {text}"

    def clearMessage(self) -> None:
        """Take back what was said."""
        self._severity, self._message = 0, ""

    def isInputValueDerived(self) -> bool:
        """Return whether the value is the output of another tool: in scripts it never is."""
        return bool(self._derived)

    def describe(self) -> dict[str, Any]:
        """Return the parameter as plain values, as drafts and services keep it."""
        described: dict[str, Any] = {
            "name": self.name,
            "displayName": self.displayName or self.name,
            "direction": self.direction,
            "parameterType": self.parameterType,
            "datatype": self.keyword,
        }
        if len(self._keywords) > 1:
            described["datatypes"] = self.keywords
        if self.multiValue:
            described["multiValue"] = True
        for key in ("category", "symbology", "description", "defaultEnvironmentName"):
            if getattr(self, key):
                described[key] = str(getattr(self, key))
        if self._columns:
            described["columns"] = [
                {"datatype": column[0], "name": str(column[1]) if len(column) > 1 else column[0]}
                | ({"choices": list(self._filters[i]._list)} if self._filters[i]._list else {})
                for i, column in enumerate(self._columns)
            ]
        if self.filter._list:
            described["filter"] = {
                "type": self.filter.type,
                "list": [as_text(entry) if not _plain(entry) else entry for entry in self.filter._list],
            }
        if self.parameterDependencies:
            described["depends"] = [str(name) for name in self.parameterDependencies]
        schema = self.schema.describe() if isinstance(self.schema, Schema) else {}
        if schema:
            described["schema"] = schema
        if not self.enabled:
            described["enabled"] = False
        return described

    def text_value(self) -> dict[str, str]:
        """Return `value` as drafts keep it, paths of data absolute; nothing without a value."""
        text = self.valueAsText
        if text is None:
            return {}
        if set(self._keywords) & DATASETS and not self.is_table:
            if self.multiValue:
                text = join_values(absolute(as_text(entry)) for entry in self.values or [])
            else:
                text = absolute(text)
        return {"value": text}

    def __repr__(self) -> str:
        return f"<Parameter {self.name} ({self.keyword}) {self.direction} {self.parameterType}>"


def absolute(text: str) -> str:
    """Return the path of data with its folder; other texts as they are."""
    from .datasets import _source

    if text.lstrip().startswith(("{", "http://", "https://", "memory", "in_memory")):
        return text
    path = _source(text)
    return (
        os.path.abspath(path)
        if os.path.exists(path) or os.path.exists(os.path.dirname(path) or ".")
        else path
    )


def _plain(value: Any) -> bool:
    return isinstance(value, (str, int, float, bool))


def _words(datatype: Any) -> list[str]:
    words = list(datatype) if isinstance(datatype, (list, tuple)) else [datatype or "GPString"]
    return [str(word) for word in words] or ["GPString"]


def _one_of(what: str, value: Any, words: tuple[str, ...]) -> str:
    for word in words:
        if word.lower() == str(value).strip().lower():
            return word
    raise InvalidInputError(f"`{value}` is no {what} of a parameter: pass one of {', '.join(words)}")
