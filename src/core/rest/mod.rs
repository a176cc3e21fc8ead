//! The wire of the REST API: parameters into queries and edits, rows into answers.

mod edit;
pub mod gp;
mod paging;
mod query;
mod statistics;
#[cfg(test)]
mod tests;
mod write;

pub use edit::{EditRequest, read_edits, read_object_ids, write_reply};
pub use paging::Limits;
pub use query::{Ask, Lookup, QueryRequest, parse_query, parse_selection};
pub use write::{PageWriter, WireFormat, write_fields, write_groups, write_value};
