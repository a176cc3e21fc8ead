"""Staging: pack a mixed folder in each profile, against 7-Zip and Python's zipfile."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from measure import Goal, Usage, median_ratio, pairs, run

NEEDS = ("7z|7zz",)
OURS = "import sys; from geosharing import _native; _native.archive_folder(*sys.argv[1:])"
ZIPFILE = """
import pathlib, sys, zipfile
root = pathlib.Path(sys.argv[1])
with zipfile.ZipFile(sys.argv[2], "w", zipfile.ZIP_DEFLATED, compresslevel=6) as out:
    for path in sorted(root.rglob("*")):
        if path.is_file():
            out.write(path, path.relative_to(root))
"""


def make_folder(work: Path) -> Path:
    """Make the folder in a process of its own: what a child's parent holds counts as the child's peak."""
    folder = work / "mixed"
    if not folder.exists():
        script = Path(__file__).with_name("mixed_folder.py")
        subprocess.run([sys.executable, script, folder], check=True, stdout=subprocess.DEVNULL)
    return folder


def make_large(folder: Path) -> Path:
    """Return the folder four times over, in links, since only what is read counts."""
    large = folder.with_name("mixed4")
    if not large.exists():
        for part in range(4):
            shutil.copytree(folder, large / f"part{part}", copy_function=os.link)
    return large


def ours(folder: Path, out: Path, profile: str) -> Usage:
    """Pack with ours."""
    return run([sys.executable, "-c", OURS, folder, out, profile])


def hashes(folder: Path) -> dict[str, str]:
    """Return the content hash of every file below a folder."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                found[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def verify(archive: Path, folder: Path, seven_zip: str, work: Path) -> None:
    """Unpack with 7-Zip and compare every byte's hash."""
    unpacked = work / "unpacked"
    shutil.rmtree(unpacked, ignore_errors=True)
    subprocess.run([seven_zip, "t", archive], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([seven_zip, "x", f"-o{unpacked}", archive], check=True, stdout=subprocess.DEVNULL)
    if hashes(unpacked) != hashes(folder):
        raise RuntimeError(f"{archive.name} unpacks to something else")
    shutil.rmtree(unpacked)


def measure(work: Path, count: int) -> list[Goal]:
    """Return the goals of this section."""
    seven_zip = shutil.which("7z") or shutil.which("7zz")
    assert seven_zip is not None
    folder = make_folder(work)
    large = make_large(folder)
    compatible, fast, store = (work / f"{profile}.sd" for profile in ("compatible", "fast", "store"))
    reference, zipped = work / "reference.7z", work / "reference.zip"

    def peer_7z() -> Usage:
        reference.unlink(missing_ok=True)
        return run(
            [seven_zip, "a", "-t7z", "-m0=lzma", "-mx=1", "-ms=off", "-mmt=on", reference, "."], cwd=folder
        )

    def peer_zipfile() -> Usage:
        return run([sys.executable, "-c", ZIPFILE, folder, zipped])

    goals = []
    for profile, archive, peer, other, wall, size in (
        ("compatible", compatible, peer_7z, reference, 0.7, 1.03),
        ("fast", fast, peer_zipfile, zipped, 0.25, 1.05),
    ):
        measured = pairs(lambda a=archive, p=profile: ours(folder, a, p), peer, count)
        verify(archive, folder, seven_zip, work)
        against = "7z LZMA mx=1" if profile == "compatible" else "zipfile level 6"
        ratio, detail = median_ratio(measured, "wall")
        goals.append(Goal("staging", f"{profile} / {against}: wall", ratio, wall, detail=detail + " s"))
        ratio, detail = median_ratio(measured, "cpu")
        goals.append(Goal("staging", f"{profile} / {against}: CPU", ratio, detail=detail + " s"))
        sizes = archive.stat().st_size, other.stat().st_size
        detail = f"{sizes[0] / 1e6:.1f} against {sizes[1] / 1e6:.1f} MB"
        goals.append(
            Goal("staging", f"{profile} / {against}: size", sizes[0] / sizes[1], size, detail=detail)
        )
        peak = max(usage.peak for usage, _ in measured)
        grown = ours(large, archive, profile).peak
        goals.append(Goal("staging", f"{profile}: peak memory", peak, 128, "MiB"))
        goals.append(Goal("staging", f"{profile}: peak memory, input four times as large", grown, 128, "MiB"))
        goals.append(Goal("staging", f"{profile}: peak memory, large / small", grown / peak, 1.15))
    usage = ours(folder, store, "store")
    verify(store, folder, seven_zip, work)
    goals.append(Goal("staging", "store: wall", usage.wall, unit="s", detail=f"peak {usage.peak:.0f} MiB"))
    return goals
