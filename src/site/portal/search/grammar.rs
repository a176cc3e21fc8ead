//! The query language of `search`: terms, `field:value`, quotes, AND, OR, NOT, parentheses, ranges, `*`.
//!
//! Terms beside each other must all match, as in Portal. Fields that we do not know match nothing.

use crate::error::{Result, SiteError};
use crate::state::items::Item;

const DEEPEST: usize = 32;
const MOST_TERMS: usize = 500;

/// What a query is held against.
pub(super) struct Subject<'a> {
    pub(super) item: &'a Item,
    pub(super) groups: &'a [String],
    pub(super) portal: &'a str,
}

/// A parsed query.
#[derive(Debug)]
pub(super) struct Query(Node);

#[derive(Debug)]
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Term { field: Option<String>, value: Value },
}

#[derive(Debug)]
enum Value {
    /// Words that stand one after the other.
    Words(String),
    Range(String, String),
}

#[derive(Debug, PartialEq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Not,
    Field(String),
    Text(String),
    Range(String, String),
}

impl Query {
    pub(super) fn parse(text: &str) -> Result<Self> {
        let tokens = tokens(text)?;
        let mut parser = Parser { tokens: &tokens, depth: 0 };
        let node = parser.any()?;
        // A stray closing parenthesis ends the query, as it does in Portal.
        Ok(Self(node))
    }

    pub(super) fn matches(&self, subject: &Subject<'_>) -> bool {
        self.0.matches(subject)
    }

    pub(super) fn names_groups(&self) -> bool {
        self.0.names_groups()
    }
}

struct Parser<'a> {
    tokens: &'a [Token],
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.first()
    }

    fn step(&mut self) {
        self.tokens = self.tokens.get(1..).unwrap_or_default();
    }

    fn any(&mut self) -> Result<Node> {
        let mut nodes = vec![self.all()?];
        while self.peek() == Some(&Token::Or) {
            self.step();
            nodes.push(self.all()?);
        }
        Ok(if nodes.len() == 1 { nodes.swap_remove(0) } else { Node::Any(nodes) })
    }

    fn all(&mut self) -> Result<Node> {
        let mut nodes = Vec::new();
        loop {
            match self.peek() {
                None | Some(Token::Close | Token::Or) => break,
                Some(Token::And) => self.step(),
                Some(_) => nodes.push(self.one()?),
            }
        }
        Ok(Node::All(nodes))
    }

    fn one(&mut self) -> Result<Node> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(SiteError::bad_request("The query is nested too deeply."));
        }
        let Some((head, rest)) = self.tokens.split_first() else { return Ok(Node::All(Vec::new())) };
        self.tokens = rest;
        let node = match head {
            Token::Not => Node::Not(Box::new(self.one()?)),
            Token::Open => {
                let node = self.any()?;
                if self.peek() == Some(&Token::Close) {
                    self.step();
                }
                node
            }
            Token::Field(field) => {
                let node = self.one()?;
                with_field(node, field)
            }
            Token::Text(text) => Node::Term { field: None, value: Value::Words(text.clone()) },
            Token::Range(from, to) => {
                Node::Term { field: None, value: Value::Range(from.clone(), to.clone()) }
            }
            Token::Close | Token::And | Token::Or => Node::All(Vec::new()),
        };
        self.depth -= 1;
        Ok(node)
    }
}

/// `field:(a OR b)` gives the field to every term inside.
fn with_field(node: Node, name: &str) -> Node {
    let each = |nodes: Vec<Node>| nodes.into_iter().map(|node| with_field(node, name)).collect();
    match node {
        Node::All(nodes) => Node::All(each(nodes)),
        Node::Any(nodes) => Node::Any(each(nodes)),
        Node::Not(inner) => Node::Not(Box::new(with_field(*inner, name))),
        Node::Term { field: None, value } => Node::Term { field: Some(name.to_ascii_lowercase()), value },
        term @ Node::Term { .. } => term,
    }
}

fn tokens(text: &str) -> Result<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if tokens.len() >= MOST_TERMS {
            return Err(SiteError::bad_request("The query has too many terms."));
        }
        let (token, used) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            '+' => (Token::And, 1),
            '-' | '!' => (Token::Not, 1),
            '"' => quoted(rest),
            '[' | '{' => range(rest),
            _ => word(rest),
        };
        tokens.push(token);
        rest = rest.get(used..).unwrap_or_default().trim_start();
    }
    Ok(tokens)
}

fn quoted(rest: &str) -> (Token, usize) {
    let inner = rest.get(1..).unwrap_or_default();
    match inner.find('"') {
        Some(end) => (Token::Text(inner.get(..end).unwrap_or_default().to_owned()), end + 2),
        None => (Token::Text(inner.to_owned()), rest.len()),
    }
}

fn range(rest: &str) -> (Token, usize) {
    let end = rest.find([']', '}']).map_or(rest.len(), |at| at + 1);
    let inner = rest.get(1..end).unwrap_or_default().trim_end_matches([']', '}']);
    let (from, to) = inner.split_once(" TO ").or_else(|| inner.split_once(" to ")).unwrap_or((inner, inner));
    (Token::Range(from.trim().to_owned(), to.trim().to_owned()), end)
}

fn word(rest: &str) -> (Token, usize) {
    let end = rest.find(|c: char| c.is_whitespace() || "()\"".contains(c)).unwrap_or(rest.len());
    let text = rest.get(..end).unwrap_or_default();
    if let Some(colon) = text.find(':').filter(|at| *at > 0) {
        return (Token::Field(text.get(..colon).unwrap_or_default().to_owned()), colon + 1);
    }
    let token = match text {
        "AND" | "and" | "&&" => Token::And,
        "OR" | "or" | "||" => Token::Or,
        "NOT" | "not" => Token::Not,
        text => Token::Text(text.trim_start_matches(':').to_owned()),
    };
    (token, end.max(1))
}

