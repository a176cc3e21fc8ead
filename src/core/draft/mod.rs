//! Sharing drafts: typed properties over the mapping table, and the draft document they make.
//!
//! A draft knows nothing of arcpy's classes and reads no files: [`MapSource`] says what is shared,
//! [`Properties`] holds what a script set, and [`FeatureSharingDraft`] checks both and writes the document.

mod check;
mod feature;
pub mod geoprocessing;
mod identity;
mod name;
mod properties;
mod source;

#[cfg(test)]
mod tests;

pub use crate::sddraft::Reference;
pub use feature::FeatureSharingDraft;
pub use geoprocessing::{GeoprocessingSharingDraft, ToolSource};
pub use identity::Identity;
pub use name::{MAX_NAME, service_name};
pub use properties::Properties;
pub use source::{ItemText, MapSource, Member, MemberKind, Portal};
