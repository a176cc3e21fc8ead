//! Metadata documents that projects, maps and layers refer to.

use serde_json::{Value, json};

use super::store::decode;
use super::{Project, Result};
use crate::cim::text;

impl Project {
    /// Returns the metadata document that a definition refers to.
    pub fn metadata_of(&self, definition: &Value) -> Result<Option<String>> {
        let Some(uri) = text(definition, "metadataURI") else { return Ok(None) };
        self.store.blob(uri)?.map(|bytes| decode(bytes, uri)).transpose()
    }

    /// Replaces the metadata document of a definition, which gets one if it has none.
    pub fn set_metadata(&self, cim_path: &str, xml: &str) -> Result<()> {
        let definition = self.document(cim_path)?;
        if let Some(uri) = text(&definition, "metadataURI") {
            return self.store.set_blob(uri, xml.as_bytes().to_vec());
        }
        let uri = self.fresh_path("Metadata", &super::edit::identifier(cim_path), "xml");
        self.store.set_blob(&uri, xml.as_bytes().to_vec())?;
        self.update(cim_path, |definition| {
            definition.insert("metadataURI".to_owned(), json!(uri));
            definition.insert("useSourceMetadata".to_owned(), json!(false));
            Ok(())
        })
    }
}
