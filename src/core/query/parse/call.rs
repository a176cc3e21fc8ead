//! Functions, casts and `CASE`.

use super::interval::date_part;
use super::{Node, Parser, deeper};
use crate::query::expr::{CompareOp, Expr, Function, SqlType};
use crate::query::token::{Token, syntax};
use crate::{Error, Result};

impl Parser {
    pub(super) fn call(&mut self, word: &str, upper: &str) -> Result<Node> {
        let position = self.position();
        self.next += 2;
        let node = match upper {
            "CAST" => {
                let (value, depth) = self.disjunction()?;
                self.expect_word("AS")?;
                let to = self.sql_type()?;
                (Expr::Cast { value: Box::new(value), to }, deeper(&[depth])?)
            }
            "EXTRACT" => {
                let part = self.date_part()?;
                self.expect_word("FROM")?;
                let (value, depth) = self.disjunction()?;
                (Expr::Extract { part, value: Box::new(value) }, deeper(&[depth])?)
            }
            "YEAR" | "MONTH" | "DAY" | "HOUR" | "MINUTE" | "SECOND" => {
                let part = date_part(upper).ok_or_else(|| self.unexpected("a part of a date"))?;
                let (value, depth) = self.disjunction()?;
                (Expr::Extract { part, value: Box::new(value) }, deeper(&[depth])?)
            }
            "TRIM" => self.trim()?,
            "COUNT" | "SUM" | "MIN" | "MAX" | "AVG" | "STDDEV" | "VAR" | "VARIANCE" if self.aggregates => {
                let name = if self.mark("*") {
                    "*".to_owned()
                } else {
                    match self.field()? {
                        (Expr::Field(name), _) => name,
                        _ => return Err(self.unexpected("a field name")),
                    }
                };
                (Expr::Field(format!("{upper}({name})")), 1)
            }
            _ => {
                let function = Function::find(word).ok_or_else(|| {
                    syntax(format!("there is no function `{word}` in standardized queries,"), position)
                })?;
                self.arguments(function, position)?
            }
        };
        self.expect(")")?;
        Ok(node)
    }

    fn arguments(&mut self, function: Function, position: usize) -> Result<Node> {
        let (first, mut depth) =
            if function == Function::Position { self.sum()? } else { self.disjunction()? };
        let mut arguments = vec![first];
        // SUBSTRING(x FROM 1 FOR 2) and POSITION(x IN y) are the standard's own spellings.
        let separators: &[&str] = match function {
            Function::Substring => &["FROM", "FOR"],
            Function::Position => &["IN"],
            _ => &[],
        };
        while self.mark(",") || separators.iter().any(|word| self.word(word)) {
            let (next, next_depth) = self.disjunction()?;
            depth = depth.max(next_depth);
            arguments.push(next);
        }
        let (least, most) = function.arity();
        if !(least..=most).contains(&arguments.len()) {
            let name = function.name();
            let given = arguments.len();
            return Err(syntax(
                format!("`{name}` takes {least} to {most} arguments, not {given},"),
                position,
            ));
        }
        Ok((Expr::Call { function, arguments }, deeper(&[depth])?))
    }

    fn trim(&mut self) -> Result<Node> {
        let function = if self.word("LEADING") {
            Function::TrimLeft
        } else if self.word("TRAILING") {
            Function::TrimRight
        } else {
            self.word("BOTH");
            Function::Trim
        };
        if matches!(self.peek(), Some(Token::Text(blank)) if blank == " ") && self.is_word(1, "FROM") {
            self.next += 1;
        }
        self.word("FROM");
        let (value, depth) = self.disjunction()?;
        Ok((Expr::Call { function, arguments: vec![value] }, deeper(&[depth])?))
    }

    pub(super) fn case(&mut self) -> Result<Node> {
        self.next += 1;
        let mut deepest = 0;
        let operand = if self.is_word(0, "WHEN") {
            None
        } else {
            let (operand, depth) = self.disjunction()?;
            deepest = depth;
            Some(operand)
        };
        let mut branches = Vec::new();
        while self.word("WHEN") {
            let (condition, depth) = self.disjunction()?;
            self.expect_word("THEN")?;
            let (result, result_depth) = self.disjunction()?;
            let condition = match &operand {
                None => condition,
                Some(operand) => Expr::Compare {
                    op: CompareOp::Equal,
                    left: Box::new(operand.clone()),
                    right: Box::new(condition),
                },
            };
            deepest = deepest.max(depth + 1).max(result_depth);
            branches.push((condition, result));
            if branches.len() > 256 {
                return Err(Error::limit("`CASE` has more than 256 branches"));
            }
        }
        if branches.is_empty() {
            return Err(self.unexpected("`WHEN`"));
        }
        let otherwise = if self.word("ELSE") {
            let (value, depth) = self.disjunction()?;
            deepest = deepest.max(depth);
            Some(Box::new(value))
        } else {
            None
        };
        self.expect_word("END")?;
        Ok((Expr::Case { branches, otherwise }, deeper(&[deepest])?))
    }

    fn sql_type(&mut self) -> Result<SqlType> {
        let to = match self.peek() {
            Some(Token::Word(word)) => match word.to_ascii_uppercase().as_str() {
                "INT" | "INTEGER" | "SMALLINT" | "BIGINT" => Some(SqlType::Integer),
                "FLOAT" | "REAL" | "DOUBLE" | "NUMERIC" | "DECIMAL" => Some(SqlType::Float),
                "CHAR" | "VARCHAR" | "NVARCHAR" | "NCHAR" | "TEXT" | "CHARACTER" => Some(SqlType::Text),
                "DATE" => Some(SqlType::Date),
                "TIMESTAMP" | "DATETIME" => Some(SqlType::Timestamp),
                _ => None,
            },
            _ => None,
        };
        let to = to.ok_or_else(|| self.unexpected("a type such as INTEGER, FLOAT, VARCHAR, DATE"))?;
        self.next += 1;
        self.word("PRECISION");
        self.word("VARYING");
        if self.mark("(") {
            while matches!(self.peek(), Some(Token::Int(_) | Token::Mark(","))) {
                self.next += 1;
            }
            self.expect(")")?;
        }
        Ok(to)
    }
}
