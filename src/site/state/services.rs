//! Which services there are, and who may use them.

use std::any::Any;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rusqlite::{Connection, Row, params};
use serde_json::Value;

use super::db::Database;
use super::items::{self, Sharing};
use crate::error::{Result, SiteError};

/// Whether a service is meant to answer.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ServiceState {
    /// It answers.
    #[default]
    Started,
    /// It is kept and does not answer.
    Stopped,
}

impl ServiceState {
    /// Reads `STARTED` and `STOPPED` in any case.
    pub fn parse(name: &str) -> Option<Self> {
        match name.to_ascii_uppercase().as_str() {
            "STARTED" => Some(Self::Started),
            "STOPPED" => Some(Self::Stopped),
            _ => None,
        }
    }

    /// Returns Esri's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Started => "STARTED",
            Self::Stopped => "STOPPED",
        }
    }
}

/// A service: an entry of the catalogue, the item that stands for it, the store behind it.
#[derive(Debug)]
pub struct Service {
    /// The folder, `Hosted` for hosted services; empty for the root.
    pub folder: String,
    /// The name without folder.
    pub name: String,
    /// `FeatureServer`, `MapServer`, ...
    pub kind: String,
    /// The item that stands for it.
    pub item_id: String,
    /// The store's file or folder.
    pub store: PathBuf,
    /// The service's definition as its root resource is derived from it.
    pub definition: Value,
    /// The configuration as the administration shows and edits it (createService JSON); an empty object
    /// where none was given.
    pub configuration: Value,
    /// Whether it is meant to answer.
    pub state: ServiceState,
    /// When it was published first.
    pub created: i64,
    /// When it was published last.
    pub modified: i64,
    sharing: RwLock<Arc<Sharing>>,
    opened: Mutex<Option<Arc<dyn Any + Send + Sync>>>,
}

impl Service {
    /// Returns `Hosted/name`.
    pub fn full_name(&self) -> String {
        if self.folder.is_empty() { self.name.clone() } else { format!("{}/{}", self.folder, self.name) }
    }

    /// Returns the path below `/rest/services`: `Hosted/name/FeatureServer`.
    pub fn path(&self) -> String {
        format!("{}/{}", self.full_name(), self.kind)
    }

    /// Returns the path that the service has under another name.
    pub fn path_named(&self, name: &str) -> String {
        if self.folder.is_empty() {
            format!("{name}/{}", self.kind)
        } else {
            format!("{}/{name}/{}", self.folder, self.kind)
        }
    }

    /// Returns whether anything lies behind the service.
    pub fn has_data(&self) -> bool {
        !self.store.as_os_str().is_empty()
    }

    /// Returns an error (500) when the service is stopped, or has nothing to answer from.
    pub fn require_data(&self) -> Result<()> {
        self.require_started()?;
        if self.has_data() {
            return Ok(());
        }
        Err(SiteError::new(500, format!("Service {} has no data here.", self.path())).detail(
            "its configuration names a document that is not in this site; publish a service definition of it",
        ))
    }

    /// Returns the provider that its configuration names; empty when it names none.
    pub fn provider(&self) -> &str {
        self.configuration.get("provider").and_then(Value::as_str).unwrap_or_default()
    }

    /// Returns an error (500, as ArcGIS answers) when the service is stopped.
    pub fn require_started(&self) -> Result<()> {
        match self.state {
            ServiceState::Started => Ok(()),
            ServiceState::Stopped => Err(SiteError::new(500, format!("Service {} not started", self.path()))),
        }
    }

    /// Returns the configuration of an enabled extension of this type, such as `FeatureServer`.
    pub fn extension(&self, type_name: &str) -> Option<&Value> {
        let named = |extension: &&Value| {
            let text = |key: &str| extension.get(key).and_then(Value::as_str);
            let enabled = extension.get("enabled").and_then(Value::as_bool).unwrap_or_else(|| {
                text("enabled").is_some_and(|enabled| enabled.eq_ignore_ascii_case("true"))
            });
            enabled && text("typeName").is_some_and(|name| name.eq_ignore_ascii_case(type_name))
        };
        self.configuration.get("extensions")?.as_array()?.iter().find(named)
    }

