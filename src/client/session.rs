//! One user at one portal: the token, its renewal, and calls that carry it.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use tokio::sync::{Mutex, RwLock};

use crate::address::{Face, same_owner};
use crate::transport::Transport;
use crate::{Address, Error, Kind, Options, Repeat, Result, Secret};

/// Renewed when less than this is left, so that a request does not outlive its token.
const MARGIN_MS: i64 = 5 * 60 * 1000;
/// Minutes asked for; a long upload must not outlive its token.
const MINUTES: u32 = 120;

/// A token and what it is good for.
#[derive(Clone, Debug)]
pub struct Token {
    /// The token itself.
    pub token: Secret,
    /// When it ends, in milliseconds since 1970; `None` when the portal did not say.
    pub expires: Option<i64>,
    /// The `Referer` it is bound to.
    pub referer: String,
}

#[derive(Clone, Debug)]
struct Credentials {
    username: String,
    password: Secret,
}

#[derive(Debug, Default)]
struct State {
    credentials: Option<Credentials>,
    token: Option<Token>,
}

/// A portal as one user sees it. Without sign-in it is what the public sees.
#[derive(Debug)]
pub struct Session {
    address: RwLock<Address>,
    transport: Transport,
    state: RwLock<State>,
    renewal: Mutex<()>,
    /// The portal whose tokens are used, of a federated server.
    portal: Option<Arc<Session>>,
    /// Where a server's tokens come from, once it was asked.
    tokens: RwLock<Option<reqwest::Url>>,
}

/// Name and value of a form field.
pub(crate) type Field = (String, String);

impl Session {
    /// Makes a session; nothing is sent yet.
    pub fn new(address: Address, options: Options) -> Result<Self> {
        let transport = Transport::new(&address, options)?;
        Ok(Self {
            address: RwLock::new(address),
            transport,
            state: RwLock::default(),
            renewal: Mutex::default(),
            portal: None,
            tokens: RwLock::default(),
        })
    }

    /// Makes a session at a federated server, which uses the tokens of its portal.
    pub fn federated(address: Address, portal: Arc<Self>) -> Result<Self> {
        // Tokens are bound to the referer, so both must send the same one.
        let options = portal.transport.options().clone();
        Ok(Self { portal: Some(portal), ..Self::new(address, options)? })
    }

    /// The portal's address, which a redirect may have changed.
    pub async fn address(&self) -> Address {
        self.address.read().await.clone()
    }

    /// Signs in with a built-in account and keeps the password for renewals.
    pub async fn sign_in(&self, username: &str, password: Secret) -> Result<Token> {
        let credentials = Credentials { username: username.to_owned(), password };
        let token = self.generate(&credentials).await?;
        *self.state.write().await = State { credentials: Some(credentials), token: Some(token.clone()) };
        Ok(token)
    }

    /// Uses a token from elsewhere; it cannot be renewed.
    pub async fn use_token(&self, token: Secret, expires: Option<i64>) {
        let referer = self.transport.options().referer.clone();
        *self.state.write().await =
            State { credentials: None, token: Some(Token { token, expires, referer }) };
    }

    /// Forgets token and password.
    pub async fn sign_out(&self) {
        *self.state.write().await = State::default();
    }

    /// The token in use, renewed if it is about to end; `None` without sign-in.
    pub async fn token(&self) -> Result<Option<Token>> {
        if let Some(portal) = &self.portal {
            return Box::pin(portal.token()).await;
        }
        let (token, renewable) = {
            let state = self.state.read().await;
            (state.token.clone(), state.credentials.is_some())
        };
        let ending =
            token.as_ref().and_then(|token| token.expires).is_some_and(|expires| expires - now() < MARGIN_MS);
        match token {
            Some(old) if renewable && ending => Ok(Some(self.renew(&old).await?)),
            token => Ok(token),
        }
    }

    /// Renews a token that ends or was refused, unless another task has done so meanwhile.
    async fn renew(&self, old: &Token) -> Result<Token> {
        if let Some(portal) = &self.portal {
            return Box::pin(portal.renew(old)).await;
        }
        let _only_one = self.renewal.lock().await;
        let (current, credentials) = {
            let state = self.state.read().await;
            (state.token.clone(), state.credentials.clone())
        };
        if let Some(current) = current
            && current.token != old.token
        {
            return Ok(current);
        }
        let Some(credentials) = credentials else {
            return Err(Error::new(
                Kind::Authentication,
                "the token has ended and there is no password to renew it; sign in again",
            ));
        };
        let token = self.generate(&credentials).await?;
        self.state.write().await.token = Some(token.clone());
        Ok(token)
    }

