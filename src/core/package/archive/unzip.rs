//! Zip archives as people send them: a shapefile, a geodatabase or a GeoPackage in one file.

use std::fs::{self, File};
use std::io::{BufReader, Read, Write as _};
use std::path::{Path, PathBuf};

use zip::ZipArchive;

use super::names;
use crate::package::Limits;
use crate::{Error, Result};

/// Unpacks a zip archive under `dir`, keeping folders, and returns the files written, in the order
/// of the archive. Links are refused, and what macOS adds beside the files is left out.
///
/// # Errors
/// [`crate::Kind::Limit`] when the files are more than `limits` allow, whatever the archive says of
/// their sizes; [`crate::Kind::InvalidInput`] when it is damaged, encrypted or leads out of `dir`.
pub fn unzip(path: &Path, dir: &Path, limits: &Limits) -> Result<Vec<PathBuf>> {
    let file = File::open(path).map_err(|error| Error::io("open", path, error))?;
    let packed = file.metadata().map_err(|error| Error::io("open", path, error))?.len();
    let broken = |why: &dyn std::fmt::Display| {
        Error::invalid(format!("`{}` cannot be unpacked: {why}; make the zip file anew", path.display()))
    };
    let too_large =
        || Error::limit(format!("`{}` unpacks to more files or bytes than are allowed here", path.display()));
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| broken(&error))?;
    if archive.len() > limits.entries {
        return Err(too_large());
    }
    let by_ratio = packed.saturating_mul(limits.ratio).max(limits.ratio_from);
    let most = limits.total_size.min(by_ratio);
    let (mut paths, mut total) = (Vec::new(), 0_u64);
    let mut buffer = vec![0; 256 << 10];
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| broken(&error))?;
        let name = entry.name().map_err(|error| broken(&error))?.replace('\\', "/");
        let name = name.strip_prefix("./").unwrap_or(&name);
        let folder = entry.is_dir() || name.ends_with('/');
        if name.starts_with("__MACOSX/") || name.rsplit('/').next() == Some(".DS_Store") {
            continue;
        }
        names::check(name.trim_end_matches('/')).map_err(|error| broken(&error))?;
        if entry.is_symlink() {
            return Err(broken(&format_args!("`{}` is a link", names::shown(name))));
        }
        let target = dir.join(name);
        let parent = if folder { Some(target.as_path()) } else { target.parent() };
        if let Some(parent) = parent {
            fs::create_dir_all(parent).map_err(|error| Error::io("create", parent, error))?;
        }
        if folder {
            continue;
        }
        let mut out = File::create_new(&target).map_err(|error| Error::io("write", &target, error))?;
        let mut size = 0_u64;
        loop {
            let read = entry.read(&mut buffer).map_err(|error| broken(&error))?;
            if read == 0 {
                break;
            }
            size += read as u64;
            if size > limits.entry_size || total + size > most {
                return Err(too_large());
            }
            let bytes = buffer.get(..read).unwrap_or_default();
            out.write_all(bytes).map_err(|error| Error::io("write", &target, error))?;
        }
        total += size;
        paths.push(target);
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn zipped(folder: &Path, entries: &[(&str, &[u8])]) -> PathBuf {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        let path = folder.join("a.zip");
        fs::write(&path, writer.finish().unwrap().into_inner()).unwrap();
        path
    }

    #[test]
    fn files_keep_their_folders_and_what_macos_adds_stays_out() {
        let folder = tempfile::tempdir().unwrap();
        let zip = zipped(folder.path(), &[("x.gdb\\gdb", b"1"), ("__MACOSX/x", b""), ("a/b.shp", b"22")]);
        let paths = unzip(&zip, &folder.path().join("out"), &Limits::default()).unwrap();
        assert_eq!(paths.len(), 2);
        assert_eq!(fs::read(folder.path().join("out/x.gdb/gdb")).unwrap(), b"1");
        assert_eq!(fs::read(folder.path().join("out/a/b.shp")).unwrap(), b"22");
    }

    #[test]
    fn hostile_archives_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        for name in ["../a.shp", "/a.shp", "a/../../b.shp", "C:/a.shp"] {
            let zip = zipped(folder.path(), &[(name, b"x")]);
            assert!(unzip(&zip, &out, &Limits::default()).is_err(), "{name}");
        }
        let bomb = zipped(folder.path(), &[("a.shp", &vec![0; 1 << 20])]);
        let limits = Limits { ratio: 10, ratio_from: 1 << 16, ..Limits::default() };
        let error = unzip(&bomb, &folder.path().join("b"), &limits).unwrap_err();
        assert_eq!(error.kind(), crate::Kind::Limit);
        let cut = fs::read(&bomb).unwrap();
        fs::write(&bomb, cut.get(..cut.len() / 2).unwrap()).unwrap();
        assert!(unzip(&bomb, &folder.path().join("c"), &Limits::default()).is_err());
        assert!(!folder.path().join("a.shp").exists());
    }
}
