//! What a staging version asks for: schema, folder and style of the documents.

use crate::sddraft::{Document, ServerType};
use crate::{Error, Result};

/// The generation of software that a service definition is for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Target {
    /// Version in the manifest's namespace, `3.3.0`.
    pub(super) schema: String,
    /// Folder of the document, `p30`.
    pub(super) folder: &'static str,
    /// Folder of the data; old versions keep it beside the document.
    pub(super) data: &'static str,
    /// Whether documents are JSON, as from Pro 3 on.
    pub(super) json: bool,
    /// `currentVersion` of the service description.
    pub(super) server: f64,
    /// `version` in `item.pkinfo`.
    pub(super) package: &'static str,
}

impl Target {
    /// Finds the target of arcpy's `staging_version`.
    ///
    /// 5 and 102 mean "what the draft was made for"; others are versions of a server.
    ///
    /// # Errors
    /// [`crate::Kind::InvalidInput`] for a version below 3.
    pub(super) fn of(staging_version: u32, draft: &Document) -> Result<Self> {
        if staging_version < 3 {
            return Err(Error::invalid(format!(
                "staging version {staging_version} does not exist; use 5 or 102 (default), or that of a server such \
                 as 209 for 10.9.1 and 330 for 11.3"
            )));
        }
        let made_for =
            draft.staging("ServerRunTimeVersion").and_then(|text| text.trim().parse().ok()).unwrap_or(0);
        let version = if staging_version >= 200 { staging_version } else { made_for };
        Ok(match version {
            300.. => Self {
                schema: format!("3.{}.0", (version - 300) / 10),
                folder: "p30",
                data: "cd",
                json: true,
                server: 11.0 + f64::from((version - 300) / 10) / 10.0,
                package: "13.3",
            },
            200..=299 => Self {
                schema: format!("2.{}.0", (version - 200).min(9)),
                folder: "p20",
                data: "cd",
                json: false,
                server: if version >= 209 { 10.91 } else { 10.81 },
                package: "12.8",
            },
            _ => Self {
                schema: "10.1".to_owned(),
                folder: "v101",
                data: "v101",
                json: false,
                server: 10.4,
                package: "10.1",
            },
        })
    }

    /// The target of services that are described for the embedded site.
    pub(super) fn served() -> Self {
        Self {
            schema: "3.3.0".to_owned(),
            folder: "p30",
            data: "cd",
            json: true,
            server: 11.3,
            package: "13.3",
        }
    }

    /// Returns who serves: the hosted store from Pro 2 on, ArcObjects otherwise.
    pub(super) fn provider(&self, draft: &Document) -> &'static str {
        if draft.server_type() == ServerType::Hosted && self.folder != "v101" { "SDS" } else { "ArcObjects" }
    }

    /// Returns the connection string of the folder of rasters, or of a geodatabase in it.
    pub(super) fn raster_connection(&self, geodatabase: Option<&str>) -> String {
        let folder = self.connection(super::raster::FOLDER);
        match geodatabase {
            Some(name) => format!("{folder}\\{name}"),
            None => folder,
        }
    }

    /// Returns the connection string of a geodatabase as the document sees it.
    pub(super) fn connection(&self, geodatabase: &str) -> String {
        if self.folder == self.data {
            format!("DATABASE=.\\{geodatabase}")
        } else {
            format!("DATABASE=..\\{}\\{geodatabase}", self.data)
        }
    }
}
