//! geosharing-client.
