//! An XML tree over one text buffer, which writes what it did not touch as it was read.
//!
//! Nodes are ranges of the buffer. Edits append new markup to the buffer and point to it, so an untouched
//! document is written by one copy, and quoting, spacing and self-closing tags survive. Document type
//! declarations are refused and only the five predefined entities are known.

mod fault;

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::{escape, unescape};
use quick_xml::events::Event;

pub(super) use fault::too_big;
use fault::{Fault, check_attributes, check_reference};

use crate::error::Result;

const NONE: u32 = u32::MAX;

/// The largest file that is read, in bytes.
pub const MAX_BYTES: usize = 64 << 20;
/// The deepest nesting of elements.
pub const MAX_DEPTH: usize = 200;
/// The largest number of elements.
pub const MAX_ELEMENTS: usize = 1_000_000;

/// One element of a tree.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct NodeId(u32);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Document,
    Element,
    Text,
    CData,
    /// Comments, processing instructions, the declaration.
    Other,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    start: u32,
    end: u32,
}

impl Span {
    const EMPTY: Self = Self { start: 0, end: 0 };
}

#[derive(Clone, Copy, Debug)]
struct Node {
    kind: Kind,
    parent: u32,
    first: u32,
    last: u32,
    next: u32,
    name_length: u32,
    open: Span,
    close: Span,
}

impl Node {
    fn new(kind: Kind, parent: u32, open: Span) -> Self {
        Self { kind, parent, first: NONE, last: NONE, next: NONE, name_length: 0, open, close: Span::EMPTY }
    }
}

/// A lossless XML tree.
#[derive(Clone, Debug)]
pub struct Tree {
    buffer: String,
    nodes: Vec<Node>,
    root: u32,
}

impl Tree {
    /// Parses a whole document.
    ///
    /// # Errors
    /// Markup that is not well formed, a document type declaration, unknown entities, or a bound passed.
    pub fn parse(text: String) -> Result<Self> {
        if text.len() > MAX_BYTES {
            return Err(too_big(text.len()));
        }
        // The reader would skip a mark, and every position after it would be off.
        if text.starts_with('\u{FEFF}') {
            return Err(Fault::Text("text outside the root element").at(&text, 0));
        }
        let mut tree =
            Self { nodes: Vec::with_capacity(text.len() / 24 + 8), buffer: String::new(), root: NONE };
        tree.nodes.push(Node::new(Kind::Document, NONE, Span::EMPTY));
        tree.read(&text).map_err(|(fault, at)| fault.at(&text, at))?;
        tree.buffer = text;
        Ok(tree)
    }

