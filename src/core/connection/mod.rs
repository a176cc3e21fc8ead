//! ArcGIS Server connection files (`.ags`): whose server, as whom, and for what.
//!
//! The form is that of the products, a compound file with one stream of properties, as real files
//! show it. Passwords that a product stored cannot be read; ours are sealed with a key that lies
//! outside the file and hold for the server's address and the user's name beside them only.

mod document;
mod properties;
mod secret;
#[cfg(test)]
mod tests;

pub use secret::Key;

use std::path::Path;

use properties::{Properties, Property};

use crate::{Error, Kind, Result};

/// Property of our sealed password; products ignore it.
const SEALED: &str = "GEOSHARING_PASSWORD";

/// What a connection is for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Mode {
    /// Uses services.
    #[default]
    Use,
    /// Publishes services too.
    Publish,
    /// Administers the server too.
    Administer,
}

impl Mode {
    /// Reads arcpy's keyword, such as `PUBLISH_GIS_SERVICES`.
    pub fn parse(keyword: &str) -> Option<Self> {
        Some(match keyword.trim().to_ascii_uppercase().as_str() {
            "USE_GIS_SERVICES" => Self::Use,
            "PUBLISH_GIS_SERVICES" => Self::Publish,
            "ADMINISTER_GIS_SERVICES" => Self::Administer,
            _ => return None,
        })
    }

    /// Returns arcpy's keyword.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Use => "USE_GIS_SERVICES",
            Self::Publish => "PUBLISH_GIS_SERVICES",
            Self::Administer => "ADMINISTER_GIS_SERVICES",
        }
    }

    fn number(self) -> i32 {
        match self {
            Self::Use => 0,
            Self::Publish => 1,
            Self::Administer => 2,
        }
    }
}

/// The password of a connection file.
#[derive(Clone, Eq, PartialEq)]
pub enum Password {
    /// None is stored.
    None,
    /// In clear, for a file to be written or one that was opened with its key.
    Clear(String),
    /// Sealed by us; [`Connection::unseal`] opens it.
    Sealed(String),
    /// Stored by a product, in a form that only it reads.
    Foreign,
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Clear(_) => "Clear(..)",
            Self::Sealed(_) => "Sealed(..)",
            Self::Foreign => "Foreign",
        })
    }
}

/// A connection to an ArcGIS Server.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The address as it was given, such as `https://host:6443/arcgis/admin`.
    pub url: String,
    /// What it is for.
    pub mode: Mode,
    /// Name of the user; none for an anonymous connection.
    pub user: Option<String>,
    /// The user's password.
    pub password: Password,
    /// Folder where the products keep drafts for this server.
    pub staging_folder: Option<String>,
}

impl Connection {
    /// Makes an anonymous connection.
    pub fn new(url: &str, mode: Mode) -> Self {
        Self { url: url.to_owned(), mode, user: None, password: Password::None, staging_folder: None }
    }

    /// Reads a connection file.
    ///
    /// # Errors
    /// [`Kind::InvalidInput`] when it is none, or names no server.
    pub fn read(path: &Path) -> Result<Self> {
        let stream = document::read(path)?;
        let properties = properties::parse(&stream).map_err(|error| {
            error.context(format!("cannot read the connection file `{}`", path.display()))
        })?;
        let url = properties.text("URL").or_else(|| properties.text("SERVERURL")).unwrap_or_default().trim();
        if url.is_empty() {
            return Err(Error::invalid(format!(
                "the connection file `{}` names no server; make it anew with CreateAGSServerConnection",
                path.display()
            )));
        }
        let password = match (properties.text(SEALED), properties.get("PASSWORD")) {
            (Some(sealed), _) => Password::Sealed(sealed.to_owned()),
            (None, Some(_)) => Password::Foreign,
            (None, None) => Password::None,
        };
        let filled = |name: &str| properties.text(name).filter(|text| !text.is_empty()).map(str::to_owned);
        Ok(Self {
            url: url.to_owned(),
            mode: match properties.number("CONNECTIONMODE") {
                Some(1) => Mode::Publish,
                Some(2) => Mode::Administer,
                _ => Mode::Use,
            },
            user: filled("USER"),
            password,
            staging_folder: filled("STAGINGFOLDER"),
        })
    }

