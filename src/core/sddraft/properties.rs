//! Property sets: ordered lists of Key and Value.

use super::{Document, NodeId};

/// One of the property sets of a draft.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PropertySet<'a> {
    /// `StagingSettings`.
    Staging,
    /// `TemplateSettings`.
    Template,
    /// `Definition/ConfigurationProperties`.
    Configuration,
    /// `Definition/Info`.
    Info,
    /// `Definition/Props`.
    Props,
    /// `Info` of the extension with this type name.
    ExtensionInfo(&'a str),
    /// `Props` of the extension with this type name.
    ExtensionProps(&'a str),
}

impl PropertySet<'_> {
    /// Returns the path of the element that holds the `PropertyArray`.
    pub fn path(self) -> String {
        const DEFINITION: &str = "Configurations/SVCConfiguration/Definition";
        match self {
            Self::Staging => "StagingSettings".to_owned(),
            Self::Template => "TemplateSettings".to_owned(),
            Self::Configuration => format!("{DEFINITION}/ConfigurationProperties"),
            Self::Info => format!("{DEFINITION}/Info"),
            Self::Props => format!("{DEFINITION}/Props"),
            Self::ExtensionInfo(name) => {
                format!("{DEFINITION}/Extensions/SVCExtension[TypeName='{name}']/Info")
            }
            Self::ExtensionProps(name) => {
                format!("{DEFINITION}/Extensions/SVCExtension[TypeName='{name}']/Props")
            }
        }
    }
}

/// The `xsi:type` of a value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum XsType {
    /// `xs:string`, by far the most common, also for numbers and booleans.
    String,
    /// `xs:boolean`.
    Boolean,
    /// `xs:int`.
    Int,
    /// `xs:double`.
    Double,
}

impl XsType {
    /// Returns the text of the attribute.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "xs:string",
            Self::Boolean => "xs:boolean",
            Self::Int => "xs:int",
            Self::Double => "xs:double",
        }
    }
}

const PROPERTY: &str = "PropertySetProperty";

impl Document {
    fn property_nodes(&self, set: PropertySet<'_>) -> Vec<(NodeId, NodeId)> {
        let array = format!("{}/PropertyArray/{PROPERTY}", set.path());
        let tree = self.tree();
        self.select(&array)
            .into_iter()
            .filter_map(|id| Some((tree.child(id, "Key")?, tree.child(id, "Value")?)))
            .collect()
    }

    /// Returns the keys and values of a set in order; a nil value is `None`.
    pub fn properties(&self, set: PropertySet<'_>) -> Vec<(String, Option<String>)> {
        let tree = self.tree();
        let value = |id| {
            let nil = tree.attribute(id, "nil").is_some_and(|nil| nil == "true" || nil == "1");
            (!nil).then(|| tree.text(id).into_owned())
        };
        self.property_nodes(set)
            .into_iter()
            .map(|(key, id)| (tree.text(key).into_owned(), value(id)))
            .collect()
    }

    /// Returns one value; `None` when the key is absent or nil. Keys are case-sensitive as in the products.
    pub fn property(&self, set: PropertySet<'_>, key: &str) -> Option<String> {
        let found = self.properties(set).into_iter().find(|(name, _)| name == key)?;
        found.1
    }

    /// Returns a value as the products and scripts spell booleans.
    pub fn flag(&self, set: PropertySet<'_>, key: &str) -> Option<bool> {
        match self.property(set, key)?.trim().to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }

    /// Sets a value and returns whether the set exists. A key that is not there is added at the end.
    pub fn set_property(&mut self, set: PropertySet<'_>, key: &str, value: &str, kind: XsType) -> bool {
        let found = self.property_nodes(set).into_iter().find(|(name, _)| self.tree().text(*name) == key);
        if let Some((_, id)) = found {
            let tree = self.tree_mut();
            if tree.attribute(id, "nil").is_some() {
                tree.set_attributes(id, &[("xsi:type", kind.as_str())]);
            }
            tree.set_text(id, value);
            return true;
        }
        let Some(holder) = self.find(&set.path()) else { return false };
        let tree = self.tree_mut();
        let array = tree.child(holder, "PropertyArray").unwrap_or_else(|| {
            tree.append(holder, "PropertyArray", &[("xsi:type", "typens:ArrayOfPropertySetProperty")], "")
        });
        let property = tree.append(array, PROPERTY, &[("xsi:type", "typens:PropertySetProperty")], "");
        tree.append(property, "Key", &[], key);
        tree.append(property, "Value", &[("xsi:type", kind.as_str())], value);
        true
    }

    /// Removes a key and returns whether it was there.
    pub fn remove_property(&mut self, set: PropertySet<'_>, key: &str) -> bool {
        let found = self.property_nodes(set).into_iter().find(|(name, _)| self.tree().text(*name) == key);
        let Some((name, _)) = found else { return false };
        let Some(property) = self.tree().parent(name) else { return false };
        self.tree_mut().remove(property);
        true
    }

    /// Returns a value of `StagingSettings`.
    pub fn staging(&self, key: &str) -> Option<String> {
        self.property(PropertySet::Staging, key)
    }

    /// Sets a value of `StagingSettings`.
    pub fn set_staging(&mut self, key: &str, value: &str) -> bool {
        self.set_property(PropertySet::Staging, key, value, XsType::String)
    }

    /// Returns a value of `ConfigurationProperties`.
    pub fn configuration_property(&self, key: &str) -> Option<String> {
        self.property(PropertySet::Configuration, key)
    }
}
