"""Python expressions over fields, as Calculate Field has them."""

from __future__ import annotations

import datetime
import math
import random
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from ..data._edit import Editor
from ..exceptions import InvalidInputError, NotSupportedError, SharingError
from ..gp.geometry import areal_unit, from_shape, linear_unit
from .reading import ids
from .sources import Source

__all__ = ["calculate", "compiled"]

_FIELD = re.compile(r"!([^!\r\n]+)!")
_TYPES = {"PYTHON3", "PYTHON", "PYTHON_9.3", "PYTHON_9_3"}


def compiled(expression: str, code_block: str | None) -> tuple[Any, list[str], dict[str, Any]]:
    """Return the compiled expression, the fields it names and the names it sees.

    Raises:
        InvalidInputError: ERROR 000539 for what is no Python.
    """
    names: list[str] = []

    def place(match: re.Match[str]) -> str:
        name = match[1].strip()
        if name not in names:
            names.append(name)
        return f" _fields[{names.index(name)}] "

    text = _FIELD.sub(place, expression.strip())
    space: dict[str, Any] = {
        "__builtins__": __builtins__,
        "datetime": datetime,
        "math": math,
        "random": random,
        "time": time,
        "uuid": uuid,
    }
    try:
        if code_block and code_block.strip() not in ("", "#"):
            import textwrap

            exec(compile(textwrap.dedent(code_block), "<code block>", "exec"), space)
        code = compile(text.strip(), "<expression>", "eval")
    except SyntaxError as error:
        raise InvalidInputError(
            f"Error running expression: {expression}: SyntaxError: {error.msg}", 539
        ) from error
    except Exception as error:
        raise InvalidInputError(f"the code block failed: {type(error).__name__}: {error}", 539) from error
    return code, names, space


def _reader(editor: Editor, source: Source, name: str) -> Callable[[int, Any], Any]:
    """Return what gives the value of `!name!` for a row."""
    base, _, member = name.partition(".")
    shape_name = base.lower()
    if shape_name in ("shape", "geometry") and source.shape and not editor.has(base):
        reference = source.about["spatialReference"]

        def geometry(fid: int, feature: Any) -> Any:
            import shapely

            from ..gp.reference import SpatialReference

            wkb = editor.wkb(feature)
            if wkb is None:
                return None
            made = from_shape(shapely.from_wkb(wkb), SpatialReference.from_value(reference))
            return _member(made, member) if member else made

        return geometry
    if name.lower() in (editor.oid_name.lower(), "oid@", "objectid", "fid") and not editor.has(name):
        return lambda fid, feature: fid
    column = editor.column(name)
    return lambda fid, feature: editor.get(feature, column)


def _member(shape: Any, member: str) -> Any:
    """Return `area@acres`, `centroid.X` or `length` of a geometry."""
    part, _, unit = member.partition("@")
    value = shape
    for step in part.split("."):
        low = step.lower()
        if unit and low in ("area", "length"):
            metric = shape.getArea if low == "area" else shape.getLength
            geodesic = (low == "area" and shape._metres() is None) or shape._metres() is None
            value = metric("GEODESIC", unit) if geodesic else metric("PLANAR", unit)
            continue
        if low in ("geodesicarea", "geodesiclength"):
            value = (shape.getArea if "area" in low else shape.getLength)("GEODESIC", unit or None)
            continue
        known = {name.lower(): name for name in dir(value) if not name.startswith("_")}
        if low not in known:
            raise InvalidInputError(f"a geometry has no `{step}`", 539)
        value = getattr(value, known[low])
    if unit:
        (areal_unit if "area" in part.lower() else linear_unit)(unit)
    return value


def calculate(
    source: Source,
    steps: list[tuple[str, str]],
    code_block: str | None,
    expression_type: str,
) -> int:
    """Set fields of all rows that query and selection leave; returns how many.

    Args:
        source: The rows.
        steps: Pairs of field name and expression.
        code_block: Functions that the expressions call.
        expression_type: `PYTHON3` or one of its older names.

    Raises:
        InvalidInputError: ERROR 000539 when an expression fails; rows written so far are rolled back
            where the format can (GeoPackage), file geodatabases keep them.
        NotSupportedError: For Arcade, SQL and VB.
    """
    kind = (expression_type or "PYTHON3").upper()
    if kind not in _TYPES:
        raise NotSupportedError(
            f"`{expression_type}` expressions are not supported; write the expression in Python"
        )
    wanted = ids(source)
    with Editor(source.path, source.layer) as editor:
        plan = []
        for name, expression in steps:
            code, names, space = compiled(str(expression), code_block)
            shape = name.lower() == "shape" and not editor.has(name)
            target = None if shape else editor.column(name)
            readers = [_reader(editor, source, entry) for entry in names]
            plan.append((target, code, readers, space, str(expression)))
        for fid, feature in editor.rows(wanted):
            for target, code, readers, space, expression in plan:
                space["_fields"] = [read(fid, feature) for read in readers]
                try:
                    value = eval(code, space)
                except SharingError:
                    raise
                except Exception as error:
                    text = f"{type(error).__name__}: {error}"
                    raise InvalidInputError(f"Error running expression: {expression}: {text}", 539) from error
                if target is None:
                    editor.put_wkb(feature, bytes(value.WKB) if value is not None else None)
                else:
                    try:
                        editor.put(feature, target, value)
                    except TypeError as error:
                        raise InvalidInputError(f"row {fid}: {error}", 539) from error
            editor.store(feature)
    return len(wanted)