    /// Returns who owns the service's item and who sees it.
    pub fn sharing(&self) -> Arc<Sharing> {
        Arc::clone(&self.sharing.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns whether the definition lists a capability; `Editing` stands for each of its parts.
    pub fn offers(&self, capability: &str) -> bool {
        let listed = self.definition.get("capabilities").and_then(Value::as_str).unwrap_or("Query");
        let edits = ["Create", "Update", "Delete"].contains(&capability);
        let mut listed = listed.split(',').map(str::trim);
        // `Editing` alone means all of its parts; with parts beside it the parts count.
        let parts: Vec<&str> = listed.by_ref().collect();
        let has = |name: &str| parts.iter().any(|part| part.eq_ignore_ascii_case(name));
        has(capability)
            || edits && has("Editing") && !["Create", "Update", "Delete"].iter().any(|part| has(part))
    }

    /// Returns what `open` made of the store, opening it only once.
    pub fn opened<T: Any + Send + Sync>(&self, open: impl FnOnce(&Self) -> Result<T>) -> Result<Arc<T>> {
        // Locked while it opens, so that no two openers touch one store.
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let any = if let Some(any) = opened.as_ref() {
            Arc::clone(any)
        } else {
            let any: Arc<dyn Any + Send + Sync> = Arc::new(open(self)?);
            Arc::clone(opened.insert(any))
        };
        any.downcast::<T>()
            .map_err(|_| SiteError::internal(format!("store of {} has two types", self.path())))
    }
}

/// A service to be entered into the catalogue.
#[derive(Clone, Debug, Default)]
pub struct NewService {
    /// The folder, `Hosted` for hosted services.
    pub folder: String,
    /// The name without folder.
    pub name: String,
    /// `FeatureServer`, ...
    pub kind: String,
    /// The item that stands for it.
    pub item_id: String,
    /// The store, below the services folder.
    pub store: PathBuf,
    /// The service's definition.
    pub definition: Value,
    /// The configuration (createService JSON); null where there is none.
    pub configuration: Value,
    /// Whether it is meant to answer.
    pub state: ServiceState,
}

/// The catalogue, in memory as it is in the database.
#[derive(Debug)]
pub struct Services(RwLock<BTreeMap<String, Arc<Service>>>);

impl Services {
    pub(super) fn load(database: &Database) -> Result<Self> {
        let map = database.read(|connection| {
            let mut map = BTreeMap::new();
            let mut statement = connection.prepare("select * from services")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let service = read(connection, row)?;
                map.insert(key(&service.folder, &service.name, &service.kind), Arc::new(service));
            }
            Ok(map)
        })?;
        Ok(Self(RwLock::new(map)))
    }

    /// Returns a service, names in any case; an error (404) when there is none.
    pub fn get(&self, folder: &str, name: &str, kind: &str) -> Result<Arc<Service>> {
        self.find(folder, name, kind).ok_or_else(|| {
            let full = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            SiteError::not_found(format!("Service {full}/{kind} not found"))
        })
    }

    /// Returns a service if there is one.
    pub fn find(&self, folder: &str, name: &str, kind: &str) -> Option<Arc<Service>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&key(folder, name, kind)).cloned()
    }

    /// Returns every service by path.
    pub fn all(&self) -> Vec<Arc<Service>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Returns the services of an item.
    pub fn of_item(&self, item_id: &str) -> Vec<Arc<Service>> {
        self.all().into_iter().filter(|service| service.item_id == item_id).collect()
    }

    /// Returns the services over one store.
    pub fn of_store(&self, store: &std::path::Path) -> Vec<Arc<Service>> {
        self.all().into_iter().filter(|service| service.store == store).collect()
    }

    /// Reads a service again after the database changed; forgets it when it is gone.
    ///
    /// Requests that already hold the old service finish with it.
    pub fn refresh(&self, database: &Database, folder: &str, name: &str, kind: &str) -> Result<()> {
        let found = database.read(|connection| {
            let mut statement = connection
                .prepare_cached("select * from services where folder = ? and name = ? and type = ?")?;
            let mut rows = statement.query([folder, name, kind])?;
            rows.next()?.map(|row| read(connection, row)).transpose()
        })?;
        let mut map = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match found {
            Some(service) => map.insert(key(folder, name, kind), Arc::new(service)),
            None => map.remove(&key(folder, name, kind)),
        };
        Ok(())
    }

    /// Reads again who sees the services of these items.
    pub fn refresh_sharing(&self, database: &Database) -> Result<()> {
        for service in self.all() {
            if let Some(sharing) = database.read(|c| items::sharing(c, &service.item_id))? {
                *service.sharing.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(sharing);
            }
        }
        Ok(())
    }
}

