//! Publishing service definitions on a server, by its own publishing tool.

mod task;

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use crate::content::encode;
use crate::upload::{Source, send_upload};
use crate::{Error, Kind, Progress, Repeat, Result, Session};

/// What to publish on a server, and how.
#[derive(Clone, Debug, Default)]
pub struct ServerDefinition {
    /// The `.sd` file.
    pub path: PathBuf,
    /// Name of the service; that of the definition when `None`.
    pub service_name: Option<String>,
    /// Folder of the server, empty for the root; that of the definition when `None`.
    pub folder: Option<String>,
    /// Whether a missing folder is made.
    pub create_folder: bool,
    /// Whether the service is left stopped.
    pub stopped: bool,
    /// Ids that the portal's items should get, by the service's type.
    pub item_ids: Vec<(String, String)>,
    /// How long publishing may take; `None` is an hour.
    pub patience: Option<Duration>,
}

/// What became of a definition on a server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ServerPublished {
    /// `MapServer`, `GPServer`, ...
    pub kind: String,
    /// The service's REST address.
    pub url: String,
    /// Its SOAP address.
    pub soap_url: String,
    /// Its item in the portal of a federated server; empty where the server does not say.
    pub item_id: String,
}

impl Session {
    /// Uploads a service definition to a server, publishes it there and waits for the end.
    ///
    /// What was uploaded is deleted again when publishing fails.
    pub async fn publish_on_server(
        &self,
        definition: &ServerDefinition,
        progress: Option<Progress>,
    ) -> Result<ServerPublished> {
        let source = Source::open(&definition.path)?;
        // What can be refused is asked before gigabytes are sent.
        if let Some(folder) = &definition.folder {
            self.server_folder(folder, definition.create_folder).await?;
        }
        let id = send_upload(self, &source, "service definition", progress).await?;
        let published = self.publish_upload(definition, &id).await;
        if published.is_err() {
            // After success the server deletes it; the failure is what matters.
            let _ = self.call(&format!("admin/uploads/{id}/delete"), &[], Repeat::Safe).await;
        }
        published
    }

    async fn publish_upload(&self, definition: &ServerDefinition, id: &str) -> Result<ServerPublished> {
        let path = format!("admin/uploads/{id}/serviceconfiguration.json");
        let mut configuration = self.call(&path, &[], Repeat::Safe).await?;
        // Servers replace the whole configuration by what is sent, so the whole of it is sent.
        if let Some(name) = &definition.service_name {
            set(&mut configuration, "serviceName", json!(name));
        }
        if definition.stopped {
            set(&mut configuration, "configuredState", json!("STOPPED"));
        }
        if let Some(folder) = &definition.folder {
            configuration["folderName"] = json!(folder);
        } else {
            let told = configuration.get("folderName").and_then(Value::as_str).unwrap_or_default().to_owned();
            self.server_folder(&told, true).await?;
        }
        let configuration = configuration.to_string();
        let items: Vec<Value> =
            definition.item_ids.iter().map(|(kind, id)| json!({ "type": kind, "itemID": id })).collect();
        let options =
            json!({ "portalProperties": { "preserveIDs": true, "portalItems": items } }).to_string();
        let mut fields = vec![("in_sdp_id", id), ("in_config_overwrite", &configuration)];
        if !items.is_empty() {
            fields.push(("in_publish_options", &options));
        }
        task::publish(self, &fields, definition.patience).await
    }

    /// Makes sure that a folder of the server exists.
    async fn server_folder(&self, folder: &str, create: bool) -> Result<()> {
        let folder = folder.trim_matches('/');
        if folder.is_empty() {
            return Ok(());
        }
        let reply = self.call("admin/services", &[], Repeat::Safe).await?;
        let known: Vec<&str> = reply
            .get("folders")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        if known.iter().any(|known| known.to_lowercase() == folder.to_lowercase()) {
            return Ok(());
        }
        if !create {
            let listed = known.join(", ");
            let message = format!("the server has no folder `{folder}`; create it, or use one of: {listed}");
            return Err(Error::new(Kind::Input, message));
        }
        let fields = [("folderName", folder), ("description", "")];
        self.call("admin/services/createFolder", &fields, Repeat::Careful).await.map(drop)
    }

    /// Address below the server's root of a service in its administration: `admin/services/folder/name.Type`.
    pub fn service_path(folder: &str, name: &str, kind: &str) -> String {
        let service = format!("{}.{}", encode(name), encode(kind));
        match folder.trim_matches('/') {
            "" => format!("admin/services/{service}"),
            folder => format!("admin/services/{}/{service}", encode(folder)),
        }
    }
}

fn set(configuration: &mut Value, key: &str, value: Value) {
    if let Some(service) = configuration.get_mut("service").and_then(Value::as_object_mut) {
        service.insert(key.to_owned(), value);
    }
}
