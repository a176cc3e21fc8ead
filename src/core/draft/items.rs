//! A property set in the making: the keys of an untouched draft, some of them changed.

use std::borrow::Cow;

use crate::sddraft::table::{self, Entry};
use crate::sddraft::{Markup, XsType};

/// Keys with value and type, in order.
pub(super) struct Items(Vec<(&'static str, Cow<'static, str>, Option<XsType>)>);

impl Items {
    /// The keys of an untouched draft.
    pub(super) fn of(entries: &[Entry]) -> Self {
        Self(table::items(entries).collect())
    }

    /// Changes the value of a key that is there.
    pub(super) fn set(&mut self, key: &str, value: impl Into<String>) -> &mut Self {
        if let Some((_, found, kind)) = self.0.iter_mut().find(|(name, ..)| *name == key) {
            *found = Cow::Owned(value.into());
            kind.get_or_insert(XsType::String);
        }
        self
    }

    /// Adds a key before another one, or at the end.
    pub(super) fn add_before(
        &mut self,
        next: &str,
        key: &'static str,
        value: impl Into<String>,
    ) -> &mut Self {
        let at = self.0.iter().position(|(name, ..)| *name == next).unwrap_or(self.0.len());
        self.0.insert(at, (key, Cow::Owned(value.into()), Some(XsType::String)));
        self
    }

    /// Leaves keys out.
    pub(super) fn leave_out(&mut self, keys: &[&str]) -> &mut Self {
        self.0.retain(|(name, ..)| !keys.contains(name));
        self
    }

    /// Returns the value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, ..)| *name == key).map(|(_, value, _)| value.as_ref())
    }

    pub(super) fn write(self, out: &mut Markup, name: &str) {
        out.property_set(name, self.0);
    }
}
