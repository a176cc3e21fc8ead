//! Reading an archive.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use sevenz_rust2::{Archive, BlockDecoder, Password};

use super::{names, precheck};
use crate::package::Limits;
use crate::{Error, Kind, Result};

/// LZMA's and LZMA2's method ids, whose decoders take memory that the archive names.
const LZMA: &[u8] = &[0x03, 0x01, 0x01];
const LZMA2: &[u8] = &[0x21];

/// What an archive says of one entry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EntryInfo {
    /// Name with `/` between folders.
    pub name: String,
    /// Unpacked bytes.
    pub size: u64,
    /// Whether this is a folder.
    pub folder: bool,
}

/// An archive open for reading by name; cheap to keep, usable from several threads.
///
/// Only the header is read by [`Self::open`]; files are unpacked when asked for.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    file: File,
    size: u64,
    archive: Archive,
    entries: Vec<EntryInfo>,
    by_name: HashMap<String, usize>,
    /// Memory that the hungriest decoder takes.
    memory: u64,
    decoder_memory: u64,
}

impl Reader {
    /// Opens an archive within the default [`Limits`].
    ///
    /// # Errors
    /// Names the file and says what is wrong with it: not 7-Zip, cut short, encrypted, hostile.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_within(path, &Limits::default())
    }

    /// Opens an archive within given limits.
    pub fn open_within(path: &Path, limits: &Limits) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::io("open", path, error))?;
        let about = file.metadata().map_err(|error| Error::io("open", path, error))?;
        if about.is_dir() {
            return Err(Error::invalid(format!("`{}` is a folder, not an archive", path.display())));
        }
        read_header(&file, about.len(), limits)
            .and_then(|archive| Self::of(path, file, about.len(), archive, limits))
            .map_err(|error| error.context(format!("`{}`", path.display())))
    }

    fn of(path: &Path, file: File, size: u64, archive: Archive, limits: &Limits) -> Result<Self> {
        if archive.files.len() > limits.entries {
            return Err(Error::limit(format!("has more than {} entries", limits.entries)));
        }
        let mut entries = Vec::with_capacity(archive.files.len());
        let mut by_name = HashMap::with_capacity(archive.files.len());
        let mut total = 0_u64;
        for (index, file) in archive.files.iter().enumerate() {
            let mut name = file.name().replace('\\', "/");
            if file.is_directory() {
                name.truncate(name.trim_end_matches('/').len());
            }
            names::check(&name)?;
            if file.size() > limits.entry_size {
                return Err(Error::limit(format!(
                    "has `{}` of more than {} bytes",
                    names::shown(&name),
                    limits.entry_size
                )));
            }
            total = total.saturating_add(file.size());
            if by_name.insert(name.clone(), index).is_some() && !file.is_directory() {
                return Err(Error::invalid(format!("has two entries `{}`", names::shown(&name))));
            }
            entries.push(EntryInfo { name, size: file.size(), folder: file.is_directory() });
        }
        if total > limits.total_size {
            return Err(Error::limit(format!("unpacks to more than {} bytes", limits.total_size)));
        }
        if total > limits.ratio_from && total / limits.ratio.max(1) > size {
            return Err(Error::limit(format!("unpacks to more than {} times its size", limits.ratio)));
        }
        let memory = decoder_memory(&archive);
        if memory > limits.decoder_memory {
            return Err(Error::limit(format!("needs more than {} bytes of memory", limits.decoder_memory)));
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            size,
            archive,
            entries,
            by_name,
            memory,
            decoder_memory: limits.decoder_memory,
        })
    }

    /// Lists the entries in the order of the archive.
    pub fn entries(&self) -> &[EntryInfo] {
        &self.entries
    }

    /// Tells whether there is a file of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    fn find(&self, name: &str) -> Option<(usize, &EntryInfo)> {
        let index = *self.by_name.get(name)?;
        self.entries.get(index).filter(|entry| !entry.folder).map(|entry| (index, entry))
    }

    /// Unpacks one file into memory, refusing more than `max` bytes.
    ///
    /// # Errors
    /// [`crate::Kind::NotFound`] when there is no such file, [`crate::Kind::Limit`] when it is larger.
    pub fn read_to_vec(&self, name: &str, max: u64) -> Result<Vec<u8>> {
        if let Some((_, entry)) = self.find(name)
            && entry.size > max
        {
            return Err(Error::limit(format!(
                "`{name}` in `{}` has {} bytes, more than the {max} expected of it",
                self.path.display(),
                entry.size
            )));
        }
        let mut bytes = Vec::new();
        self.read_to(name, &mut bytes)?;
        Ok(bytes)
    }

    /// Unpacks one file into a writer and returns its size.
    pub fn read_to(&self, name: &str, out: &mut dyn Write) -> Result<u64> {
        let (index, entry) = self
            .find(name)
            .ok_or_else(|| Error::not_found(format!("there is no `{name}` in `{}`", self.path.display())))?;
        if let Some(block) = self.archive.stream_map.file_block_index.get(index).copied().flatten() {
            self.unpack(block, &[index], &mut |_, bytes| {
                copy(bytes, out, &mut vec![0; 64 << 10]).map_err(|error| match error {
                    Copy::Read(error) => self.damaged(name, &error),
                    Copy::Write(error) => {
                        Error::new(Kind::Io, format!("cannot unpack `{name}`: {error}")).because(error)
                    }
                })
            })?;
        }
        Ok(entry.size)
    }

    /// Unpacks every file whose name starts with `prefix` under `dir`, keeping folders, and returns
    /// the paths written, in the order of the archive. Blocks unpack side by side.
    ///
    /// # Errors
    /// [`crate::Kind::Limit`] before anything is written when the files are more than `limits` allow.
    pub fn extract(&self, prefix: &str, dir: &Path, limits: &Limits) -> Result<Vec<PathBuf>> {
        self.extract_where(|name| name.starts_with(prefix), dir, limits)
    }

    /// As [`Self::extract`], for the names that `wanted` accepts.
    pub fn extract_where(
        &self,
        wanted: impl Fn(&str) -> bool,
        dir: &Path,
        limits: &Limits,
    ) -> Result<Vec<PathBuf>> {
        let mut blocks: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
        let mut paths = Vec::new();
        let mut total = 0_u64;
        for (index, entry) in self.entries.iter().enumerate().filter(|(_, entry)| wanted(&entry.name)) {
            total = total.saturating_add(entry.size);
            if entry.size > limits.entry_size || total > limits.total_size || paths.len() >= limits.entries {
                return Err(Error::limit(format!(
                    "`{}` unpacks to more files or bytes than are allowed here",
                    self.path.display()
                )));
            }
            let path = dir.join(&entry.name);
            let folder = if entry.folder { Some(path.as_path()) } else { path.parent() };
            if let Some(folder) = folder {
                std::fs::create_dir_all(folder).map_err(|error| Error::io("create", folder, error))?;
            }
            if !entry.folder {
                let block = self.archive.stream_map.file_block_index.get(index).copied().flatten();
                blocks.entry(block).or_default().push(index);
                paths.push(path);
            }
        }
        for &index in blocks.remove(&None).iter().flatten() {
            if let Some(entry) = self.entries.get(index) {
                let path = dir.join(&entry.name);
                File::create(&path).map_err(|error| Error::io("write", &path, error))?;
            }
        }
        self.extract_blocks(&blocks.into_iter().collect::<Vec<_>>(), dir)?;
        Ok(paths)
    }

    fn extract_blocks(&self, blocks: &[(Option<usize>, Vec<usize>)], dir: &Path) -> Result<()> {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let affordable = (self.decoder_memory / self.memory.max(1)).clamp(1, 64) as usize;
        let next = AtomicUsize::new(0);
        let failed = AtomicBool::new(false);
        let work = || -> Result<()> {
            while let Some((block, wanted)) = blocks.get(next.fetch_add(1, Ordering::Relaxed)) {
                let Some(block) = block else { continue };
                self.unpack(*block, wanted, &mut |name, bytes| {
                    if failed.load(Ordering::Relaxed) {
                        return Err(Error::internal("another block failed"));
                    }
                    self.extract_one(name, bytes, &dir.join(name))
                })
                .inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
            }
            Ok(())
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> =
                (0..cores.min(affordable).min(blocks.len())).map(|_| scope.spawn(work)).collect();
            let results: Vec<Result<()>> = workers
                .into_iter()
                .map(|worker| {
                    worker.join().unwrap_or_else(|_| Err(Error::internal("an unpacking thread failed")))
                })
                .collect();
            // The first failure, not what it made the other threads say.
            results.into_iter().filter_map(Result::err).min_by_key(|error| error.kind() == Kind::Internal)
        })
        .map_or(Ok(()), Err)
    }

    fn extract_one(&self, name: &str, bytes: &mut dyn Read, path: &Path) -> Result<()> {
        let mut file = File::create(path).map_err(|error| Error::io("write", path, error))?;
        copy(bytes, &mut file, &mut vec![0; 256 << 10]).map_err(|error| match error {
            Copy::Read(error) => self.damaged(name, &error),
            Copy::Write(error) => Error::io("write", path, error),
        })
    }

    /// Hands each wanted file of a block over, in their order.
    fn unpack(
        &self,
        block: usize,
        wanted: &[usize],
        each: &mut dyn FnMut(&str, &mut dyn Read) -> Result<()>,
    ) -> Result<()> {
        let password = Password::empty();
        let mut source = Source { file: &self.file, at: 0, size: self.size };
        let decoder = BlockDecoder::new(1, block, &self.archive, &password, &mut source);
        let first = self.archive.stream_map.block_first_file_index.get(block).copied().unwrap_or(0);
        let mut index = first;
        let mut left = wanted.len();
        let mut own = None;
        let result = decoder.for_each_entries(&mut |file, bytes| {
            let here = index;
            index += 1;
            if !wanted.contains(&here) {
                return Ok(true);
            }
            left -= 1;
            let name = self.entries.get(here).map_or("", |entry| entry.name.as_str());
            let mut counted = Counted { bytes, count: 0 };
            let mut outcome = each(name, &mut counted);
            if outcome.is_ok() && counted.count != file.size() {
                let early = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
                outcome = Err(self.damaged(name, &early));
            }
            own = outcome.err();
            Ok(own.is_none() && left > 0)
        });
        match (own, result) {
            (Some(error), _) => Err(error),
            (None, Err(error)) => {
                Err(explained(&error).context(format!("cannot unpack `{}`", self.path.display())))
            }
            (None, Ok(_)) => Ok(()),
        }
    }

    fn damaged(&self, name: &str, error: &std::io::Error) -> Error {
        Error::invalid(format!(
            "`{}` in `{}` is damaged ({error}); copy or download the file again",
            names::shown(name),
            self.path.display()
        ))
    }
}

