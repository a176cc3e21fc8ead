//! A service definition open for reading, part by part.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Limits;
use super::archive::Reader;
use crate::{Error, Result};

/// A `.sd` file. Parts are unpacked when asked for.
#[derive(Debug)]
pub struct ServiceDefinition {
    reader: Reader,
}

impl ServiceDefinition {
    /// Opens a service definition within the default [`Limits`].
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_within(path, &Limits::default())
    }

    /// Opens a service definition within given limits.
    pub fn open_within(path: &Path, limits: &Limits) -> Result<Self> {
        Ok(Self { reader: Reader::open_within(path, limits)? })
    }

    /// The archive itself.
    pub fn archive(&self) -> &Reader {
        &self.reader
    }

    /// Text of `manifest.xml`.
    pub fn manifest(&self) -> Result<String> {
        Err(Error::internal("the archive reader is being built"))
    }

    /// `serviceconfiguration.json`.
    pub fn configuration(&self) -> Result<Value> {
        Err(Error::internal("the archive reader is being built"))
    }

    /// `servicedescriptions/featureserver/featureserver.json`, if the service has one.
    pub fn feature_server(&self) -> Result<Option<Value>> {
        Err(Error::internal("the archive reader is being built"))
    }

    /// `servicedescriptions/featureserver/featureserveritemdata.json`, if the service has one.
    pub fn feature_server_item_data(&self) -> Result<Option<Value>> {
        Err(Error::internal("the archive reader is being built"))
    }

    /// Text of `esriinfo/iteminfo.xml`, if there is one.
    pub fn item_info(&self) -> Result<Option<String>> {
        Err(Error::internal("the archive reader is being built"))
    }

    /// Text of `esriinfo/metadata/metadata.xml`, if there is one.
    pub fn metadata(&self) -> Result<Option<String>> {
        Err(Error::internal("the archive reader is being built"))
    }

    /// Bytes of the thumbnail (PNG, or JPEG under a `.png` name as ArcGIS Pro has it), if there is one.
    pub fn thumbnail(&self) -> Result<Option<Vec<u8>>> {
        Err(Error::internal("the archive reader is being built"))
    }

    /// Names of the geodatabase folders in the archive, such as `cd/roads.gdb`, sorted.
    pub fn geodatabases(&self) -> Vec<String> {
        Vec::new()
    }

    /// Unpacks the data (`cd/`, or `v101/*.gdb` of old ones) under `dir` and returns the geodatabases'
    /// paths in the order of [`Self::geodatabases`].
    pub fn extract_data(&self, _dir: &Path, _limits: &Limits) -> Result<Vec<PathBuf>> {
        Err(Error::internal("the archive reader is being built"))
    }
}
