//! The documents of geosharing: projects, data descriptions, sharing drafts, service definitions.
//!
//! No Python, no network and no async in here; what reads data files stands behind the
//! [`dataset::Datasets`] port. Data moves one way: `project` -> `draft` -> `sddraft` -> `package`.
#![forbid(unsafe_code)]

pub mod analyze;
pub mod cim;
pub mod connection;
pub mod dataset;
pub mod draft;
pub mod draw;
pub mod error;
pub mod geometry;
pub mod package;
pub mod project;
pub mod query;
pub mod rest;
pub mod sddraft;
pub mod service;
pub mod tiling;
pub mod toolbox;

pub use error::{Error, Kind, Result};
