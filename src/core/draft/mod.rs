//! Sharing drafts: typed properties over the mapping table, and the draft document they make.
//!
//! A draft knows nothing of arcpy's classes and reads no files: [`MapSource`] says what is shared,
//! [`Properties`] holds what a script set, and [`SharingDraft`] checks both and writes the document: the
//! listing of its kind, changed by the file of that kind.

mod check;
mod conflicts;
mod connect;
mod feature;
mod geocode;
pub mod geoprocessing;
mod identity;
mod image;
mod items;
mod manifest;
mod map;
mod name;
mod properties;
mod sharing;
mod source;
mod tile;

#[cfg(test)]
mod tests;

pub use crate::sddraft::Reference;
pub use geoprocessing::{GeoprocessingSharingDraft, ToolSource};
pub use identity::Identity;
pub use name::{MAX_NAME, service_name};
pub use properties::Properties;
pub use sharing::{FeatureSharingDraft, SharingDraft};
pub use source::{ItemText, Locator, MapSource, Member, MemberKind, Portal, Raster, Server};
