//! Reading the `service` parameter: every fault is named with its path.

use serde_json::Value;

use crate::error::{Result, SiteError};

/// Reads a description as clients send it, and returns it as servers write it.
///
/// # Errors
/// 400 with one line per fault, which begins with the fault's path.
pub(super) fn read(text: &str, doing: &str, known: &str) -> Result<Value> {
    let refuse = |name: &str, faults: Vec<String>| {
        let mut error = SiteError::bad_request(format!("Failed to {doing} the service '{name}'."));
        error.details = faults;
        error
    };
    let value: Value = serde_json::from_str(text)
        .map_err(|error| refuse(known, vec![format!("`service`: not JSON: {error}")]))?;
    if !value.is_object() {
        return Err(refuse(known, vec!["`service`: an object is expected".to_owned()]));
    }
    Ok(value)
}
