//! Groups: people who see each other's items.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Map, Value, json};

use crate::auth::Caller;
use crate::error::Result;

/// A group of users.
#[derive(Clone, Debug)]
pub struct Group {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The owner's name.
    pub owner: String,
    /// The title.
    pub title: String,
    /// `private`, `org` or `public`.
    pub access: String,
    /// When it was made.
    pub created: i64,
    /// When it was last changed.
    pub modified: i64,
    /// Everything else: snippet, tags, ...
    pub properties: Map<String, Value>,
}

impl Group {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let properties: String = row.get("properties")?;
        Ok(Self {
            id: row.get("id")?,
            owner: row.get("owner")?,
            title: row.get("title")?,
            access: row.get("access")?,
            created: row.get("created")?,
            modified: row.get("modified")?,
            properties: serde_json::from_str(&properties).unwrap_or_default(),
        })
    }

    /// Returns the group as `community/groups/{id}` shows it.
    pub fn to_json(&self, role: Option<&str>) -> Value {
        let get = |name: &str| self.properties.get(name).cloned().unwrap_or(Value::Null);
        json!({
            "id": self.id,
            "title": self.title,
            "isInvitationOnly": true,
            "owner": self.owner,
            "description": get("description"),
            "snippet": get("snippet"),
            "tags": self.properties.get("tags").cloned().unwrap_or_else(|| json!([])),
            "typeKeywords": [],
            "phone": get("phone"),
            "sortField": "title",
            "sortOrder": "asc",
            "isViewOnly": false,
            "featuredItemsId": null,
            "thumbnail": null,
            "created": self.created,
            "modified": self.modified,
            "access": self.access,
            "capabilities": [],
            "isFav": false,
            "isReadOnly": false,
            "protected": false,
            "autoJoin": false,
            "notificationsEnabled": false,
            "userMembership": { "username": null, "memberType": role.unwrap_or("none"), "applications": 0 },
        })
    }
}

/// Returns a group.
pub fn find(connection: &Connection, id: &str) -> Result<Option<Group>> {
    Ok(connection
        .prepare_cached("select * from groups where id = ?")?
        .query_row([id], Group::read)
        .optional()?)
}

/// Returns every group by title.
pub fn all(connection: &Connection) -> Result<Vec<Group>> {
    let mut statement = connection.prepare_cached("select * from groups order by title, id")?;
    let groups = statement.query_map([], Group::read)?.collect::<Result<_, _>>()?;
    Ok(groups)
}

/// Returns the groups of a user with the user's role.
pub fn of_user(connection: &Connection, username: &str) -> Result<Vec<(Group, String)>> {
    let mut statement = connection.prepare_cached(
        "select g.*, m.role as member_role from groups g join group_members m on m.group_id = g.id
         where m.username = ? order by g.title, g.id",
    )?;
    let groups = statement
        .query_map([username], |row| Ok((Group::read(row)?, row.get("member_role")?)))?
        .collect::<Result<_, _>>()?;
    Ok(groups)
}

/// Returns the groups that an item is shared with.
pub fn of_item(connection: &Connection, item_id: &str) -> Result<Vec<Group>> {
    let mut statement = connection.prepare_cached(
        "select g.* from groups g join group_items i on i.group_id = g.id where i.item_id = ? order by g.title",
    )?;
    let groups = statement.query_map([item_id], Group::read)?.collect::<Result<_, _>>()?;
    Ok(groups)
}

/// Stores a group, new or changed.
pub fn put(connection: &Connection, group: &Group) -> Result<()> {
    connection.execute(
        "insert into groups (id, owner, title, access, created, modified, properties)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         on conflict (id) do update set title = ?3, access = ?4, modified = ?6, properties = ?7",
        params![
            group.id,
            group.owner,
            group.title,
            group.access,
            group.created,
            group.modified,
            Value::Object(group.properties.clone()).to_string(),
        ],
    )?;
    Ok(())
}

/// Returns a user's role in a group: `owner`, `admin` or `member`.
pub fn role(connection: &Connection, group_id: &str, username: &str) -> Result<Option<String>> {
    Ok(connection
        .prepare_cached("select role from group_members where group_id = ? and username = ?")?
        .query_row([group_id, username], |row| row.get(0))
        .optional()?)
}

/// Returns the members of a group with their roles.
pub fn members(connection: &Connection, group_id: &str) -> Result<Vec<(String, String)>> {
    let mut statement = connection
        .prepare_cached("select username, role from group_members where group_id = ? order by username")?;
    let members =
        statement.query_map([group_id], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    Ok(members)
}

/// Makes a user a member, or changes the member's role.
pub fn join(connection: &Connection, group_id: &str, username: &str, role: &str) -> Result<()> {
    connection.execute(
        "insert into group_members (group_id, username, role) values (?, ?, ?)
         on conflict (group_id, username) do update set role = excluded.role",
        params![group_id, username, role],
    )?;
    Ok(())
}

/// Returns whether a caller may see a group.
pub fn visible(connection: &Connection, group: &Group, caller: Option<&Caller>) -> Result<bool> {
    if group.access == "public" {
        return Ok(true);
    }
    let Some(caller) = caller else { return Ok(false) };
    Ok(group.access == "org"
        || caller.controls(&group.owner)
        || role(connection, &group.id, &caller.username)?.is_some())
}
