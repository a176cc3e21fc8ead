//! Round trips, and archives that mean harm.

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::package::Limits;
use crate::{Kind, Result};

const PROFILES: [Profile; 3] = [Profile::Compatible, Profile::Fast, Profile::Store];

fn pack(folder: &Path, entries: Vec<Entry>, profile: Profile) -> PathBuf {
    let path = folder.join(format!("{profile:?}.sd"));
    write(&path, entries, profile, &WriteOptions::default(), &mut |_, _| true).unwrap();
    path
}

/// Bytes that pack, and bytes that do not.
fn content(size: usize, seed: u64, noise: bool) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2).wrapping_add(0x9E37_79B9_7F4A_7C15);
    (0..size)
        .map(|at| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            if noise { state as u8 } else { (at / 7 % 251) as u8 ^ (state & 3) as u8 }
        })
        .collect()
}

fn sample() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("manifest.xml", b"<SVCManifest/>".to_vec()),
        ("cd/x.gdb/gdb", Vec::new()),
        ("cd/x.gdb/a00000001.gdbtable", content(300_000, 1, false)),
        ("cd/noise.tif", content(1_200_000, 2, true)),
        ("cd/big.bin", content(1_100_001, 3, false)),
        ("esriinfo/Straße 道路 🗺.xml", "ä".repeat(1000).into_bytes()),
        ("one", vec![7]),
    ]
}

fn entries(of: &[(&str, Vec<u8>)]) -> Vec<Entry> {
    of.iter().map(|(name, bytes)| Entry::bytes(*name, bytes.clone())).collect()
}

#[test]
fn every_profile_gives_back_what_went_in() {
    let folder = tempfile::tempdir().unwrap();
    for profile in PROFILES {
        let path = pack(folder.path(), entries(&sample()), profile);
        let reader = Reader::open(&path).unwrap();
        let mut names: Vec<&str> = sample().iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        assert_eq!(reader.entries().iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), names);
        for (name, bytes) in sample() {
            assert!(reader.read_to_vec(name, u64::MAX).unwrap() == bytes, "{profile:?} {name}");
        }
        let out = folder.path().join(format!("out{profile:?}"));
        reader.extract("cd/", &out, &Limits::default()).unwrap();
        assert_eq!(std::fs::read(out.join("cd/big.bin")).unwrap(), content(1_100_001, 3, false));
        assert!(!out.join("one").exists());
    }
}

#[test]
fn unchanged_input_gives_the_same_bytes_with_any_number_of_threads_and_any_order() {
    let folder = tempfile::tempdir().unwrap();
    for profile in PROFILES {
        let first = std::fs::read(pack(folder.path(), entries(&sample()), profile)).unwrap();
        for threads in [1, 5] {
            let path = folder.path().join("again.sd");
            let mut turned = entries(&sample());
            turned.reverse();
            let options = WriteOptions { threads: Some(threads) };
            write(&path, turned, profile, &options, &mut |_, _| true).unwrap();
            assert!(std::fs::read(&path).unwrap() == first, "{profile:?} with {threads} threads");
        }
    }
}

#[test]
fn what_does_not_pack_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let noise = content(4_000_000, 9, true);
    for profile in PROFILES {
        let path = pack(folder.path(), vec![Entry::bytes("noise", noise.clone())], profile);
        let size = std::fs::metadata(path).unwrap().len();
        assert!(size > 4_000_000 && size < 4_000_300, "{profile:?}: {size}");
    }
}

#[test]
fn an_archive_of_nothing_and_one_of_empty_files_open() {
    let folder = tempfile::tempdir().unwrap();
    for profile in PROFILES {
        let nothing = Reader::open(&pack(folder.path(), Vec::new(), profile)).unwrap();
        assert!(nothing.entries().is_empty());
        let empty = vec![Entry::bytes("a", ""), Entry::bytes("b/c", "")];
        let reader = Reader::open(&pack(folder.path(), empty, profile)).unwrap();
        assert_eq!(reader.entries().len(), 2);
        assert_eq!(reader.read_to_vec("b/c", 0).unwrap(), b"");
    }
}

