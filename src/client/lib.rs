//! Speaks to portals: signs in, uploads service definitions in parts, publishes, waits for jobs.
//!
//! One [`Session`] holds one portal's address, the token and its renewal. Requests that change
//! nothing twice are repeated after transient failures; others only where the portal has surely
//! not acted. Stand-alone servers are not spoken to yet: their administration API is another one.
#![forbid(unsafe_code)]

mod address;
mod content;
mod error;
mod secret;
mod session;
mod transport;
mod upload;

pub use address::Address;
pub use content::{Definition, Published, Service, Sharing};
pub use error::{Error, Kind, Result};
pub use secret::Secret;
pub use session::{Session, Token};
pub use transport::{Options, Repeat};
pub use upload::Progress;
