//! What can be said about a feature draft before it is staged.

use super::{FeatureSharingDraft, Member, MemberKind, service_name};
use crate::analyze::{Finding, Severity};

fn about<'a>(
    severity: Severity,
    code: u32,
    text: impl Into<String>,
    members: impl IntoIterator<Item = &'a Member>,
) -> Option<Finding> {
    let mut members = members.into_iter().peekable();
    members.peek()?;
    let finding = Finding::new(severity, code, text);
    Some(members.fold(finding, |finding, member| finding.about(&member.long_name)))
}

impl FeatureSharingDraft {
    /// Returns what there is to say: errors stop publishing, warnings do not.
    pub fn check(&self) -> Vec<Finding> {
        let mut findings = service_name(&self.properties.text("serviceName")).1;
        findings.extend(self.check_sign_in());
        findings.extend(self.check_members());
        findings.extend(self.check_item());
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

    fn check_members(&self) -> Vec<Finding> {
        let source = &self.source;
        if source.members.is_empty() {
            return vec![Finding::new(Severity::Error, 1, "Data frame does not have layers")];
        }
        let mut findings = Vec::new();
        for member in source.members.iter().filter(|member| member.kind == MemberKind::Other) {
            let text = format!("Layer's data source is not supported: {}", member.type_name);
            findings.extend(about(Severity::Warning, 24_078, text, [member]));
        }
        let mut shared = source.feature_layers();
        shared.extend(source.tables());
        if shared.is_empty() {
            findings.push(Finding::new(
                Severity::Error,
                102,
                format!("{} does not contain a required layer type for Web Feature Layer", source.map_name),
            ));
        }
        for member in shared.iter().copied().filter(|member| member.broken) {
            let (code, thing) =
                if member.kind == MemberKind::Table { (32, "Standalone table") } else { (3, "Layer") };
            let text = format!(
                "{thing}'s data source is inaccessible: `{}`; repair the data source or leave it out",
                member.data_source
            );
            findings.extend(about(Severity::Error, code, text, [member]));
        }
        let nameless = shared.iter().copied().filter(|member| member.long_name.trim().is_empty());
        findings.extend(about(Severity::Error, 115, "Layer name is empty", nameless));
        if self.properties.flag("checkUniqueIDAssignment") && source.unique_ids == Some(false) {
            findings.push(Finding::new(Severity::Error, 374, "Unique numeric IDs are not assigned"));
        }
        findings
    }

    fn check_item(&self) -> Vec<Finding> {
        let text = self.item_text();
        let mut findings = Vec::new();
        if text.summary.trim().is_empty() {
            findings.push(Finding::new(Severity::Warning, 24_058, "Missing Summary in Item Description"));
        }
        if text.tags.trim().is_empty() {
            findings.push(Finding::new(Severity::Warning, 24_059, "Missing Tags in Item Description"));
        }
        findings
    }
}
