//! What is asked of a layer: selections, rows, groups and statistics, and the grammar of `where`.
//!
//! Text from outside becomes an [`Expr`] here and nowhere else; stores execute the tree and never
//! see SQL text. Field references are indexes into [`Schema::fields`] once an expression is bound.

mod bind;
pub mod date;
mod edit;
mod eval;
mod expr;
mod like;
mod parse;
mod plan;
mod print;
mod schema;
#[cfg(test)]
mod tests;
mod token;
mod value;

pub use bind::{ValueKind, bind, bind_with, canonical_guid};

pub use edit::{Change, EditFailure, EditOutcome, EditReply, Edits, NewRow, RowChange};
pub use expr::{ArithmeticOp, CompareOp, DatePart, Expr, Function, Interval, Literal, SqlType};
pub use like::like;
pub use parse::{parse, parse_having};
pub use plan::{
    Aggregate, Groups, OrderBy, Output, Paging, Predicate, Query, Rows, Selection, SpatialFilter,
    SpatialRelation, Statistic,
};
pub use schema::Schema;
pub use value::{OwnedValue, Row, Shape, Value};
