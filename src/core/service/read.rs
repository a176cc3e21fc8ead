//! A reader of JSON that tells what other readers swallow: keys that stand twice.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::error::{Error, Result};

/// The longest text that is read, in bytes; a draft inside it may be as long as drafts are.
pub const MAX_BYTES: usize = 64 << 20;
/// The deepest nesting of objects and lists.
pub const MAX_DEPTH: usize = 100;

/// What a text holds, and the paths of keys that stand in it twice.
pub(super) struct Read {
    pub(super) value: Value,
    pub(super) twice: Vec<String>,
}

/// Reads a text.
///
/// # Errors
/// The text is no JSON, too long or nested too deep.
pub(super) fn read(text: &str) -> Result<Read> {
    if text.len() > MAX_BYTES {
        return Err(Error::limit(format!(
            "the description has {} bytes and at most {MAX_BYTES} are read: leave out what does not belong \
             to the service",
            text.len()
        )));
    }
    let twice = RefCell::new(Vec::new());
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let seed = Seed { path: &Path::Root, depth: 0, twice: &twice };
    let value = seed.deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
    let value = value.map_err(|error| {
        if error.to_string().starts_with(DEEP) {
            return Error::limit(format!(
                "the description is {DEEP}: give one service, not a document of it"
            ));
        }
        Error::invalid(format!("the description is no JSON: {error}; check the text near that place"))
            .because(error)
    })?;
    Ok(Read { value, twice: twice.into_inner() })
}

const DEEP: &str = "nested more than 100 deep";

/// Where the reader is, as a list from the inside out.
enum Path<'a> {
    Root,
    Member(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Member(Path::Root, name) => out.write_str(name),
            Self::Member(before, name) => write!(out, "{before}.{name}"),
            Self::Item(before, at) => write!(out, "{before}[{at}]"),
        }
    }
}

#[derive(Clone, Copy)]
struct Seed<'a> {
    path: &'a Path<'a>,
    depth: usize,
    twice: &'a RefCell<Vec<String>>,
}

impl Seed<'_> {
    fn deeper<'a>(&'a self, path: &'a Path<'a>) -> Seed<'a> {
        Seed { path, depth: self.depth + 1, twice: self.twice }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        if self.depth > MAX_DEPTH {
            return Err(D::Error::custom(DEEP));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut out = Vec::new();
        loop {
            let path = Path::Item(self.path, out.len());
            let Some(item) = items.next_element_seed(self.deeper(&path))? else { break };
            out.push(item);
        }
        Ok(Value::Array(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut out = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let path = Path::Member(self.path, &name);
            let value = members.next_value_seed(self.deeper(&path))?;
            if out.contains_key(&name) {
                self.twice.borrow_mut().push(path.to_string());
            }
            out.insert(name, value);
        }
        Ok(Value::Object(out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_stand_twice_are_told_with_their_path() {
        let found = read(r#"{"a":1,"b":[{"c":1,"c":2}],"a":3}"#).unwrap();
        assert_eq!(found.twice, ["b[0].c", "a"]);
        assert_eq!(found.value["a"], 3);
    }

    #[test]
    fn text_that_is_no_json_or_too_deep_is_refused() {
        let refusal = |text: &str| read(text).err().unwrap().to_string();
        assert!(refusal("{").contains("no JSON"));
        assert!(refusal("{} x").contains("no JSON"));
        assert!(refusal("").contains("no JSON"));
        assert!(refusal("[1e999]").contains("no JSON"));
        assert!(refusal(&"[".repeat(5000)).contains("more than 100 deep"));
    }
}
