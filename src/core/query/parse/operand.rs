//! Values: arithmetic, literals, fields.

use super::{Node, Parser, deeper};
use crate::Result;
use crate::query::date;
use crate::query::expr::{ArithmeticOp, Expr, Function, Literal};
use crate::query::token::{Token, syntax};

impl Parser {
    pub(super) fn sum(&mut self) -> Result<Node> {
        let (mut left, mut depth) = self.product()?;
        loop {
            let op = match self.peek() {
                Some(Token::Mark("+")) => ArithmeticOp::Add,
                Some(Token::Mark("-")) => ArithmeticOp::Subtract,
                Some(Token::Mark("||")) => ArithmeticOp::Concat,
                _ => return Ok((left, depth)),
            };
            self.next += 1;
            let (right, right_depth) = self.product()?;
            left = Expr::Arithmetic { op, left: Box::new(left), right: Box::new(right) };
            depth = deeper(&[depth, right_depth])?;
        }
    }

    fn product(&mut self) -> Result<Node> {
        let (mut left, mut depth) = self.unary()?;
        loop {
            let op = match self.peek() {
                Some(Token::Mark("*")) => Some(ArithmeticOp::Multiply),
                Some(Token::Mark("/")) => Some(ArithmeticOp::Divide),
                Some(Token::Mark("%")) => None,
                _ => return Ok((left, depth)),
            };
            self.next += 1;
            let (right, right_depth) = self.unary()?;
            left = match op {
                Some(op) => Expr::Arithmetic { op, left: Box::new(left), right: Box::new(right) },
                None => Expr::Call { function: Function::Mod, arguments: vec![left, right] },
            };
            depth = deeper(&[depth, right_depth])?;
        }
    }

    fn unary(&mut self) -> Result<Node> {
        if self.mark("-") {
            let literal = match self.peek() {
                Some(Token::Int(number)) => Some(Literal::Int(-number)),
                Some(Token::Float(number)) => Some(Literal::Float(-number)),
                _ => None,
            };
            if let Some(literal) = literal {
                self.next += 1;
                return Ok((Expr::Literal(literal), 1));
            }
            self.enter()?;
            let (inner, depth) = self.unary()?;
            self.depth -= 1;
            return Ok((Expr::Negate(Box::new(inner)), deeper(&[depth])?));
        }
        if self.mark("+") {
            self.enter()?;
            let node = self.unary()?;
            self.depth -= 1;
            return Ok(node);
        }
        self.primary()
    }

    fn primary(&mut self) -> Result<Node> {
        let literal = match self.peek() {
            Some(Token::Int(number)) => Literal::Int(*number),
            Some(Token::Float(number)) => Literal::Float(*number),
            Some(Token::Text(text)) => Literal::Text(text.clone()),
            Some(Token::Mark("(")) => {
                self.next += 1;
                let node = self.disjunction()?;
                self.expect(")")?;
                return Ok(node);
            }
            Some(Token::Name(_)) => return self.field(),
            Some(Token::Word(_)) => return self.named(),
            _ => return Err(self.unexpected("a value")),
        };
        self.next += 1;
        Ok((Expr::Literal(literal), 1))
    }

    /// A field, with the qualifiers that some clients put in front.
    pub(super) fn field(&mut self) -> Result<Node> {
        let mut name = String::new();
        loop {
            match self.peek() {
                Some(Token::Name(part) | Token::Word(part)) => name.push_str(part),
                _ => return Err(self.unexpected("a field name")),
            }
            self.next += 1;
            if !self.mark(".") {
                return Ok((Expr::Field(name), 1));
            }
            name.push('.');
        }
    }

    fn named(&mut self) -> Result<Node> {
        let Some(Token::Word(word)) = self.peek() else { return Err(self.unexpected("a name")) };
        let word = word.clone();
        let upper = word.to_ascii_uppercase();
        let text_follows =
            matches!(self.tokens.get(self.next + 1).map(|placed| &placed.token), Some(Token::Text(_)));
        let literal = match upper.as_str() {
            "NULL" => Some(Literal::Null),
            "TRUE" => Some(Literal::Bool(true)),
            "FALSE" => Some(Literal::Bool(false)),
            "CURRENT_TIMESTAMP" | "CURRENT_DATE" => {
                self.next += 1;
                if self.mark("(") {
                    self.expect(")")?;
                }
                let literal = if upper == "CURRENT_DATE" { Literal::Today } else { Literal::Now };
                return Ok((Expr::Literal(literal), 1));
            }
            "DATE" | "TIMESTAMP" if text_follows => {
                self.next += 1;
                let position = self.position();
                let text = self.text()?;
                let moment = date::parse(&text).ok_or_else(|| {
                    syntax(format!("'{text}' is not a date like '2024-05-01 10:00:00'"), position)
                })?;
                return Ok((Expr::Literal(Literal::Date(moment)), 1));
            }
            "TIME" if text_follows => {
                self.next += 1;
                return Ok((Expr::Literal(Literal::Text(self.text()?)), 1));
            }
            "INTERVAL" if text_follows => {
                self.next += 1;
                return self.interval();
            }
            "CASE" => return self.case(),
            "AND" | "OR" | "NOT" | "IN" | "LIKE" | "BETWEEN" | "IS" | "ESCAPE" | "WHEN" | "THEN" | "ELSE"
            | "END" | "SELECT" | "UNION" | "FROM" | "WHERE" => return Err(self.unexpected("a value")),
            _ => None,
        };
        if let Some(literal) = literal {
            self.next += 1;
            return Ok((Expr::Literal(literal), 1));
        }
        if self.is_mark(1, "(") { self.call(&word, &upper) } else { self.field() }
    }
}
