//! Markup as ArcGIS Pro writes it: one line, single quotes, `<X></X>`, no declaration.

use std::fmt::Write as _;

use quick_xml::escape::escape;

use super::{NodeId, Tree, XsType};

/// A text that grows by elements.
#[derive(Clone, Debug, Default)]
pub struct Markup {
    out: String,
}

impl Markup {
    /// Starts a document with the root element `name` in the schema version, such as `3.3.0`.
    pub fn document(name: &str, kind: &str, version: &str) -> Self {
        let mut out = String::with_capacity(32 << 10);
        let _ = write!(
            out,
            "<{name} xsi:type='typens:{kind}' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' \
             xmlns:xs='http://www.w3.org/2001/XMLSchema' \
             xmlns:typens='http://www.esri.com/schemas/ArcGIS/{}'>",
            escape(version)
        );
        Self { out }
    }

    /// Opens an element; `kind` is its type without the prefix.
    pub fn open(&mut self, name: &str, kind: &str) -> &mut Self {
        for part in ["<", name, " xsi:type='typens:", kind, "'>"] {
            self.out.push_str(part);
        }
        self
    }

    /// Closes an element.
    pub fn close(&mut self, name: &str) -> &mut Self {
        for part in ["</", name, ">"] {
            self.out.push_str(part);
        }
        self
    }

    /// Writes an element with a text.
    pub fn leaf(&mut self, name: &str, text: &str) -> &mut Self {
        self.out.push('<');
        self.out.push_str(name);
        self.out.push('>');
        self.out.push_str(&escape(text));
        self.close(name)
    }

    /// Writes an element without a value.
    pub fn nil(&mut self, name: &str) -> &mut Self {
        for part in ["<", name, " xsi:nil='true'/>"] {
            self.out.push_str(part);
        }
        self
    }

    /// Writes an empty element of a type.
    pub fn empty(&mut self, name: &str, kind: &str) -> &mut Self {
        self.open(name, kind).close(name)
    }

    /// Writes a property set.
    pub fn properties<'a>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = (&'a str, std::borrow::Cow<'a, str>, XsType)>,
    ) -> &mut Self {
        self.property_set(name, items.into_iter().map(|(key, value, kind)| (key, value, Some(kind))))
    }

    /// Writes a property set; a property without a type has no value.
    pub fn property_set<'a>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = (&'a str, std::borrow::Cow<'a, str>, Option<XsType>)>,
    ) -> &mut Self {
        self.open(name, "PropertySet").open("PropertyArray", "ArrayOfPropertySetProperty");
        for (key, value, kind) in items {
            self.open("PropertySetProperty", "PropertySetProperty").leaf("Key", key);
            match kind {
                Some(kind) => self.typed_value(&value, kind),
                None => self.nil("Value"),
            };
            self.close("PropertySetProperty");
        }
        self.close("PropertyArray").close(name)
    }

    /// Writes the `Value` of a property.
    pub fn typed_value(&mut self, value: &str, kind: XsType) -> &mut Self {
        for part in ["<Value xsi:type='", kind.as_str(), "'>", &escape(value), "</Value>"] {
            self.out.push_str(part);
        }
        self
    }

    /// Copies an element with everything in it, in this style, whatever style it was read in.
    pub fn copy(&mut self, tree: &Tree, id: NodeId) -> &mut Self {
        self.start(tree, id);
        let nil = tree.attribute(id, "nil").is_some_and(|nil| nil == "true");
        let mut children = tree.children(id).peekable();
        if nil && children.peek().is_none() {
            self.out.pop();
            self.out.push_str("/>");
            return self;
        }
        if children.peek().is_none() {
            self.out.push_str(&escape(tree.text(id)));
        }
        for child in children {
            // The depth was bounded when the tree was read.
            self.copy(tree, child);
        }
        self.close(tree.name(id))
    }

    /// Copies the start tag of an element in this style.
    pub fn start(&mut self, tree: &Tree, id: NodeId) -> &mut Self {
        self.out.push('<');
        self.out.push_str(tree.name(id));
        for (name, value) in tree.attributes(id) {
            for part in [" ", name, "='", &escape(value), "'"] {
                self.out.push_str(part);
            }
        }
        self.out.push('>');
        self
    }

    /// Ends a document and returns its text.
    pub fn finish(mut self, root: &str) -> String {
        self.close(root);
        self.out
    }
}

/// Writes a number with 17 significant digits, zeros at the end left out: C's `%.17g`.
pub fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return if value.is_nan() { "NaN".to_owned() } else { format!("{}", value + 0.0) };
    }
    let scientific = format!("{value:.16e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..17).contains(&exponent) {
        let decimals = usize::try_from(16 - exponent).unwrap_or(0);
        let fixed = format!("{value:.decimals$}");
        return if fixed.contains('.') {
            fixed.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            fixed
        };
    }
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}