    fn read(&mut self, text: &str) -> Result<(), (Fault, usize)> {
        let mut reader = Reader::from_str(text);
        let mut open: Vec<u32> = vec![0];
        let mut elements = 0_usize;
        let mut start = 0_usize;
        // Drafts repeat two or three attribute lists thousands of times.
        let mut checked = [""; 4];
        let mut turn = 0_usize;
        loop {
            let event = reader.read_event().map_err(|error| {
                let at = usize::try_from(reader.error_position()).unwrap_or(start);
                (Fault::from(error), at)
            })?;
            let end = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
            let span = Span { start: start as u32, end: end as u32 };
            let parent = open.last().copied().unwrap_or(0);
            let fail = |fault: Fault| (fault, start);
            match event {
                Event::Start(ref tag) | Event::Empty(ref tag) => {
                    elements += 1;
                    if elements > MAX_ELEMENTS {
                        return Err(fail(Fault::Elements));
                    }
                    if parent == 0 && self.root != NONE {
                        return Err(fail(Fault::Text("a second root element")));
                    }
                    let attributes =
                        text.get(start + 1 + tag.name().into_inner().len()..end).unwrap_or_default();
                    if !checked.contains(&attributes) {
                        check_attributes(tag).map_err(fail)?;
                        checked[turn % 4] = attributes;
                        turn += 1;
                    }
                    let id = self.attach(parent, Kind::Element, span);
                    self.nodes[id as usize].name_length = tag.name().into_inner().len() as u32;
                    if parent == 0 {
                        self.root = id;
                    }
                    if matches!(event, Event::Start(_)) {
                        if open.len() > MAX_DEPTH {
                            return Err(fail(Fault::Depth));
                        }
                        open.push(id);
                    }
                }
                Event::End(_) => {
                    open.pop();
                    self.nodes[parent as usize].close = span;
                }
                Event::Text(ref content) => {
                    if parent == 0 && !content.trim_ascii().is_empty() {
                        return Err(fail(Fault::Text("text outside the root element")));
                    }
                    self.attach_text(parent, span);
                }
                Event::GeneralRef(ref reference) => {
                    check_reference(reference).map_err(fail)?;
                    if parent == 0 {
                        return Err(fail(Fault::Text("text outside the root element")));
                    }
                    self.attach_text(parent, span);
                }
                Event::CData(_) => {
                    if parent == 0 {
                        return Err(fail(Fault::Text("text outside the root element")));
                    }
                    self.attach(parent, Kind::CData, span);
                }
                Event::Decl(_) if start != 0 => {
                    return Err(fail(Fault::Text("an XML declaration that is not at the start")));
                }
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {
                    self.attach(parent, Kind::Other, span);
                }
                Event::DocType(_) => return Err(fail(Fault::DocType)),
                Event::Eof => {
                    if open.len() > 1 {
                        return Err((Fault::Truncated, text.len()));
                    }
                    if self.root == NONE {
                        return Err(fail(Fault::Text("no element at all")));
                    }
                    return Ok(());
                }
            }
            start = end;
        }
    }

    fn attach(&mut self, parent: u32, kind: Kind, open: Span) -> u32 {
        let id = self.nodes.len() as u32;
        self.nodes.push(Node::new(kind, parent, open));
        self.link_last(parent, id);
        id
    }

    fn link_last(&mut self, parent: u32, id: u32) {
        let last = self.nodes[parent as usize].last;
        if last == NONE {
            self.nodes[parent as usize].first = id;
        } else {
            self.nodes[last as usize].next = id;
        }
        self.nodes[parent as usize].last = id;
    }

    fn attach_text(&mut self, parent: u32, span: Span) {
        let last = self.nodes[parent as usize].last;
        if let Some(node) = self.nodes.get_mut(last as usize)
            && node.kind == Kind::Text
            && node.open.end == span.start
        {
            node.open.end = span.end;
            return;
        }
        self.attach(parent, Kind::Text, span);
    }

    fn raw(&self, span: Span) -> &str {
        &self.buffer[span.start as usize..span.end as usize]
    }

    fn node(&self, id: NodeId) -> Node {
        self.nodes[id.0 as usize]
    }

    fn keep(&mut self, markup: &str) -> Span {
        let start = self.buffer.len() as u32;
        self.buffer.push_str(markup);
        Span { start, end: self.buffer.len() as u32 }
    }

    /// Returns the root element.
    pub fn root(&self) -> NodeId {
        NodeId(self.root)
    }

    /// Returns an element's name as written, prefix included.
    pub fn name(&self, id: NodeId) -> &str {
        let node = self.node(id);
        let start = node.open.start as usize + 1;
        &self.buffer[start..start + node.name_length as usize]
    }

