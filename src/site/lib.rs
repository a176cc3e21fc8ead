//! The embedded site: a portal and a server that speak ArcGIS REST, in one process on one port.
//!
//! `portal` holds people, items and publishing, `rest` the services, `admin` the few administrative
//! resources that publishing touches. Nothing here calls out to the network.
#![recursion_limit = "256"]

pub mod auth;
pub mod error;
pub mod html;
pub mod params;
pub mod publish;
pub mod reply;
pub mod state;
pub mod store;

pub use error::SiteError;
pub use params::Params;
pub use reply::Reply;
pub use state::Context;
