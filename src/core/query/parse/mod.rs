//! From text to tree: the one reader of `where` and `having`.

mod call;
mod interval;
mod operand;
mod predicate;

use super::expr::Expr;
use super::token::{Placed, Token, syntax, tokens};
use crate::{Error, Result};

/// Deepest tree that is built; whoever walks it may recurse.
const MOST_DEEP: u16 = 128;

type Node = (Expr<String>, u16);

/// Reads a `where` expression. Fields keep the spelling of the text.
pub fn parse(text: &str) -> Result<Expr<String>> {
    read(text, false)
}

/// Reads a `having` expression: aggregates such as `SUM(x)` become fields of the name `SUM(x)`.
pub fn parse_having(text: &str) -> Result<Expr<String>> {
    read(text, true)
}

fn read(text: &str, aggregates: bool) -> Result<Expr<String>> {
    let tokens = tokens(text)?;
    let end = text.chars().count() + 1;
    let mut parser = Parser { tokens, next: 0, end, depth: 0, aggregates };
    let (expr, _) = parser.disjunction()?;
    match parser.peek() {
        None => Ok(expr),
        Some(_) => Err(parser.unexpected("the end or an operator")),
    }
}

struct Parser {
    tokens: Vec<Placed>,
    next: usize,
    end: usize,
    depth: u16,
    aggregates: bool,
}

fn deeper(nodes: &[u16]) -> Result<u16> {
    let depth = nodes.iter().copied().max().unwrap_or(0) + 1;
    if depth > MOST_DEEP { Err(too_deep()) } else { Ok(depth) }
}

fn too_deep() -> Error {
    Error::limit(format!("the expression is nested deeper than {MOST_DEEP}"))
}
impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|placed| &placed.token)
    }

    fn position(&self) -> usize {
        self.tokens.get(self.next).map_or(self.end, |placed| placed.position)
    }

    fn unexpected(&self, wanted: &str) -> Error {
        let found = match self.peek() {
            None => "the expression ends".to_owned(),
            Some(Token::Word(word) | Token::Name(word)) => format!("found `{word}`"),
            Some(Token::Text(text)) => {
                format!("found the text '{}'", text.chars().take(40).collect::<String>())
            }
            Some(Token::Int(number)) => format!("found `{number}`"),
            Some(Token::Float(number)) => format!("found `{number}`"),
            Some(Token::Mark(mark)) => format!("found `{mark}`"),
        };
        syntax(format!("{found} where {wanted} is expected"), self.position())
    }

    fn mark(&mut self, mark: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Mark(next)) if *next == mark);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, mark: &str) -> Result<()> {
        if self.mark(mark) { Ok(()) } else { Err(self.unexpected(&format!("`{mark}`"))) }
    }

    fn is_word(&self, ahead: usize, word: &str) -> bool {
        let token = self.tokens.get(self.next + ahead).map(|placed| &placed.token);
        matches!(token, Some(Token::Word(next)) if next.eq_ignore_ascii_case(word))
    }

    fn is_mark(&self, ahead: usize, mark: &str) -> bool {
        let token = self.tokens.get(self.next + ahead).map(|placed| &placed.token);
        matches!(token, Some(Token::Mark(next)) if *next == mark)
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.is_word(0, word);
        self.next += usize::from(found);
        found
    }

    fn expect_word(&mut self, word: &str) -> Result<()> {
        if self.word(word) { Ok(()) } else { Err(self.unexpected(&format!("`{word}`"))) }
    }

    fn text(&mut self) -> Result<String> {
        match self.peek() {
            Some(Token::Text(text)) => {
                let text = text.clone();
                self.next += 1;
                Ok(text)
            }
            _ => Err(self.unexpected("a text in single quotes")),
        }
    }

    fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > MOST_DEEP { Err(too_deep()) } else { Ok(()) }
    }
}
