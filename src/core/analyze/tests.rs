//! Every row of the catalogue has a rule or a reason.

use std::collections::BTreeSet;

use super::*;

#[test]
fn each_row_of_the_catalogue_has_a_rule_or_a_reason() {
    let ruled: BTreeSet<u32> = rules::all().map(|rule| rule.code).collect();
    let mut lacking = Vec::new();
    for row in catalogue() {
        let decided = ruled.contains(&row.code);
        let said = reason(row.code).is_some();
        let fine = match row.decided {
            Decided::Yes => decided,
            Decided::Partial => decided || said,
            Decided::No => said && !decided,
        };
        if !fine {
            lacking.push(row.id);
        }
    }
    assert_eq!(lacking, Vec::<&str>::new());
    let known: BTreeSet<u32> = catalogue().iter().map(|row| row.code).collect();
    assert!(ruled.is_subset(&known));
}

#[test]
fn the_catalogue_holds_the_148_documented_analyzers_and_one_tool_error() {
    assert_eq!(catalogue().len(), 149);
    assert_eq!(catalogue().iter().filter(|row| row.decided == Decided::Yes).count(), 91);
    for row in catalogue() {
        assert!(!row.cause.is_empty() && !row.fix.is_empty() && row.url.starts_with("http"), "{}", row.id);
    }
}

#[test]
fn titles_take_their_values_in_order() {
    let row = entry(102).unwrap();
    assert_eq!(
        row.fill(&["Map", "Web Tile Layer"]),
        "Map does not contain a required layer type for Web Tile Layer"
    );
    assert_eq!(entry(24_078).unwrap().plain(), "Layer's data source is not supported");
}
