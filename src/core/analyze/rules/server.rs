//! What the server that was asked has registered and may run.

use super::{Case, DRAWN, Product, Rule, Said, rule};
use crate::analyze::case::Member;
use crate::analyze::{DataItem, ServerFacts};
use crate::project::LayerKind;

const REFERENCING: &[Product] = &[Product::MapImage, Product::MapService, Product::Feature, Product::Scene];

pub(super) const RULES: &[Rule] = &[
    rule(231, &[Product::MapImage, Product::Scene], |case, said, code| {
        if !case.target.by_reference
            || !(case.target.serves_features() || case.target.product == Product::Scene)
        {
            return;
        }
        unregistered(case, |member, why| said.because(code, &[], member, why));
    }),
    rule(24_011, REFERENCING, |case, said, code| copied(case, said, code, false)),
    rule(24_012, REFERENCING, |case, said, code| copied(case, said, code, true)),
    rule(147, DRAWN, |case, said, code| {
        let Some(roles) = case.input.server.and_then(|server| server.roles.as_ref()) else { return };
        let has = |role: &str| roles.iter().any(|known| known.to_lowercase().contains(role));
        for member in &case.members {
            let needs = match (member.kind(), member.type_name()) {
                (Some(LayerKind::Mosaic), _) => ("imageserver", "ArcGIS Image Server role"),
                (_, "CIMNALayer" | "CIMNetworkDatasetLayer") => ("network", "Network Analyst extension"),
                (_, "CIMUtilityNetworkLayer") => ("utilitynetwork", "Utility Network user type extension"),
                _ => continue,
            };
            if !has(needs.0) {
                said.about(code, &[needs.1], member);
            }
        }
    }),
];

fn copied(case: &Case<'_>, said: &mut Said<'_>, code: u32, tables: bool) {
    // Hosted layers always copy, which is no news.
    if !case.target.by_reference
        || (case.target.product == Product::MapImage && case.target.serves_features())
    {
        return;
    }
    unregistered(case, |member, why| {
        if member.is_table() == tables {
            said.because(code, &[], member, why);
        }
    });
}

/// Calls `say` for each member whose data the server does not know, with what differs.
fn unregistered(case: &Case<'_>, mut say: impl FnMut(&Member<'_>, &str)) {
    let Some(items) = case.input.server.and_then(|server: &ServerFacts| server.data_items.as_ref()) else {
        return;
    };
    for member in case.shared() {
        if let Some(why) = unknown(member, items) {
            say(member, &why);
        }
    }
}

fn unknown(member: &Member<'_>, items: &[DataItem]) -> Option<String> {
    if member.factory() == "SDE" {
        let own = keys(&member.connection.as_ref()?.base().redacted());
        let mut nearest: Option<Vec<String>> = None;
        for item in items.iter().filter(|item| !item.connection.is_empty()) {
            let known = keys(&item.connection);
            let wrong: Vec<String> = own
                .iter()
                .filter(|(key, value)| known.iter().any(|(name, other)| name == key && other != value))
                .map(|(key, _)| key.to_uppercase())
                .collect();
            if wrong.is_empty() {
                return None;
            }
            if nearest.as_ref().is_none_or(|found| wrong.len() < found.len()) {
                nearest = Some(wrong);
            }
        }
        return Some(match nearest {
            Some(wrong) => format!("the nearest registered database differs in {}", wrong.join(", ")),
            None => "the server has no database registered".to_owned(),
        });
    }
    let source = member.filtered()?;
    let folders = || items.iter().filter(|item| !item.client_path.is_empty());
    if folders().any(|item| item.holds(&source.path)) {
        return None;
    }
    Some(format!("no registered folder holds it; there are {}", folders().count()))
}

fn keys(connection: &str) -> Vec<(String, String)> {
    let significant = ["server", "instance", "database", "user", "version", "branch", "authentication_mode"];
    connection
        .split(';')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.trim().to_lowercase(), value.trim().to_lowercase()))
        .filter(|(key, _)| significant.contains(&key.as_str()))
        .collect()
}
