//! Tokens of the `where` grammar.

use crate::{Error, Result};

/// Longest text that is read at all; lists of a hundred thousand ids fit.
const MOST_BYTES: usize = 1 << 20;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A bare word: keyword, function or field.
    Word(String),
    /// A name in quotes or brackets: always a field.
    Name(String),
    Text(String),
    Int(i64),
    Float(f64),
    /// Punctuation, in its canonical spelling.
    Mark(&'static str),
}

#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) token: Token,
    /// Counted in characters from 1.
    pub(super) position: usize,
}

pub(super) fn syntax(what: impl std::fmt::Display, position: usize) -> Error {
    Error::invalid(format!("{what} at position {position}"))
}

const MARKS: [(&str, &str); 17] = [
    ("<>", "<>"),
    ("!=", "<>"),
    ("<=", "<="),
    (">=", ">="),
    ("||", "||"),
    ("=", "="),
    ("<", "<"),
    (">", ">"),
    ("(", "("),
    (")", ")"),
    (",", ","),
    ("+", "+"),
    ("-", "-"),
    ("*", "*"),
    ("/", "/"),
    (".", "."),
    ("%", "%"),
];

/// Cuts a text into tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<Placed>> {
    if text.len() > MOST_BYTES {
        return Err(Error::limit(format!(
            "the expression has {} bytes, at most {MOST_BYTES} are read",
            text.len()
        )));
    }
    let mut scanner = Scanner { rest: text, position: 1 };
    let mut found = Vec::new();
    loop {
        scanner.skip_blanks();
        let position = scanner.position;
        match scanner.next()? {
            Some(token) => found.push(Placed { token, position }),
            None => return Ok(found),
        }
    }
}

struct Scanner<'a> {
    rest: &'a str,
    position: usize,
}

impl<'a> Scanner<'a> {
    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        self.position += taken.chars().count();
        taken
    }

    fn skip_blanks(&mut self) {
        let blanks = self.rest.len() - self.rest.trim_start().len();
        self.take(blanks);
    }

    fn next(&mut self) -> Result<Option<Token>> {
        let Some(first) = self.rest.chars().next() else { return Ok(None) };
        let token = match first {
            '\'' => Token::Text(self.quoted('\'', "string")?),
            '"' => Token::Name(self.quoted('"', "quoted name")?),
            '`' => Token::Name(self.quoted('`', "quoted name")?),
            '[' => Token::Name(self.quoted(']', "bracketed name")?),
            'N' | 'n' if self.rest[1..].starts_with('\'') => {
                self.take(1);
                Token::Text(self.quoted('\'', "string")?)
            }
            '0'..='9' => self.number()?,
            '.' if self.rest[1..].starts_with(|c: char| c.is_ascii_digit()) => self.number()?,
            _ if first.is_alphabetic() || first == '_' => {
                let end =
                    self.rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$' | '#' | '@')));
                Token::Word(self.take(end.unwrap_or(self.rest.len())).to_owned())
            }
            _ => {
                let mark = MARKS.iter().find(|(spelling, _)| self.rest.starts_with(spelling));
                let (spelling, mark) =
                    mark.ok_or_else(|| syntax(format!("unexpected `{first}`"), self.position))?;
                self.take(spelling.len());
                Token::Mark(mark)
            }
        };
        Ok(Some(token))
    }

    fn quoted(&mut self, end: char, what: &str) -> Result<String> {
        let start = self.position;
        self.take(1);
        let mut text = String::new();
        loop {
            let Some(at) = self.rest.find(end) else {
                return Err(syntax(format!("the {what} is not closed that begins"), start));
            };
            text.push_str(self.take(at));
            self.take(1);
            if !self.rest.starts_with(end) {
                return Ok(text);
            }
            text.push(end);
            self.take(1);
        }
    }

    fn number(&mut self) -> Result<Token> {
        let start = self.position;
        let bytes = self.rest.as_bytes();
        let digits =
            |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count() + from;
        let mut end = digits(0);
        let mut whole = true;
        if bytes.get(end) == Some(&b'.') {
            whole = false;
            end = digits(end + 1);
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            if bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
                whole = false;
                end = digits(end + 1 + sign);
            }
        }
        let text = self.take(end);
        if self.rest.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
            return Err(syntax(format!("`{text}` runs into a name"), start));
        }
        if whole && let Ok(number) = text.parse() {
            return Ok(Token::Int(number));
        }
        let number: f64 = text.parse().map_err(|_| syntax(format!("`{text}` is not a number"), start))?;
        if number.is_finite() {
            Ok(Token::Float(number))
        } else {
            Err(syntax("the number is too large", start))
        }
    }
}
