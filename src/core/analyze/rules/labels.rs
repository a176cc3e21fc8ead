//! Labels and what else selects by attributes.

use super::{DRAWN, Rule, arcmap};
use crate::cim::{flag, items, text};

pub(super) const RULES: &[Rule] = &[arcmap(10_036, DRAWN, |case, said, code| {
    for member in
        case.feature_layers().filter(|it| it.layer.as_ref().is_some_and(|layer| layer.labels_visible))
    {
        for class in
            items(&member.definition, "labelClasses").iter().filter(|class| flag(class, "visibility"))
        {
            let Some(sql) = text(class, "whereClause") else { continue };
            let Some(dataset) = member.dataset() else { continue };
            let details = member.details();
            let Some(indexed) = details.as_ref().and_then(|details| details.indexed_fields.as_ref()) else {
                said.unknown_for(code, "the format does not tell which fields have an index", member);
                continue;
            };
            let lower = sql.to_lowercase();
            let open = dataset.fields.iter().any(|field| {
                names(&lower, &field.name.to_lowercase())
                    && !indexed.iter().any(|known| known.eq_ignore_ascii_case(&field.name))
            });
            if open {
                said.about(code, &[text(class, "name").unwrap_or("Default")], member);
            }
        }
    }
})];

/// Whether a condition holds a name as a word of its own.
fn names(sql: &str, name: &str) -> bool {
    sql.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|word| word == name)
}
