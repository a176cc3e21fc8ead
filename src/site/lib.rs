//! geosharing-site.

pub mod store;
