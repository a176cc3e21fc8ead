//! Folders of My Content, by name.

use serde_json::Value;

use super::{owner_path, pairs};
use crate::{Error, Kind, Repeat, Result, Session};

impl Session {
    /// Finds a folder of the signed-in user by its title, whatever its case, and returns its id.
    pub async fn find_folder(&self, title: &str) -> Result<Option<String>> {
        let path = owner_path(&self.username().await?, None);
        let reply = self.call(&path, &[("num", "1")], Repeat::Safe).await?;
        let folders = pairs(&reply, "folders", "title", "id");
        let wanted = title.to_lowercase();
        Ok(folders.into_iter().find(|(name, _)| name.to_lowercase() == wanted).map(|(_, id)| id))
    }

    /// Creates a folder and returns its id.
    pub async fn create_folder(&self, title: &str) -> Result<String> {
        let path = format!("{}/createFolder", owner_path(&self.username().await?, None));
        let fields = [("title", title), ("folderName", title)];
        let reply = self.call(&path, &fields, Repeat::Careful).await?;
        let id = reply.get("folder").and_then(|folder| folder.get("id")).and_then(Value::as_str);
        id.map(str::to_owned).ok_or_else(|| {
            Error::new(Kind::Unreachable, format!("the portal did not say where folder `{title}` is"))
        })
    }

    /// Deletes a folder unless something is in it.
    pub(crate) async fn delete_empty_folder(&self, id: &str) -> Result<()> {
        let path = owner_path(&self.username().await?, Some(id));
        let reply = self.call(&path, &[("num", "1")], Repeat::Safe).await?;
        // Portals delete what is in a folder with it.
        if reply.get("items").and_then(Value::as_array).is_some_and(Vec::is_empty) {
            self.call(&format!("{path}/delete"), &[], Repeat::Safe).await?;
        }
        Ok(())
    }

    /// Returns the id of a folder, made if it is missing and may be made, and whether it was made.
    pub async fn folder(&self, title: &str, create: bool) -> Result<(String, bool)> {
        if let Some(id) = self.find_folder(title).await? {
            return Ok((id, false));
        }
        if !create {
            return Err(Error::new(
                Kind::Input,
                format!("the portal has no folder `{title}`; create it, or ask for a new one"),
            ));
        }
        match self.create_folder(title).await {
            // Somebody else was quicker.
            Err(error) if error.kind() == Kind::Portal => match self.find_folder(title).await? {
                Some(id) => Ok((id, false)),
                None => Err(error),
            },
            made => Ok((made?, true)),
        }
    }
}