#[test]
fn blocks_that_wait_go_to_disk_and_come_back() {
    // More than the spools keep in memory, with the largest file first to be packed and last in name.
    let folder = tempfile::tempdir().unwrap();
    let bytes = content(20 << 20, 4, true);
    let entries: Vec<Entry> = (0..20)
        .map(|n| {
            // Half noise, half zeros: not stored, and hardly smaller.
            let mut part = bytes[n << 20..(n + 1) << 20].to_vec();
            part.extend(vec![0; n * 1000 + (1 << 19)]);
            Entry::bytes(format!("{n:02}"), part)
        })
        .collect();
    let path = pack(folder.path(), entries.clone(), Profile::Compatible);
    assert!(std::fs::metadata(&path).unwrap().len() > 20 << 20);
    let reader = Reader::open(&path).unwrap();
    for entry in entries {
        let EntrySource::Bytes(expected) = entry.source else { unreachable!() };
        assert!(reader.read_to_vec(&entry.name, u64::MAX).unwrap() == expected, "{}", entry.name);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside the archive");
}

#[test]
fn progress_reaches_the_total_and_false_gives_up() {
    let folder = tempfile::tempdir().unwrap();
    for profile in PROFILES {
        let path = folder.path().join("a.sd");
        let (mut last, mut total) = (0, 0);
        write(&path, entries(&sample()), profile, &WriteOptions::default(), &mut |done, all| {
            assert!(done >= last && done <= all);
            (last, total) = (done, all);
            true
        })
        .unwrap();
        assert_eq!(last, sample().iter().map(|(_, bytes)| bytes.len() as u64).sum::<u64>());
        assert_eq!(last, total);
        std::fs::remove_file(&path).unwrap();

        for calls in 0..3 {
            let mut left = calls;
            let error = write(&path, entries(&sample()), profile, &WriteOptions::default(), &mut |_, _| {
                left -= 1;
                left >= 0
            });
            if let Err(error) = error {
                assert!(error.to_string().contains("cancelled"), "{error}");
                assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
            }
        }
    }
}

#[test]
fn failures_carry_arcpys_code_and_leave_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("a.sd");
    std::fs::write(&out, "old").unwrap();
    let missing = vec![Entry::bytes("a", "a"), Entry::file("b", folder.path().join("missing"))];
    let twice = vec![Entry::bytes("a", "a"), Entry::bytes("a", "b")];
    let outside = vec![Entry::bytes("../a", "a")];
    for (entries, text) in [(missing, "missing"), (twice, "two entries"), (outside, "`..`")] {
        let error = write(&out, entries, Profile::Compatible, &WriteOptions::default(), &mut |_, _| true)
            .unwrap_err();
        assert_eq!(error.code().unwrap().number, 1269);
        assert!(error.to_string().contains(text), "{error}");
        assert_eq!(std::fs::read(&out).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
    let nowhere = folder.path().join("no/such/folder/a.sd");
    let error =
        write(&nowhere, Vec::new(), Profile::Fast, &WriteOptions::default(), &mut |_, _| true).unwrap_err();
    assert_eq!(error.code().unwrap().number, 1269);
    assert!(error.to_string().contains("no/such/folder"), "{error}");
}

fn open_bytes(bytes: &[u8]) -> Result<Reader> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    Reader::open(file.path())
}

/// Reads all that an archive has.
fn exhaust(reader: &Reader) -> Result<()> {
    reader.entries().iter().filter(|entry| !entry.folder).try_for_each(|entry| {
        // A damaged size may be anything; what counts is that reading ends.
        reader.read_to_vec(&entry.name, 1 << 26).map(drop)
    })
}

#[test]
fn an_archive_that_is_cut_short_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let small: Vec<_> = sample().into_iter().filter(|(_, bytes)| bytes.len() < 10_000).collect();
    for profile in PROFILES {
        let bytes = std::fs::read(pack(folder.path(), entries(&small), profile)).unwrap();
        for length in (0..bytes.len()).step_by(10) {
            let error = open_bytes(&bytes[..length]).unwrap_err();
            assert_eq!(error.kind(), Kind::InvalidInput, "{length}: {error}");
        }
    }
}

#[test]
fn a_changed_byte_never_gives_other_content() {
    let folder = tempfile::tempdir().unwrap();
    let small: Vec<_> = sample().into_iter().filter(|(_, bytes)| bytes.len() < 10_000).collect();
    for profile in PROFILES {
        let bytes = std::fs::read(pack(folder.path(), entries(&small), profile)).unwrap();
        for at in 0..bytes.len() {
            // The version is not part of any checksum.
            if at == 6 || at == 7 {
                continue;
            }
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            let Ok(reader) = open_bytes(&damaged) else { continue };
            // Packers end on a few bits that mean nothing, so not every change is an error.
            for (name, expected) in &small {
                if let Ok(content) = reader.read_to_vec(name, u64::MAX) {
                    assert_eq!(&content, expected, "byte {at}");
                }
            }
        }
    }
}

#[test]
fn a_bomb_is_refused_by_its_ratio_and_its_size_before_it_is_unpacked() {
    let folder = tempfile::tempdir().unwrap();
    let path = pack(folder.path(), vec![Entry::bytes("zeros", vec![0; 40 << 20])], Profile::Compatible);
    assert!(std::fs::metadata(&path).unwrap().len() < 200_000);
    let ratio = Limits { ratio: 100, ratio_from: 1 << 20, ..Limits::default() };
    let total = Limits { total_size: 10 << 20, ..Limits::default() };
    let entry = Limits { entry_size: 10 << 20, ..Limits::default() };
    for limits in [&ratio, &total, &entry] {
        assert_eq!(Reader::open_within(&path, limits).unwrap_err().kind(), Kind::Limit);
    }
    let reader = Reader::open(&path).unwrap();
    assert_eq!(reader.read_to_vec("zeros", 1000).unwrap_err().kind(), Kind::Limit);
    let out = folder.path().join("out");
    assert_eq!(reader.extract("", &out, &total).unwrap_err().kind(), Kind::Limit);
    assert!(!out.join("zeros").exists());
}

