//! Binding of drawing.

use geosharing_core::draw;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde_json::Value;

use crate::error::BindError;

/// Draws pairs of a layer's description and a query's answer as PNG.
#[pyfunction]
pub(crate) fn draw_features<'py>(
    py: Python<'py>,
    layers: &Bound<'py, PyAny>,
    width: u32,
    height: u32,
) -> Result<Bound<'py, PyBytes>, BindError> {
    let layers: Vec<(Value, Value)> =
        pythonize::depythonize(layers).map_err(|error| BindError::Py(error.into()))?;
    let png = py.detach(move || draw::draw_features(&layers, width, height))?;
    Ok(PyBytes::new(py, &png))
}
