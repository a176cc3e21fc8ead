//! Sending one request: certificates, redirects, bounds, and repeating what failed in passing.

use std::path::PathBuf;
use std::sync::Once;
use std::time::Duration;

use futures_util::StreamExt;
use reqwest::{Certificate, Client, RequestBuilder, Response, StatusCode, Url, header, redirect};
use serde_json::Value;

use crate::address::{Address, same_owner};
use crate::{Error, Kind, Result};

const MAX_REPLY: usize = 64 << 20;
const MAX_REDIRECTS: usize = 5;
const MAX_PAUSE: Duration = Duration::from_secs(8);

/// How a session meets its portal.
#[derive(Clone, Debug)]
pub struct Options {
    /// `false` accepts every certificate, and passwords over plain HTTP.
    pub verify: bool,
    /// A file of PEM certificates to trust beside the system's.
    pub ca_bundle: Option<PathBuf>,
    /// PEM text of certificates to trust beside the system's.
    pub pinned: Option<String>,
    /// What the `Referer` header says; tokens are bound to it.
    pub referer: String,
    /// How long a connection may take to come about.
    pub connect_timeout: Duration,
    /// How long the portal may be silent within a request.
    pub silence: Duration,
    /// How often a request is repeated after transient failures.
    pub repeats: u32,
    /// The first pause before repeating; it doubles each time.
    pub pause: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            verify: true,
            ca_bundle: None,
            pinned: None,
            referer: "http".to_owned(),
            connect_timeout: Duration::from_secs(15),
            silence: Duration::from_mins(2),
            repeats: 4,
            pause: Duration::from_millis(500),
        }
    }
}

/// When a request may be sent again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Repeat {
    /// It changes nothing, or the same thing twice: after any transient failure.
    Safe,
    /// It creates something: only where the portal has surely not acted.
    Careful,
}

#[derive(Debug)]
pub(crate) struct Transport {
    client: Client,
    options: Options,
}

impl Transport {
    pub(crate) fn new(address: &Address, options: Options) -> Result<Self> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // Fails when the program has chosen a provider, which is then as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let certificates = certificates(&options)?;
        let builder = || {
            let mut builder = Client::builder()
                .user_agent(concat!("geosharing/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(options.connect_timeout)
                .read_timeout(options.silence)
                .redirect(redirect::Policy::none())
                .http1_only();
            if address.is_loopback() {
                builder = builder.no_proxy();
            }
            if !options.verify {
                builder = builder.tls_danger_accept_invalid_certs(true);
            }
            builder
        };
        // A machine without any certificates still reaches a pinned or plain portal.
        let client = builder()
            .tls_certs_merge(certificates.clone())
            .build()
            .or_else(|_| builder().tls_certs_only(certificates).build())
            .map_err(|error| Error::new(Kind::Unreachable, format!("cannot set up TLS: {error}")))?;
        Ok(Self { client, options })
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// Sends what `build` makes until there is an answer, and returns it with the address that gave it.
    pub(crate) async fn send<F>(&self, url: &Url, repeat: Repeat, build: F) -> Result<(Value, Url)>
    where
        F: Fn(&Client, Url) -> Result<RequestBuilder>,
    {
        let mut pause = self.options.pause;
        let mut left = self.options.repeats;
        loop {
            let failure = match self.follow(url, &build).await {
                Ok(done) => return Ok(done),
                Err(failure) => failure,
            };
            let again = match failure.transience {
                Transience::None => false,
                Transience::NotActed => true,
                Transience::Perhaps => repeat == Repeat::Safe,
            };
            if !again || left == 0 {
                return Err(failure.error);
            }
            left -= 1;
            tracing::debug!(url = failure.error.url(), error = %failure.error, "repeating a request");
            tokio::time::sleep(failure.after.unwrap_or(pause).min(MAX_PAUSE)).await;
            pause *= 2;
        }
    }

    async fn follow<F>(&self, url: &Url, build: &F) -> Result<(Value, Url), Failure>
    where
        F: Fn(&Client, Url) -> Result<RequestBuilder>,
    {
        let mut url = url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let request = build(&self.client, url.clone())
                .map_err(Failure::last)?
                .header(header::REFERER, &self.options.referer);
            let response = request.send().await.map_err(|error| Failure::of(&error, &url))?;
            if !response.status().is_redirection() {
                return Ok((read(response, &url).await?, url));
            }
            // Followed here and not by reqwest: a POST stays a POST, and secrets stay with their host.
            let target = response
                .headers()
                .get(header::LOCATION)
                .and_then(|value| value.to_str().ok())
                .and_then(|value| url.join(value).ok());
            match target {
                Some(target) if same_owner(&url, &target) => url = target,
                Some(target) => {
                    let host = target.host_str().unwrap_or_default().to_owned();
                    let message = format!(
                        "the portal sends us to `{}://{host}`, which is not itself; use that address if you trust it",
                        target.scheme()
                    );
                    return Err(Failure::last(Error::new(Kind::Unreachable, message).at(&url)));
                }
                None => {
                    let message = "the portal redirects to nowhere";
                    return Err(Failure::last(Error::new(Kind::Unreachable, message).at(&url)));
                }
            }
        }
        let message = "the portal redirects in circles; check its address";
        Err(Failure::last(Error::new(Kind::Unreachable, message).at(&url)))
    }
}

#[derive(Clone, Copy)]
enum Transience {
    None,
    NotActed,
    Perhaps,
}

struct Failure {
    error: Error,
    transience: Transience,
    after: Option<Duration>,
}

impl Failure {
    fn last(error: Error) -> Self {
        Self { error, transience: Transience::None, after: None }
    }

