//! Reading the `service` parameter: every fault is named with its path.

use geosharing_core::service::ServiceDescription;
use serde_json::Value;

use crate::error::{Result, SiteError};

/// Reads a description as clients send it, and returns it as servers write it.
///
/// # Errors
/// 400 with one line per fault, which begins with the fault's path.
pub(super) fn read(text: &str, doing: &str, known: &str) -> Result<Value> {
    let refuse = |name: &str, faults: Vec<String>| {
        let name = if name.is_empty() { "without a name" } else { name };
        let mut error = SiteError::bad_request(format!("Failed to {doing} the service '{name}'."));
        error.details = faults;
        error
    };
    let description = ServiceDescription::from_json(text)
        .map_err(|error| refuse(known, vec![format!("`service`: {error}")]))?;
    let faults: Vec<String> =
        description.validate().iter().filter(|fault| !fault.warning).map(ToString::to_string).collect();
    if faults.is_empty() { Ok(description.to_json()) } else { Err(refuse(&description.name(), faults)) }
}
