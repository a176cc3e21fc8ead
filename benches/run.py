"""Run the benchmarks and print one table: `python benches/run.py [--pairs N] [SECTION...]`.

A section whose peer is not installed is named and left out. Goals are ratios of interleaved pairs: the
table gives the median, the goal, and behind it the smallest and greatest ratio and both sides' medians.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from measure import Goal

SECTIONS = ("staging", "queries", "ingest", "upload", "sddraft", "analyze", "buffer", "gp", "map")
PACKAGES = {
    "7z": "7zip",
    "ogr2ogr": "gdal-bin",
    "curl": "curl",
    "node": "nodejs",
    "npm": "npm",
    "shptree": "mapserver-bin and cgi-mapserver",
}


def main() -> int:
    """Run as a program; the exit code is 1 when a section breaks or, with `--check`, a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("--pairs", type=int, default=5, help="runs of each side (default 5)")
    parser.add_argument("--work", type=Path, help="folder for data, kept (default: a temporary one)")
    parser.add_argument("--check", action="store_true", help="fail when a goal is missed")
    arguments = parser.parse_args()
    if unknown := set(arguments.sections) - set(SECTIONS):
        parser.error(f"no section `{unknown.pop()}`; there are {', '.join(SECTIONS)}")
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load:.1f}, {arguments.pairs} pairs, medians [min-max]", flush=True)
    if load > 1:
        print("other work shares the cores: trust CPU before wall", flush=True)

    goals: list[Goal] = []
    left_out: list[str] = []
    broken: list[str] = []
    with tempfile.TemporaryDirectory(prefix="geosharing-bench-", ignore_cleanup_errors=True) as temporary:
        work = arguments.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        for section in arguments.sections or SECTIONS:
            module = importlib.import_module(section)
            if missing := absent(module.NEEDS):
                left_out.append(f"{section}: left out, for want of {' and '.join(missing)}")
                continue
            print(f"{section} ...", end=" ", flush=True)
            begin = time.perf_counter()
            try:
                goals += module.measure(work, arguments.pairs)
            except Exception as error:
                # The other sections still have something to say.
                broken.append(f"{section}: BROKEN, {error}")
            print(f"{time.perf_counter() - begin:.0f} s", flush=True)
    table(goals)
    print(*left_out, *broken, sep="\n")
    missed = sum(not goal.met for goal in goals)
    if missed:
        print(f"{missed} goals missed")
    return 1 if broken or (missed and arguments.check) else 0


def absent(needs: tuple[str, ...]) -> list[str]:
    """Return what of a section's programs (`a|b` for either) and modules is not installed."""
    missing = []
    for need in needs:
        kind, _, module = need.partition(":")
        if module:
            if importlib.util.find_spec(module) is None:
                missing.append(f"the Python package {module} (pip install {module})")
        elif not any(shutil.which(name) for name in kind.split("|")):
            name = kind.split("|")[0]
            missing.append(f"the program {name} (Debian: {PACKAGES[name]})")
    return missing


def table(goals: list[Goal]) -> None:
    """Print the goals by section."""
    print(f"\n{'':<62}{'measured':>12} {'goal':>9}  verdict")
    section = ""
    for goal in goals:
        if goal.section != section:
            section = goal.section
            print(section)
        bound, mark = "", ""
        if goal.bound is not None:
            bound = f"{'>=' if goal.at_least else '<='} {goal.bound:g}"
            mark = "ok" if goal.met else "MISSED"
        digits = 0 if goal.unit == "x" or goal.value >= 100 else 3
        value = f"{goal.value:,.{digits}f} {goal.unit}".rstrip()
        print(f"  {goal.what:<60}{value:>12} {bound:>9}  {mark:<7} {goal.detail}".rstrip(), flush=True)


if __name__ == "__main__":
    sys.exit(main())