    fn of(error: &reqwest::Error, url: &Url) -> Self {
        let name = url.host_str().unwrap_or_default();
        let host = url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
        let cause = root_cause(error);
        let (message, transience) = if error.is_connect() && is_certificate(&cause) {
            let message = format!(
                "the certificate of `{host}` is not trusted ({cause}); name its certificate in \
                 GEOSHARING_CA_BUNDLE or `verify=`"
            );
            (message, Transience::None)
        } else if error.is_connect() {
            let message = format!("cannot connect to `{host}` ({cause}); check the address and the network");
            (message, Transience::NotActed)
        } else if error.is_timeout() {
            (format!("`{host}` does not answer; it may be overloaded"), Transience::Perhaps)
        } else if error.is_builder() {
            (format!("cannot make a request for `{host}` ({cause})"), Transience::None)
        } else {
            (format!("the connection to `{host}` broke ({cause})"), Transience::Perhaps)
        };
        Self { error: Error::new(Kind::Unreachable, message).at(url), transience, after: None }
    }
}

fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    // reqwest's own text holds the address with its query.
    if cause.is::<reqwest::Error>() { "no reason given".to_owned() } else { cause.to_string() }
}

fn is_certificate(cause: &str) -> bool {
    let cause = cause.to_ascii_lowercase();
    cause.contains("certificate") || cause.contains("unknownissuer")
}

async fn read(response: Response, url: &Url) -> Result<Value, Failure> {
    let status = response.status();
    let after = response
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse().ok())
        .map(Duration::from_secs);
    let mut body = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| Failure::of(&error, url))?;
        if body.len() + chunk.len() > MAX_REPLY {
            let message = format!("the portal's answer is longer than {} MiB", MAX_REPLY >> 20);
            return Err(Failure::last(Error::new(Kind::Unreachable, message).at(url)));
        }
        body.extend_from_slice(&chunk);
    }
    judge(status, &body, url).map_err(|mut failure| {
        failure.after = after;
        failure
    })
}

fn judge(status: StatusCode, body: &[u8], url: &Url) -> Result<Value, Failure> {
    let parsed: Option<Value> = serde_json::from_slice(body).ok().filter(Value::is_object);
    if let Some(reply) = parsed {
        let Some(error) = Error::from_reply(&reply) else {
            if status.is_success() {
                return Ok(reply);
            }
            return Err(by_status(status, url));
        };
        let text = format!("{} {}", error.message(), error.details().join(" ")).to_ascii_lowercase();
        let transience = if text.contains("another administrative operation") {
            Transience::NotActed
        } else if matches!(error.code(), Some(502..=504)) {
            Transience::Perhaps
        } else {
            Transience::None
        };
        return Err(Failure { error: error.at(url), transience, after: None });
    }
    if status.is_success() {
        let start: String = String::from_utf8_lossy(body.get(..80).unwrap_or(body)).trim().to_owned();
        let what = if start.starts_with('<') { "a web page" } else { "something else" };
        let message =
            format!("expected a portal's JSON and got {what}; check that the address is a portal's");
        return Err(Failure::last(Error::new(Kind::Unreachable, message).at(url)));
    }
    Err(by_status(status, url))
}

fn by_status(status: StatusCode, url: &Url) -> Failure {
    let transience = match status {
        StatusCode::TOO_MANY_REQUESTS => Transience::NotActed,
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            Transience::Perhaps
        }
        _ => Transience::None,
    };
    let kind = if status == StatusCode::UNAUTHORIZED { Kind::Authentication } else { Kind::Portal };
    let reason = status.canonical_reason().unwrap_or("an unknown status");
    let error =
        Error::new(kind, format!("the portal answered {reason}")).with_code(i64::from(status.as_u16()));
    Failure { error: error.at(url), transience, after: None }
}

fn certificates(options: &Options) -> Result<Vec<Certificate>> {
    let mut found = Vec::new();
    let parse = |pem: &[u8], origin: String| {
        let parsed = Certificate::from_pem_bundle(pem).ok().filter(|list| !list.is_empty());
        parsed.ok_or_else(|| {
            Error::new(Kind::Input, format!("{origin} holds no PEM certificate; export it as PEM"))
        })
    };
    if let Some(path) = &options.ca_bundle {
        let pem =
            std::fs::read(path).map_err(|error| Error::file("read the certificates in", path, &error))?;
        found.extend(parse(&pem, format!("`{}`", path.display()))?);
    }
    if let Some(pem) = &options.pinned {
        found.extend(parse(pem.as_bytes(), "the pinned certificate".to_owned())?);
    }
    Ok(found)
}
