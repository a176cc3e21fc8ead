//! What values a key takes, and how to say it.

/// The values that a key takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Any text.
    Text,
    /// A JSON object or list, also inside a text.
    Json,
    /// `true` or `false`.
    Flag,
    /// A whole number between two bounds, both included.
    Integer(i64, i64),
    /// A number between two bounds, both included.
    Number(f64, f64),
    /// A time of day, `HH:MM` or `HH:MM:SS`.
    Time,
    /// One of these words, in any case.
    Choice(Vec<&'static str>),
    /// Some of these words, in any case, separated by commas.
    Words(Vec<&'static str>),
}

impl Shape {
    /// Reads the column `value` of the table.
    pub(super) fn parse(word: &str, rest: &'static str) -> Self {
        let (least, most) = rest.split_once("..").unwrap_or(("", ""));
        match word {
            "flag" => Self::Flag,
            "json" => Self::Json,
            "time" => Self::Time,
            // Servers hold 32-bit numbers.
            "integer" => Self::Integer(
                least.parse().unwrap_or(i32::MIN.into()),
                most.parse().unwrap_or(i32::MAX.into()),
            ),
            "number" => Self::Number(least.parse().unwrap_or(f64::MIN), most.parse().unwrap_or(f64::MAX)),
            "choice" => Self::Choice(rest.split(' ').collect()),
            "words" => Self::Words(rest.split(' ').collect()),
            _ => Self::Text,
        }
    }

    /// Says what is allowed, to stand after "must be".
    pub fn allowed(&self) -> String {
        let list =
            |words: &[&str]| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        match self {
            Self::Text => "a text".to_owned(),
            Self::Json => "a JSON object or list".to_owned(),
            Self::Flag => "`true` or `false`".to_owned(),
            Self::Integer(least, most) => match (*least > i32::MIN.into(), *most < i32::MAX.into()) {
                (true, true) => format!("a whole number from {least} to {most}"),
                (true, false) => format!("a whole number from {least}"),
                (false, true) => format!("a whole number up to {most}"),
                (false, false) => "a whole number".to_owned(),
            },
            Self::Number(least, most) => match (*least > f64::MIN, *most < f64::MAX) {
                (true, true) => format!("a number from {least} to {most}"),
                (true, false) => format!("a number from {least}"),
                (false, true) => format!("a number up to {most}"),
                (false, false) => "a number".to_owned(),
            },
            Self::Time => "a time of day such as `00:00`".to_owned(),
            Self::Choice(words) => format!("one of {}", list(words)),
            Self::Words(words) => format!("any of {}, separated by commas", list(words)),
        }
    }

    /// Returns what is wrong with a text, or nothing.
    pub fn fault(&self, text: &str) -> Option<String> {
        let shown: String = text.chars().take(60).collect();
        let wrong = || Some(format!("`{shown}` must be {}", self.allowed()));
        let word = |words: &[&str], text: &str| words.iter().any(|word| word.eq_ignore_ascii_case(text));
        let trimmed = text.trim();
        match self {
            Self::Text | Self::Json => None,
            Self::Flag => (!trimmed.eq_ignore_ascii_case("true") && !trimmed.eq_ignore_ascii_case("false"))
                .then(wrong)
                .flatten(),
            Self::Integer(least, most) => match trimmed.parse::<i64>() {
                Ok(number) if (*least..=*most).contains(&number) => None,
                _ => wrong(),
            },
            Self::Number(least, most) => match trimmed.parse::<f64>() {
                Ok(number) if number.is_finite() && (*least..=*most).contains(&number) => None,
                _ => wrong(),
            },
            Self::Time => (!is_time(trimmed)).then(wrong).flatten(),
            Self::Choice(words) => (!word(words, trimmed)).then(wrong).flatten(),
            Self::Words(words) => {
                let unknown = |part: &&str| !part.is_empty() && !word(words, part);
                let bad = trimmed.split(',').map(str::trim).find(unknown)?;
                Some(format!("`{bad}` is unknown: it must be {}", self.allowed()))
            }
        }
    }
}

fn is_time(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let limits = [23_u8, 59, 59];
    (2..=3).contains(&parts.len())
        && parts
            .iter()
            .zip(limits)
            .all(|(part, most)| part.len() <= 2 && part.parse::<u8>().is_ok_and(|number| number <= most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_name_the_value_and_what_is_allowed() {
        assert_eq!(Shape::parse("flag", "").fault("TRUE"), None);
        assert_eq!(Shape::parse("integer", "1..").fault("0").unwrap(), "`0` must be a whole number from 1");
        assert_eq!(Shape::parse("integer", "").fault("1.5").unwrap(), "`1.5` must be a whole number");
        assert_eq!(Shape::parse("number", "0..").fault("1e3"), None);
        assert!(Shape::parse("number", "").fault("NaN").is_some());
        assert_eq!(
            Shape::parse("choice", "LOW HIGH").fault("Mid").unwrap(),
            "`Mid` must be one of `LOW`, `HIGH`"
        );
        assert!(
            Shape::parse("words", "Map Query").fault("map, Fly").unwrap().starts_with("`Fly` is unknown")
        );
        assert_eq!(Shape::parse("time", "").fault("23:59:59"), None);
        assert!(Shape::parse("time", "").fault("24:00").is_some());
    }
}
