//! Who asks, and whether they may.

pub(crate) mod oauth;
pub mod password;
mod sessions;
mod throttle;
pub mod tokens;

use std::sync::Arc;

pub use sessions::{Pending, Sessions};
pub use throttle::Throttle;

use crate::error::{Result, SiteError};
use crate::params::Params;
use crate::state::items::Sharing;
use crate::state::services::Service;

/// What a user may do.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Role {
    /// Sees what is shared.
    Viewer,
    /// Makes items and edits features.
    User,
    /// Publishes services too.
    Publisher,
    /// May do everything to everything.
    Administrator,
}

impl Role {
    /// Reads a role by Esri's name.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "viewer" | "org_viewer" | "iaaaaaaaaaaaaaaa" => Self::Viewer,
            "user" | "org_user" => Self::User,
            "publisher" | "org_publisher" => Self::Publisher,
            "admin" | "administrator" | "org_admin" => Self::Administrator,
            _ => return None,
        })
    }

    /// Returns Esri's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "iAAAAAAAAAAAAAAA",
            Self::User => "org_user",
            Self::Publisher => "org_publisher",
            Self::Administrator => "org_admin",
        }
    }

    /// Returns Esri's names of what the role may do.
    pub fn privileges(self) -> Vec<&'static str> {
        let mut all = vec![
            "portal:user:joinGroup",
            "portal:user:viewOrgGroups",
            "portal:user:viewOrgItems",
            "portal:user:viewOrgUsers",
        ];
        if self >= Self::User {
            all.extend([
                "features:user:edit",
                "portal:user:createGroup",
                "portal:user:createItem",
                "portal:user:shareGroupToOrg",
                "portal:user:shareGroupToPublic",
                "portal:user:shareToGroup",
                "portal:user:shareToOrg",
                "portal:user:shareToPublic",
            ]);
        }
        if self >= Self::Publisher {
            all.extend([
                "portal:publisher:publishFeatures",
                "portal:publisher:publishScenes",
                "portal:publisher:publishTiles",
                "portal:publisher:publishServerServices",
            ]);
        }
        if self >= Self::Administrator {
            all.extend([
                "features:user:fullEdit",
                "portal:admin:deleteItems",
                "portal:admin:manageServers",
                "portal:admin:reassignItems",
                "portal:admin:shareToPublic",
                "portal:admin:updateItems",
                "portal:admin:viewItems",
                "portal:admin:viewUsers",
            ]);
        }
        all.sort_unstable();
        all
    }
}

/// Somebody who signed in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Caller {
    /// The user's name as the portal writes it.
    pub username: Arc<str>,
    /// What the user may do.
    pub role: Role,
}

impl Caller {
    /// Makes a caller.
    pub fn new(username: &str, role: Role) -> Self {
        Self { username: username.into(), role }
    }

    /// Returns whether this is the user of that name.
    pub fn is(&self, username: &str) -> bool {
        self.username.eq_ignore_ascii_case(username)
    }

    /// Returns whether the caller may do everything to everything.
    pub fn is_administrator(&self) -> bool {
        self.role == Role::Administrator
    }

    /// Returns whether the caller may change what `owner` owns.
    pub fn controls(&self, owner: &str) -> bool {
        self.is(owner) || self.is_administrator()
    }

    /// Returns an error (403) unless the caller has at least this role.
    pub fn require(&self, role: Role) -> Result<()> {
        if self.role >= role { Ok(()) } else { Err(SiteError::forbidden()) }
    }
}

/// What a caller wants to do with a service.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Need {
    /// See its description and query it.
    View,
    /// Change features; the capability that allows it: `Create`, `Update` or `Delete`.
    Edit(&'static str),
    /// Change its definition.
    Manage,
}

/// Decides whether the caller of this request may do this with a service.
///
/// # Errors
/// 498 for a bad token, 499 when a token would help, 403 when it would not, 400 when the service
/// does not offer the operation.
pub fn authorize(params: &Params, service: &Service, need: Need) -> Result<()> {
    let caller = params.caller()?;
    let sharing = service.sharing();
    if !may_view(caller, &sharing) {
        return Err(if caller.is_none() { SiteError::token_required() } else { SiteError::forbidden() });
    }
    let controls = caller.is_some_and(|caller| caller.controls(&sharing.owner));
    match need {
        Need::View => Ok(()),
        // As at Esri, owners and administrators edit even layers that are closed to others.
        Need::Edit(capability) if controls || service.offers(capability) => Ok(()),
        Need::Edit(_) if caller.is_none() => Err(SiteError::token_required()),
        Need::Edit(capability) => Err(SiteError::bad_request("This operation is not supported.")
            .detail(format!("the service does not have the capability '{capability}'"))),
        Need::Manage if controls => Ok(()),
        Need::Manage if caller.is_none() => Err(SiteError::token_required()),
        Need::Manage => Err(SiteError::forbidden()),
    }
}

/// Decides whether somebody may see what is shared in this way.
pub fn may_view(caller: Option<&Caller>, sharing: &Sharing) -> bool {
    if sharing.access == "public" {
        return true;
    }
    let Some(caller) = caller else { return false };
    caller.controls(&sharing.owner)
        || sharing.access == "org"
        || sharing.members.iter().any(|member| caller.is(member))
}
