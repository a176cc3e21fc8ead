//! What people call "the portal's URL", and the REST root behind it.

use std::net::IpAddr;

use reqwest::Url;

use crate::{Error, Kind, Result};

/// The root of a portal, `https://host/portal/`, or of a server, `https://host:6443/arcgis/`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Address(Url, Face);

/// What answers at an address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Face {
    Portal,
    Server,
}

impl Address {
    /// Reads any address of a portal: with or without scheme, `/home/...`, `/sharing/rest`.
    pub fn parse(text: &str) -> Result<Self> {
        Self::read(text, Face::Portal)
    }

    /// Reads any address of a server: with or without scheme, `/admin/...`, `/rest/services`.
    pub fn parse_server(text: &str) -> Result<Self> {
        Self::read(text, Face::Server)
    }

    fn read(text: &str, face: Face) -> Result<Self> {
        let text = text.trim();
        let (what, example, ends): (_, _, &[&str]) = match face {
            Face::Portal => {
                let ends = &["home", "sharing", "portaladmin", "apps", "index.html"];
                ("portal", "https://host/portal", ends)
            }
            Face::Server => (
                "server",
                "https://host:6443/arcgis",
                &["admin", "rest", "services", "manager", "tokens", "login"],
            ),
        };
        let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let refuse = |why: String| {
            Error::new(
                Kind::Input,
                format!("`{}` is not the address of a {what}: {why}; write `{example}`", safe(text)),
            )
        };
        let mut url = Url::parse(&whole).map_err(|error| refuse(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refuse(format!("`{}` is not http or https", url.scheme())));
        }
        if url.host_str() == Some("arcgis.com") {
            url.set_host(Some("www.arcgis.com")).map_err(|error| refuse(error.to_string()))?;
        }
        let kept: Vec<String> = url
            .path_segments()
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .take_while(|part| !ends.iter().any(|word| part.eq_ignore_ascii_case(word)))
            .map(str::to_owned)
            .collect();
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url.set_query(None);
        url.set_fragment(None);
        url.set_path(&if kept.is_empty() { "/".to_owned() } else { format!("/{}/", kept.join("/")) });
        Ok(Self(url, face))
    }

    /// The root with its trailing slash.
    pub fn root(&self) -> &str {
        self.0.as_str()
    }

    /// The same portal under another scheme, host or port, after a redirect.
    pub(crate) fn moved_to(&self, target: &Url) -> Self {
        let mut url = target.clone();
        url.set_path(self.0.path());
        url.set_query(None);
        url.set_fragment(None);
        Self(url, self.1)
    }

    /// What answers here.
    pub(crate) fn face(&self) -> Face {
        self.1
    }

    /// The address of a resource: of a portal below `sharing/rest`, of a server below its root.
    pub(crate) fn rest(&self, path: &str) -> Result<Url> {
        let middle = if self.1 == Face::Portal { "sharing/rest/" } else { "" };
        let joined = format!("{}{middle}{}", self.0, path.trim_start_matches('/'));
        Url::parse(&joined)
            .map_err(|error| Error::new(Kind::Input, format!("`{path}` is no path of a portal: {error}")))
    }

    /// Whether the portal is this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// Whether what is sent can be read on the way.
    pub(crate) fn is_plain(&self) -> bool {
        self.0.scheme() == "http"
    }
}

fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let host = host.trim_matches(['[', ']']);
        host == "localhost"
            || host.ends_with(".localhost")
            || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    })
}

/// Whether a redirect keeps to the portal: the same host, and never from TLS to plain text.
pub(crate) fn same_owner(from: &Url, to: &Url) -> bool {
    from.host_str() == to.host_str() && !(from.scheme() == "https" && to.scheme() != "https")
}

fn safe(text: &str) -> &str {
    // What stands before an @ may be a password.
    text.rsplit_once('@').map_or(text, |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(text: &str) -> String {
        Address::parse(text).expect(text).root().to_owned()
    }

    #[test]
    fn every_spelling_of_a_portal_has_one_root() {
        for text in [
            "https://host/portal",
            "https://host/portal/",
            "host/portal",
            " https://host/portal/home/index.html?x=1#y ",
            "https://host/portal/sharing/rest",
            "https://user:secret@host/portal/Sharing",
        ] {
            assert_eq!(root(text), "https://host/portal/", "{text}");
        }
        assert_eq!(root("https://arcgis.com"), "https://www.arcgis.com/");
        assert_eq!(root("http://127.0.0.1:7443/portal"), "http://127.0.0.1:7443/portal/");
    }

    #[test]
    fn every_spelling_of_a_server_has_one_root() {
        for text in
            ["https://host:6443/arcgis", "host:6443/arcgis/admin/", "https://host:6443/arcgis/rest/services"]
        {
            let address = Address::parse_server(text).expect(text);
            assert_eq!(address.root(), "https://host:6443/arcgis/", "{text}");
            assert_eq!(
                address.rest("admin/info").expect("a url").as_str(),
                "https://host:6443/arcgis/admin/info"
            );
        }
    }

    #[test]
    fn what_is_no_portal_is_refused_without_its_password() {
        for text in ["", "ftp://host/portal", "https://", "https://me:secret@"] {
            let message = Address::parse(text).expect_err(text).to_string();
            assert!(message.contains("https://host/portal"), "{message}");
            assert!(!message.contains("secret"), "{message}");
        }
    }

    #[test]
    fn redirects_stay_with_their_host() {
        let url = |text: &str| Url::parse(text).expect("a url");
        assert!(same_owner(&url("http://h:6080/a"), &url("https://h:6443/a")));
        assert!(!same_owner(&url("https://h/a"), &url("http://h/a")));
        assert!(!same_owner(&url("https://h/a"), &url("https://evil/a")));
    }
}
