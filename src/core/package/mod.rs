//! Packages: the 7-Zip container of service definitions, and what stands inside one.
//!
//! [`archive`] knows 7-Zip and nothing of maps; [`ServiceDefinition`] knows where a `.sd` keeps
//! its parts. Zip archives are only unpacked, when they bring data to publish; `.aprx` is read elsewhere.

pub mod archive;
mod limits;
mod read;
mod stage;

pub use limits::Limits;
pub use read::ServiceDefinition;
pub use stage::{Described, MapWords, StageOptions, Staged, describe_map, stage};
