//! From text to tree: the one reader of `where` and `having`.

use super::date;
use super::expr::{ArithmeticOp, CompareOp, DatePart, Expr, Function, Interval, Literal, SqlType};
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

    /// Every way down passes through here or [`Self::enter`], so that recursion is bounded.
    fn disjunction(&mut self) -> Result<Node> {
        self.enter()?;
        let node = self.chain("OR", Self::conjunction, Expr::Or)?;
        self.depth -= 1;
        Ok(node)
    }

    fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > MOST_DEEP { Err(too_deep()) } else { Ok(()) }
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

    fn sum(&mut self) -> Result<Node> {
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
    fn field(&mut self) -> Result<Node> {
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

    fn call(&mut self, word: &str, upper: &str) -> Result<Node> {
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

    fn case(&mut self) -> Result<Node> {
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

    fn date_part(&mut self) -> Result<DatePart> {
        let part = match self.peek() {
            Some(Token::Word(word)) => date_part(&word.to_ascii_uppercase()),
            _ => None,
        };
        self.next += usize::from(part.is_some());
        part.ok_or_else(|| self.unexpected("YEAR, MONTH, DAY, HOUR, MINUTE or SECOND"))
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

    fn interval(&mut self) -> Result<Node> {
        let position = self.position();
        let text = self.text()?;
        let from = self.date_part()?;
        let to = if self.word("TO") { self.date_part()? } else { from };
        if self.mark("(") {
            while matches!(self.peek(), Some(Token::Int(_) | Token::Mark(","))) {
                self.next += 1;
            }
            self.expect(")")?;
        }
        let interval = interval(text.trim(), from, to)
            .ok_or_else(|| syntax(format!("'{text}' does not fit the units of the interval"), position))?;
        Ok((Expr::Literal(Literal::Interval(interval)), 1))
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

fn date_part(word: &str) -> Option<DatePart> {
    Some(match word {
        "YEAR" => DatePart::Year,
        "MONTH" => DatePart::Month,
        "DAY" => DatePart::Day,
        "HOUR" => DatePart::Hour,
        "MINUTE" => DatePart::Minute,
        "SECOND" => DatePart::Second,
        _ => return None,
    })
}

fn interval(text: &str, from: DatePart, to: DatePart) -> Option<Interval> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1_i64, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let whole = |text: &str| text.parse::<u32>().ok().map(i64::from);
    let months =
        |months: i64| i32::try_from(sign * months).ok().map(|months| Interval { months, milliseconds: 0 });
    let milliseconds = |milliseconds: i64| Some(Interval { months: 0, milliseconds: sign * milliseconds });
    match (from, to) {
        (DatePart::Year, DatePart::Year) => months(whole(text)?.checked_mul(12)?),
        (DatePart::Month, DatePart::Month) => months(whole(text)?),
        (DatePart::Year, DatePart::Month) => {
            let (years, rest) = text.split_once('-')?;
            months(whole(years)?.checked_mul(12)?.checked_add(whole(rest)?)?)
        }
        (DatePart::Day, DatePart::Day) => milliseconds(whole(text)? * 86_400_000),
        (DatePart::Hour, DatePart::Hour) => milliseconds(whole(text)? * 3_600_000),
        (DatePart::Minute, DatePart::Minute) => milliseconds(whole(text)? * 60_000),
        (DatePart::Second, DatePart::Second) => milliseconds(seconds(text)?),
        (DatePart::Day, DatePart::Hour | DatePart::Minute | DatePart::Second) => {
            let (days, clock) = text.split_once(' ')?;
            milliseconds(whole(days)? * 86_400_000 + clock_span(clock, DatePart::Hour)?)
        }
        (DatePart::Hour | DatePart::Minute, DatePart::Minute | DatePart::Second) => {
            milliseconds(clock_span(text, from)?)
        }
        _ => None,
    }
}

fn clock_span(text: &str, from: DatePart) -> Option<i64> {
    let mut units = [3_600_000, 60_000].iter().skip(usize::from(from == DatePart::Minute));
    let mut total = 0;
    let mut parts = text.split(':').peekable();
    while let Some(part) = parts.next() {
        total += match units.next() {
            Some(unit) => i64::from(part.parse::<u32>().ok()?) * unit,
            None if parts.peek().is_none() => seconds(part)?,
            None => return None,
        };
    }
    Some(total)
}

fn seconds(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let three: String = fraction.chars().chain("000".chars()).take(3).collect();
    let whole: u64 = whole.parse().ok()?;
    if whole > 1_000_000_000_000 {
        return None;
    }
    Some(whole as i64 * 1000 + i64::from(three.parse::<u32>().ok()?))
}