#[test]
fn many_entries_and_large_headers_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let many = (0..3000).map(|n| Entry::bytes(format!("{n}"), "")).collect();
    let path = pack(folder.path(), many, Profile::Compatible);
    let few = Limits { entries: 2999, ..Limits::default() };
    assert_eq!(Reader::open_within(&path, &few).unwrap_err().kind(), Kind::Limit);
    // The header is packed to a small part of this.
    let small = Limits { header_size: 20_000, ..Limits::default() };
    assert_eq!(Reader::open_within(&path, &small).unwrap_err().kind(), Kind::Limit);
    assert_eq!(Reader::open(&path).unwrap().entries().len(), 3000);
}

#[test]
fn names_that_leave_the_folder_are_refused_when_the_archive_is_opened() {
    for name in ["../evil", "a/../../evil", "/etc/evil", "C:\\evil", "..\\evil", ""] {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let mut archive = container::Container::new(&mut bytes).unwrap();
        archive.append(b"x").unwrap();
        let crc = crc32fast::hash(b"x");
        let block = container::Block { method: container::Method::Copy, packed: 1, unpacked: 1, crc };
        archive.end_block(name, Some(block));
        archive.finish().unwrap();
        let error = open_bytes(bytes.get_ref()).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidInput, "{name}: {error}");
    }
}

#[test]
fn other_files_are_named_for_what_they_are() {
    for (bytes, text) in [
        (b"".as_slice(), "is empty"),
        (b"PK\x03\x04 and more", "zip archive"),
        (b"<SVCManifest/>", "is not a 7-Zip archive"),
        (b"7z\xBC\xAF\x27\x1C", "cut short"),
    ] {
        let error = open_bytes(bytes).unwrap_err();
        assert!(error.to_string().contains(text), "{error}");
    }
    let folder = tempfile::tempdir().unwrap();
    assert!(Reader::open(folder.path()).unwrap_err().to_string().contains("folder"));
    assert_eq!(Reader::open(&folder.path().join("none")).unwrap_err().kind(), Kind::NotFound);
}

#[test]
fn project_packages_of_arcgis_pro_open() {
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/packages");
    let Ok(found) = std::fs::read_dir(&packages) else {
        eprintln!("skipped: the corpus is not beside the repository");
        return;
    };
    let mut seen = 0;
    for path in
        found.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "ppkx"))
    {
        let reader = Reader::open(&path).unwrap();
        let is_project = |entry: &EntryInfo| Path::new(&entry.name).extension().is_some_and(|e| e == "aprx");
        assert!(reader.entries().iter().any(is_project), "{}", path.display());
        exhaust(&reader).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let files = reader.extract("", folder.path(), &Limits::default()).unwrap();
        assert_eq!(files.len(), reader.entries().iter().filter(|entry| !entry.folder).count());
        seen += 1;
    }
    assert!(seen >= 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_set_of_files_comes_back(
        files in proptest::collection::btree_map(
            "[a-zA-Z0-9äöü道 ._-]{1,12}(/[a-z]{1,5}){0,2}",
            proptest::collection::vec(any::<u8>(), 0..3000),
            0..12,
        ),
        profile in proptest::sample::select(PROFILES.to_vec()),
    ) {
        prop_assume!(files.keys().all(|name| names::check(name).is_ok()));
        let folder = tempfile::tempdir().unwrap();
        let entries = files.iter().map(|(name, bytes)| Entry::bytes(name.clone(), bytes.clone())).collect();
        let reader = Reader::open(&pack(folder.path(), entries, profile)).unwrap();
        prop_assert_eq!(reader.entries().len(), files.len());
        for (name, bytes) in &files {
            prop_assert_eq!(&reader.read_to_vec(name, u64::MAX).unwrap(), bytes);
        }
    }

    #[test]
    fn damage_anywhere_never_panics(
        at in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
        mend in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = pack(folder.path(), entries(&[("a/b.txt", vec![65; 500]), ("c", Vec::new())]), Profile::Compatible);
        let mut bytes = std::fs::read(path).unwrap();
        let length = bytes.len();
        for (index, value) in at {
            bytes[32 + index.index(length - 32)] = value;
        }
        if mend {
            mend_checksums(&mut bytes);
        }
        if let Ok(reader) = open_bytes(&bytes) {
            let _ = exhaust(&reader);
        }
    }
}

/// Makes the outer checksums right again, so that damage reaches the parsers behind them.
fn mend_checksums(bytes: &mut [u8]) {
    let offset = u64::from_le_bytes(*bytes[12..].first_chunk().unwrap()) as usize;
    let header = crc32fast::hash(&bytes[32 + offset..]);
    bytes[28..32].copy_from_slice(&header.to_le_bytes());
    let start = crc32fast::hash(&bytes[12..32]);
    bytes[8..12].copy_from_slice(&start.to_le_bytes());
}
