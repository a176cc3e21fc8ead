//! What `serviceconfiguration.json` of a `.sd` holds.

use serde_json::{Map, Value, json};

use crate::sddraft::table::{self, Part, Shape};

const CLUSTER: &str = "clusterName";
const PROVIDER: &str = "provider";

/// One extension of a service.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ExtensionConfiguration {
    /// Such as `FeatureServer`.
    pub type_name: String,
    /// Whether it is on.
    pub enabled: bool,
    /// Comma-separated operations.
    pub capabilities: String,
    /// Other values, in order.
    pub properties: Vec<(String, String)>,
}

/// How many processes serve, and for how long; hosted layers have none of it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Pooling {
    /// Such as `default`.
    pub cluster: String,
    /// Values of `Props` by key.
    pub props: Vec<(String, String)>,
}

impl Pooling {
    fn text(&self, key: &str) -> Option<&str> {
        let found = self.props.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// Writes the members in the order of the table, which is that of the product.
    fn write(&self, service: &mut Map<String, Value>) {
        service.insert(CLUSTER.into(), self.cluster.as_str().into());
        let rows = table::keys().iter().filter(|key| matches!(key.part, Part::Service | Part::Props));
        for key in rows.skip_while(|key| key.json.as_deref() != Some(CLUSTER)).skip(1) {
            // The provider comes behind the extensions.
            let Some(name) = key.json.as_deref().filter(|name| *name != PROVIDER) else { continue };
            let text = self.text(key.name);
            let value = match &key.value {
                // What is empty as a rule is written as the text that it is.
                _ if key.optional => text.map(Value::from),
                Shape::Integer(..) => {
                    let number = |text: &str| text.trim().parse::<i64>().ok();
                    text.and_then(number).or_else(|| key.default.and_then(number)).map(Value::from)
                }
                Shape::Choice(_) => {
                    text.map(|text| text.to_uppercase().into()).or(key.default.map(Value::from))
                }
                _ => None,
            };
            if let Some(value) = value {
                service.insert(name.to_owned(), value);
            }
        }
    }
}

/// A service's description.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ServiceConfiguration {
    /// The server folder, or for hosted layers the portal folder; empty for the root.
    pub folder: String,
    /// The name of the service.
    pub name: String,
    /// Such as `FeatureServer`.
    pub type_name: String,
    /// Free text.
    pub description: String,
    /// Comma-separated operations.
    pub capabilities: String,
    /// Other values, in order.
    pub properties: Vec<(String, String)>,
    /// Only for services of a full server.
    pub pooling: Option<Pooling>,
    /// The extensions, in order.
    pub extensions: Vec<ExtensionConfiguration>,
}

fn strings(pairs: &[(String, String)]) -> Value {
    Value::Object(pairs.iter().map(|(key, value)| (key.clone(), value.as_str().into())).collect())
}

impl ServiceConfiguration {
    /// Returns the JSON in the key order of ArcGIS Pro.
    pub fn to_json(&self) -> Value {
        let mut service = Map::new();
        service.insert("serviceName".into(), self.name.as_str().into());
        service.insert("type".into(), self.type_name.as_str().into());
        service.insert("description".into(), self.description.as_str().into());
        service.insert("capabilities".into(), self.capabilities.as_str().into());
        service.insert("properties".into(), strings(&self.properties));
        if let Some(pooling) = &self.pooling {
            pooling.write(&mut service);
        }
        let extension = |extension: &ExtensionConfiguration| {
            let mut out = Map::new();
            out.insert("enabled".into(), extension.enabled.to_string().into());
            out.insert("typeName".into(), extension.type_name.as_str().into());
            out.insert("capabilities".into(), extension.capabilities.as_str().into());
            if self.pooling.is_some() {
                out.insert("properties".into(), strings(&extension.properties));
            }
            Value::Object(out)
        };
        service.insert("extensions".into(), self.extensions.iter().map(extension).collect());
        if let Some(pooling) = &self.pooling {
            let provider = pooling.text(PROVIDER).unwrap_or("ArcObjects");
            service.insert(PROVIDER.into(), provider.into());
        }
        json!({ "folderName": self.folder, "service": service })
    }
}
