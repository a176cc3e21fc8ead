//! Editing, sync and versions.

use super::{Case, DRAWN, Product, Rule, Said, rule};
use crate::analyze::case::Member;
use crate::dataset::Registration;

const EDITED: &[Product] = &[Product::Feature, Product::MapImage, Product::MapService];
const NO_DATABASE: &str = "the enterprise geodatabase was not asked, since nothing here connects to it";

pub(super) const RULES: &[Rule] = &[
    rule(184, EDITED, |case, said, code| sync(case, said, code, false)),
    rule(185, EDITED, |case, said, code| sync(case, said, code, true)),
    rule(191, EDITED, |case, said, code| {
        let [create, update, delete] = ["Create", "Update", "Delete"].map(|word| case.target.offers(word));
        // Hosted layers sync whatever they offer; the rule is about services that refer to a database.
        let partial = (create || update || delete) && !(create && update && delete);
        if case.target.offers("Sync") && partial && case.target.product != Product::Feature {
            said.say(code, &[]);
        }
    }),
    rule(264, DRAWN, |case, said, code| versions(case, said, code, Registration::Branch)),
    rule(271, DRAWN, |case, said, code| versions(case, said, code, Registration::Traditional)),
    rule(298, DRAWN, |case, said, code| {
        if case.target.extension("ValidationServer").is_none() {
            return;
        }
        for table in ["PointErrors", "LineErrors", "PolygonErrors", "ObjectErrors"] {
            let there = case.members.iter().any(|member| {
                let dataset =
                    member.connection.as_ref().map(|connection| connection.dataset().to_lowercase());
                dataset.is_some_and(|name| name.ends_with(&format!("gdb_validation{}", table.to_lowercase())))
            });
            if !there {
                said.say(code, &[&format!("GDB_Validation{table}")]);
            }
        }
    }),
];

fn sync(case: &Case<'_>, said: &mut Said<'_>, code: u32, tables: bool) {
    // A hosted layer's copy gets global ids when it is published.
    if !case.target.offers("Sync") || case.target.product == Product::Feature {
        return;
    }
    for member in case.shared().filter(|member| member.is_table() == tables) {
        match member.dataset() {
            Some(dataset) if dataset.global_id_field.is_none() => {
                said.because(code, &[], member, "it has no global ids");
            }
            None if member.factory() == "SDE" => said.unknown_for(code, NO_DATABASE, member),
            _ => {}
        }
    }
}

/// Whether a class is versioned otherwise than its connection.
fn versions(case: &Case<'_>, said: &mut Said<'_>, code: u32, kind: Registration) {
    if !case.target.is_editable() || !case.target.by_reference {
        return;
    }
    for member in case.shared().filter(|member| member.factory() == "SDE") {
        let Some(registration) = member.details().and_then(|details| details.registration) else {
            said.unknown_for(code, NO_DATABASE, member);
            continue;
        };
        if registration == kind && is_branch(member) != (kind == Registration::Branch) {
            let name = member.connection.as_ref().map_or("", |connection| connection.dataset());
            said.about(code, &[name], member);
        }
    }
}

fn is_branch(member: &Member<'_>) -> bool {
    member.connection.as_ref().is_some_and(|connection| {
        connection.workspace_value("BRANCH").is_some_and(|branch| !branch.is_empty())
    })
}
