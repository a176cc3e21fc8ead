"""Editing drafts: read, set two properties, write; against lxml, interleaved, both to the same disk."""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from geosharing import _native

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


def main() -> None:
    """Print medians and the ratio for a genuine and a large draft."""
    with tempfile.TemporaryDirectory() as folder:
        for label, text, rounds in (
            ("67 KB", GENUINE.read_text(encoding="utf-8"), 200),
            ("5 MB", large(5_000_000), 15),
        ):
            source = Path(folder) / "source.sddraft"
            source.write_text(text, encoding="utf-8")
            times: dict[str, list[float]] = {"ours": [], "lxml": []}
            for _ in range(rounds):
                for name, edit in (("ours", ours), ("lxml", lxml)):
                    start = time.process_time()
                    edit(str(source), str(Path(folder) / f"{name}.sddraft"))
                    times[name].append(time.process_time() - start)
            _check(folder)
            mine, other = (statistics.median(times[name]) * 1000 for name in ("ours", "lxml"))
            print(f"sddraft {label}: ours {mine:.2f} ms, lxml {other:.2f} ms, ratio {mine / other:.2f}")


def _check(folder: str) -> None:
    same = _native.sddraft_diff(str(Path(folder) / "ours.sddraft"), str(Path(folder) / "lxml.sddraft"))
    assert same == [], same


if __name__ == "__main__":
    sys.exit(main())