    async fn generate(&self, credentials: &Credentials) -> Result<Token> {
        let address = self.address().await;
        let options = self.transport.options();
        if address.is_plain() && !address.is_loopback() && options.verify {
            return Err(Error::new(
                Kind::Input,
                format!(
                    "will not send a password to `{}` over plain http; write https, or pass verify=False",
                    address.root()
                ),
            ));
        }
        let referer = options.referer.clone();
        let form = [
            ("username", credentials.username.clone()),
            ("password", credentials.password.reveal().to_owned()),
            ("client", "referer".to_owned()),
            ("referer", referer.clone()),
            ("expiration", MINUTES.to_string()),
            ("f", "json".to_owned()),
        ];
        let url = match address.face() {
            Face::Portal => address.rest("generateToken")?,
            Face::Server => self.token_service().await?,
        };
        let (reply, answered) = self
            .transport
            .send(&url, Repeat::Safe, |client, url| Ok(client.post(url).form(&form)))
            .await
            .map_err(|error| match error.kind() {
                Kind::Portal => {
                    let doing =
                        format!("cannot sign in to `{}` as `{}`", address.root(), credentials.username);
                    error.with_kind(Kind::Authentication).context(doing)
                }
                _ => error,
            })?;
        if answered != url && address.face() == Face::Portal {
            *self.address.write().await = address.moved_to(&answered);
        }
        let token = reply.get("token").and_then(Value::as_str).filter(|token| !token.is_empty());
        let Some(token) = token else {
            let message =
                "the portal's answer to the sign-in has no token; check that the address is a portal's";
            return Err(Error::new(Kind::Unreachable, message).at(&answered));
        };
        // A time that is past on arrival is a clock that is wrong: then only refusals renew.
        let expires = reply.get("expires").and_then(Value::as_i64).filter(|ends| *ends > now() + MARGIN_MS);
        Ok(Token { token: Secret::new(token), expires, referer })
    }

    /// Returns where the tokens of a server come from: from itself, or from its portal.
    async fn token_service(&self) -> Result<reqwest::Url> {
        if let Some(known) = self.tokens.read().await.clone() {
            return Ok(known);
        }
        let address = self.address().await;
        let url = address.rest("rest/info")?;
        let form = [("f", "json")];
        let (info, answered) =
            self.transport.send(&url, Repeat::Safe, |client, url| Ok(client.post(url).form(&form))).await?;
        let told = info.pointer("/authInfo/tokenServicesUrl").and_then(Value::as_str);
        let service = match told.filter(|told| !told.is_empty()) {
            Some(told) => answered.join(told).map_err(|error| {
                let message = format!("the server names `{told}` as its token service: {error}");
                Error::new(Kind::Unreachable, message).at(&answered)
            })?,
            None => address.rest("admin/generateToken")?,
        };
        let safe = service.scheme() == "https" || !self.transport.options().verify;
        if !safe && !same_owner(&answered, &service) {
            let message = format!(
                "will not send a password to `{}` over plain http; sign in to the server's portal instead",
                service.host_str().unwrap_or_default()
            );
            return Err(Error::new(Kind::Input, message).at(&answered));
        }
        *self.tokens.write().await = Some(service.clone());
        Ok(service)
    }

    /// Calls a resource below `sharing/rest` (of a server: below its root) with the token, and returns its JSON.
    pub async fn call(&self, path: &str, fields: &[(&str, &str)], repeat: Repeat) -> Result<Value> {
        let mut form: Vec<Field> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        if !fields.iter().any(|(name, _)| *name == "f") {
            form.push(("f".to_owned(), "json".to_owned()));
        }
        self.with_token(path, repeat, |client, url, token| {
            let mut form = form.clone();
            if let Some(token) = token {
                form.push(("token".to_owned(), token.token.reveal().to_owned()));
            }
            Ok(client.post(url).form(&form))
        })
        .await
    }

    /// Sends a request that `build` makes anew for every attempt; a refused token is renewed once.
    pub(crate) async fn with_token<F>(&self, path: &str, repeat: Repeat, build: F) -> Result<Value>
    where
        F: Fn(&reqwest::Client, reqwest::Url, Option<&Token>) -> Result<reqwest::RequestBuilder>,
    {
        let mut token = self.token().await?;
        let mut renewed = false;
        loop {
            let address = self.address().await;
            let url = address.rest(path)?;
            let answer = self
                .transport
                .send(&url, repeat, |client, url| {
                    let mut request = build(client, url, token.as_ref())?;
                    if let Some(token) = &token {
                        let bearer = format!("Bearer {}", token.token.reveal());
                        request = request.header("X-Esri-Authorization", bearer);
                    }
                    Ok(request)
                })
                .await;
            match (answer, &token) {
                (Ok((reply, answered)), _) => {
                    if (answered.scheme(), answered.port()) != (url.scheme(), url.port()) {
                        *self.address.write().await = address.moved_to(&answered);
                    }
                    return Ok(reply);
                }
                (Err(error), Some(old)) if error.kind() == Kind::Authentication && !renewed => {
                    renewed = true;
                    if self.portal.is_none() && self.state.read().await.credentials.is_none() {
                        let remedy = format!("Sign in to `{}` again.", address.root());
                        return Err(error.explain(&remedy));
                    }
                    token = Some(self.renew(old).await?);
                }
                (Err(error), _) => return Err(error),
            }
        }
    }

    /// Name of the signed-in user, from the portal.
    pub async fn username(&self) -> Result<String> {
        if let Some(portal) = &self.portal {
            return Box::pin(portal.username()).await;
        }
        if let Some(credentials) = &self.state.read().await.credentials {
            return Ok(credentials.username.clone());
        }
        let reply = self.call("community/self", &[], Repeat::Safe).await?;
        reply.get("username").and_then(Value::as_str).map(str::to_owned).ok_or_else(|| {
            Error::new(Kind::Authentication, "nobody is signed in to the portal; sign in first")
        })
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
