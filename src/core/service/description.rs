//! A service's description: the five sections of the Create Service operation.

use serde_json::{Map, Value};

use super::fault::Fault;
use super::{envelope, normal, read};
use crate::error::{Error, Result};
use crate::sddraft::Document;
use crate::sddraft::table::ServiceKind;

/// What a server needs to know to make a service.
///
/// Values may be given as strings or typed; [`ServiceDescription::to_json`] writes them as servers do. A
/// description that came from a draft keeps it: [`ServiceDescription::to_sddraft`] writes into it what was
/// changed and nothing else, and [`ServiceDescription::to_envelope`] carries it through JSON.
#[derive(Clone, Debug)]
pub struct ServiceDescription {
    pub(super) folder: Option<String>,
    pub(super) service: Map<String, Value>,
    pub(super) draft: Option<Document>,
    pub(super) twice: Vec<String>,
}

/// Whether the service stands inside a document with its folder: then it has no name of its own.
fn is_wrapped(found: &Map<String, Value>) -> bool {
    found.get("service").is_some_and(Value::is_object)
        && !found.contains_key("serviceName")
        && !found.contains_key("type")
}

impl PartialEq for ServiceDescription {
    fn eq(&self, other: &Self) -> bool {
        self.to_envelope() == other.to_envelope()
    }
}

impl ServiceDescription {
    /// Reads the JSON of a service, or `{"folderName": .., "service": {..}}` as service definitions have it.
    ///
    /// What can be read and is wrong is kept, for [`ServiceDescription::validate`] to name.
    ///
    /// # Errors
    /// The text is no JSON object, too long or nested too deep, or its `draft` is none.
    pub fn from_json(text: &str) -> Result<Self> {
        let read::Read { value, twice } = read::read(text)?;
        let wrapped = value.as_object().is_some_and(is_wrapped);
        let mut found = Self::from_value(value)?;
        // Faults name every place from the service on, however the text begins.
        let path = |path: String| if wrapped { path } else { format!("service.{path}") };
        found.twice = twice.into_iter().map(path).collect();
        Ok(found)
    }

    /// Takes JSON that was read already; keys that stood twice are gone by then.
    ///
    /// # Errors
    /// As [`ServiceDescription::from_json`].
    pub fn from_value(value: Value) -> Result<Self> {
        let Value::Object(mut found) = value else {
            let shown: String = value.to_string().chars().take(40).collect();
            return Err(Error::invalid(format!(
                "the description is `{shown}` and not a JSON object: give `{{\"serviceName\": .., \"type\": ..}}`"
            )));
        };
        if !is_wrapped(&found) {
            return Ok(Self { folder: None, service: found, draft: None, twice: Vec::new() });
        }
        let draft = found.get("draft").map(envelope::document).transpose()?;
        let folder = found.get("folderName").map(normal::text);
        let service = match found.remove("service") {
            Some(Value::Object(service)) => service,
            _ => Map::new(),
        };
        Ok(Self { folder, service, draft, twice: Vec::new() })
    }

    /// Returns the service as servers write it and `createService` takes it.
    pub fn to_json(&self) -> Value {
        Value::Object(normal::service(&self.service))
    }

    /// Returns the service, its folder and the rest of its draft; [`ServiceDescription::from_json`] reads it.
    pub fn to_envelope(&self) -> Value {
        let mut out = Map::new();
        if let Some(folder) = &self.folder {
            out.insert("folderName".into(), folder.as_str().into());
        }
        out.insert("service".into(), self.to_json());
        if let Some(draft) = &self.draft {
            out.insert("draft".into(), envelope::value(draft));
        }
        Value::Object(out)
    }

    /// Returns the folder: on the server, or for hosted layers in the portal.
    pub fn folder(&self) -> Option<&str> {
        self.folder.as_deref()
    }

    /// Sets the folder; nothing for the root.
    pub fn set_folder(&mut self, folder: Option<&str>) {
        self.folder = folder.map(str::to_owned);
    }

    /// Returns the name of the service; empty when there is none.
    pub fn name(&self) -> String {
        self.service.get("serviceName").map(normal::text).unwrap_or_default()
    }

    /// Returns the type, such as `MapServer`; empty when there is none.
    pub fn type_name(&self) -> String {
        self.service.get("type").map(normal::text).unwrap_or_default()
    }

    /// Returns what the service is; nothing when its type is unknown.
    pub fn kind(&self) -> Option<ServiceKind> {
        match &self.draft {
            Some(draft) => ServiceKind::of_document(draft),
            None => ServiceKind::of(&self.type_name(), false),
        }
    }

    /// Returns the draft that the description came from.
    pub fn draft(&self) -> Option<&Document> {
        self.draft.as_ref()
    }

    /// Returns what the draft says about its portal item, as portals and servers write it; nothing without one.
    pub fn item_info(&self) -> Option<Value> {
        let item = self.draft.as_ref()?.item_info();
        Some(serde_json::json!({
            "name": self.name(),
            "title": item.title,
            "snippet": item.snippet,
            "summary": item.snippet,
            "description": item.description,
            "tags": item.tags,
            "accessInformation": item.credits,
            "licenseInfo": item.access_information,
        }))
    }

    /// Returns what is wrong, errors and warnings, in the order of the description.
    pub fn validate(&self) -> Vec<Fault> {
        super::validate::faults(self)
    }

    /// Returns the faults that servers refuse as one error.
    ///
    /// # Errors
    /// There is such a fault; the text names each with its path.
    pub fn check(&self) -> Result<()> {
        let faults: Vec<String> =
            self.validate().iter().filter(|fault| !fault.warning).map(Fault::to_string).collect();
        if faults.is_empty() {
            return Ok(());
        }
        Err(Error::invalid(format!(
            "the description of service `{}` is wrong: {}",
            self.name(),
            faults.join("; ")
        )))
    }
}
