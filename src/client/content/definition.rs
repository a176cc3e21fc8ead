//! Service definitions: upload, publish, overwrite.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Sharing, encode, owner_path, wait};
use crate::session::Field;
use crate::upload::{Source, send_item};
use crate::{Error, Kind, Progress, Repeat, Result, Session};

/// What to publish, and how.
#[derive(Clone, Debug, Default)]
pub struct Definition {
    /// The `.sd` file.
    pub path: PathBuf,
    /// Name of the service, which names the items too.
    pub service_name: String,
    /// Title of the items; the service's name when empty.
    pub title: String,
    /// Further properties of the item: `tags`, `snippet`, `description`, ...
    pub properties: Vec<(String, String)>,
    /// Folder of My Content; `None` is the root.
    pub folder: Option<String>,
    /// Whether a missing folder is made.
    pub create_folder: bool,
    /// Whether a service of that name is replaced.
    pub overwrite: bool,
    /// Who may see the layer; `None` leaves it as the portal has it.
    pub sharing: Option<Sharing>,
    /// The item id that the service should get.
    pub item_id: Option<String>,
    /// How long publishing may take; `None` is an hour.
    pub patience: Option<Duration>,
}

/// One service that a definition became.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Service {
    /// `Feature Service`, `Map Service`, ...
    pub kind: String,
    /// Its REST address.
    pub url: String,
    /// Its item.
    pub item_id: String,
}

/// What became of a definition.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Published {
    /// Item of the service definition.
    pub definition_id: String,
    /// Whether something of that name was replaced.
    pub replaced: bool,
    /// The services, in the portal's order.
    pub services: Vec<Service>,
}

impl Session {
    /// Uploads a service definition, publishes it, waits for the job, shares the layer.
    ///
    /// A definition that cannot be published is deleted again, unless it replaced one.
    pub async fn publish_definition(
        &self,
        definition: &Definition,
        progress: Option<Progress>,
    ) -> Result<Published> {
        // Scripts stage many services to one file name; at the portal each needs its own.
        let file_name = format!("{}.sd", definition.service_name);
        let source = Source::open(&definition.path)?.named(file_name);
        let user = self.username().await?;
        // What can be refused is asked before gigabytes are sent.
        let sharing = definition.sharing.clone().unwrap_or_default();
        let groups = self.group_ids(&sharing.groups).await?;
        let existing = if definition.overwrite {
            self.find_definition(&user, &definition.service_name).await?
        } else {
            self.refuse_taken(&definition.service_name).await?;
            None
        };
        let (folder, made) = match &definition.folder {
            Some(title) if existing.is_none() => {
                let (id, made) = self.folder(title, definition.create_folder).await?;
                (Some(id), made)
            }
            _ => (None, false),
        };
        let fields = item_fields(definition);
        let (known, folder) = match &existing {
            Some((id, folder)) => (Some(id.as_str()), folder.as_deref()),
            None => (None, folder.as_deref()),
        };
        let owner = owner_path(&user, folder);
        let path = match known {
            Some(id) => format!("{owner}/items/{id}/update"),
            None => format!("{owner}/addItem"),
        };
        let outcome = async {
            let id = send_item(self, &path, known, &fields, &source, &owner, progress).await?;
            let published = self.publish(definition, &owner, &id).await;
            if published.is_err() && existing.is_none() {
                // The failure is what matters; a dead portal cannot clean up either.
                let _ = self.delete_item(&id).await;
            }
            Ok((id, published?))
        }
        .await;
        if outcome.is_err()
            && made
            && let Some(folder) = folder
        {
            let _ = self.delete_empty_folder(folder).await;
        }
        let (id, services) = outcome?;
        if definition.sharing.is_some() {
            for service in &services {
                self.share(&service.item_id, &sharing, &groups).await?;
            }
        }
        Ok(Published { definition_id: id, replaced: existing.is_some(), services })
    }

    /// Adds a file as an item of the signed-in user and returns the item's id.
    ///
    /// `fields` are the item's properties, `type` and `title` among them; `folder` is an id.
    pub async fn add_item(
        &self,
        path: &std::path::Path,
        fields: &[(String, String)],
        folder: Option<&str>,
        progress: Option<Progress>,
    ) -> Result<String> {
        let source = Source::open(path)?;
        let owner = owner_path(&self.username().await?, folder);
        send_item(self, &format!("{owner}/addItem"), None, fields, &source, &owner, progress).await
    }

