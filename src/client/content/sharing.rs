//! Who may see an item.

use super::{encode, owner_path, pairs};
use crate::{Error, Kind, Repeat, Result, Session};

/// Who may see an item.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Sharing {
    /// Everyone, without sign-in.
    pub everyone: bool,
    /// The members of the organisation.
    pub organization: bool,
    /// Groups by name or id.
    pub groups: Vec<String>,
}

impl Sharing {
    /// Whether only the owner sees it.
    pub fn is_private(&self) -> bool {
        *self == Self::default()
    }
}

impl Session {
    /// Turns group names into ids; ids pass.
    pub async fn group_ids(&self, groups: &[String]) -> Result<Vec<String>> {
        if groups.is_empty() {
            return Ok(Vec::new());
        }
        let user = self.username().await?;
        let reply = self.call(&format!("community/users/{}", encode(&user)), &[], Repeat::Safe).await?;
        let known = pairs(&reply, "groups", "title", "id");
        groups
            .iter()
            .map(|wanted| {
                let same = |(name, id): &&(String, String)| {
                    id == wanted || name.to_lowercase() == wanted.to_lowercase()
                };
                known.iter().find(same).map(|(_, id)| id.clone()).ok_or_else(|| {
                    let names: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
                    let member = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
                    let message = format!("`{user}` is in no group `{wanted}`; the groups are: {member}");
                    Error::new(Kind::Input, message)
                })
            })
            .collect()
    }

    /// Shares one item of the signed-in user; groups are ids.
    pub async fn share(&self, id: &str, sharing: &Sharing, group_ids: &[String]) -> Result<()> {
        let owner = owner_path(&self.username().await?, None);
        let flag = |on: bool| if on { "true" } else { "false" };
        let groups = group_ids.join(",");
        let fields = [
            ("everyone", flag(sharing.everyone)),
            ("org", flag(sharing.organization || sharing.everyone)),
            ("groups", groups.as_str()),
        ];
        let path = format!("{owner}/items/{}/share", encode(id));
        let reply = self.call(&path, &fields, Repeat::Safe).await?;
        let refused = reply.get("notSharedWith").and_then(serde_json::Value::as_array);
        match refused.filter(|groups| !groups.is_empty()) {
            Some(groups) => {
                let named: Vec<String> =
                    groups.iter().map(|group| group.to_string().replace('"', "")).collect();
                Err(Error::new(
                    Kind::Portal,
                    format!("the portal did not share the item with: {}", named.join(", ")),
                ))
            }
            None => Ok(()),
        }
    }
}
