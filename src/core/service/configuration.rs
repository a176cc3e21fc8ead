//! What `serviceconfiguration.json` of a `.sd` holds.

use serde_json::{Map, Value, json};

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

    fn number(&self, key: &str, otherwise: i64) -> Value {
        self.text(key).and_then(|text| text.trim().parse::<i64>().ok()).unwrap_or(otherwise).into()
    }

    fn write(&self, service: &mut Map<String, Value>) {
        let mut put = |key: &str, value: Value| service.insert(key.to_owned(), value);
        put("clusterName", self.cluster.as_str().into());
        put("maxIdleTime", self.number("IdleTimeout", 1800));
        put("isolationLevel", self.text("Isolation").unwrap_or("high").to_uppercase().into());
        put("loadBalancing", "ROUND_ROBIN".into());
        put("configuredState", self.text("configuredState").unwrap_or("STARTED").into());
        put("minInstancesPerNode", self.number("MinInstances", 1));
        put("maxInstancesPerNode", self.number("MaxInstances", 2));
        put("maxWaitTime", self.number("WaitTimeout", 60));
        put("maxUsageTime", self.number("UsageTimeout", 600));
        put("maxStartupTime", self.number("StartupTimeout", 300));
        put("instancesPerContainer", self.number("InstancesPerContainer", 1));
        put("keepAliveInterval", self.number("keepAliveInterval", 1800));
        for key in ["recycleStartTime", "recycleInterval"] {
            if let Some(text) = self.text(key) {
                put(key, text.into());
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
            let provider = pooling.text("provider").unwrap_or("ArcObjects");
            service.insert("provider".into(), provider.into());
        }
        json!({ "folderName": self.folder, "service": service })
    }
}
