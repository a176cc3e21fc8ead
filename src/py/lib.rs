//! The compiled half of geosharing: `geosharing._native`.

#[allow(dead_code, reason = "used by the bindings")]
mod dataset;
#[allow(dead_code, reason = "used by the bindings")]
mod error;
#[allow(dead_code, reason = "used by the bindings")]
mod runtime;

/// Converts, releases the GIL, calls, maps errors. No logic.
#[pyo3::pymodule]
mod _native {}
