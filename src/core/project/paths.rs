//! Paths as projects and scripts write them, on this machine: the one home of that question.
//!
//! On POSIX `C:\data\a.gdb` is a legal file name, so a file of that very name wins; then the drive
//! mappings of `GEOSHARING_PATH_MAP` (`C:\data=/srv/data;\\server\share=/mnt/share`) apply. Names
//! are matched without regard to case when the exact spelling does not exist, as on Windows.

use std::path::{Component, Path, PathBuf};

use crate::{Error, Kind, Result};

/// Environment variable that maps Windows folders to folders of this machine.
pub const PATH_MAP: &str = "GEOSHARING_PATH_MAP";

/// Finds an existing file or folder that a project or script names.
///
/// Relative names count from `base`, the folder of the project.
///
/// # Errors
/// [`Kind::NotFound`] with both spellings when nothing of that name exists.
pub fn resolve(name: &str, base: &Path) -> Result<PathBuf> {
    resolve_with(name, base, std::env::var(PATH_MAP).ok().as_deref())
}

/// Returns where an output of that name goes: like [`resolve`] for what exists, else the mapped
/// drive, else the literal name, since scripts open their outputs by the same literal name.
pub fn destination(name: &str, base: &Path) -> PathBuf {
    let map = std::env::var(PATH_MAP).ok();
    let map = map.as_deref();
    if let Ok(found) = resolve_with(name, base, map) {
        return found;
    }
    match mapped(name, map) {
        Some(path) => path,
        None if is_windows_absolute(name) => PathBuf::from(name),
        None => tidy(&base.join(name)),
    }
}

/// Tells whether a name starts with a drive letter or is a network share.
pub fn is_windows_absolute(name: &str) -> bool {
    let bytes = name.as_bytes();
    let drive = bytes.len() >= 3
        && bytes[0].is_ascii_alphabetic()
        && bytes[1] == b':'
        && matches!(bytes[2], b'\\' | b'/');
    drive || name.starts_with(r"\\")
}

fn resolve_with(name: &str, base: &Path, map: Option<&str>) -> Result<PathBuf> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Error::invalid("an empty path names nothing"));
    }
    let literal = base.join(name);
    if literal.exists() {
        return Ok(tidy(&literal));
    }
    if is_windows_absolute(name) && !cfg!(windows) {
        let candidate = mapped(name, map);
        if let Some(found) = candidate.as_deref().and_then(existing) {
            return Ok(found);
        }
        let tried = candidate.unwrap_or_else(|| literal.clone());
        return Err(Error::not_found(format!(
            "`{name}` does not exist (looked for `{}`); map its drive with {PATH_MAP}, as in `{PATH_MAP}='{}=/folder/here'`",
            tried.display(),
            root_of(name),
        )));
    }
    let native = tidy(&base.join(name.replace('\\', std::path::MAIN_SEPARATOR_STR)));
    existing(&native).ok_or_else(|| {
        Error::new(Kind::NotFound, format!("`{name}` does not exist (looked for `{}`)", native.display()))
    })
}

fn root_of(name: &str) -> &str {
    match name.strip_prefix(r"\\") {
        Some(rest) => {
            let end = rest.match_indices('\\').nth(1).map_or(rest.len(), |(at, _)| at);
            name.get(..end + 2).unwrap_or(name)
        }
        None => name.get(..3).unwrap_or(name),
    }
}

/// Applies the longest mapping whose Windows folder the name starts with.
fn mapped(name: &str, map: Option<&str>) -> Option<PathBuf> {
    let normal = name.replace('/', "\\");
    map?.split([';', '\n'])
        .filter_map(|entry| entry.split_once('='))
        .filter_map(|(from, to)| {
            let from = from.trim().replace('/', "\\");
            let from = from.trim_end_matches('\\');
            let head = normal.get(..from.len())?;
            let rest = normal.get(from.len()..)?;
            (!from.is_empty()
                && head.eq_ignore_ascii_case(from)
                && (rest.is_empty() || rest.starts_with('\\')))
            .then(|| {
                (
                    from.len(),
                    tidy(&Path::new(to.trim()).join(rest.trim_start_matches('\\').replace('\\', "/"))),
                )
            })
        })
        .max_by_key(|(length, _)| *length)
        .map(|(_, path)| path)
}

/// Removes `.` and resolves `..` by name, so that messages and archives show one spelling.
fn tidy(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
}

/// Returns the path with the spelling that exists on disk.
fn existing(path: &Path) -> Option<PathBuf> {
    if path.exists() {
        return Some(path.to_path_buf());
    }
    let mut out = PathBuf::new();
    for component in path.components() {
        let next = out.join(component);
        if next.exists() {
            out = next;
            continue;
        }
        let Component::Normal(wanted) = component else { return None };
        let wanted = wanted.to_str()?.to_lowercase();
        let folder = if out.as_os_str().is_empty() { Path::new(".") } else { out.as_path() };
        let mut names: Vec<_> = std::fs::read_dir(folder)
            .ok()?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name.to_lowercase() == wanted)
            .collect();
        names.sort();
        out = out.join(names.first()?);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("Data/My.gdb")).unwrap();
        std::fs::write(folder.path().join(r"C:\x\a.shp"), b"").unwrap();
        folder
    }

    #[test]
    fn relative_windows_names_count_from_the_project() {
        let folder = folder();
        let base = folder.path().join("Data");
        assert_eq!(resolve(r".\My.gdb", &base).unwrap(), base.join("My.gdb"));
        assert_eq!(resolve(r"..\Data\My.gdb", &base).unwrap(), base.join("My.gdb"));
    }

    #[test]
    fn case_does_not_matter_where_the_exact_name_is_missing() {
        let folder = folder();
        let found = resolve(r".\DATA\my.GDB", folder.path()).unwrap();
        assert_eq!(found, folder.path().join("Data/My.gdb"));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_with_the_literal_windows_name_wins() {
        let folder = folder();
        assert_eq!(resolve(r"C:\x\a.shp", folder.path()).unwrap(), folder.path().join(r"C:\x\a.shp"));
    }

    #[cfg(unix)]
    #[test]
    fn drives_and_shares_are_mapped_by_the_longest_match() {
        let folder = folder();
        let root = folder.path().display();
        let map = format!(r"D:\=/nowhere;d:\work={root}/Data;\\srv\share={root}");
        let base = Path::new("/");
        let found = resolve_with(r"D:\Work\my.gdb", base, Some(&map)).unwrap();
        assert_eq!(found, folder.path().join("Data/My.gdb"));
        let found = resolve_with(r"\\SRV\share\Data\My.gdb", base, Some(&map)).unwrap();
        assert_eq!(found, folder.path().join("Data/My.gdb"));
    }

    #[cfg(unix)]
    #[test]
    fn an_error_shows_both_spellings_and_the_remedy() {
        let error = resolve_with(r"E:\a\b.gdb", Path::new("/p"), Some(r"E:\a=/srv")).unwrap_err();
        let text = error.to_string();
        assert_eq!(error.kind(), Kind::NotFound);
        assert!(
            text.contains(r"E:\a\b.gdb") && text.contains("/srv/b.gdb") && text.contains(PATH_MAP),
            "{text}"
        );
    }
}