fn read_header(file: &File, size: u64, limits: &Limits) -> Result<Archive> {
    let mut source = Source { file, at: 0, size };
    if !precheck::check(&mut source, size, limits)? {
        return Ok(Archive::default());
    }
    Archive::read(&mut source, &Password::empty()).map_err(|error| explained(&error))
}

/// The largest memory that a block's decoders take together.
fn decoder_memory(archive: &Archive) -> u64 {
    let of_block = |block: &sevenz_rust2::Block| {
        block.coders.iter().enumerate().fold(0_u64, |sum, (index, coder)| {
            let dictionary = match (coder.encoder_method_id(), coder.properties()) {
                // Its decoder takes no more than the file is long.
                (LZMA, [_, size @ ..]) => size
                    .first_chunk()
                    .map_or(0, |size| u64::from(u32::from_le_bytes(*size)))
                    .min(block.get_unpack_size_at_index(index)),
                (LZMA2, [property, ..]) => precheck::lzma2_dictionary(*property),
                _ => 1 << 20,
            };
            sum.saturating_add(dictionary)
        })
    };
    archive.blocks.iter().map(of_block).max().unwrap_or(0)
}

/// Puts the library's error into our words.
fn explained(error: &sevenz_rust2::Error) -> Error {
    use sevenz_rust2::Error as Cause;
    match error {
        Cause::PasswordRequired | Cause::MaybeBadPassword(_) => encrypted(),
        Cause::UnsupportedCompressionMethod(method) if method.contains("AES") => encrypted(),
        Cause::UnsupportedCompressionMethod(method) => Error::unsupported(format!(
            "is packed with `{}`, which is not read here; pack it with LZMA, LZMA2 or Deflate",
            names::shown(method)
        )),
        other => Error::invalid(format!("is damaged or no 7-Zip archive ({other})")),
    }
}

fn encrypted() -> Error {
    Error::unsupported("is encrypted; pack it again without a password")
}

enum Copy {
    Read(std::io::Error),
    Write(std::io::Error),
}

/// Copies and tells a damaged archive from a full disk.
fn copy(from: &mut dyn Read, to: &mut dyn Write, buffer: &mut [u8]) -> std::result::Result<(), Copy> {
    loop {
        let count = match from.read(buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Copy::Read(error)),
        };
        to.write_all(buffer.get(..count).unwrap_or_default()).map_err(Copy::Write)?;
    }
}

struct Counted<'a> {
    bytes: &'a mut dyn Read,
    count: u64,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.bytes.read(buffer)?;
        self.count += count as u64;
        Ok(count)
    }
}

/// A place of its own in the shared file.
struct Source<'a> {
    file: &'a File,
    at: u64,
    size: u64,
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        #[cfg(unix)]
        let count = std::os::unix::fs::FileExt::read_at(self.file, buffer, self.at)?;
        #[cfg(windows)]
        let count = std::os::windows::fs::FileExt::seek_read(self.file, buffer, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Source<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| std::io::Error::from(std::io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}
