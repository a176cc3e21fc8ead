//! The compound file around the properties.

use std::io::{Cursor, Read, Write};
use std::path::Path;

use crate::{Error, Result};

/// The one stream of a connection file.
const STREAM: &str = "AGSConnProperties";
/// Real files have 3 KB; certificates of the server make some a little longer.
const LARGEST: u64 = 1 << 20;

/// Returns the stream of properties.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    let size = std::fs::metadata(path).map_err(|error| Error::io("read", path, error))?.len();
    if size > LARGEST {
        return Err(Error::limit(format!(
            "`{}` has {size} bytes; connection files have at most {LARGEST}",
            path.display()
        )));
    }
    let bytes = std::fs::read(path).map_err(|error| Error::io("read", path, error))?;
    let refuse = |why: String| {
        Error::invalid(format!(
            "`{}` is no server connection file: {why}; make one with CreateAGSServerConnection",
            path.display()
        ))
    };
    if bytes.is_empty() {
        return Err(refuse("it is empty".to_owned()));
    }
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(|error| refuse(error.to_string()))?;
    let stream = file.open_stream(STREAM).map_err(|_| refuse(format!("it has no stream `{STREAM}`")))?;
    let mut properties = Vec::new();
    stream.take(LARGEST).read_to_end(&mut properties).map_err(|error| refuse(error.to_string()))?;
    Ok(properties)
}

/// Writes a file with this stream beside `path` and puts it in place.
pub(super) fn write(path: &Path, properties: &[u8]) -> Result<()> {
    let fail = |error: std::io::Error| Error::io("write", path, error);
    let mut file =
        cfb::CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new())).map_err(fail)?;
    file.create_stream(STREAM).and_then(|mut stream| stream.write_all(properties)).map_err(fail)?;
    file.flush().map_err(fail)?;
    let bytes = file.into_inner().into_inner();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Temporary files are private to the user; a file with a password in it stays so.
    let mut aside = tempfile::NamedTempFile::with_prefix_in(".geosharing-", folder).map_err(fail)?;
    aside.write_all(&bytes).and_then(|()| aside.as_file().sync_data()).map_err(fail)?;
    aside.persist(path).map_err(|error| fail(error.error))?;
    Ok(())
}
