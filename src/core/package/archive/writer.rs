//! Writing an archive: entries are checked and sorted, packed by the profile, and put in place.

use std::fs::File;
use std::num::NonZeroUsize;
use std::path::Path;

use super::output::Output;
use super::source::Job;
use super::watch::Watch;
use super::{Entry, Profile, names, pieces, whole};
use crate::error::Code;
use crate::{Error, Result};

/// What does not change the content of an archive.
#[derive(Clone, Debug, Default)]
pub struct WriteOptions {
    /// Threads to pack with; `None` takes every core.
    pub threads: Option<usize>,
}

/// What [`write`] wrote.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Written {
    /// Number of entries.
    pub entries: usize,
    /// Bytes of all entries.
    pub unpacked: u64,
    /// Bytes of the archive.
    pub packed: u64,
}

/// Writes an archive, replacing `out` when all is well.
///
/// Entries are sorted by name, so their order does not matter. `progress` is called on the calling
/// thread with bytes done and bytes in all; returning `false` gives up and removes what was written.
/// Memory does not grow with the input; packed blocks that wait for their turn lie in files without
/// a name in the folder of `out`.
///
/// # Errors
/// Code 001269 when the folder cannot be written to, the disk is full or a source cannot be read;
/// [`crate::Kind::InvalidInput`] for a name that is absolute, has `..`, or comes twice.
pub fn write(
    out: &Path,
    entries: Vec<Entry>,
    profile: Profile,
    options: &WriteOptions,
    progress: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<Written> {
    write_aside(out, entries, profile, options, progress)
        .map_err(|error| error.context("cannot compress the archive").with_code(Code::COMPRESS_FAILED))
}

fn write_aside(
    out: &Path,
    mut entries: Vec<Entry>,
    profile: Profile,
    options: &WriteOptions,
    progress: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<Written> {
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    for entry in &entries {
        names::check(&entry.name)?;
    }
    if let Some(twice) = entries.windows(2).find(|pair| matches!(pair, [a, b] if a.name == b.name)) {
        let name = twice.first().map_or("", |entry| entry.name.as_str());
        return Err(Error::invalid(format!("two entries have the name `{}`", names::shown(name))));
    }
    let jobs = entries.into_iter().map(Job::new).collect::<Result<Vec<_>>>()?;
    let unpacked = jobs.iter().map(|job| job.size).sum();
    let threads = options
        .threads
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, NonZeroUsize::get))
        .clamp(1, 64);

    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let aside = create_aside(folder).map_err(|error| Error::io("write beside", out, error))?;
    let watch = Watch::new(unpacked);
    watch.report(progress)?;
    let mut output = Output::new(aside.as_file(), out)?;
    match profile {
        Profile::Compatible => whole::pack(&jobs, &mut output, folder, threads, &watch, progress)?,
        Profile::Fast => pieces::pack(&jobs, &mut output, threads, &watch, progress)?,
        Profile::Store => jobs.iter().try_for_each(|job| output.store(job, &watch, progress))?,
    }
    let packed = output.finish()?;
    watch.report_end(progress)?;
    aside.persist(out).map_err(|error| Error::io("put in place", out, error.error))?;
    Ok(Written { entries: jobs.len(), unpacked, packed })
}

/// Makes the file that becomes the archive, with the rights that any new file gets.
fn create_aside(folder: &Path) -> std::io::Result<tempfile::NamedTempFile<File>> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".geosharing-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}
