//! Geoprocessing tools as documents: what ran, with which parameters, and what clients of a service see.
//!
//! [`ResultFile`] is our `.rlt`: what `Result.saveToFile` writes, what `CreateGPSDDraft` accepts back, and
//! what a draft names for staging. Running tools is Python's.

mod file;
mod service_type;

pub use file::{Column, Filter, MAX_FILE, Parameter, ResultFile, Task, Toolbox, ToolboxKind};
pub use service_type::{ServiceParameter, service_parameter};
