//! What would go wrong: the analyzers' catalogue, and the rules that decide its rows.
//!
//! [`analyze`] looks once at a map, its data and the draft's settings and answers with a [`Report`]:
//! what was found, and what could not be checked and why. Rules stand in one file per family and see
//! everything through a `Case`; a rule applies only to the services that its row names. What needs
//! a geodatabase server, a licence or a product's own code is reported as not checked, never guessed.

mod case;
mod catalogue;
mod facts;
mod report;
mod request;
mod rules;
mod target;
#[cfg(test)]
mod tests;

pub use case::{Input, analyze};
pub use catalogue::{Decided, Entry, catalogue, entry};
pub use facts::{
    DataItem, GpData, GpFacts, GpParameter, GpScript, GpTool, GpToolKind, LocatorFacts, RasterFacts,
    ServerFacts,
};
pub use report::{Finding, NotChecked, Report, Severity};
pub use request::Request;
pub use rules::reason;
pub use target::{Desktop, Extension, Product, Target};
