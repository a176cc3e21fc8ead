//! A service's description, in the three forms of the field: draft, `serviceconfiguration.json` of a service
//! definition, and the JSON of the Create Service operation.
//!
//! [`ServiceDescription`] reads, checks and writes all of them. Every property stands in
//! [`crate::sddraft::table`]: its names, its type, what is allowed, its default.

mod access;
mod aside;
mod blank;
mod configuration;
mod description;
mod envelope;
mod extensions;
mod fault;
mod from_draft;
mod normal;
mod read;
mod to_draft;
mod validate;

#[cfg(test)]
mod tests;

pub use access::{Difference, Section};
pub use blank::blank;
pub use configuration::{ExtensionConfiguration, Pooling, ServiceConfiguration};
pub use description::ServiceDescription;
pub use fault::Fault;
pub use read::{MAX_BYTES, MAX_DEPTH};