    async fn publish(&self, definition: &Definition, owner: &str, id: &str) -> Result<Vec<Service>> {
        let parameters = json!({ "name": definition.service_name }).to_string();
        let mut fields = vec![
            ("itemid", id),
            ("fileType", "serviceDefinition"),
            ("publishParameters", parameters.as_str()),
            ("overwrite", if definition.overwrite { "true" } else { "false" }),
            ("buildInitialCache", "false"),
        ];
        if let Some(wanted) = &definition.item_id {
            fields.push(("itemIdToCreate", wanted));
        }
        let reply = self.call(&format!("{owner}/publish"), &fields, Repeat::Careful).await?;
        let listed = reply.get("services").and_then(Value::as_array).filter(|list| !list.is_empty());
        let Some(listed) = listed else {
            let message = "the portal's answer to publishing names no service; check that it is a portal";
            return Err(Error::new(Kind::Unreachable, message));
        };
        let mut services = Vec::with_capacity(listed.len());
        let mut jobs = Vec::new();
        for entry in listed {
            if let Some(error) = Error::from_reply(entry) {
                return Err(error);
            }
            let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let service = Service {
                kind: text("type"),
                url: if text("serviceurl").is_empty() {
                    text("encodedServiceURL")
                } else {
                    text("serviceurl")
                },
                item_id: text("serviceItemId"),
            };
            if service.item_id.is_empty() {
                return Err(Error::new(Kind::Unreachable, "the portal published a service without an item"));
            }
            let job = text("jobId");
            if !job.is_empty() {
                jobs.push((format!("{owner}/items/{}", encode(&service.item_id)), job));
            }
            services.push(service);
        }
        for (item, job) in jobs {
            let fields = [("jobId", job.as_str()), ("jobType", "publish")];
            wait(self, &item, &fields, definition.patience.unwrap_or(super::PATIENCE)).await?;
        }
        for service in &mut services {
            if service.url.is_empty() {
                let item = self.item(&service.item_id).await?;
                item.get("url").and_then(Value::as_str).unwrap_or_default().clone_into(&mut service.url);
            }
        }
        Ok(services)
    }

    /// Asks whether a name is free, so that an upload in vain is not begun.
    async fn refuse_taken(&self, name: &str) -> Result<()> {
        let fields = [("name", name), ("type", "Feature Service")];
        // A portal that does not know the question will answer when publishing.
        let Ok(reply) = self.call("portals/self/isServiceNameAvailable", &fields, Repeat::Safe).await else {
            return Ok(());
        };
        if reply.get("available") == Some(&Value::Bool(false)) {
            let message = format!(
                "service name `{name}` is already taken; choose another, or set overwriteExistingService"
            );
            return Err(Error::new(Kind::Portal, message).with_code(409));
        }
        Ok(())
    }

    /// Finds the user's service definition of that name: its id, and its folder's.
    async fn find_definition(
        &self,
        user: &str,
        service_name: &str,
    ) -> Result<Option<(String, Option<String>)>> {
        let plain = |text: &str| text.replace(['"', '\\'], " ");
        let query = format!(
            "title:\"{}\" AND owner:\"{}\" AND type:\"Service Definition\"",
            plain(service_name),
            plain(user)
        );
        let mut candidates = self.search(&query, 100).await?;
        if !candidates.iter().any(|item| is_definition(item, user, service_name)) {
            // Portals index what they hold a little later than they hold it.
            candidates = self.user_items(user).await?;
        }
        let found = candidates.iter().find(|item| is_definition(item, user, service_name));
        let Some(id) = found.and_then(|item| item.get("id")).and_then(Value::as_str) else {
            return Ok(None);
        };
        let item = self.item(id).await?;
        let folder = item.get("ownerFolder").and_then(Value::as_str).map(str::to_owned);
        Ok(Some((id.to_owned(), folder)))
    }

    async fn user_items(&self, user: &str) -> Result<Vec<Value>> {
        let root = owner_path(user, None);
        let mut items = Vec::new();
        let first = self.call(&root, &[("num", "100")], Repeat::Safe).await?;
        let folders: Vec<String> = super::pairs(&first, "folders", "id", "title")
            .into_iter()
            .map(|(id, _)| owner_path(user, Some(&id)))
            .collect();
        let list = |reply: &Value| reply.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
        items.extend(list(&first));
        for folder in folders {
            items.extend(list(&self.call(&folder, &[("num", "100")], Repeat::Safe).await?));
        }
        Ok(items)
    }
}

fn is_definition(item: &Value, user: &str, service_name: &str) -> bool {
    let text = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default();
    let same = |left: &str, right: &str| !left.is_empty() && left.to_lowercase() == right.to_lowercase();
    text("type") == "Service Definition"
        && (text("owner").is_empty() || same(text("owner"), user))
        && (same(text("title"), service_name)
            || same(text("name"), service_name)
            || same(text("name"), &format!("{service_name}.sd")))
}

fn item_fields(definition: &Definition) -> Vec<Field> {
    let title = if definition.title.is_empty() { &definition.service_name } else { &definition.title };
    let mut fields =
        vec![("type".to_owned(), "Service Definition".to_owned()), ("title".to_owned(), title.clone())];
    let known = |name: &str| ["type", "title", "f", "token"].contains(&name);
    fields.extend(definition.properties.iter().filter(|(name, _)| !known(name)).cloned());
    fields
}
