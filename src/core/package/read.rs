//! A service definition open for reading, part by part.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Limits;
use super::archive::Reader;
use crate::{Error, Result};

/// Most bytes of a part that is read as a whole. Manifests of services with thousands of layers
/// stay under a tenth of it.
const LARGEST_PART: u64 = 64 << 20;

/// A `.sd` file. Parts are unpacked when asked for.
#[derive(Debug)]
pub struct ServiceDefinition {
    path: PathBuf,
    reader: Reader,
}

impl ServiceDefinition {
    /// Opens a service definition within the default [`Limits`].
    ///
    /// # Errors
    /// As [`Reader::open`], and [`crate::Kind::InvalidInput`] for an archive without the two parts
    /// that every service definition has.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_within(path, &Limits::default())
    }

    /// Opens a service definition within given limits.
    pub fn open_within(path: &Path, limits: &Limits) -> Result<Self> {
        let definition = Self { path: path.to_owned(), reader: Reader::open_within(path, limits)? };
        for part in ["manifest.xml", "serviceconfiguration.json"] {
            if !definition.reader.contains(part) {
                return Err(Error::invalid(format!(
                    "`{}` is no service definition: it has no `{part}`; stage the draft again",
                    path.display()
                )));
            }
        }
        Ok(definition)
    }

    /// The archive itself.
    pub fn archive(&self) -> &Reader {
        &self.reader
    }

    /// Text of `manifest.xml`.
    pub fn manifest(&self) -> Result<String> {
        self.text("manifest.xml")
    }

    /// `serviceconfiguration.json`.
    pub fn configuration(&self) -> Result<Value> {
        self.json("serviceconfiguration.json")
    }

    /// `servicedescriptions/featureserver/featureserver.json`, if the service has one.
    pub fn feature_server(&self) -> Result<Option<Value>> {
        self.if_any("servicedescriptions/featureserver/featureserver.json", Self::json)
    }

    /// `servicedescriptions/featureserver/featureserveritemdata.json`, if the service has one.
    pub fn feature_server_item_data(&self) -> Result<Option<Value>> {
        self.if_any("servicedescriptions/featureserver/featureserveritemdata.json", Self::json)
    }

    /// Text of `esriinfo/iteminfo.xml`, if there is one.
    pub fn item_info(&self) -> Result<Option<String>> {
        self.if_any("esriinfo/iteminfo.xml", Self::text)
    }

    /// Text of `esriinfo/metadata/metadata.xml`, if there is one.
    pub fn metadata(&self) -> Result<Option<String>> {
        self.if_any("esriinfo/metadata/metadata.xml", Self::text)
    }

    /// Bytes of the thumbnail (PNG, or JPEG under a `.png` name as ArcGIS Pro has it), if there is one.
    pub fn thumbnail(&self) -> Result<Option<Vec<u8>>> {
        self.if_any("esriinfo/thumbnail/thumbnail.png", |definition, name| {
            definition.reader.read_to_vec(name, LARGEST_PART)
        })
    }

    /// Names of the geodatabase folders in the archive, such as `cd/roads.gdb`, sorted.
    pub fn geodatabases(&self) -> Vec<String> {
        let mut found: Vec<String> = self
            .reader
            .entries()
            .iter()
            .filter_map(|entry| geodatabase(&entry.name))
            .map(str::to_owned)
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Unpacks the data (`cd/`, and geodatabases elsewhere, as old ones have under `v101/`) below
    /// `dir` and returns the geodatabases' paths in the order of [`Self::geodatabases`].
    pub fn extract_data(&self, dir: &Path, limits: &Limits) -> Result<Vec<PathBuf>> {
        let is_data = |name: &str| name.starts_with("cd/") || geodatabase(name).is_some();
        self.reader.extract_where(is_data, dir, limits)?;
        Ok(self.geodatabases().into_iter().map(|name| dir.join(name)).collect())
    }

    fn if_any<T>(&self, name: &str, read: impl Fn(&Self, &str) -> Result<T>) -> Result<Option<T>> {
        if self.reader.contains(name) { read(self, name).map(Some) } else { Ok(None) }
    }

    fn text(&self, name: &str) -> Result<String> {
        String::from_utf8(self.reader.read_to_vec(name, LARGEST_PART)?).map_err(|error| {
            Error::invalid(format!("`{name}` in `{}` is not UTF-8: {error}", self.path.display()))
        })
    }

    fn json(&self, name: &str) -> Result<Value> {
        let bytes = self.reader.read_to_vec(name, LARGEST_PART)?;
        // Other producers put a byte order mark in front.
        let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
        serde_json::from_slice(text).map_err(|error| {
            Error::invalid(format!("`{name}` in `{}` is not JSON: {error}", self.path.display()))
        })
    }
}

/// The part of a name up to and with the folder that is a geodatabase.
fn geodatabase(name: &str) -> Option<&str> {
    let lower = name.to_ascii_lowercase();
    let end = lower.find(".gdb/")? + ".gdb".len();
    name.get(..end)
}

#[cfg(test)]
mod tests {
    use super::super::archive::{Entry, Profile, WriteOptions, write};
    use super::*;

    fn staged(folder: &Path, entries: Vec<Entry>) -> PathBuf {
        let path = folder.join("a.sd");
        write(&path, entries, Profile::Compatible, &WriteOptions::default(), &mut |_, _| true).unwrap();
        path
    }

    #[test]
    fn parts_are_read_by_name_and_data_is_unpacked() {
        let folder = tempfile::tempdir().unwrap();
        let path = staged(
            folder.path(),
            vec![
                Entry::bytes("manifest.xml", "<SVCManifest/>"),
                Entry::bytes("serviceconfiguration.json", "\u{feff}{\"service\":{\"serviceName\":\"a\"}}"),
                Entry::bytes("esriinfo/iteminfo.xml", "<ESRI_ItemInformation/>"),
                Entry::bytes("cd/roads.gdb/gdb", ""),
                Entry::bytes("cd/roads.gdb/a00000001.gdbtable", "table"),
                Entry::bytes("v101/Old.GDB/a00000001.gdbtable", "old"),
                Entry::bytes("p30/a.mapx", "{}"),
            ],
        );
        let definition = ServiceDefinition::open(&path).unwrap();
        assert_eq!(definition.manifest().unwrap(), "<SVCManifest/>");
        assert_eq!(definition.configuration().unwrap()["service"]["serviceName"], "a");
        assert_eq!(definition.item_info().unwrap().as_deref(), Some("<ESRI_ItemInformation/>"));
        assert_eq!(definition.feature_server().unwrap(), None);
        assert_eq!(definition.thumbnail().unwrap(), None);
        assert_eq!(definition.geodatabases(), ["cd/roads.gdb", "v101/Old.GDB"]);

        let data = folder.path().join("data");
        let geodatabases = definition.extract_data(&data, &Limits::default()).unwrap();
        assert_eq!(geodatabases, [data.join("cd/roads.gdb"), data.join("v101/Old.GDB")]);
        assert_eq!(std::fs::read(geodatabases[0].join("a00000001.gdbtable")).unwrap(), b"table");
        assert_eq!(std::fs::read(geodatabases[0].join("gdb")).unwrap(), b"");
        assert!(!data.join("p30").exists());
    }

    #[test]
    fn an_archive_without_a_manifest_is_no_service_definition() {
        let folder = tempfile::tempdir().unwrap();
        let path = staged(folder.path(), vec![Entry::bytes("a.txt", "a")]);
        let error = ServiceDefinition::open(&path).unwrap_err();
        assert!(error.to_string().contains("no `manifest.xml`"), "{error}");
    }
}