/// Enters a service, or replaces the one of that name.
pub fn put(connection: &Connection, service: &NewService) -> Result<()> {
    connection.execute(
        "insert into services
             (folder, name, type, item_id, store, definition, created, modified, configuration, state)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9)
         on conflict (folder, name, type) do update set
             item_id = excluded.item_id, store = excluded.store, definition = excluded.definition,
             modified = excluded.modified, configuration = excluded.configuration, state = excluded.state",
        params![
            service.folder,
            service.name,
            service.kind,
            service.item_id,
            service.store.to_string_lossy(),
            service.definition.to_string(),
            super::now(),
            stored(&service.configuration),
            service.state.name(),
        ],
    )?;
    Ok(())
}

/// Changes a service's configuration.
pub fn configure(connection: &Connection, service: &Service, configuration: &Value) -> Result<()> {
    change(connection, service, "configuration", &stored(configuration))
}

/// Changes a service's definition.
pub fn redefine(connection: &Connection, service: &Service, definition: &Value) -> Result<()> {
    change(connection, service, "definition", &definition.to_string())
}

/// Starts or stops a service.
pub fn set_state(connection: &Connection, service: &Service, state: ServiceState) -> Result<()> {
    change(connection, service, "state", state.name())
}

fn change(connection: &Connection, service: &Service, column: &str, value: &str) -> Result<()> {
    let sql = format!(
        "update services set {column} = ?4, modified = ?5 where folder = ?1 and name = ?2 and type = ?3"
    );
    let key = params![service.folder, service.name, service.kind, value, super::now()];
    if connection.execute(&sql, key)? == 0 {
        return Err(SiteError::not_found(format!("Service {} not found", service.path())));
    }
    Ok(())
}

fn stored(configuration: &Value) -> String {
    if configuration.is_object() { configuration.to_string() } else { "{}".to_owned() }
}

fn read(connection: &Connection, row: &Row<'_>) -> Result<Service> {
    let item_id: String = row.get("item_id")?;
    let definition: String = row.get("definition")?;
    let configuration: String = row.get("configuration")?;
    let state: String = row.get("state")?;
    let sharing = items::sharing(connection, &item_id)?.ok_or_else(SiteError::no_item)?;
    Ok(Service {
        folder: row.get("folder")?,
        name: row.get("name")?,
        kind: row.get("type")?,
        store: PathBuf::from(row.get::<_, String>("store")?),
        definition: serde_json::from_str(&definition).map_err(SiteError::internal)?,
        configuration: serde_json::from_str(&configuration).map_err(SiteError::internal)?,
        state: ServiceState::parse(&state).unwrap_or_default(),
        created: row.get("created")?,
        modified: row.get("modified")?,
        sharing: RwLock::new(Arc::new(sharing)),
        opened: Mutex::new(None),
        item_id,
    })
}

fn key(folder: &str, name: &str, kind: &str) -> String {
    format!("{folder}/{name}/{kind}").to_lowercase()
}
