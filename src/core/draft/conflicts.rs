//! Properties that contradict each other.

use super::SharingDraft;
use crate::analyze::{Finding, Severity};
use crate::sddraft::table::{self, ServiceKind};

/// A property that has an effect only while another one is on.
const NEEDS: &[(&str, &str)] = &[
    ("cache.useExistingCache", "enableCache"),
    ("cache.exportTilesCount", "cache.exportTiles"),
    ("cache.cacheOnDemand", "enableCache"),
    ("offlineTarget", "offline"),
];

impl SharingDraft {
    /// Returns properties that contradict each other, or that were set and have no effect.
    pub fn contradictions(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let properties = &self.properties;
        let mut say = |severity, text: String| findings.push(Finding::new(severity, 0, text));
        let has = |name: &str| table::row(self.kind(), name).is_some();
        let number = |name: &str| properties.get(name).ok().and_then(|value| value.as_i64());
        if let (Some(least), Some(most)) = (number("pooling.minInstances"), number("pooling.maxInstances"))
            && least > most
        {
            say(
                Severity::Error,
                format!(
                    "`pooling.minInstances` is {least} and `pooling.maxInstances` is {most}: at most as many \
                     processes always run as run at all, so raise `pooling.maxInstances`"
                ),
            );
        }
        if matches!(properties.text("pooling.type").as_str(), "SHARED" | "DMaps") {
            for name in ["pooling.minInstances", "pooling.maxInstances"] {
                if properties.is_set(name) {
                    let text =
                        format!("`{name}` has no effect in a shared pool: set `pooling.type` to `DEDICATED`");
                    say(Severity::Warning, text);
                }
            }
        }
        for (name, other) in NEEDS {
            let set = properties.is_set(name) && !is_default(self, name);
            if set && has(other) && !properties.flag(other) {
                say(Severity::Warning, format!("`{name}` has no effect while `{other}` is False"));
            }
        }
        for extension in switched_off(self) {
            let text = format!(
                "properties of `extension.{extension}` have no effect while `extension.{extension}.isEnabled` is \
                 False"
            );
            say(Severity::Warning, text);
        }
        let level = properties.text("sharing.sharingLevel");
        if self.kind() == ServiceKind::MapService
            && (!level.is_empty() || !properties.text("sharing.groups").is_empty())
        {
            say(
                Severity::Warning,
                "`sharing` has no effect on a stand-alone server, which has no portal items".to_owned(),
            );
        }
        if properties.flag("approvePublicDataCollection")
            && has("sharing.sharingLevel")
            && level != "EVERYONE"
        {
            say(
                Severity::Warning,
                "`approvePublicDataCollection` has no effect until `sharing.sharingLevel` is `EVERYONE`"
                    .to_owned(),
            );
        }
        findings
    }
}

fn is_default(draft: &SharingDraft, name: &str) -> bool {
    let default = table::row(draft.kind(), name).map(|row| row.default.to_value());
    draft.properties.get(name).ok() == default
}

/// Extensions whose properties were set while they are off.
fn switched_off(draft: &SharingDraft) -> Vec<&'static str> {
    let mut off: Vec<&'static str> = Vec::new();
    for row in table::rows(draft.kind()) {
        let Some(rest) = row.property.strip_prefix("extension.") else { continue };
        let Some((extension, key)) = rest.split_once('.') else { continue };
        let on = draft.properties.flag(&format!("extension.{extension}.isEnabled"));
        let changed = draft.properties.is_set(row.property) && !is_default(draft, row.property);
        if key != "isEnabled" && !on && changed && !off.contains(&extension) {
            off.push(extension);
        }
    }
    off
}
