//! From tree to text that parses to the same tree.

use std::fmt;

use super::date;
use super::expr::{ArithmeticOp, CompareOp, DatePart, Expr, Literal, SqlType};

impl fmt::Display for Expr<String> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expr::Literal(literal) => literal.fmt(f),
            Expr::Field(name) => write!(f, "\"{}\"", name.replace('"', "\"\"")),
            Expr::Not(inner) => write!(f, "(NOT {inner})"),
            Expr::And(parts) => joined(f, parts, " AND "),
            Expr::Or(parts) => joined(f, parts, " OR "),
            Expr::Compare { op, left, right } => write!(f, "({left} {op} {right})"),
            Expr::In { value, list, negated } => {
                write!(f, "({value} {}IN ", not(*negated))?;
                joined(f, list, ", ")?;
                f.write_str(")")
            }
            Expr::Between { value, low, high, negated } => {
                write!(f, "({value} {}BETWEEN {low} AND {high})", not(*negated))
            }
            Expr::Like { value, pattern, escape, negated } => {
                write!(f, "({value} {}LIKE {pattern}", not(*negated))?;
                if let Some(escape) = escape {
                    write!(f, " ESCAPE {}", Literal::Text(escape.to_string()))?;
                }
                f.write_str(")")
            }
            Expr::IsNull { value, negated } => write!(f, "({value} IS {}NULL)", not(*negated)),
            Expr::Arithmetic { op, left, right } => {
                let op = match op {
                    ArithmeticOp::Add => "+",
                    ArithmeticOp::Subtract => "-",
                    ArithmeticOp::Multiply => "*",
                    ArithmeticOp::Divide => "/",
                    ArithmeticOp::Concat => "||",
                };
                write!(f, "({left} {op} {right})")
            }
            Expr::Negate(inner) => write!(f, "(-({inner}))"),
            Expr::Call { function, arguments } => {
                f.write_str(function.name())?;
                joined(f, arguments, ", ")
            }
            Expr::Cast { value, to } => {
                let to = match to {
                    SqlType::Integer => "INTEGER",
                    SqlType::Float => "FLOAT",
                    SqlType::Text => "VARCHAR",
                    SqlType::Date => "DATE",
                    SqlType::Timestamp => "TIMESTAMP",
                };
                write!(f, "CAST({value} AS {to})")
            }
            Expr::Extract { part, value } => write!(f, "EXTRACT({part} FROM {value})"),
            Expr::Case { branches, otherwise } => {
                f.write_str("CASE")?;
                for (condition, result) in branches {
                    write!(f, " WHEN {condition} THEN {result}")?;
                }
                if let Some(otherwise) = otherwise {
                    write!(f, " ELSE {otherwise}")?;
                }
                f.write_str(" END")
            }
        }
    }
}

fn not(negated: bool) -> &'static str {
    if negated { "NOT " } else { "" }
}

fn joined(f: &mut fmt::Formatter<'_>, parts: &[Expr<String>], between: &str) -> fmt::Result {
    f.write_str("(")?;
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(between)?;
        }
        write!(f, "{part}")?;
    }
    f.write_str(")")
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Null => f.write_str("NULL"),
            Literal::Bool(value) => f.write_str(if *value { "TRUE" } else { "FALSE" }),
            Literal::Int(value) => write!(f, "{value}"),
            Literal::Float(value) => write!(f, "{value:?}"),
            Literal::Text(text) => write!(f, "'{}'", text.replace('\'', "''")),
            Literal::Date(moment) => write!(f, "TIMESTAMP '{}'", date::print(*moment)),
            Literal::Interval(interval) if interval.months != 0 => {
                write!(f, "INTERVAL '{}' MONTH", interval.months)
            }
            Literal::Interval(interval) => {
                let sign = if interval.milliseconds < 0 { "-" } else { "" };
                let amount = interval.milliseconds.unsigned_abs();
                write!(f, "INTERVAL '{sign}{}.{:03}' SECOND", amount / 1000, amount % 1000)
            }
            Literal::Now => f.write_str("CURRENT_TIMESTAMP"),
            Literal::Today => f.write_str("CURRENT_DATE"),
        }
    }
}

impl fmt::Display for CompareOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CompareOp::Equal => "=",
            CompareOp::NotEqual => "<>",
            CompareOp::Less => "<",
            CompareOp::LessOrEqual => "<=",
            CompareOp::Greater => ">",
            CompareOp::GreaterOrEqual => ">=",
        })
    }
}

impl fmt::Display for DatePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DatePart::Year => "YEAR",
            DatePart::Month => "MONTH",
            DatePart::Day => "DAY",
            DatePart::Hour => "HOUR",
            DatePart::Minute => "MINUTE",
            DatePart::Second => "SECOND",
        })
    }
}