impl Node {
    fn matches(&self, subject: &Subject<'_>) -> bool {
        match self {
            Self::All(nodes) => nodes.iter().all(|node| node.matches(subject)),
            Self::Any(nodes) => nodes.iter().any(|node| node.matches(subject)),
            Self::Not(node) => !node.matches(subject),
            Self::Term { field, value } => match field {
                Some(field) => in_field(subject, field, value),
                None => {
                    ["title", "snippet", "description", "tags", "typekeywords", "owner", "type", "name", "id"]
                        .iter()
                        .any(|field| in_field(subject, field, value))
                }
            },
        }
    }

    fn names_groups(&self) -> bool {
        match self {
            Self::All(nodes) | Self::Any(nodes) => nodes.iter().any(Self::names_groups),
            Self::Not(node) => node.names_groups(),
            Self::Term { field, .. } => field.as_deref() == Some("group"),
        }
    }
}

fn in_field(subject: &Subject<'_>, field: &str, value: &Value) -> bool {
    let item = subject.item;
    let text = |text: &str| value.has_words(text);
    let exact = |text: &str| value.is(text);
    match field {
        "id" => exact(&item.id),
        "owner" => exact(&item.owner),
        "title" => text(&item.title),
        "type" => text(&item.kind),
        "access" => exact(&item.access),
        "name" => item.file_name.as_deref().is_some_and(text),
        "url" => item.url.as_deref().is_some_and(|url| exact(url) || text(url)),
        "tags" | "tag" => item.texts("tags").into_iter().any(text),
        "typekeywords" => item.texts("typeKeywords").into_iter().any(text),
        "categories" => item.texts("categories").into_iter().any(text),
        "snippet" | "description" | "culture" | "spatialreference" | "accessinformation" => {
            let name = match field {
                "spatialreference" => "spatialReference",
                "accessinformation" => "accessInformation",
                other => other,
            };
            item.text(name).is_some_and(text)
        }
        "ownerfolder" => item.folder.as_deref().is_some_and(exact),
        "group" => subject.groups.iter().any(|group| exact(group)),
        "orgid" | "accountid" => exact(subject.portal),
        "created" | "uploaded" => value.holds(item.created),
        "modified" => value.holds(item.modified),
        "size" => value.holds(item.size),
        _ => false,
    }
}

impl Value {
    fn is(&self, text: &str) -> bool {
        match self {
            Self::Words(words) => wild(&words.to_lowercase(), &text.to_lowercase()),
            Self::Range(from, to) => {
                let text = text.to_lowercase();
                text >= from.to_lowercase() && text <= to.to_lowercase()
            }
        }
    }

    /// Whether the words stand in the text one after the other.
    fn has_words(&self, text: &str) -> bool {
        let Self::Words(value) = self else { return self.is(text) };
        let wanted = words(value, true);
        if wanted.is_empty() {
            return value == "*" || self.is(text);
        }
        let given = words(text, false);
        given
            .windows(wanted.len())
            .any(|window| window.iter().zip(&wanted).all(|(word, want)| wild(want, word)))
            || self.is(text)
    }

    fn holds(&self, number: i64) -> bool {
        let parse = |text: &str, open: i64| if text == "*" { Some(open) } else { text.parse::<i64>().ok() };
        match self {
            Self::Words(text) => text.parse() == Ok(number),
            Self::Range(from, to) => {
                matches!((parse(from, i64::MIN), parse(to, i64::MAX)), (Some(from), Some(to)) if (from..=to).contains(&number))
            }
        }
    }
}

fn words(text: &str, stars: bool) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !(c.is_alphanumeric() || c == '_' || stars && (c == '*' || c == '?')))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Matches `*` and `?`, without the blow-up that recursion would allow.
fn wild(pattern: &str, text: &str) -> bool {
    if !pattern.contains(['*', '?']) {
        return pattern == text;
    }
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || text.get(t) == Some(c) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    p = at + 1;
                    t = from + 1;
                    star = Some((at, t));
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn item() -> Item {
        let mut item = Item::new("a".repeat(32), "Ann", "Feature Service", "Small roads_2024");
        item.properties.insert("tags".to_owned(), json!(["traffic", "two words"]));
        item
    }

    fn matches(query: &str) -> bool {
        let item = item();
        let groups = vec!["g1".to_owned()];
        Query::parse(query).unwrap().matches(&Subject { item: &item, groups: &groups, portal: "0123ABC" })
    }

    #[test]
    fn what_the_clients_ask_is_understood() {
        for query in [
            "",
            "small",
            "title:small AND  (type:\"feature service\") accountid:0123ABC",
            "title:\"Small roads_2024\" AND owner:ann",
            "id:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "type:Feature Service",
            "(type:\"Web Map\" OR type:\"Feature Service\") NOT owner:bob",
            "tags:traffic -tags:water",
            "roads*",
            "tags:\"two words\"",
            "group:g1",
            "title:(big OR small)",
            "created:[0 TO 9999999999999]",
            "owner:Ann)",
        ] {
            assert!(matches(query), "{query}");
        }
        for query in [
            "title:big",
            "type:\"web map\"",
            "NOT small",
            "owner:an",
            "tags:\"words two\"",
            "nonsense:1",
            "created:[0 TO 5]",
            "accountid:other",
        ] {
            assert!(!matches(query), "{query}");
        }
    }

    #[test]
    fn nesting_and_stars_are_bounded() {
        assert!(Query::parse(&"(".repeat(100)).is_err());
        assert!(Query::parse(&"a ".repeat(1000)).is_err());
        assert!(!wild(&"*a".repeat(200), &"b".repeat(5000)));
    }
}
