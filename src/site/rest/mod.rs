//! The services directory and what stands below it.

pub(crate) mod catalog;
pub mod feature;