    /// Returns the element around `id`.
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        let parent = self.node(id).parent;
        (parent != NONE && parent != 0).then_some(NodeId(parent))
    }

    fn links(&self, id: NodeId) -> impl Iterator<Item = (u32, Node)> + '_ {
        let mut next = self.node(id).first;
        std::iter::from_fn(move || {
            let id = next;
            let node = *self.nodes.get(id as usize)?;
            next = node.next;
            Some((id, node))
        })
    }

    /// Returns the child elements in order.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.links(id).filter(|(_, node)| node.kind == Kind::Element).map(|(id, _)| NodeId(id))
    }

    /// Returns the first child element with this name.
    pub fn child(&self, id: NodeId, name: &str) -> Option<NodeId> {
        self.children(id).find(|child| self.name(*child) == name)
    }

    /// Returns the text of an element, entities resolved; texts of inner elements are not in it.
    pub fn text(&self, id: NodeId) -> Cow<'_, str> {
        let mut whole = Cow::Borrowed("");
        for (_, node) in self.links(id) {
            let raw = self.raw(node.open);
            let part = match node.kind {
                Kind::Text => unescape(raw).unwrap_or(Cow::Borrowed(raw)),
                Kind::CData => Cow::Borrowed(raw.trim_start_matches("<![CDATA[").trim_end_matches("]]>")),
                _ => continue,
            };
            if whole.is_empty() {
                whole = part;
            } else {
                whole.to_mut().push_str(&part);
            }
        }
        if whole.contains('\r') {
            // XML readers see one line feed for each line end.
            return Cow::Owned(whole.replace("\r\n", "\n").replace('\r', "\n"));
        }
        whole
    }

    /// Returns the attributes in order, values resolved.
    pub fn attributes(&self, id: NodeId) -> Vec<(&str, Cow<'_, str>)> {
        let node = self.node(id);
        let tag = self.raw(node.open);
        let inner = tag.get(1 + node.name_length as usize..tag.len() - 1).unwrap_or_default();
        split_attributes(inner.strip_suffix('/').unwrap_or(inner))
    }

    /// Returns an attribute by its local name: `type` finds `xsi:type` and `ns0:type`.
    pub fn attribute(&self, id: NodeId, local: &str) -> Option<Cow<'_, str>> {
        let found = |name: &str| name.rsplit(':').next() == Some(local) && !name.starts_with("xmlns");
        self.attributes(id).into_iter().find(|(name, _)| found(name)).map(|(_, value)| value)
    }

    /// Replaces everything inside an element by a text.
    pub fn set_text(&mut self, id: NodeId, text: &str) {
        self.clear(id);
        if !text.is_empty() {
            self.open_up(id);
            let escaped = escape(text);
            let span = self.keep(&escaped);
            self.attach(id.0, Kind::Text, span);
        }
    }

    /// Removes everything inside an element.
    pub fn clear(&mut self, id: NodeId) {
        let node = &mut self.nodes[id.0 as usize];
        node.first = NONE;
        node.last = NONE;
    }

    /// Replaces the attributes of an element, written in single quotes as the products do.
    pub fn set_attributes(&mut self, id: NodeId, attributes: &[(&str, &str)]) {
        let node = self.node(id);
        let closed = self.raw(node.open).ends_with("/>");
        let tag = start_tag(self.name(id), attributes, closed);
        let span = self.keep(&tag);
        self.nodes[id.0 as usize].open = span;
    }

    /// Turns `<X/>` into `<X></X>`.
    fn open_up(&mut self, id: NodeId) {
        let node = self.node(id);
        let tag = self.raw(node.open);
        let Some(head) = tag.strip_suffix("/>") else { return };
        let tag = format!("{}>", head.trim_end());
        let close = format!("</{}>", self.name(id));
        let open = self.keep(&tag);
        let close = self.keep(&close);
        let node = &mut self.nodes[id.0 as usize];
        node.open = open;
        node.close = close;
    }

    /// Adds an element after the last child.
    pub fn append(&mut self, parent: NodeId, name: &str, attributes: &[(&str, &str)], text: &str) -> NodeId {
        self.open_up(parent);
        let tag = start_tag(name, attributes, false);
        let open = self.keep(&tag);
        let close = self.keep(&format!("</{name}>"));
        let id = self.attach(parent.0, Kind::Element, open);
        self.nodes[id as usize].name_length = name.len() as u32;
        self.nodes[id as usize].close = close;
        let id = NodeId(id);
        self.set_text(id, text);
        id
    }

    /// Moves `id`, a child of `parent`, to the place before `before`, or to the start.
    pub fn move_before(&mut self, id: NodeId, before: Option<NodeId>) {
        let Some(parent) = self.parent(id) else { return };
        self.remove(id);
        let target = before.map_or(self.node(parent).first, |node| node.0);
        let previous =
            self.links(parent).take_while(|(link, _)| *link != target).last().map(|(link, _)| link);
        self.nodes[id.0 as usize].next = target;
        self.nodes[id.0 as usize].parent = parent.0;
        match previous {
            Some(previous) => self.nodes[previous as usize].next = id.0,
            None => self.nodes[parent.0 as usize].first = id.0,
        }
        if target == NONE {
            self.nodes[parent.0 as usize].last = id.0;
        }
    }

    /// Takes an element out of its parent.
    pub fn remove(&mut self, id: NodeId) {
        let node = self.node(id);
        if node.parent == NONE {
            return;
        }
        let parent = NodeId(node.parent);
        let previous = self.links(parent).take_while(|(link, _)| *link != id.0).last().map(|(link, _)| link);
        match previous {
            Some(previous) => self.nodes[previous as usize].next = node.next,
            None => self.nodes[parent.0 as usize].first = node.next,
        }
        if self.nodes[parent.0 as usize].last == id.0 {
            self.nodes[parent.0 as usize].last = previous.unwrap_or(NONE);
        }
        self.nodes[id.0 as usize].next = NONE;
    }

    /// Writes the whole document.
    pub fn to_text(&self) -> String {
        let mut out = Run { tree: self, out: String::with_capacity(self.buffer.len()), span: Span::EMPTY };
        self.write(0, &mut out);
        out.finish()
    }

    /// Writes one element with everything in it.
    pub fn element_text(&self, id: NodeId) -> String {
        let mut out = Run { tree: self, out: String::new(), span: Span::EMPTY };
        self.write(id.0, &mut out);
        out.finish()
    }

    /// Writes what stands between the tags of an element.
    pub fn inner_text(&self, id: NodeId) -> String {
        let mut out = Run { tree: self, out: String::new(), span: Span::EMPTY };
        for (child, _) in self.links(id) {
            self.write(child, &mut out);
        }
        out.finish()
    }

    fn write(&self, top: u32, out: &mut Run<'_>) {
        let mut id = top;
        loop {
            let node = self.nodes[id as usize];
            out.push(node.open);
            if node.first != NONE {
                id = node.first;
                continue;
            }
            out.push(node.close);
            let mut done = node;
            while done.next == NONE || id == top {
                if id == top {
                    return;
                }
                id = done.parent;
                done = self.nodes[id as usize];
                out.push(done.close);
            }
            id = done.next;
        }
    }
}

