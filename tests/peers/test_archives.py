"""Archives that we pack, opened by 7-Zip and py7zr; archives that they pack, opened by us."""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from geosharing import _native
from geosharing.exceptions import SharingError

PROFILES = ("compatible", "fast", "store")
SEVEN_ZIP = shutil.which("7z") or shutil.which("7zz")
needs_seven_zip = pytest.mark.skipif(
    SEVEN_ZIP is None, reason="7-Zip is not installed (Debian: 7zip or p7zip-full)"
)


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Text, numbers, noise, an empty file, names of many scripts, and files of several pieces."""
    root = tmp_path_factory.mktemp("input")
    noise = random.Random(1)
    for name, content in {
        "manifest.xml": b"<SVCManifest/>",
        "cd/x.gdb/gdb": b"",
        "cd/x.gdb/a00000001.gdbtable": b"".join(n.to_bytes(8, "little") for n in range(400_000)),
        "cd/noise.tif": noise.randbytes(1_500_000),
        "cd/half.bin": noise.randbytes(900_000) + bytes(2_000_000),
        "esriinfo/Straße 道路 🗺.xml": "ä道".encode() * 5000,
        "p30/one": b"1",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


@needs_seven_zip
@pytest.mark.parametrize("profile", PROFILES)
def test_seven_zip_tests_and_unpacks_what_we_pack(folder: Path, tmp_path: Path, profile: str) -> None:
    archive = tmp_path / "a.sd"
    assert _native.archive_folder(folder, archive, profile) == archive.stat().st_size
    subprocess.run([SEVEN_ZIP, "t", archive], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([SEVEN_ZIP, "x", f"-o{tmp_path / 'out'}", archive], check=True, stdout=subprocess.DEVNULL)
    assert hashes(tmp_path / "out") == hashes(folder)


@needs_seven_zip
def test_seven_zip_sees_the_container_that_arcgis_writes(folder: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.sd"
    _native.archive_folder(folder, archive)
    listing = subprocess.run(
        [SEVEN_ZIP, "l", "-slt", archive], check=True, capture_output=True, text=True
    ).stdout
    head, _, entries = listing.partition("----------")
    assert "Solid = -" in head
    assert "Blocks = 6" in head, "one for every file that is not empty"
    records = [
        dict(line.split(" = ", 1) for line in entry.splitlines() if " = " in line)
        for entry in entries.split("\n\n")
    ]
    records = [record for record in records if "Path" in record]
    assert [record["Path"] for record in records] == sorted(hashes(folder), key=lambda name: name.encode())
    assert {record["Attributes"] for record in records} == {"A"}
    assert {record["Modified"][:19] for record in records} == {"1980-01-01 00:00:00"}
    methods = {record["Path"]: record["Method"] for record in records}
    assert methods["cd/x.gdb/a00000001.gdbtable"].startswith("LZMA:")
    assert methods["cd/noise.tif"] == "Copy"
    # The header is packed too, as in archives of ArcGIS.
    assert b"m\0a\0n\0i\0f\0e\0s\0t\0" not in archive.read_bytes()


# py7zr leaves the archive open.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("profile", PROFILES)
def test_py7zr_unpacks_what_we_pack(folder: Path, tmp_path: Path, profile: str) -> None:
    py7zr = pytest.importorskip("py7zr", reason="py7zr is not installed (make test installs it)")
    archive = tmp_path / "a.sd"
    _native.archive_folder(folder, archive, profile)
    with py7zr.SevenZipFile(archive) as opened:
        assert opened.testzip() is None
    with py7zr.SevenZipFile(archive) as opened:
        opened.extractall(tmp_path / "out")
    assert hashes(tmp_path / "out") == hashes(folder)


@needs_seven_zip
@pytest.mark.parametrize(
    "options",
    [
        ("-m0=lzma", "-ms=off"),
        ("-m0=lzma", "-ms=on"),
        ("-m0=lzma2",),
        ("-m0=deflate",),
        ("-m0=copy",),
        ("-mhc=off",),
    ],
    ids=lambda options: " ".join(options),
)
def test_we_unpack_what_seven_zip_packs(folder: Path, tmp_path: Path, options: tuple[str, ...]) -> None:
    archive = tmp_path / "a.7z"
    subprocess.run(
        [SEVEN_ZIP, "a", "-t7z", "-mx=1", *options, archive, "."],
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    assert dict(_native.archive_list(archive)) == {
        name: (folder / name).stat().st_size for name in hashes(folder)
    }
    _native.archive_extract(archive, tmp_path / "out")
    assert hashes(tmp_path / "out") == hashes(folder)
    assert bytes(_native.archive_read(archive, "manifest.xml")) == b"<SVCManifest/>"


@needs_seven_zip
@pytest.mark.parametrize("options", [("-psecret",), ("-psecret", "-mhe=on")], ids=["content", "names"])
def test_an_encrypted_archive_says_that_it_is(folder: Path, tmp_path: Path, options: tuple[str, ...]) -> None:
    archive = tmp_path / "a.7z"
    subprocess.run(
        [SEVEN_ZIP, "a", "-mx=1", *options, archive, "."], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )
    with pytest.raises(SharingError, match="encrypted"):
        _native.archive_extract(archive, tmp_path / "out")


def test_a_disk_that_fills_up_leaves_nothing_and_says_001269(folder: Path, tmp_path: Path) -> None:
    # A limit on file size is the full disk that a test can have without being root.
    script = (
        "import resource, signal, sys; from geosharing import _native, exceptions\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))\n"
        "try: _native.archive_folder(*sys.argv[1:])\n"
        "except exceptions.SharingError as error: print(error.code, error)\n"
    )
    for profile in PROFILES:
        answer = subprocess.run(
            [sys.executable, "-c", script, folder, tmp_path / "a.sd", profile],
            capture_output=True,
            text=True,
            check=True,
        )
        assert answer.stdout.startswith("1269 "), answer
        assert "a.sd" in answer.stdout or "beside" in answer.stdout
        assert list(tmp_path.iterdir()) == []


def test_progress_that_raises_stops_the_packing_with_its_own_error(folder: Path, tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        _native.archive_folder(folder, tmp_path / "a.sd", progress=stop)
    with pytest.raises(SharingError, match="cancelled"):
        _native.archive_folder(folder, tmp_path / "a.sd", progress=lambda done, total: False)
    assert list(tmp_path.iterdir()) == []


def test_the_archive_has_the_rights_of_any_new_file(folder: Path, tmp_path: Path) -> None:
    _native.archive_folder(folder, tmp_path / "a.sd", "store")
    (tmp_path / "plain").touch()
    assert (tmp_path / "a.sd").stat().st_mode == (tmp_path / "plain").stat().st_mode
