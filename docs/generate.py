"""Write the pages that follow from tables: arcpy's names, draft properties, analyzers, errors."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
OUT = ROOT / "target" / "docs-source"
# Modules of the typed rings and of arcpy's names, each a section of the Python page.
MODULES = ["site", "client", "data", "gp.toolbox", "mp", "sharing", "server", "services", "metadata"]


def cell(value: Any) -> str:
    """Return a text that can stand in a Markdown table."""
    text = "" if value is None else str(value)
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def table(headings: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Return a Markdown table."""
    head = list(headings)
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(cell(value) for value in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def names(golden: dict[str, Any]) -> str:
    """Return the support tables of arcpy's functions, classes and script names."""
    mark = {True: "yes", False: "not yet"}
    functions = table(
        ["function", "since", "supported"],
        (
            (f"`arcpy.{name}`", entry["since"], mark[entry["supported"]])
            for name, entry in golden["functions"].items()
        ),
    )
    classes = []
    for name, entry in golden["classes"].items():
        members = [*entry["properties"], *(f"{method}()" for method in entry["methods"])]
        classes.append((f"`arcpy.{name}`", mark[entry.get("supported", True)], ", ".join(members)))
    used = golden["script_names"]
    count = sum(entry["supported"] for entry in used)
    rows = ((f"`{entry['name']}`", entry["scripts"], mark[entry["supported"]]) for entry in used)
    return (
        f"### Functions\n\n{functions}\n### Classes\n\n{table(['class', 'supported', 'members'], classes)}\n"
        f"### Names in public scripts\n\nOf the {len(used)} names that 98 public publishing scripts use, {count} are "
        f"supported.\n\n{table(['name', 'scripts', 'supported'], rows)}"
    )


def troubleshooting(text: str) -> Iterator[tuple[str, str, str]]:
    """Return file name, title and body of each page: one for each literal error text."""
    for part in re.split(r"^# ", text, flags=re.M)[1:]:
        title, _, body = part.partition("\n")
        code = re.match(r"(ERROR|WARNING) (\d{6})", title)
        if code is None:
            raise ValueError(f"troubleshooting.md: `{title}` does not begin with a code")
        yield f"{code[2]}.md", title, body


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a tab-separated table of the core."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


DRAFTS = (
    "FEATURE",
    "TILE",
    "MAP_IMAGE",
    "MAP_SERVICE",
    "IMAGE_SERVICE",
    "GEOCODE_SERVICE",
    "VECTOR_TILE",
    "SCENE_LAYER",
    "GP_SERVICE",
)
"""The kinds of drafts, by arcpy's word."""


def draft_properties() -> str:
    """Return the page of draft properties, from the mapping table."""
    from geosharing import _native

    parts = ["# Sharing drafts\n\nEvery property, from the table that also writes the drafts.\n"]
    for kind in DRAFTS:
        rows = _native.draft_table(kind)
        shown = (
            (
                f"`{row['property']}`",
                row["doc"],
                row["default"],
                row["since"],
                " ".join(f"`{x}`" for x in row["xpaths"]),
            )
            for row in rows
        )
        parts.append(
            f"## {kind}\n\n" + table(["property", "what it does", "default", "since", "in the draft"], shown)
        )
    return "\n".join(parts)


def service_properties() -> str:
    """Return the page of what `ServiceDescription` knows, from the table of the core."""
    from geosharing import _native

    known = _native.service_table()

    def code(words: Iterable[str]) -> str:
        return " ".join(f"`{word}`" for word in words)

    types = (
        (
            code([row["name"]]),
            row["doc"],
            code(row["capabilities"]),
            code(row["required"]),
            code(row["providers"]),
        )
        for row in known["types"]
    )
    extensions = (
        (code([row["name"]]), row["doc"], code(row["types"]), code(row["capabilities"]))
        for row in known["extensions"]
    )
    parts = [
        "# Service properties\n\nThe five sections of the Create Service operation, and the keys of drafts. A draft's "
        "value is what an untouched draft of the product holds.\n",
        "## Types\n\n" + table(["type", "what it is", "capabilities", "required", "providers"], types),
        "## Extensions\n\n" + table(["extension", "what it does", "of", "capabilities"], extensions),
    ]
    sections: dict[str, list[tuple[str, ...]]] = {}
    for row in known["keys"]:
        drafts = "; ".join(f"{form}: `{value}`" for form, value in row["drafts"].items() if value)
        sections.setdefault(row["part"], []).append(
            (
                f"`{row['json'] or row['key']}`",
                row["doc"] + (f" Since {row['since']}." if row["since"] else ""),
                row["allowed"] + (", or empty" if row["may_be_empty"] else ""),
                f"`{row['default']}`" if row["default"] else "",
                code(row["types"]) or "all",
                # The path of the set, then the key as the draft spells it.
                code([row["place"].removesuffix(f"[{row['key']}]"), row["key"]]) if row["place"] else "",
                drafts,
            )
        )
    headings = ["property", "what it does", "allowed", "default", "types", "in the draft", "drafts hold"]
    parts += [f"## {part}\n\n" + table(headings, rows) for part, rows in sections.items()]
    return "\n".join(parts)


def analyzers() -> None:
    """Write a page for each analyzer, headed by the text that is printed, and their list."""
    decided = {"yes": "yes", "partial": "for some inputs", "no": "no, only ArcGIS can"}
    rows = rows_of(ROOT / "src" / "core" / "analyze" / "catalogue.tsv")
    for row in rows:
        write(
            f"analyzers/{row['code']}.md",
            f"# {row['severity'].upper()} {row['code']}: {cell(row['title'])}\n\n{row['cause']}\n\n**Do:** {row['fix']}\n\n"
            f"Services: {row['services']}. Decided by geosharing: {decided[row['decided']]}.\n\n"
            f"[Esri's page]({row['url']})\n",
        )
    listed = (
        (f"[{row['code']}]({row['code']}.md)", row["severity"], row["title"], decided[row["decided"]])
        for row in rows
    )
    write("analyzers/index.md", "# Analyzers\n\n" + table(["code", "severity", "title", "decided"], listed))


def write(name: str, text: str) -> None:
    """Write one page."""
    path = OUT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def main() -> None:
    """Write all pages."""
    shutil.rmtree(OUT, ignore_errors=True)
    golden = json.loads((ROOT / "tests" / "contract" / "arcpy.json").read_text(encoding="utf-8"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    # Links to files of the repository lead nowhere on the site.
    write("index.md", re.sub(r"\[([^\]]+)\]\((?!#|https?:)[^)]+\)", r"\1", readme))
    page = (HERE / "coming-from-arcpy.md").read_text(encoding="utf-8")
    write("coming-from-arcpy.md", page.replace("{names}", names(golden)))
    write("drafts.md", draft_properties())
    write("services.md", service_properties())
    analyzers()
    pages = list(troubleshooting((HERE / "troubleshooting.md").read_text(encoding="utf-8")))
    for name, title, body in pages:
        write(f"troubleshooting/{name}", f"# {cell(title)}\n{body}")
    links = "\n".join(f"- [{cell(title)}]({name})" for name, title, _ in pages)
    write("troubleshooting/index.md", f"# Troubleshooting\n\nBy the text that was printed:\n\n{links}\n")
    write("python.md", "# Python\n\n" + "\n\n".join(f"::: geosharing.{module}" for module in MODULES) + "\n")


if __name__ == "__main__":
    main()
