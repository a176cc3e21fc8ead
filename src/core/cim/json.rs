//! CIM JSON in the byte style of ArcGIS Pro, and edits that keep every other byte.

use serde_json::Value;

use crate::{Error, Kind, Result};

/// Reads a CIM document; `name` is for messages.
///
/// # Errors
/// [`Kind::InvalidInput`] for text that is no JSON object, [`Kind::Limit`] for nesting beyond 128.
pub fn parse(source: &str, name: &str) -> Result<Value> {
    let value: Value = serde_json::from_str(source).map_err(|error| {
        let kind =
            if error.to_string().contains("recursion limit") { Kind::Limit } else { Kind::InvalidInput };
        Error::new(kind, format!("`{name}` is no readable JSON ({error}); it is cut short or damaged"))
            .because(error)
    })?;
    if value.is_object() { Ok(value) } else { Err(Error::invalid(format!("`{name}` holds no JSON object"))) }
}

/// Writes a value on one line, with `<` and `>` escaped as Pro does.
pub fn compact(value: &Value) -> String {
    let mut out = String::new();
    write(value, None, &mut out);
    out
}

/// Writes a value indented by two spaces with ` : ` after keys, as Pro writes layer files.
pub fn pretty(value: &Value) -> String {
    let mut out = String::new();
    write(value, Some(0), &mut out);
    out
}

fn write(value: &Value, indent: Option<usize>, out: &mut String) {
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', depth * 2));
    };
    match value {
        Value::String(text) => quote(text, out),
        Value::Array(list) if !list.is_empty() => {
            out.push('[');
            for (at, item) in list.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                if let Some(depth) = indent {
                    line(out, depth + 1);
                }
                write(item, indent.map(|depth| depth + 1), out);
            }
            if let Some(depth) = indent {
                line(out, depth);
            }
            out.push(']');
        }
        Value::Object(members) if !members.is_empty() => {
            out.push('{');
            for (at, (key, member)) in members.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                if let Some(depth) = indent {
                    line(out, depth + 1);
                }
                quote(key, out);
                out.push_str(if indent.is_some() { " : " } else { ":" });
                write(member, indent.map(|depth| depth + 1), out);
            }
            if let Some(depth) = indent {
                line(out, depth);
            }
            out.push('}');
        }
        other => out.push_str(&other.to_string()),
    }
}

fn quote(text: &str, out: &mut String) {
    let quoted = Value::String(text.to_owned()).to_string();
    if quoted.contains(['<', '>']) {
        out.push_str(&quoted.replace('<', "\\u003c").replace('>', "\\u003e"));
    } else {
        out.push_str(&quoted);
    }
}

/// Writes the differences between two states of a document into its text; all else keeps its bytes,
/// digits of numbers included.
pub fn splice(source: &str, before: &Value, after: &Value) -> String {
    let is_pretty = source.trim_start().trim_start_matches('{').starts_with(['\n', '\r']);
    let mut splicer = Splicer { source, at: 0, is_pretty, out: String::with_capacity(source.len()) };
    splicer.copy_space();
    splicer.value(before, after, 0);
    splicer.out.push_str(source.get(splicer.at..).unwrap_or_default());
    splicer.out
}

/// Walks the text beside the value that was parsed from it, so the text is known to be well formed.
struct Splicer<'a> {
    source: &'a str,
    at: usize,
    is_pretty: bool,
    out: String,
}

