//! What a draft knows of itself; [`crate::analyze`] says the rest, with the map in hand.

use super::{SharingDraft, service_name};
use crate::analyze::{Finding, Severity};
use crate::sddraft::table::ServiceKind;

const SIGN_IN: &str = "not signed in to a portal: call SignInToPortal first, or set offline to True to write the \
                       draft without a portal";

impl SharingDraft {
    /// Returns what there is to say of the name, the portal or server, and contradicting properties.
    pub fn check(&self) -> Vec<Finding> {
        let mut findings = service_name(&self.properties.text("serviceName")).1;
        findings.extend(self.check_target());
        findings.extend(self.contradictions());
        findings
    }

    fn check_target(&self) -> Option<Finding> {
        let text = match self.kind() {
            _ if !self.lacks_target() => return None,
            ServiceKind::MapImage if self.source.portal.is_some() => {
                "Missing target server: set federatedServerUrl to the address of the federated server, or offline \
                 to True"
            }
            ServiceKind::MapService | ServiceKind::Image | ServiceKind::Geocode => {
                "Missing target server: set targetServer to the address of the server or the path of an .ags file, \
                 or offline to True"
            }
            _ => SIGN_IN,
        };
        Some(Finding::new(Severity::Error, 0, text))
    }
}
