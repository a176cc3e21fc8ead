"""Editing drafts: read, set two properties, write; against lxml, interleaved, both to the same disk."""

import time
from pathlib import Path

from geosharing import _native
from measure import Goal, Usage, median_ratio

NEEDS = ("python:lxml",)

DEFINITION = "Configurations/SVCConfiguration/Definition"
COUNT = f"{DEFINITION}/ConfigurationProperties/PropertyArray/PropertySetProperty[Key='maxRecordCount']/Value"
SNIPPET = "ItemInfo/Snippet"
GENUINE = Path(__file__).parents[1] / "tests" / "fixtures" / "sddraft" / "map_service_pro30.sddraft"


def ours(source: str, target: str) -> None:
    """Edit with geosharing."""
    assert _native.sddraft_rewrite(source, target, [(COUNT, "5000"), (SNIPPET, "short")]) == 2


def lxml(source: str, target: str) -> None:
    """Edit with lxml."""
    from lxml import etree

    tree = etree.parse(source)
    tree.find(COUNT).text = "5000"
    tree.find(SNIPPET).text = "short"
    tree.write(target)


def large(size: int) -> str:
    """Return a draft with many properties in its staging settings."""
    text = GENUINE.read_text(encoding="utf-8")
    key = "<PropertySetProperty xsi:type='typens:PropertySetProperty'><Key>k{}</Key><Value xsi:type='xs:string'>value {}</Value></PropertySetProperty>"
    more = "".join(key.format(number, number) for number in range((size - len(text)) // len(key)))
    return text.replace("</PropertyArray></StagingSettings>", more + "</PropertyArray></StagingSettings>", 1)


def measure(work: Path, count: int) -> list[Goal]:
    """Return medians and ratios for a genuine and a large draft."""
    goals = []
    source = work / "source.sddraft"
    for label, text, rounds in (
        ("67 KB", GENUINE.read_text(encoding="utf-8"), 20 * count),
        ("5 MB", large(5_000_000), 3 * count),
    ):
        source.write_text(text, encoding="utf-8")
        measured = []
        for _ in range(rounds):
            sides = []
            for name, edit in (("ours", ours), ("lxml", lxml)):
                wall, cpu = time.perf_counter(), time.process_time()
                edit(str(source), str(work / f"{name}.sddraft"))
                sides.append(Usage(time.perf_counter() - wall, time.process_time() - cpu, 0))
            measured.append((sides[0], sides[1]))
        _check(work)
        ratio, detail = median_ratio([_milliseconds(*pair) for pair in measured], "cpu")
        goals.append(Goal("sddraft", f"edit a draft of {label} / lxml: CPU", ratio, 1, detail=detail + " ms"))
    return goals


def _milliseconds(*pair: Usage) -> tuple[Usage, Usage]:
    first, second = (Usage(one.wall * 1000, one.cpu * 1000, one.peak) for one in pair)
    return first, second


def _check(folder: Path) -> None:
    same = _native.sddraft_diff(str(folder / "ours.sddraft"), str(folder / "lxml.sddraft"))
    if same:
        raise RuntimeError(f"the edited drafts differ: {same}")
