//! XML as a tree that prints the bytes that it was read from.

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::{Error, Result};

/// Deepest nesting; real documents reach 40.
const MAX_DEPTH: usize = 200;

/// What stands inside an element.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Element(Element),
    /// Character data as written, entities and all.
    Text(String),
    /// Comments, CDATA and processing instructions as written.
    Other(String),
}

/// One element.
#[derive(Clone, Debug)]
pub(super) struct Element {
    pub(super) name: String,
    /// Value of `xsi:type` without its prefix.
    pub(super) kind: Option<String>,
    /// The start tag as written.
    pub(super) open: String,
    pub(super) children: Vec<Node>,
    /// The end tag as written; empty for `<a/>`.
    pub(super) close: String,
}

/// A document: what stands before and after its one element is kept as written.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) before: String,
    pub(super) root: Element,
    pub(super) after: String,
}

impl Element {
    /// Iterates over the elements inside.
    pub(super) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) | Node::Other(_) => None,
        })
    }

    /// Finds an element inside by name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.elements().find(|element| element.name == name)
    }

    /// Returns the text inside with its entities resolved.
    pub(super) fn text(&self, document: &str) -> Result<String> {
        let mut out = String::new();
        for node in &self.children {
            match node {
                Node::Text(raw) => unescape(raw, &mut out, document)?,
                Node::Other(raw) => {
                    if let Some(data) = raw.strip_prefix("<![CDATA[") {
                        out.push_str(data.strip_suffix("]]>").unwrap_or(data));
                    }
                }
                Node::Element(_) => {}
            }
        }
        Ok(out)
    }

    /// Replaces what is inside by text.
    pub(super) fn set_text(&mut self, text: &str) {
        if self.close.is_empty() {
            let open = self.open.trim_end_matches('>').trim_end_matches('/').trim_end();
            self.open = format!("{open}>");
            self.close = format!("</{}>", self.name);
        }
        self.children.clear();
        self.children.push(Node::Text(escape(text)));
    }

    pub(super) fn write(&self, out: &mut String) {
        out.push_str(&self.open);
        for node in &self.children {
            match node {
                Node::Element(element) => element.write(out),
                Node::Text(raw) | Node::Other(raw) => out.push_str(raw),
            }
        }
        out.push_str(&self.close);
    }
}

impl Tree {
    pub(super) fn write(&self) -> String {
        let mut out = self.before.clone();
        self.root.write(&mut out);
        out.push_str(&self.after);
        out
    }
}

/// Adds formatted text; writing into a string cannot fail.
pub(super) fn append(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = std::fmt::Write::write_fmt(out, text);
}

/// Escapes text as ArcGIS does, quotes included.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\r' => out.push_str("&#xD;"),
            other => out.push(other),
        }
    }
    out
}

fn unescape(raw: &str, out: &mut String, document: &str) -> Result<()> {
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        let (head, tail) = rest.split_at(at);
        out.push_str(head);
        let end = tail.find(';').ok_or_else(|| damaged(document, "an `&` without its `;`"))?;
        let name = tail.get(1..end).unwrap_or_default();
        let char = match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => name
                .strip_prefix('#')
                .and_then(|number| match number.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16).ok(),
                    None => number.parse().ok(),
                })
                .and_then(char::from_u32)
                .ok_or_else(|| damaged(document, &format!("the undeclared entity `&{name};`")))?,
        };
        out.push(char);
        rest = tail.get(end + 1..).unwrap_or_default();
    }
    out.push_str(rest);
    Ok(())
}

fn damaged(document: &str, found: &str) -> Error {
    Error::invalid(format!("`{document}` has {found}; the document is damaged or hostile"))
}

/// Reads a document into a tree without recursion, so that nesting cannot exhaust the stack.
pub(super) fn parse(source: &str, document: &str) -> Result<Tree> {
    let mut reader = Reader::from_str(source);
    let mut stack: Vec<Element> = Vec::new();
    let mut root: Option<Element> = None;
    let (mut before, mut after) = (String::new(), String::new());
    let mut position = 0_usize;
    loop {
        let event = reader.read_event().map_err(|error| {
            let at = reader.error_position();
            Error::invalid(format!("`{document}` is no well-formed XML at byte {at}: {error}")).because(error)
        })?;
        let end = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let raw = source.get(position..end).unwrap_or_default();
        position = end;
        let mut finished = None;
        match event {
            Event::Eof => break,
            Event::DocType(_) => return Err(damaged(document, "a document type declaration")),
            Event::Start(_) | Event::Empty(_) if root.is_some() => {
                return Err(damaged(document, "a second root element"));
            }
            Event::Start(ref start) => {
                if stack.len() >= MAX_DEPTH {
                    return Err(Error::limit(format!(
                        "`{document}` nests elements deeper than {MAX_DEPTH}; it is damaged or hostile"
                    )));
                }
                stack.push(element(start, raw, document)?);
            }
            Event::Empty(ref start) => finished = Some(element(start, raw, document)?),
            Event::End(_) => {
                let mut element = stack.pop().ok_or_else(|| damaged(document, "an end tag too many"))?;
                raw.clone_into(&mut element.close);
                finished = Some(element);
            }
            Event::Text(_) | Event::GeneralRef(_) => match stack.last_mut() {
                Some(open) => match open.children.last_mut() {
                    Some(Node::Text(text)) => text.push_str(raw),
                    _ => open.children.push(Node::Text(raw.to_owned())),
                },
                None if raw.trim().is_empty() => outside(root.as_ref(), &mut before, &mut after, raw),
                None => return Err(damaged(document, "text outside of its element")),
            },
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::CData(_) => match stack.last_mut() {
                Some(open) => open.children.push(Node::Other(raw.to_owned())),
                None => outside(root.as_ref(), &mut before, &mut after, raw),
            },
        }
        if let Some(element) = finished {
            match stack.last_mut() {
                Some(open) => open.children.push(Node::Element(element)),
                None => root = Some(element),
            }
        }
    }
    if let Some(open) = stack.last() {
        return Err(damaged(document, &format!("no end of the element `{}`; it is cut short", open.name)));
    }
    let root = root.ok_or_else(|| damaged(document, "no element"))?;
    Ok(Tree { before, root, after })
}

fn outside(root: Option<&Element>, before: &mut String, after: &mut String, raw: &str) {
    if root.is_some() { after.push_str(raw) } else { before.push_str(raw) }
}

fn element(start: &quick_xml::events::BytesStart<'_>, raw: &str, document: &str) -> Result<Element> {
    let name = start.name().as_ref().to_owned();
    let mut kind = None;
    for attribute in start.attributes() {
        let attribute =
            attribute.map_err(|error| damaged(document, &format!("a bad attribute ({error})")))?;
        if attribute.key.as_ref().ends_with(":type") {
            let value = attribute.value.into_owned();
            kind = Some(match value.split_once(':') {
                Some(("xs" | "xsd", _)) | None => value,
                Some((_, local)) => local.to_owned(),
            });
        }
    }
    Ok(Element { name, kind, open: raw.to_owned(), children: Vec::new(), close: String::new() })
}
