//! Names of services.

use crate::analyze::{Finding, Severity};

/// The longest name that servers take.
pub const MAX_NAME: usize = 120;

/// Returns the name as it is published, and what there is to say about it.
///
/// Spaces and hyphens become underscores, because published scripts use them; other characters that no
/// server takes are errors.
pub fn service_name(asked: &str) -> (String, Vec<Finding>) {
    let mut findings = Vec::new();
    let trimmed = asked.trim();
    let name: String = trimmed.chars().map(|c| if c.is_whitespace() || c == '-' { '_' } else { c }).collect();
    if name != asked {
        let text = format!("service name `{asked}` has spaces or hyphens and is published as `{name}`");
        findings.push(Finding::new(Severity::Warning, 0, text));
    }
    if name.is_empty() {
        let text = "the service has no name: pass a service_name of letters, digits and underscores";
        findings.push(Finding::new(Severity::Error, 0, text));
    }
    let length = name.chars().count();
    if length > MAX_NAME {
        let start: String = name.chars().take(30).collect();
        let text = format!(
            "service name `{start}...` has {length} characters and servers take {MAX_NAME}: choose a shorter one"
        );
        findings.push(Finding::new(Severity::Error, 0, text));
    }
    let mut refused: Vec<char> = name.chars().filter(|c| !c.is_alphanumeric() && *c != '_').collect();
    refused.sort_unstable();
    refused.dedup();
    if !refused.is_empty() {
        let shown: Vec<String> = refused.iter().take(10).map(|c| format!("`{}`", c.escape_debug())).collect();
        let text = format!(
            "service name `{name}` has characters that no server takes ({}): use letters, digits and underscores",
            shown.join(", ")
        );
        findings.push(Finding::new(Severity::Error, 0, text));
    }
    (name, findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(name: &str) -> Vec<String> {
        let findings = service_name(name).1.into_iter();
        findings.filter(|found| found.severity == Severity::Error).map(|found| found.text).collect()
    }

    #[test]
    fn spaces_become_underscores_with_a_warning() {
        let (name, findings) = service_name("SPW AGO Public-Data");
        assert_eq!(name, "SPW_AGO_Public_Data");
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].severity, Severity::Warning);
    }

    #[test]
    fn letters_of_any_script_pass_and_punctuation_does_not() {
        assert!(errors("Stra\u{df}en_\u{9053}\u{8def}_2024").is_empty());
        assert!(errors("a/b?").concat().contains("`/`, `?`"));
        assert!(errors("").concat().contains("no name"));
    }

    #[test]
    fn the_limit_is_120_characters() {
        assert!(errors(&"n".repeat(120)).is_empty());
        assert!(errors(&"n".repeat(121)).concat().contains("121 characters"));
    }
}
