//! The values that a script set on a draft.

use serde_json::Value;

use crate::error::{Error, Result};
use crate::sddraft::table::{self, Row, ServiceKind};

/// A bag of properties of one kind of draft; what is not set has its default.
#[derive(Clone, Debug, PartialEq)]
pub struct Properties {
    kind: ServiceKind,
    set: Vec<(&'static str, Value)>,
}

impl Properties {
    /// Makes a bag in which nothing is set.
    pub fn new(kind: ServiceKind) -> Self {
        Self { kind, set: Vec::new() }
    }

    /// Returns the kind.
    pub fn kind(&self) -> ServiceKind {
        self.kind
    }

    fn row(&self, property: &str) -> Result<&'static Row> {
        table::row(self.kind, property).ok_or_else(|| {
            let hint = table::suggest(self.kind, property);
            let hint = hint.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
            Error::not_found(format!("`{}` has no property `{property}`{hint}", self.kind.class_name()))
        })
    }

    /// Returns a value, or its default.
    ///
    /// # Errors
    /// The kind has no such property; the text suggests the nearest name.
    pub fn get(&self, property: &str) -> Result<Value> {
        let row = self.row(property)?;
        let found = self.set.iter().find(|(name, _)| *name == row.property);
        Ok(found.map_or_else(|| row.default.to_value(), |(_, value)| value.clone()))
    }

    /// Returns a text, empty when not set or no text.
    pub(super) fn text(&self, property: &str) -> String {
        self.get(property).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Returns a flag, false when not set or no flag.
    pub(super) fn flag(&self, property: &str) -> bool {
        self.get(property).ok().and_then(|value| value.as_bool()).unwrap_or(false)
    }

    /// Returns whether a script set the property.
    pub fn is_set(&self, property: &str) -> bool {
        self.row(property).is_ok_and(|row| self.set.iter().any(|(name, _)| *name == row.property))
    }

    /// Sets a value as scripts spell it.
    ///
    /// # Errors
    /// The kind has no such property, it is read-only, or the value does not fit.
    pub fn set(&mut self, property: &str, value: &Value) -> Result<()> {
        let row = self.row(property)?;
        if row.read_only {
            return Err(Error::new(
                crate::error::Kind::Denied,
                format!(
                    "`{property}` is read-only on `{}`: it follows from the arguments of \
                     getWebLayerSharingDraft, so make another draft",
                    self.kind.class_name()
                ),
            ));
        }
        self.fix(property, value)
    }

    /// Sets what the draft's making decides, such as `serverType`.
    ///
    /// # Errors
    /// The kind has no such property, or the value does not fit.
    pub fn fix(&mut self, property: &str, value: &Value) -> Result<()> {
        let row = self.row(property)?;
        let value = table::coerce(row, value)?;
        self.set.retain(|(name, _)| *name != row.property);
        self.set.push((row.property, value));
        Ok(())
    }

    /// Returns every property with its value, in the order of the documentation.
    pub fn all(&self) -> Vec<(&'static str, Value)> {
        let value = |row: &'static Row| self.get(row.property).unwrap_or(Value::Null);
        table::rows(self.kind).map(|row| (row.property, value(row))).collect()
    }
}
