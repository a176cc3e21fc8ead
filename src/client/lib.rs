//! Speaks to portals and servers: signs in, uploads service definitions in parts, publishes, waits for jobs.
//!
//! One [`Session`] holds one address, the token and its renewal; a session at a federated server uses
//! its portal's. Requests that change nothing twice are repeated after transient failures; others only
//! where the other side has surely not acted.
#![forbid(unsafe_code)]

mod address;
mod content;
mod error;
mod secret;
mod server;
mod session;
mod transport;
mod upload;

pub use address::Address;
pub use content::{Definition, Published, Service, Sharing};
pub use error::{Error, Kind, Result};
pub use secret::Secret;
pub use server::{ServerDefinition, ServerPublished};
pub use session::{Session, Token};
pub use transport::{Options, Repeat};
pub use upload::Progress;
