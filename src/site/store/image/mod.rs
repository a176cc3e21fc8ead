//! The read image of one layer: columns, geometries and a packed R-tree in one memory-mapped file.
//!
//! An image is a cache. It names the record and the change that it was made from and carries a check
//! sum; whoever opens it rebuilds it when anything differs.

mod build;
mod format;
mod map;
pub(crate) mod rtree;
mod spill;

pub(crate) use build::{Builder, SpatialOrder};
pub(crate) use map::{Column, Image, Var};