/// Copies neighbouring ranges of the buffer in one go.
struct Run<'a> {
    tree: &'a Tree,
    out: String,
    span: Span,
}

impl Run<'_> {
    fn push(&mut self, span: Span) {
        if span.start == self.span.end {
            self.span.end = span.end;
        } else if span.start != span.end {
            self.out.push_str(self.tree.raw(self.span));
            self.span = span;
        }
    }

    fn finish(mut self) -> String {
        self.out.push_str(self.tree.raw(self.span));
        self.out
    }
}

fn start_tag(name: &str, attributes: &[(&str, &str)], closed: bool) -> String {
    let mut tag = format!("<{name}");
    for (key, value) in attributes {
        tag.push(' ');
        tag.push_str(key);
        tag.push_str("='");
        tag.push_str(&escape(*value));
        tag.push('\'');
    }
    tag.push_str(if closed { "/>" } else { ">" });
    tag
}

fn split_attributes(mut rest: &str) -> Vec<(&str, Cow<'_, str>)> {
    let mut out = Vec::new();
    while let Some((name, after)) = rest.split_once('=') {
        let after = after.trim_ascii_start();
        let Some(quote) = after.chars().next().filter(|c| matches!(c, '"' | '\'')) else { break };
        let Some((value, tail)) = after.get(1..).and_then(|text| text.split_once(quote)) else { break };
        out.push((name.trim_ascii(), unescape(value).unwrap_or(Cow::Borrowed(value))));
        rest = tail;
    }
    out
}