    /// Opens the sealed password with a key; a file without one stays as it is.
    ///
    /// # Errors
    /// [`Kind::Denied`] when the key is another one, or the server or user was changed since.
    pub fn unseal(&mut self, key: &Key) -> Result<()> {
        if let Password::Sealed(sealed) = &self.password {
            self.password = Password::Clear(key.open(sealed, &self.bound())?);
        }
        Ok(())
    }

    /// Writes a connection file, sealing a clear password with the key.
    ///
    /// # Errors
    /// [`Kind::InvalidInput`] for a password without a user, or a sealed one, which cannot be kept.
    pub fn write(&self, path: &Path, key: &Key) -> Result<()> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let flag = |name: &str, value: bool| (name.to_owned(), Property::Flag(value));
        let number = |name: &str, value: i32| (name.to_owned(), Property::Number(value));
        let text = |name: &str, value: &str| (name.to_owned(), Property::Text(value.to_owned()));
        let mut list = vec![
            flag("ALLOWINSECURETOKENURL", false),
            flag("ANONYMOUS", self.user.is_none()),
            number("HTTPTIMEOUT", 600),
            // Found by its address, as opposed to a portal or a server of the local network.
            number("SERVERTYPE", 1),
            number("CONNECTIONMODE", self.mode.number()),
            number("MESSAGEFORMAT", 2),
            text("URL", &self.url),
        ];
        if let Some(user) = &self.user {
            list.push(text("USER", user));
        }
        if let Some(folder) = &self.staging_folder {
            list.push(text("STAGINGFOLDER", folder));
        }
        list.push(flag("HIDEUSERPROPERTY", self.user.is_none()));
        list.push(flag("USEDEFAULTSTAGINGFOLDER", self.staging_folder.is_none()));
        match (&self.password, &self.user) {
            (Password::None, _) => {}
            (Password::Clear(password), Some(_)) => {
                list.push(text(SEALED, &key.seal(password, &self.bound())?));
            }
            (Password::Clear(_), None) => {
                return Err(Error::invalid(
                    "a password without a user cannot be saved; pass the user's name",
                ));
            }
            (Password::Sealed(_) | Password::Foreign, _) => {
                return Err(Error::invalid(format!(
                    "the password of `{}` is sealed; pass it again to write another file",
                    self.url
                )));
            }
        }
        document::write(path, &properties::write(&name, &Properties(list)))
    }

    /// Returns the server's root, without `/admin`, `/rest/services` and their like.
    ///
    /// # Errors
    /// [`Kind::InvalidInput`] when the address is no web address.
    pub fn server_url(&self) -> Result<String> {
        root(&self.url)
    }

    /// What a sealed password is bound to, so that it is not sent to a server that was written in later.
    fn bound(&self) -> String {
        format!("{}\n{}", self.url, self.user.as_deref().unwrap_or_default())
    }
}

/// Returns the root of the server that a connection file names: `https://host:6443/arcgis`.
///
/// # Errors
/// As [`Connection::read`] and [`Connection::server_url`].
pub fn server_url(path: &Path) -> Result<String> {
    let connection = Connection::read(path)?;
    connection.server_url().map_err(|error| error.context(format!("connection file `{}`", path.display())))
}

/// Returns the root of a server for any of its addresses.
///
/// # Errors
/// [`Kind::InvalidInput`] when the text is no web address.
pub fn root(url: &str) -> Result<String> {
    let text = url.trim();
    let refuse = || {
        // What stands before an @ may be a password.
        let shown = text.rsplit_once('@').map_or(text, |(_, host)| host);
        Error::new(
            Kind::InvalidInput,
            format!("`{shown}` is not the address of a server; write `https://host:6443/arcgis`"),
        )
    };
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let (scheme, rest) = whole.split_once("://").ok_or_else(refuse)?;
    let scheme = scheme.to_ascii_lowercase();
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let mut parts = rest.split('/');
    let authority = parts.next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let legal = !host.is_empty() && host.chars().all(|c| c.is_alphanumeric() || "-_.:[]%".contains(c));
    if !legal || !["http", "https"].contains(&scheme.as_str()) {
        return Err(refuse());
    }
    let mut root = format!("{scheme}://{host}");
    let end = ["admin", "rest", "services", "manager", "tokens", "login"];
    let kept = parts
        .filter(|part| !part.is_empty())
        .take_while(|part| !end.iter().any(|word| part.eq_ignore_ascii_case(word)));
    for part in kept {
        root.push('/');
        root.push_str(part);
    }
    Ok(root)
}
