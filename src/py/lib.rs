//! The compiled half of geosharing: `geosharing._native`.

/// Converts, releases the GIL, calls, maps errors. No logic.
#[pyo3::pymodule]
mod _native {}
