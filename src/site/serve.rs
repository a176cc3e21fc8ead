//! A running site: one port for HTTP and TLS, and a clean end.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use geosharing_core::{Error, Kind, Result};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::app::app;
use crate::params::{Peer, Scheme};
use crate::stall::StallGuard;
use crate::state::{Context, Limits, Settings};
use crate::tls;

/// First byte of a TLS handshake; no HTTP request begins with it.
const HANDSHAKE: u8 = 0x16;
const LARGEST_HEAD: usize = 128 * 1024;
const WORKERS: usize = 4;

/// A site that answers until it is stopped or dropped.
#[derive(Debug)]
pub struct Site {
    context: Context,
    address: SocketAddr,
    host: String,
    stop: watch::Sender<bool>,
    runtime: Option<Runtime>,
    accepting: Option<tokio::task::JoinHandle<JoinSet<()>>>,
}

impl Site {
    /// Starts a site on an address; port 0 takes a free one.
    ///
    /// # Errors
    /// When the folder cannot be used or the port is taken.
    pub fn start(settings: Settings, host: &str, port: u16) -> Result<Self> {
        let context = Context::open(settings)?;
        let ip: IpAddr = if host.eq_ignore_ascii_case("localhost") {
            IpAddr::from([127, 0, 0, 1])
        } else {
            host.parse().map_err(|_| {
                Error::invalid(format!("`{host}` is not an address to listen on; use 127.0.0.1"))
            })?
        };
        let acceptor = tls::acceptor(context.folder(), host)?;
        let workers =
            std::thread::available_parallelism().map_or(2, std::num::NonZero::get).clamp(2, WORKERS);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(workers)
            .thread_name("geosharing-site")
            .enable_all()
            .build()
            .map_err(|error| Error::new(Kind::Io, format!("cannot start the site's threads: {error}")))?;
        let listen = SocketAddr::new(ip, port);
        let listener = runtime.block_on(TcpListener::bind(listen)).map_err(|error| {
            Error::new(
                Kind::Conflict,
                format!("cannot listen on `{listen}`: {error}; choose another port, or 0 for a free one"),
            )
        })?;
        let address = listener
            .local_addr()
            .map_err(|error| Error::new(Kind::Io, format!("cannot tell the site's port: {error}")))?;
        context.geoprocessing().start(&context)?;
        let (stop, stopped) = watch::channel(false);
        let router = app(context.clone());
        let limits = context.limits().clone();
        let accepting = runtime.spawn(accept(listener, acceptor, router, limits, stopped));
        Ok(Self {
            context,
            address,
            host: host.to_owned(),
            stop,
            runtime: Some(runtime),
            accepting: Some(accepting),
        })
    }

    /// Returns the site's state.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Returns the address on which the site listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns `http://host:port`; the same port answers `https`.
    pub fn url(&self) -> String {
        let host = match self.address.ip() {
            ip if ip.is_unspecified() => "127.0.0.1".to_owned(),
            IpAddr::V6(ip) => format!("[{ip}]"),
            IpAddr::V4(ip) if self.host.eq_ignore_ascii_case("localhost") && ip.is_loopback() => {
                "localhost".to_owned()
            }
            IpAddr::V4(ip) => ip.to_string(),
        };
        format!("http://{host}:{}", self.address.port())
    }

    /// Returns where the certificate lies.
    pub fn certificate_path(&self) -> PathBuf {
        tls::certificate_path(self.context.folder())
    }

    /// Copies the certificate, so that clients can be told to trust it.
    pub fn export_certificate(&self, to: &Path) -> Result<()> {
        let path = self.certificate_path();
        let bytes = std::fs::read(&path).map_err(|error| Error::io("read", &path, error))?;
        tls::write_aside(to, &bytes)
    }

    /// Stops: takes no new requests, lets those under way finish until the deadline, and ends.
    pub fn stop(&mut self, deadline: Duration) {
        let _ = self.stop.send(true);
        let (Some(runtime), Some(accepting)) = (self.runtime.take(), self.accepting.take()) else { return };
        runtime.block_on(async {
            let drain = async {
                if let Ok(mut connections) = accepting.await {
                    while connections.join_next().await.is_some() {}
                }
            };
            let _ = tokio::time::timeout(deadline, drain).await;
        });
        self.context.geoprocessing().stop();
        runtime.shutdown_timeout(Duration::from_secs(1));
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stop(Duration::from_secs(2));
    }
}

async fn accept(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    router: Router,
    limits: Limits,
    mut stopped: watch::Receiver<bool>,
) -> JoinSet<()> {
    let room = Arc::new(Semaphore::new(limits.connections));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return connections };
        let accepted = tokio::select! {
            _ = stopped.changed() => return connections,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (acceptor, router) = (acceptor.clone(), router.clone());
                let (limits, stopped) = (limits.clone(), stopped.clone());
                connections.spawn(async move {
                    connection(stream, peer.ip(), acceptor, router, limits, stopped).await;
                    drop(permit);
                });
            }
            Err(error) => {
                // Out of descriptors, usually; give connections time to end.
                tracing::warn!("cannot accept a connection: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn connection(
    stream: TcpStream,
    peer: IpAddr,
    acceptor: TlsAcceptor,
    router: Router,
    limits: Limits,
    mut stopped: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let mut first = [0];
    let peeked = tokio::select! {
        _ = stopped.changed() => return,
        peeked = tokio::time::timeout(limits.header_time, stream.peek(&mut first)) => peeked,
    };
    if !matches!(peeked, Ok(Ok(1))) {
        return;
    }
    if first == [HANDSHAKE] {
        let handshake = tokio::time::timeout(limits.header_time, acceptor.accept(stream)).await;
        if let Ok(Ok(stream)) = handshake {
            talk(stream, peer, "https", router, limits, stopped).await;
        }
    } else {
        talk(stream, peer, "http", router, limits, stopped).await;
    }
}

async fn talk<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    peer: IpAddr,
    scheme: &'static str,
    router: Router,
    limits: Limits,
    mut stopped: watch::Receiver<bool>,
) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        request.extensions_mut().insert(Scheme(scheme));
        router.clone().oneshot(request.map(Body::new))
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_time)
        .max_buf_size(LARGEST_HEAD)
        .max_headers(100);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(limits.idle_time / 3)
        .keep_alive_timeout(limits.header_time)
        .max_concurrent_streams(64)
        .max_header_list_size(LARGEST_HEAD as u32);
    let stream = TokioIo::new(StallGuard::new(stream, limits.idle_time));
    let mut talking = pin!(builder.serve_connection(stream, service));
    tokio::select! {
        _ = talking.as_mut() => return,
        _ = stopped.changed() => talking.as_mut().graceful_shutdown(),
    }
    let _ = talking.await;
}
