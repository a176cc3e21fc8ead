"""Analysis: a cadastre project of some 150 layers, in time and as a share of reading the project."""

import statistics
import time
from pathlib import Path

from measure import Goal

NEEDS = ()
SECTION = "analysis"
DOCUMENTS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "documents" / "aprx"
PROJECT = DOCUMENTS / "OfirMazor+National-Cadaster-Tasks__Project__Project.aprx"


def measure(work: Path, count: int) -> list[Goal]:
    """Open and analyze the project; then read it, and judge what was read, one after the other.

    Raises:
        FileNotFoundError: the corpus is not there.
    """
    from geosharing import _native, analyze, mp

    if not PROJECT.is_file():
        raise FileNotFoundError(f"there is no `{PROJECT}`; put the shared corpus beside the repository")
    whole, reading, judging, layers, found = [], [], [], 0, 0
    for _ in range(count + 1):
        begin = time.perf_counter()
        reports = analyze.analyze(PROJECT)
        whole.append(time.perf_counter() - begin)
        found = sum(len(report) for report in reports)

        begin = time.perf_counter()
        native = _native.Project.open(PROJECT)
        maps = [mp.Map(native, uri) for uri, _ in native.maps()]
        layers = sum(len(each.listLayers()) for each in maps)
        read = time.perf_counter()
        for each in maps:
            analyze.analyze_map(each)
        reading.append(read - begin)
        judging.append(time.perf_counter() - read)
    # The first run warms the page cache.
    seconds = statistics.median(whole[1:])
    shares = [rules / (rules + parse) for rules, parse in zip(judging[1:], reading[1:], strict=True)]
    parts = f"reading {statistics.median(reading[1:]):.3f} s, rules {statistics.median(judging[1:]):.3f} s"
    return [
        Goal(SECTION, f"{layers} layers, {found} findings", seconds, 1.0, "s", detail=parts),
        Goal(
            SECTION,
            "share of the rules; the rest is reading",
            statistics.median(shares),
            0.5,
            detail=spread(shares),
        ),
    ]


def spread(values: list[float]) -> str:
    """Return the smallest and the greatest value."""
    return f"[{min(values):.2f}-{max(values):.2f}]"
