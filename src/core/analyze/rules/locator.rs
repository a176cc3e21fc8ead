//! Locators.

use super::{Product, Rule, rule};

const GEOCODE: &[Product] = &[Product::Geocode];

pub(super) const RULES: &[Rule] = &[
    rule(94, GEOCODE, |case, said, code| {
        for member in case.input.locator.iter().flat_map(|facts| &facts.missing_members) {
            said.finding(code, &[], &format!("there is no `{member}`"), Some(member));
        }
    }),
    rule(96, GEOCODE, |case, said, code| {
        let Some(facts) = case.input.locator else { return };
        let name = facts.path.rsplit(['/', '\\']).next().unwrap_or_default();
        let spaced = name.rsplit_once('.').is_some_and(|(stem, _)| stem.ends_with(' '));
        if let Some(fault) = &facts.fault {
            said.finding(code, &[], fault, Some(&facts.path));
        } else if spaced {
            said.finding(code, &[], "its name ends with a space", Some(&facts.path));
        }
    }),
    rule(24_020, GEOCODE, |case, said, code| {
        if case.input.locator.is_some_and(|facts| facts.has_spatial_reference == Some(false)) {
            said.say(code, &[]);
        }
    }),
];
