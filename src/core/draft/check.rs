//! What a feature draft knows of itself; [`crate::analyze`] says the rest, with the map in hand.

use super::{FeatureSharingDraft, service_name};
use crate::analyze::{Finding, Severity};

impl FeatureSharingDraft {
    /// Returns what there is to say of the name and the portal.
    pub fn check(&self) -> Vec<Finding> {
        let mut findings = service_name(&self.properties.text("serviceName")).1;
        findings.extend(self.check_sign_in());
        findings
    }

    /// Returns whether the draft cannot be written at all: it has no portal and does not do without.
    pub fn lacks_portal(&self) -> bool {
        self.source.portal.is_none() && !self.properties.flag("offline")
    }

    fn check_sign_in(&self) -> Option<Finding> {
        self.lacks_portal().then(|| {
            Finding::new(
                Severity::Error,
                0,
                "not signed in to a portal: call SignInToPortal first, or set offline to True to write the \
                 draft without a portal",
            )
        })
    }
}
