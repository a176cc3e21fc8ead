//! Types of untyped XML text: guessed, except where the specification says text.

use serde_json::{Number, Value};

/// Members that are text even when they look like numbers, in lower case.
const TEXT: &[&str] = &[
    "abbreviatedname",
    "alias",
    "aliasname",
    "alternatelabelexpression",
    "attribution",
    "catalogpath",
    "charactermap",
    "classname",
    "copyright",
    "credits",
    "customizedscale",
    "data",
    "dataset",
    "defaultlabel",
    "definitionexpression",
    "definitionexpressionname",
    "delimitercharacter",
    "description",
    "destinationname",
    "dictionaryname",
    "displayexpression",
    "displayfield",
    "displayname",
    "documenttitle",
    "expression",
    "expressiontitle",
    "featuredataset",
    "featureelevationexpression",
    "field",
    "fieldname",
    "fields",
    "fontfamilyname",
    "fontstylename",
    "foreignkey",
    "groupname",
    "headerexpression",
    "key",
    "label",
    "labelexpression",
    "layername",
    "lookupvalue",
    "name",
    "nodatalabel",
    "password",
    "pathhint",
    "primarykey",
    "primitivename",
    "propertyname",
    "server",
    "sqlquery",
    "stylename",
    "summary",
    "symbolname",
    "tags",
    "text",
    "textstring",
    "title",
    "truncationexcludedcharacters",
    "uri",
    "url",
    "user",
    "version",
    "viewxml",
    "whereclause",
    "workspaceconnectionstring",
];

/// Members that are text in one class of objects and numbers elsewhere.
const TEXT_IN: &[(&str, &str)] = &[
    ("abbreviation", "CIMMaplexDictionaryEntry"),
    ("featureweight", "CIMStandardLabelPlacementProperties"),
    ("heading", "CIMUniqueValueGroup"),
    ("heading", "CIMClassBreaksRenderer"),
    ("heading", "CIMVisualVariableAuthoringInfo"),
    ("id", "CIMProjectItem"),
    ("value", "CIMStringMap"),
    ("value", "CIMFilteredFindPaths"),
];

/// Reads the text of the member `key` of an object of type `owner`.
pub(super) fn typed(text: String, key: &str, owner: &str) -> Value {
    match text.as_str() {
        "true" => return Value::Bool(true),
        "false" => return Value::Bool(false),
        "" => return Value::String(text),
        _ => {}
    }
    let key = key.to_ascii_lowercase();
    if TEXT.binary_search(&key.as_str()).is_ok()
        || TEXT_IN.iter().any(|(name, class)| *name == key && *class == owner)
    {
        return Value::String(text);
    }
    number(&text).unwrap_or(Value::String(text))
}

/// Reads a number, if the text is one in the form that ArcGIS writes.
pub(super) fn number(text: &str) -> Option<Value> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let canonical = digits.starts_with(|first: char| first.is_ascii_digit())
        && !(digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0."));
    if !canonical || text.len() > 40 {
        return None;
    }
    if let Ok(integer) = text.parse::<i64>() {
        // A negative zero is a double.
        if !(integer == 0 && text.starts_with('-')) {
            return Some(Value::Number(integer.into()));
        }
    }
    Number::from_f64(text.parse().ok()?).map(Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_text_members_is_sorted() {
        assert!(TEXT.is_sorted());
    }

    #[test]
    fn numbers_that_would_lose_their_form_stay_text() {
        for text in ["007", "+1", "1e", "0x10", "1.2.3", ".5", "NaN"] {
            assert_eq!(number(text), None, "{text}");
        }
        assert_eq!(number("-0.5"), Some(serde_json::json!(-0.5)));
        assert_eq!(number("1.2246467991473532e-16"), Some(serde_json::json!(1.224_646_799_147_353_2e-16)));
    }

    #[test]
    fn labels_stay_text_and_opacities_become_numbers() {
        assert_eq!(typed("12".into(), "label", "CIMUniqueValueClass"), Value::String("12".into()));
        assert_eq!(typed("12".into(), "transparency", "CIMFeatureLayer"), serde_json::json!(12));
    }
}
