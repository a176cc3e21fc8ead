//! People: who may sign in and what they may do.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Value, json};

use super::db::Database;
use super::now;
use crate::auth::{Caller, Role, password};
use crate::error::{Result, SiteError};

/// A user to be made.
#[derive(Clone)]
pub struct NewUser {
    /// The name to sign in with.
    pub username: String,
    /// The password in clear; only its hash is kept.
    pub password: String,
    /// What the user may do.
    pub role: Role,
    /// The name to show.
    pub full_name: String,
    /// The address to show.
    pub email: String,
}

impl std::fmt::Debug for NewUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewUser")
            .field("username", &self.username)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

impl NewUser {
    /// Makes a user with a role.
    pub fn new(username: &str, password: &str, role: Role) -> Self {
        Self {
            username: username.to_owned(),
            password: password.to_owned(),
            role,
            full_name: username.to_owned(),
            email: String::new(),
        }
    }

    /// Makes an administrator.
    pub fn administrator(username: &str, password: &str) -> Self {
        Self::new(username, password, Role::Administrator)
    }
}

/// A user of the portal.
#[derive(Clone, Debug)]
pub struct User {
    /// The name to sign in with, as it was first written.
    pub username: String,
    /// What the user may do.
    pub role: Role,
    /// The name to show.
    pub full_name: String,
    /// The address to show.
    pub email: String,
    /// May not sign in.
    pub disabled: bool,
    /// When it was made.
    pub created: i64,
    /// When it was last changed.
    pub modified: i64,
}

impl User {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            username: row.get("username")?,
            role: Role::parse(&row.get::<_, String>("role")?).unwrap_or(Role::Viewer),
            full_name: row.get("full_name")?,
            email: row.get("email")?,
            disabled: row.get("disabled")?,
            created: row.get("created")?,
            modified: row.get("modified")?,
        })
    }

    /// Returns the user as `community/users/{name}` shows it.
    pub fn to_json(&self, portal_id: &str) -> Value {
        let (first, last) = self.full_name.split_once(' ').unwrap_or((&self.full_name, ""));
        json!({
            "username": self.username,
            "id": self.username,
            "fullName": self.full_name,
            "firstName": first,
            "lastName": last,
            "email": self.email,
            "preferredView": null,
            "description": null,
            "userType": "arcgisonly",
            "idpUsername": null,
            "orgId": portal_id,
            "role": self.role.name(),
            "roleId": self.role.name(),
            "level": "2",
            "userLicenseTypeId": "creatorUT",
            "privileges": self.role.privileges(),
            "disabled": self.disabled,
            "access": "org",
            "culture": "en-US",
            "region": "WO",
            "units": "metric",
            "tags": [],
            "thumbnail": null,
            "storageUsage": 0,
            "storageQuota": -1,
            "created": self.created,
            "modified": self.modified,
            "lastLogin": -1,
            "provider": "arcgis",
            "groups": [],
        })
    }
}

/// Returns a user by name in any case.
pub fn find(connection: &Connection, username: &str) -> Result<Option<User>> {
    Ok(connection
        .prepare_cached("select * from users where username = ?")?
        .query_row([username], User::read)
        .optional()?)
}

/// Returns every user by name.
pub fn all(connection: &Connection) -> Result<Vec<User>> {
    let mut statement = connection.prepare_cached("select * from users order by username")?;
    let users = statement.query_map([], User::read)?.collect::<Result<_, _>>()?;
    Ok(users)
}

/// Makes a user.
///
/// # Errors
/// 409 when the name is taken, 400 when name or password are not acceptable.
pub fn add(database: &Database, user: &NewUser) -> Result<()> {
    if !ensure(database, user)? {
        return Err(SiteError::new(409, format!("User '{}' already exists.", user.username)));
    }
    Ok(())
}

/// Makes a user if there is none of that name; returns whether it was made.
pub fn ensure(database: &Database, user: &NewUser) -> Result<bool> {
    let legal = (1..=128).contains(&user.username.len())
        && user.username.chars().all(|c| c.is_ascii_alphanumeric() || "._-@".contains(c));
    if !legal {
        return Err(SiteError::bad_request(format!(
            "user name `{}` is not acceptable; use letters, digits and `._-@`",
            user.username
        )));
    }
    if user.password.is_empty() {
        return Err(SiteError::bad_request(format!("user `{}` has an empty password", user.username)));
    }
    if database.read(|c| find(c, &user.username))?.is_some() {
        return Ok(false);
    }
    let hash = password::hash(&user.password)?;
    database.write(|t| {
        let changed = t.execute(
            "insert or ignore into users (username, password, role, full_name, email, created, modified)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
            params![user.username, hash, user.role.name(), user.full_name, user.email, now()],
        )?;
        Ok(changed == 1)
    })
}

/// Makes a user, or gives an existing one a new password and role; its tokens end.
pub fn replace(context: &super::Context, user: &NewUser) -> Result<()> {
    let database = context.database();
    if ensure(database, user)? {
        return Ok(());
    }
    let hash = password::hash(&user.password)?;
    database.write(|t| {
        t.execute(
            "update users set password = ?, role = ?, full_name = ?, email = ?, modified = ? where username = ?",
            params![hash, user.role.name(), user.full_name, user.email, now(), user.username],
        )?;
        Ok(())
    })?;
    context.tokens().revoke_user(database, &user.username)
}

/// Returns who signs in with this name and password; nothing when they do not match.
pub fn verify(database: &Database, username: &str, given: &str) -> Result<Option<Caller>> {
    let found = database.read(|c| {
        let hash: Option<String> = c
            .query_row("select password from users where username = ?", [username], |row| row.get(0))
            .optional()?;
        Ok((hash, find(c, username)?))
    })?;
    let (Some(hash), Some(user)) = found else {
        // As slow as a wrong password, so that names cannot be told apart by time.
        password::verify_nobody(given);
        return Ok(None);
    };
    let right = password::verify(given, &hash);
    Ok((right && !user.disabled).then(|| Caller::new(&user.username, user.role)))
}
