//! The patterns of `LIKE`.

/// Whether a text matches a pattern with `%` (any characters) and `_` (one character).
///
/// Works in `text * pattern` steps at worst and never recurses.
pub fn like(text: &str, pattern: &str, escape: Option<char>) -> bool {
    let mut text_rest = text.chars();
    let mut pattern_rest = pattern.chars();
    let mut retry: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    loop {
        let mut after = pattern_rest.clone();
        let step = next_step(&mut after, escape);
        let matched = match step {
            Step::Any => {
                pattern_rest = after;
                retry = Some((text_rest.clone(), pattern_rest.clone()));
                continue;
            }
            Step::End if text_rest.as_str().is_empty() => return true,
            Step::End => false,
            Step::One => text_rest.next().is_some(),
            Step::Char(wanted) => {
                let mut ahead = text_rest.clone();
                let same = ahead.next() == Some(wanted);
                if same {
                    text_rest = ahead;
                }
                same
            }
        };
        if matched {
            pattern_rest = after;
            continue;
        }
        let Some((mut from, pattern_from)) = retry.take() else { return false };
        if from.next().is_none() {
            return false;
        }
        text_rest = from.clone();
        pattern_rest = pattern_from.clone();
        retry = Some((from, pattern_from));
    }
}

enum Step {
    Any,
    One,
    Char(char),
    End,
}

fn next_step(pattern: &mut std::str::Chars<'_>, escape: Option<char>) -> Step {
    match pattern.next() {
        None => Step::End,
        Some(next) if Some(next) == escape => pattern.next().map_or(Step::Char(next), Step::Char),
        Some('%') => Step::Any,
        Some('_') => Step::One,
        Some(next) => Step::Char(next),
    }
}
