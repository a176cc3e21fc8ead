//! The embedded site: a portal and a server that speak ArcGIS REST, in one process on one port.
//!
//! `portal` holds people, items and publishing, `rest` the services, `admin` the few administrative
//! resources that publishing touches. Nothing here calls out to the network.
#![recursion_limit = "256"]

mod admin;
pub mod app;
pub mod auth;
pub mod error;
mod home;
pub mod html;
pub mod jobs;
pub mod outlet;
pub mod params;
mod portal;
pub mod publish;
pub mod reply;
pub mod rest;
pub mod serve;
mod stall;
pub mod state;
pub mod store;
pub mod tls;

pub use error::SiteError;
pub use params::Params;
pub use reply::Reply;
pub use serve::Site;
pub use state::Context;
