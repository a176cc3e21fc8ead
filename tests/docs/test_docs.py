"""The documentation site follows from the tables: nothing that we know is missing from it."""

import html
import importlib.util
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The text of each page by its name, as the site's builder gets it."""
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    generate.OUT = tmp_path_factory.mktemp("docs") / "source"
    generate.main()
    return {
        str(path.relative_to(generate.OUT)): html.unescape(path.read_text(encoding="utf-8"))
        for path in generate.OUT.rglob("*.md")
    }


def test_every_name_of_arcpy_is_listed_with_its_support(pages):
    golden = json.loads((ROOT / "tests" / "contract" / "arcpy.json").read_text(encoding="utf-8"))
    page = pages["coming-from-arcpy.md"]
    for name, entry in golden["functions"].items():
        word = "yes" if entry["supported"] else "not yet"
        assert re.search(rf"`arcpy\.{re.escape(name)}` \| [^|]* \| {word} \|", page), name
    for entry in golden["script_names"]:
        assert f"`{entry['name']}`" in page


def test_every_error_has_a_page_headed_by_the_text_that_is_printed(pages):
    source = (ROOT / "src" / "core" / "error" / "code.rs").read_text(encoding="utf-8")
    codes = re.findall(r"number: ([\d_]+),\s*template: \"((?:[^\"\\]|\\.)*)\"", source)
    assert len(codes) > 10
    for number, template in codes:
        page = pages[f"troubleshooting/{int(number):06}.md"]
        title = page.splitlines()[0]
        assert re.fullmatch(rf"# (ERROR|WARNING) {int(number):06}: {re.escape(template)}", title), title
        assert "**Do:**" in page


def test_every_analyzer_has_a_page_with_cause_and_remedy(pages):
    rows = (ROOT / "src" / "core" / "analyze" / "catalogue.tsv").read_text(encoding="utf-8").splitlines()[1:]
    assert len(rows) > 140
    for row in rows:
        code, severity, title, cause, fix, *_ = row.split("\t")
        page = pages[f"analyzers/{code}.md"]
        assert page.startswith(f"# {severity.upper()} {code}: {title}\n")
        assert cause in page
        assert fix in page


def test_every_key_of_services_is_on_the_page_of_service_properties(pages):
    for path in (ROOT / "src" / "core" / "sddraft" / "table" / "keys").glob("*.tsv"):
        for row in path.read_text(encoding="utf-8").splitlines()[1:]:
            if path.stem == "extensions":
                continue
            key, json_key, *_ = row.split("\t")
            shown = {key, json_key, key[:1].lower() + key[1:]} if path.stem != "types" else {key}
            assert any(f"`{name}`" in pages["services.md"] for name in shown), f"{path.stem}: {key}"


def test_links_of_the_start_page_lead_somewhere(pages):
    for target in re.findall(r"\]\(([^)]+)\)", pages["index.md"]):
        assert target.startswith(("#", "https://", "http://")), target
