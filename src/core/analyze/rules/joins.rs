//! Joins and relates.

use super::{DRAWN, Product, Rule, arcmap, rule};
use crate::cim::items;

pub(super) const RULES: &[Rule] = &[
    arcmap(10_014, DRAWN, |case, said, code| {
        for member in case.feature_layers().filter(|member| member.is_joined()) {
            // The joined columns are written as `table.field`.
            let drawn = member.renderer().is_some_and(|renderer| {
                let fields = items(renderer, "fields").iter().filter_map(serde_json::Value::as_str);
                fields.chain(crate::cim::text(renderer, "field")).any(|field| field.contains('.'))
            });
            let labelled = member.layer.as_ref().is_some_and(|layer| layer.labels_visible)
                && items(&member.definition, "labelClasses")
                    .iter()
                    .filter_map(|class| crate::cim::text(class, "expression"))
                    .any(|expression| expression.matches('.').count() > 1 || expression.contains("['"));
            let selected = member.query.as_deref().is_some_and(|sql| sql.contains('.'));
            if drawn || labelled || selected {
                said.about(code, &[], member);
            }
        }
    }),
    rule(24_040, &[Product::Feature], |case, said, code| {
        for member in case.shared().filter(|member| !items(member.table(), "relates").is_empty()) {
            said.about(code, &[], member);
        }
    }),
];
