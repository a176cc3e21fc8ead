//! Names that entries may have.

use crate::{Error, Result};

/// Refuses names that an unpacker could take out of its folder, or that are no file names.
pub(super) fn check(name: &str) -> Result<()> {
    let why = if name.is_empty() {
        "is empty"
    } else if name.starts_with('/') {
        "is absolute"
    } else if name.contains(['\0', '\\', ':']) {
        "has a character that no file name has on every system"
    } else if name.split('/').any(|part| part == "..") {
        "has `..` in it"
    } else if name.split('/').any(|part| part.is_empty() || part == ".") {
        "has an empty part"
    } else {
        return Ok(());
    };
    Err(Error::invalid(format!("the entry name `{}` {why}", shown(name))))
}

/// Cuts a foreign name for a message.
pub(super) fn shown(name: &str) -> String {
    let mut text: String = name.chars().take(120).map(|c| if c.is_control() { '?' } else { c }).collect();
    if name.chars().nth(120).is_some() {
        text.push_str("...");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_pass() {
        for name in ["manifest.xml", "cd/x.gdb/a00000001.gdbtable", "p30/Straße Ünï.mapx", "a..b/..c"] {
            check(name).unwrap();
        }
    }

    #[test]
    fn names_that_leave_the_folder_do_not() {
        for name in ["", "/etc/passwd", "../a", "a/../../b", "a//b", "./a", "a/", "C:/x", "a\\..\\b", "a\0b"]
        {
            check(name).unwrap_err();
        }
    }
}