impl Splicer<'_> {
    fn byte(&self) -> Option<u8> {
        self.source.as_bytes().get(self.at).copied()
    }

    fn space_end(&self) -> usize {
        let bytes = self.source.as_bytes().iter().skip(self.at);
        self.at + bytes.take_while(|byte| byte.is_ascii_whitespace()).count()
    }

    fn copy_space(&mut self) {
        self.copy_to(self.space_end());
    }

    fn copy_to(&mut self, end: usize) {
        self.out.push_str(self.source.get(self.at..end).unwrap_or_default());
        self.at = end;
    }

    /// Returns where the value that starts here ends.
    fn value_end(&self) -> usize {
        let mut depth = 0_usize;
        let mut in_text = false;
        let mut is_escaped = false;
        for (at, byte) in self.source.bytes().enumerate().skip(self.at) {
            if in_text {
                match byte {
                    _ if is_escaped => is_escaped = false,
                    b'\\' => is_escaped = true,
                    b'"' => {
                        in_text = false;
                        if depth == 0 {
                            return at + 1;
                        }
                    }
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => in_text = true,
                b'{' | b'[' => depth += 1,
                b'}' | b']' | b',' if depth == 0 => return at,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        return at + 1;
                    }
                }
                byte if depth == 0 && byte.is_ascii_whitespace() => return at,
                _ => {}
            }
        }
        self.source.len()
    }

    fn fresh(&mut self, value: &Value, depth: usize) {
        write(value, self.is_pretty.then_some(depth), &mut self.out);
    }

    fn value(&mut self, before: &Value, after: &Value, depth: usize) {
        if before == after {
            self.copy_to(self.value_end());
            return;
        }
        match (before, after, self.byte()) {
            (Value::Object(old), Value::Object(new), Some(b'{')) if !old.is_empty() => {
                self.at += 1;
                self.out.push('{');
                let mut is_first = true;
                let mut last_space = (self.at, self.at);
                while self.byte().is_some_and(|byte| byte != b'}') {
                    let (space, key_at) = (self.at, self.space_end());
                    self.at = key_at;
                    if self.byte() == Some(b'}') {
                        last_space = (space, key_at);
                        break;
                    }
                    let key_end = self.value_end();
                    let key: String = self
                        .source
                        .get(key_at..key_end)
                        .and_then(|raw| serde_json::from_str(raw).ok())
                        .unwrap_or_default();
                    self.at = key_end;
                    // The colon with its spaces belongs to the key.
                    let mut value_at = self.space_end() + 1;
                    self.at = value_at;
                    value_at = self.space_end();
                    self.at = value_at;
                    match (old.get(&key), new.get(&key)) {
                        (Some(was), Some(now)) => {
                            if !is_first {
                                self.out.push(',');
                            }
                            self.out.push_str(self.source.get(space..value_at).unwrap_or_default());
                            self.value(was, now, depth + 1);
                            is_first = false;
                        }
                        _ => self.at = self.value_end(),
                    }
                    let end = self.space_end();
                    last_space = (self.at, end);
                    self.at = end;
                    if self.byte() == Some(b',') {
                        self.at += 1;
                    }
                }
                for (key, value) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
                    if !is_first {
                        self.out.push(',');
                    }
                    self.line(depth + 1);
                    quote(key, &mut self.out);
                    self.out.push_str(if self.is_pretty { " : " } else { ":" });
                    self.fresh(value, depth + 1);
                    is_first = false;
                }
                self.out.push_str(self.source.get(last_space.0..last_space.1).unwrap_or_default());
                self.out.push('}');
                self.at += 1;
            }
            (Value::Array(old), Value::Array(new), Some(b'[')) if !old.is_empty() && !new.is_empty() => {
                self.list(old, new, depth);
            }
            _ => {
                self.at = self.value_end();
                self.fresh(after, depth);
            }
        }
    }

    fn list(&mut self, old: &[Value], new: &[Value], depth: usize) {
        let front = old.iter().zip(new).take_while(|(left, right)| left == right).count();
        let rest = old.len().min(new.len()) - front;
        let back = old
            .iter()
            .rev()
            .zip(new.iter().rev())
            .take(rest)
            .take_while(|(left, right)| left == right)
            .count();
        // Items at the front pair by place, those at the back from the end, the rest is written anew.
        let pair = |at: usize| {
            if at < old.len() - back {
                (at < new.len() - back).then_some(at)
            } else {
                Some(at + new.len() - old.len())
            }
        };
        self.at += 1;
        self.out.push('[');
        let mut written = 0;
        for (at, was) in old.iter().enumerate() {
            if at == old.len() - back {
                self.add(new, &mut written, new.len() - back, depth);
            }
            let (space, item) = (self.at, self.space_end());
            self.at = item;
            match pair(at).and_then(|index| new.get(index)) {
                Some(now) => {
                    if written > 0 {
                        self.out.push(',');
                    }
                    self.out.push_str(self.source.get(space..item).unwrap_or_default());
                    self.value(was, now, depth + 1);
                    written += 1;
                }
                None => self.at = self.value_end(),
            }
            let end = self.space_end();
            if at + 1 == old.len() {
                self.add(new, &mut written, new.len(), depth);
                self.copy_to(end);
            }
            self.at = end;
            if self.byte() == Some(b',') {
                self.at += 1;
            }
        }
        self.out.push(']');
        self.at += 1;
    }

    fn add(&mut self, new: &[Value], written: &mut usize, end: usize, depth: usize) {
        for value in new.iter().take(end).skip(*written) {
            if *written > 0 {
                self.out.push(',');
            }
            self.line(depth + 1);
            self.fresh(value, depth + 1);
            *written += 1;
        }
    }

    fn line(&mut self, depth: usize) {
        if self.is_pretty {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n(' ', depth * 2));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[a-z<\"\\\\é ,{}\\[\\]:]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec(("[a-e]", inner), 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_spliced_document_parses_to_the_new_state(before in value(), after in value(), is_pretty: bool) {
            let before = json!({"root": before, "last": 1});
            let after = json!({"root": after, "last": 1, "more": 2});
            let source = if is_pretty { pretty(&before) } else { compact(&before) };
            let out = splice(&source, &before, &after);
            prop_assert_eq!(serde_json::from_str::<Value>(&out).ok(), Some(after), "{}", out);
        }
    }

    #[test]
    fn untouched_members_keep_their_digits_and_spaces() {
        let source = "{\"a\":-274.321874999999977, \"b\" :[1, 2,3 ],\"c\":\"\\u003cx\"}";
        let before = parse(source, "x").unwrap();
        let mut after = before.clone();
        after["b"] = json!([1, 5, 3]);
        assert_eq!(
            splice(source, &before, &after),
            "{\"a\":-274.321874999999977, \"b\" :[1, 5,3 ],\"c\":\"\\u003cx\"}"
        );
    }

    #[test]
    fn deep_nesting_is_an_error_with_the_name_of_the_document() {
        let source = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
        let error = parse(&source, "map/map.json").unwrap_err();
        assert_eq!(error.kind(), Kind::Limit);
        assert!(error.to_string().contains("map/map.json"));
    }
}
