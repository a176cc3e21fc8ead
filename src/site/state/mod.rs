//! What the site remembers, in one folder: a database, item files, services, the certificate.
//!
//! Everything that a request may rely on is committed before the request is answered, so a site
//! that is killed starts again where it was.

pub mod data_items;
pub mod db;
pub mod folders;
pub mod groups;
pub mod items;
pub mod jobs;
pub mod services;
pub mod uploads;
pub mod users;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use geosharing_core::dataset::Datasets;

use crate::auth::tokens::Tokens;
use crate::auth::{Sessions, Throttle};
use crate::error::SiteError;
use crate::jobs::{Engine, Processes, Workers};
use db::Database;
use jobs::Jobs;
use services::Services;

/// Bounds on what one caller may ask of the site.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of a form without its files.
    pub form_bytes: usize,
    /// Bytes of one uploaded file or part.
    pub file_bytes: u64,
    /// Time for a client to send the head of a request.
    pub header_time: Duration,
    /// Time without any progress after which a connection is closed.
    pub idle_time: Duration,
    /// Time for one request.
    pub request_time: Duration,
    /// Connections at one time.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            form_bytes: 64 << 20,
            file_bytes: 64 << 30,
            header_time: Duration::from_secs(15),
            idle_time: Duration::from_mins(1),
            request_time: Duration::from_hours(1),
            connections: 1024,
        }
    }
}

/// What a site is started with.
#[derive(Clone)]
pub struct Settings {
    /// Where the state lies.
    pub folder: PathBuf,
    /// The portal's name.
    pub name: String,
    /// Users that must exist; those that exist keep their password.
    pub users: Vec<users::NewUser>,
    /// The bounds.
    pub limits: Limits,
    /// What reads the data of service definitions; without it nothing can be published.
    pub datasets: Option<Arc<dyn Datasets>>,
    /// What runs the tools of geoprocessing services; without it they are listed and do not run.
    pub workers: Option<crate::jobs::WorkerCommand>,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("folder", &self.folder)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// Makes settings with the administrator `admin` and its password.
    pub fn new(folder: impl Into<PathBuf>, password: &str) -> Self {
        Self {
            folder: folder.into(),
            name: "geosharing".to_owned(),
            users: vec![users::NewUser::administrator("admin", password)],
            limits: Limits::default(),
            datasets: None,
            workers: None,
        }
    }
}

/// The site's state; cheap to clone.
#[derive(Clone, Debug)]
pub struct Context(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Settings,
    database: Database,
    tokens: Tokens,
    throttle: Throttle,
    sessions: Sessions,
    services: Services,
    jobs: Jobs,
    geoprocessing: Arc<Engine>,
    portal_id: String,
    next_temporary: AtomicU64,
    // Held for as long as the site lives, so that two sites never share a folder.
    _lock: File,
}

impl Context {
    /// Opens the folder, creating what is missing.
    ///
    /// # Errors
    /// When the folder cannot be written, or another site uses it.
    pub fn open(settings: Settings) -> geosharing_core::Result<Self> {
        use geosharing_core::{Error, Kind};
        let folder = settings.folder.clone();
        for part in ["tmp", "items", "uploads", "server-uploads", "services"] {
            let path = folder.join(part);
            std::fs::create_dir_all(&path).map_err(|e| Error::io("create", &path, e))?;
        }
        let path = folder.join("site.lock");
        let lock = File::create(&path).map_err(|e| Error::io("write", &path, e))?;
        lock.try_lock().map_err(|_| {
            Error::new(
                Kind::Conflict,
                format!("another site runs in `{}`; stop it or choose another folder", folder.display()),
            )
        })?;
        empty_folder(&folder.join("tmp"));
        let internal = |error: SiteError| {
            Error::new(Kind::Io, format!("cannot open the site's state in `{}`: {error}", folder.display()))
        };
        let database = Database::open(&folder.join("site.sqlite")).map_err(internal)?;
        let portal_id =
            database.setting("portal_id", || identifier()[..16].to_uppercase()).map_err(internal)?;
        for user in &settings.users {
            users::ensure(&database, user).map_err(|error| Error::invalid(error.to_string()))?;
        }
        let tokens = Tokens::load(&database).map_err(internal)?;
        let services = Services::load(&database).map_err(internal)?;
        let jobs = Jobs::load(&database).map_err(internal)?;
        let workers: Option<Arc<dyn Workers>> =
            settings.workers.clone().map(|how| Arc::new(Processes::new(how)) as Arc<dyn Workers>);
        let geoprocessing = Engine::open(folder.join("gp"), workers).map_err(internal)?;
        let context = Self(Arc::new(Inner {
            database,
            tokens,
            throttle: Throttle::default(),
            sessions: Sessions::default(),
            services,
            jobs,
            geoprocessing,
            portal_id,
            next_temporary: AtomicU64::new(0),
            _lock: lock,
            settings,
        }));
        items::sweep(&context).map_err(internal)?;
        uploads::sweep(&context).map_err(internal)?;
        Ok(context)
    }

    /// Returns the folder of the site.
    pub fn folder(&self) -> &Path {
        &self.0.settings.folder
    }

    /// Returns the folder in which services keep their stores.
    pub fn services_folder(&self) -> PathBuf {
        self.folder().join("services")
    }

    /// Returns the bounds.
    pub fn limits(&self) -> &Limits {
        &self.0.settings.limits
    }

    /// Returns what reads the data of service definitions.
    ///
    /// # Errors
    /// 501 when the site was started without it.
    pub fn datasets(&self) -> crate::error::Result<&dyn Datasets> {
        self.0.settings.datasets.as_deref().ok_or_else(|| {
            SiteError::new(501, "This site cannot publish: it was started without a reader of geodatabases.")
        })
    }

    /// Returns the portal's name.
    pub fn portal_name(&self) -> &str {
        &self.0.settings.name
    }

    /// Returns the organisation's identifier.
    pub fn portal_id(&self) -> &str {
        &self.0.portal_id
    }

    /// Returns the database of users and items.
    pub fn database(&self) -> &Database {
        &self.0.database
    }

    /// Returns the tokens that were given out.
    pub fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    /// Returns the counter of failed sign-ins.
    pub fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }

    /// Returns the sign-ins that are under way in browsers.
    pub fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    /// Returns the services.
    pub fn services(&self) -> &Services {
        &self.0.services
    }

    /// Returns the jobs.
    pub fn jobs(&self) -> &Jobs {
        &self.0.jobs
    }

    /// Returns the jobs of geoprocessing services.
    pub fn geoprocessing(&self) -> &Arc<Engine> {
        &self.0.geoprocessing
    }

    /// Returns an unused path in the folder for unfinished files, on the disk of the finished ones.
    pub fn temporary_path(&self, stem: &str) -> PathBuf {
        let number = self.0.next_temporary.fetch_add(1, Ordering::Relaxed);
        self.folder().join("tmp").join(format!("{stem}-{number}"))
    }
}

/// Milliseconds since 1970, as Esri's dates are.
pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

/// 32 random hexadecimal digits, as item ids are.
pub fn identifier() -> String {
    hex(&random::<16>())
}

/// Random bytes from the operating system.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Without randomness no secret is one: better no site than a guessable one.
    #[allow(clippy::expect_used)]
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Returns whether a text is an item id: 32 hexadecimal digits.
pub fn is_identifier(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn empty_folder(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let _ = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
    }
}
