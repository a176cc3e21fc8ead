//! geosharing-site.
