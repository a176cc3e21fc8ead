"""Toolboxes of ArcGIS Pro (`.atbx`): zip archives of JSON, with script tools and models."""

from __future__ import annotations

import json
import os
import re
import sys
import types
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...exceptions import InvalidInputError, LimitError, MissingError, NotSupportedError
from ..convert import as_text
from ..messages import Frame
from ..parameter import Filter, Parameter
from ..result import Message, Result
from ._metadata import LIMIT, ToolMetadata, read_metadata
from ._python import compile_source
from ._space import Space
from ._tool import Tool

__all__ = ["ScriptTool", "load_archive"]

MAX_ENTRIES = 20_000
MAX_ENTRY = 64_000_000
MAX_DEPTH = 60
_DOMAINS = {
    "GPCodedValueDomain": "ValueList",
    "GPRangeDomain": "Range",
    "GPFieldDomain": "Field",
    "GPFeatureClassDomain": "Feature Class",
    "GPFileDomain": "File",
    "GPWorkspaceDomain": "Workspace",
    "GPLinearUnitDomain": "Linear Unit",
    "GPArealUnitDomain": "Areal Unit",
}


class _Archive:
    """The entries of an archive, read one by one and within bounds."""

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            with zipfile.ZipFile(path) as archive:
                infos = archive.infolist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise InvalidInputError(f"`{path}` is no `.atbx` toolbox: {error}") from error
        if len(infos) > MAX_ENTRIES:
            raise LimitError(f"`{path}` has {len(infos)} entries, more than the {MAX_ENTRIES} that are read")
        self.infos = {info.filename.replace("\\", "/"): info for info in infos}

    def read(self, name: str) -> bytes | None:
        info = self.infos.get(name)
        if info is None:
            return None
        if info.file_size > MAX_ENTRY:
            raise LimitError(f"`{name}` in `{self.path}` has {info.file_size} bytes, more than {MAX_ENTRY}")
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(info) as entry:
                # The size in the directory may lie.
                data = entry.read(MAX_ENTRY + 1)
        except (
            zipfile.BadZipFile,
            OSError,
            ValueError,
            RuntimeError,
            NotImplementedError,
            EOFError,
        ) as error:
            raise InvalidInputError(f"`{name}` in `{self.path}` cannot be read: {error}") from error
        if len(data) > MAX_ENTRY:
            raise LimitError(f"`{name}` in `{self.path}` has more than {MAX_ENTRY} bytes")
        return data

    def document(self, name: str) -> dict[str, Any]:
        data = self.read(name)
        if data is None:
            return {}
        try:
            found = json.loads(data.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise InvalidInputError(f"`{name}` in `{self.path}` is no JSON: {error}") from error
        return found if isinstance(found, dict) else {}


def _texts(archive: _Archive, name: str) -> dict[str, str]:
    found = archive.document(name).get("map")
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def _resolved(value: Any, texts: Mapping[str, str]) -> str:
    text = "" if value is None else str(value)
    if text.startswith("$rc:"):
        return texts.get(text[4:], text[4:])
    return text


def load_archive(path: str, make: Callable[..., Any]) -> Any:
    """Return the toolbox of an `.atbx` file."""
    archive = _Archive(path)
    content = archive.document("toolbox.content")
    if not content:
        raise InvalidInputError(f"`{path}` is no `.atbx` toolbox: it has no `toolbox.content`")
    texts = _texts(archive, "toolbox.content.rc")
    stem = os.path.splitext(os.path.basename(path))[0]
    toolbox = make(
        label=_resolved(content.get("displayname"), texts) or stem,
        alias=str(content.get("alias") or ""),
        path=path,
        description=_resolved(content.get("description"), texts),
    )
    toolsets = content.get("toolsets")
    for toolset, about in toolsets.items() if isinstance(toolsets, dict) else ():
        listed = about.get("tools") if isinstance(about, dict) else None
        for entry in listed if isinstance(listed, list) else ():
            name, _, folder = str(entry).partition(":")
            folder = folder or f"{name}.tool"
            if not name or f"{folder}/tool.content" not in archive.infos:
                continue
            tool = ScriptTool(toolbox, name, folder, archive)
            tool.category = "" if toolset == "<root>" else str(toolset)
            if name in toolbox.tools:
                raise InvalidInputError(f"`{path}` lists two tools named `{name}`")
            toolbox.tools[name] = tool
    return toolbox


class ScriptTool(Tool):
    """A script tool of an `.atbx`; its models are listed and refuse to run."""

    def __init__(self, toolbox: Any, name: str, folder: str, archive: _Archive) -> None:
        super().__init__(toolbox, name)
        self._archive, self._folder = archive, folder
        self._content = archive.document(f"{folder}/tool.content")
        self._texts = _texts(archive, f"{folder}/tool.content.rc")
        self.kind = {"ScriptTool": "script", "ModelTool": "model"}.get(
            str(self._content.get("type")), "other"
        )
        self.label = _resolved(self._content.get("displayname"), self._texts) or name
        self.description = _resolved(self._content.get("description"), self._texts)
        self._space = Space(os.path.dirname(os.path.abspath(toolbox.path)))

    def script_path(self) -> str | None:
        """Return the path of a script that the toolbox links to; None when it holds the script itself."""
        link = self._archive.read(f"{self._folder}/tool.script.execute.link")
        if link is None:
            return None
        text = link.decode("utf-8-sig", "replace").strip()
        if re.match(r"^(?:[A-Za-z]:|\\\\|/)", text):
            return text
        # Links begin inside of the archive, as if it were a folder.
        inside = os.path.join(os.path.abspath(self.toolbox.path), self._folder)
        return os.path.normpath(os.path.join(inside, *text.replace("\\", "/").split("/")))

    def source_code(self) -> tuple[bytes, str]:
        """Return the script and where it stands.

        Raises:
            NotSupportedError: it is a model, or a script in another language than Python.
            MissingError: the script is not where the toolbox says.
        """
        if self.kind == "model":
            raise NotSupportedError(
                f"`{self.name}` of `{self.toolbox.path}` is a model, which only ArcGIS Pro runs; "
                "export it to a Python script there (ModelBuilder, Export), and make a script tool of it"
            )
        embedded = self._archive.read(f"{self._folder}/tool.script.execute.py")
        if embedded is not None:
            return embedded, os.path.join(
                os.path.dirname(os.path.abspath(self.toolbox.path)), f"{self.name}.tool.script.execute.py"
            )
        path = self.script_path()
        if path is None:
            raise MissingError(f"`{self.name}` of `{self.toolbox.path}` has no script")
        if not path.lower().endswith((".py", ".pyw")):
            raise NotSupportedError(
                f"`{self.name}` of `{self.toolbox.path}` runs `{os.path.basename(path)}`, which is no Python script"
            )
        if not os.path.isfile(path):
            raise MissingError(
                f"the script `{path}` of `{self.name}` does not exist; copy it there, or correct the tool's source"
            )
        if os.path.getsize(path) > MAX_ENTRY:
            raise LimitError(f"`{path}` is larger than {MAX_ENTRY} bytes, which no script is")
        with open(path, "rb") as file:
            return file.read(), path

    def parameters(self) -> list[Parameter]:
        """Return the parameters that the toolbox holds, after `initializeParameters` of its validation."""
        return self._described(self._declared())

    def _declared(self) -> list[Parameter]:
        params = self._content.get("params")
        return [
            _parameter(str(name), about, self._texts)
            for name, about in (params.items() if isinstance(params, dict) else ())
            if isinstance(about, dict)
        ]

    def _validator(self, frame: Frame) -> Any:
        """Return the tool's `ToolValidator`, None without one."""
        data = self._archive.read(f"{self._folder}/tool.script.validate.py")
        if data is None:
            return None
        import geosharing

        code, _ = compile_source(data, f"{self.toolbox.path}/{self._folder}/tool.script.validate.py")
        space: dict[str, Any] = {"__name__": "validate", "arcpy": geosharing}
        exec(code, space)
        kind = space.get("ToolValidator")
        return kind() if kind is not None else None

    def run(
        self,
        values: Mapping[str, Any] | Sequence[Any] = (),
        messages: Callable[[Message], None] | None = None,
    ) -> Result:
        """Run the script as `__main__`, with its parameters in GetParameterAsText and `sys.argv`."""
        from ..running import current_frame

        parameters = self.parameters()
        validator: list[Any] = []

        def call(name: str) -> Any:
            if not validator:
                frame = current_frame()
                validator.append(self._validator(frame) if frame is not None else None)
                if validator[0] is not None and hasattr(validator[0], "initializeParameters"):
                    validator[0].initializeParameters()
            method = getattr(validator[0], name, None)
            return method() if method is not None else True

        def body(frame: Frame) -> None:
            from ..running import InvalidParametersError

            if call("isLicensed") is False:
                raise InvalidParametersError([f"ERROR 000824: The tool is not licensed ({self.name})."])
            data, path = self.source_code()
            code, _ = compile_source(data, path)
            main = types.ModuleType("__main__")
            main.__dict__.update(__file__=path, __builtins__=__builtins__)
            given = [p for p in parameters if p.parameterType != "Derived"]
            sys.argv = [path, *(p.valueAsText or "#" for p in given)]
            before = sys.modules["__main__"]
            sys.modules["__main__"] = main
            sys.path.insert(0, os.path.dirname(path))
            try:
                exec(code, main.__dict__)
            finally:
                sys.modules["__main__"] = before
            call("postExecute")

        with self._space.active():
            return self._execute(
                parameters,
                values,
                body,
                messages,
                lambda: call("updateParameters"),
                lambda: call("updateMessages"),
            )

    def _read_metadata(self) -> ToolMetadata:
        info = self._archive.infos.get(f"{self._folder}/tool.metadata.xml")
        if info is None or info.file_size > LIMIT:
            return ToolMetadata()
        return read_metadata(self._archive.read(f"{self._folder}/tool.metadata.xml") or b"")

    @property
    def files(self) -> list[str]:
        """The script that the tool links to, and the modules that it brought."""
        path = self.script_path() if self.kind == "script" else None
        found = [getattr(module, "__file__", None) for module in self._space._modules.values()]
        return sorted({os.path.abspath(file) for file in [path, *found] if isinstance(file, str)})


def _parameter(name: str, about: Mapping[str, Any], texts: Mapping[str, str]) -> Parameter:
    datatype = about.get("datatype")
    datatype = datatype if isinstance(datatype, dict) else {"type": datatype or "GPString"}
    word = str(datatype.get("type") or "GPString")
    inner = datatype.get("datatypes") or ([datatype["datatype"]] if datatype.get("datatype") else [])
    inner = [part.get("type") if isinstance(part, dict) else part for part in inner]
    kinds = [str(part) for part in inner if part]
    multi = word == "GPMultiValue"
    parameter = Parameter(
        name=name,
        displayName=_resolved(about.get("displayname"), texts) or name,
        direction="Output" if str(about.get("direction")).lower() == "out" else "Input",
        datatype=(kinds or "GPString") if multi or word == "GPComposite" else word,
        parameterType=str(about.get("type") or "required").title(),
        category=_resolved(about.get("category"), texts) or None,
        symbology=str(about.get("symbologylayer") or "") or None,
        multiValue=multi,
    )
    parameter.description = _resolved(about.get("description"), texts)
    depends = about.get("depends")
    parameter.parameterDependencies = [str(entry) for entry in depends] if isinstance(depends, list) else []
    if word == "GPValueTable":
        columns = datatype.get("columns") or datatype.get("datatypes") or []
        parameter.columns = [_column(column, texts) for column in columns]
    domain = about.get("domain")
    if isinstance(domain, dict):
        parameter.filter = _domain(domain, texts, parameter)
        items = domain.get("items")
        if domain.get("type") == "GPCompositeDomain" and isinstance(items, list):
            parameter._filters = [
                _domain(item, texts, parameter) if isinstance(item, dict) else Filter() for item in items
            ]
    schema = about.get("schema")
    known = {key.lower(): key for key in vars(parameter.schema)}
    for word, entry in schema.items() if isinstance(schema, dict) else ():
        key = known.get(str(word).lower(), "")
        if key:
            setattr(parameter.schema, key, entry == "true" if entry in ("true", "false") else entry)
    value = about.get("value")
    if value not in (None, ""):
        try:
            parameter.value = _resolved(value, texts) if isinstance(value, str) else value
        except InvalidInputError:
            # A default that a newer Pro knows is a text here.
            parameter._value = as_text(value)
    return parameter


def _column(column: Any, texts: Mapping[str, str]) -> list[str]:
    if not isinstance(column, dict):
        return [str(column), str(column)]
    datatype = column.get("datatype", column)
    word = datatype.get("type") if isinstance(datatype, dict) else datatype
    return [str(word or "GPString"), _resolved(column.get("displayname") or column.get("name"), texts)]


def _domain(domain: Mapping[str, Any], texts: Mapping[str, str], parameter: Parameter) -> Filter:
    rule = Filter(parameter.keywords[0])
    kind = str(domain.get("type") or "")
    items = domain.get("items")
    if kind == "GPCodedValueDomain" and isinstance(items, list):
        rule.type = "ValueList"
        rule.list = [item.get("value") if isinstance(item, dict) else item for item in items]
    elif kind == "GPRangeDomain":
        low, high = domain.get("min"), domain.get("max")
        if low is not None and high is not None:
            rule.type = "Range"
            rule.list = [_number(low), _number(high)]
    elif kind in _DOMAINS:
        rule.type = _DOMAINS[kind]
        listed: Any = next(
            (domain[key] for key in ("fieldtype", "geometrytype", "filetypes") if key in domain), []
        )
        rule.list = list(listed) if isinstance(listed, list) else []
    return rule


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return 0.0
    return int(number) if number.is_integer() else number
