//! The Cartographic Information Model over `serde_json` trees.
//!
//! Definitions stay [`serde_json::Value`]s, so that what we do not model survives; the functions
//! here are views over the parts that publishing needs. Documents of Pro 1.x and 2.x are XML:
//! [`xml`] turns them into the JSON that Pro 3.x writes and carries edits back. Charts, layouts and
//! animations are kept and not looked at.

pub mod build;
pub mod color;
mod drawing;
pub mod json;
mod popup;
mod value;
pub mod xml;

pub use drawing::{Drawing, drawing_info, drawing_info_for};
pub use popup::popup_info;
pub use value::{flag, get, items, number, text, type_of, uri_of};
