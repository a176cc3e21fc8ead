//! Conditions: what joins and compares values.

use super::{Node, Parser, deeper};
use crate::Result;
use crate::query::expr::{CompareOp, Expr};
use crate::query::token::{Token, syntax};

impl Parser {
    /// Every way down passes through here or [`Self::enter`], so that recursion is bounded.
    pub(super) fn disjunction(&mut self) -> Result<Node> {
        self.enter()?;
        let node = self.chain("OR", Self::conjunction, Expr::Or)?;
        self.depth -= 1;
        Ok(node)
    }

    fn conjunction(&mut self) -> Result<Node> {
        self.chain("AND", Self::negation, Expr::And)
    }

    fn chain(
        &mut self,
        word: &str,
        part: fn(&mut Self) -> Result<Node>,
        join: fn(Vec<Expr<String>>) -> Expr<String>,
    ) -> Result<Node> {
        let (first, mut depth) = part(self)?;
        if !self.is_word(0, word) {
            return Ok((first, depth));
        }
        let mut parts = vec![first];
        while self.word(word) {
            let (next, next_depth) = part(self)?;
            depth = depth.max(next_depth);
            parts.push(next);
        }
        Ok((join(parts), deeper(&[depth])?))
    }

    fn negation(&mut self) -> Result<Node> {
        if !self.word("NOT") {
            return self.predicate();
        }
        self.enter()?;
        let (inner, depth) = self.negation()?;
        self.depth -= 1;
        Ok((Expr::Not(Box::new(inner)), deeper(&[depth])?))
    }

    fn predicate(&mut self) -> Result<Node> {
        let (left, depth) = self.sum()?;
        if let Some(Token::Mark(mark)) = self.peek()
            && let Some(op) = comparison(mark)
        {
            self.next += 1;
            let (right, right_depth) = self.sum()?;
            let expr = Expr::Compare { op, left: Box::new(left), right: Box::new(right) };
            return Ok((expr, deeper(&[depth, right_depth])?));
        }
        if self.word("IS") {
            let negated = self.word("NOT");
            self.expect_word("NULL")?;
            return Ok((Expr::IsNull { value: Box::new(left), negated }, deeper(&[depth])?));
        }
        let negated = self.is_word(0, "NOT")
            && (self.is_word(1, "IN") || self.is_word(1, "LIKE") || self.is_word(1, "BETWEEN"));
        self.next += usize::from(negated);
        let value = Box::new(left);
        if self.word("IN") {
            self.expect("(")?;
            let (list, list_depth) = self.list()?;
            self.expect(")")?;
            return Ok((Expr::In { value, list, negated }, deeper(&[depth, list_depth])?));
        }
        if self.word("BETWEEN") {
            let (low, low_depth) = self.sum()?;
            self.expect_word("AND")?;
            let (high, high_depth) = self.sum()?;
            let expr = Expr::Between { value, low: Box::new(low), high: Box::new(high), negated };
            return Ok((expr, deeper(&[depth, low_depth, high_depth])?));
        }
        if self.word("LIKE") {
            let (pattern, pattern_depth) = self.sum()?;
            let position = self.position();
            let escape = if self.word("ESCAPE") { Some(self.text()?) } else { None };
            let escape = match escape.as_deref().map(|text| (text.chars().next(), text.chars().count())) {
                None => None,
                Some((Some(escape), 1)) => Some(escape),
                Some(_) => return Err(syntax("`ESCAPE` takes one character,", position)),
            };
            let expr = Expr::Like { value, pattern: Box::new(pattern), escape, negated };
            return Ok((expr, deeper(&[depth, pattern_depth])?));
        }
        Ok((*value, depth))
    }

    fn list(&mut self) -> Result<(Vec<Expr<String>>, u16)> {
        let (first, mut depth) = self.disjunction()?;
        let mut list = vec![first];
        while self.mark(",") {
            let (next, next_depth) = self.disjunction()?;
            depth = depth.max(next_depth);
            list.push(next);
        }
        Ok((list, depth))
    }
}

fn comparison(mark: &str) -> Option<CompareOp> {
    Some(match mark {
        "=" => CompareOp::Equal,
        "<>" => CompareOp::NotEqual,
        "<" => CompareOp::Less,
        "<=" => CompareOp::LessOrEqual,
        ">" => CompareOp::Greater,
        ">=" => CompareOp::GreaterOrEqual,
        _ => return None,
    })
}
