"""Run every benchmark and print its goals: `python benches/run.py [--pairs N] [SECTION...]`."""

from __future__ import annotations

import argparse
import importlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SECTIONS = ("sddraft", "staging", "queries", "ingest", "upload")


def main() -> int:
    """Run as a program; the exit code is 1 when `--check` is given and a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("--pairs", type=int, default=5, help="runs of each side (default 5)")
    parser.add_argument("--work", type=Path, help="folder for data, kept (default: a temporary one)")
    parser.add_argument("--check", action="store_true", help="fail when a goal is missed")
    arguments = parser.parse_args()
    here = Path(__file__).parent
    sections = arguments.sections or [name for name in SECTIONS if (here / f"{name}.py").exists()]
    sys.path.insert(0, str(here))
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {arguments.pairs} pairs", flush=True)

    missed = 0
    with tempfile.TemporaryDirectory(prefix="geosharing-bench-", ignore_cleanup_errors=True) as temporary:
        work = arguments.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        for section in sections:
            begin = time.perf_counter()
            module = importlib.import_module(section)
            if not hasattr(module, "measure"):
                # A program of its own, which prints its own goals.
                missed += subprocess.run([sys.executable, here / f"{section}.py"]).returncode != 0
                continue
            goals = module.measure(work, arguments.pairs)
            print(f"\n{section} ({time.perf_counter() - begin:.0f} s)")
            for goal in goals:
                missed += not goal.met
                bound = "" if goal.bound is None else f"{'>=' if goal.at_least else '<='} {goal.bound:g}"
                mark = "" if goal.bound is None else "ok" if goal.met else "MISSED"
                value = f"{goal.value:.3f} {goal.unit}"
                print(f"  {goal.what:<58} {value:>14} {bound:>10} {mark:<7}{goal.detail}", flush=True)
    if missed:
        print(f"\n{missed} goals missed")
    return 1 if missed and arguments.check else 0


if __name__ == "__main__":
    sys.exit(main())
