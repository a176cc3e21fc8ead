//! Geoprocessing services: the package is unpacked, and its description says which tasks there are.

use std::path::Path;

use geosharing_core::package::{Limits, ServiceDefinition};
use geosharing_core::rest::gp;
use geosharing_core::{Error, Kind, Result};
use serde_json::{Value, json};

use super::{Made, Order, extract, failed};

/// The folder of the store in which the package is.
const FOLDER: &str = "extracted";
const DESCRIPTION: &str = "tasks.json";
const LARGEST_DESCRIPTION: u64 = 64 << 20;

/// Unpacks a package and describes its service.
///
/// # Errors
/// 001370 when it cannot be unpacked, 001369 when it describes no tasks that run here.
pub(super) fn publish(order: &Order<'_>, definition: &ServiceDefinition) -> Result<Vec<Made>> {
    let described = describe(definition).map_err(|error| failed(error, order.name))?;
    let folder = order.folder.join(FOLDER);
    let document = format!("{}/", described.0);
    let wanted = |name: &str| name.starts_with(&document) || name.starts_with("cd/");
    // The reader refuses names that lead out of the folder, and bounds what comes out.
    definition.archive().extract_where(wanted, &folder, &Limits::default()).map_err(extract)?;
    check(&described.1, &folder.join(&described.0)).map_err(|error| failed(error, order.name))?;
    let configuration = definition.configuration()?;
    let description = configuration.pointer("/service/description").and_then(Value::as_str);
    let made = json!({
        "serviceDescription": description.unwrap_or_default(),
        // Callers may do what the tools do; what else there is, is the configuration's.
        "capabilities": "Execute",
        "folder": format!("{FOLDER}/{}", described.0),
        "tasks": described.1.tasks,
        "requirements": described.1.requirements,
    });
    Ok(vec![Made { kind: "GPServer", definition: made }])
}

/// Finds and reads the description of the tasks; returns its folder with it.
fn describe(definition: &ServiceDefinition) -> Result<(String, gp::Service)> {
    let entries = definition.archive().entries();
    let found = entries.iter().find_map(|entry| {
        let folder = entry.name.strip_suffix(DESCRIPTION)?.strip_suffix('/')?;
        (!folder.is_empty() && !folder.contains('/')).then(|| (entry.name.clone(), folder.to_owned()))
    });
    let Some((name, folder)) = found else {
        let binary = entries.iter().any(|entry| entry.name.to_ascii_lowercase().ends_with(".tbx"));
        return Err(Error::new(
            Kind::Unsupported,
            if binary {
                "the service definition holds a binary toolbox (.tbx), which only ArcGIS can run; save its tools as a \
                 Python toolbox (.pyt) or .atbx, run them with geosharing and stage that result"
            } else {
                "the service definition describes no tasks; stage a draft that CreateGPSDDraft made"
            },
        ));
    };
    let service = gp::Service::parse(&definition.archive().read_to_vec(&name, LARGEST_DESCRIPTION)?)?;
    Ok((folder, service))
}

/// Checks that every task's toolbox is in the package, or is one of arcpy's own.
fn check(service: &gp::Service, folder: &Path) -> Result<()> {
    for task in &service.tasks {
        let is_module = !task.toolbox.contains(['/', '.']);
        if !is_module && !folder.join(&task.toolbox).is_file() {
            return Err(Error::invalid(format!(
                "the toolbox `{}` of the task `{}` is not in the service definition; stage the draft again",
                task.toolbox, task.name
            )));
        }
    }
    Ok(())
}
