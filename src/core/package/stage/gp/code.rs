//! Texts in Python code: found without running it, and replaced by expressions.

use std::fmt::Write as _;
use std::path::Path;

/// Code with some of its texts replaced.
pub(super) struct Rewritten {
    pub(super) text: String,
    pub(super) replaced: usize,
}

/// A text of the code, from its prefix to its last quote.
struct Literal {
    start: usize,
    end: usize,
    value: String,
}

/// Replaces texts for which `decide` returns an expression.
///
/// Texts that stand beside others, which Python joins, and those with placeholders stay, and so do
/// documentation texts.
pub(super) fn rewrite(code: &str, mut decide: impl FnMut(&str) -> Option<String>) -> Rewritten {
    let literals = literals(code);
    let mut out = String::with_capacity(code.len());
    let (mut done, mut replaced) = (0, 0);
    for (index, literal) in literals.iter().enumerate() {
        let blank = |from: usize, to: usize| {
            code.get(from..to).is_some_and(|between| {
                between.chars().all(|c| c == ' ' || c == '\t' || c == '\\' || c == '\n')
            })
        };
        let before = index.checked_sub(1).and_then(|index| literals.get(index));
        let joined = before.is_some_and(|before| blank(before.end, literal.start))
            || literals.get(index + 1).is_some_and(|after| blank(literal.end, after.start));
        if joined {
            continue;
        }
        if let Some(expression) = decide(&literal.value) {
            out.push_str(code.get(done..literal.start).unwrap_or_default());
            // A keyword may stand right before the text.
            out.push('(');
            out.push_str(&expression);
            out.push(')');
            done = literal.end;
            replaced += 1;
        }
    }
    out.push_str(code.get(done..).unwrap_or_default());
    Rewritten { text: out, replaced }
}

/// Finds the plain and raw texts of one line each, outside of comments.
fn literals(code: &str) -> Vec<Literal> {
    let bytes = code.as_bytes();
    let at = |index: usize| bytes.get(index).copied().unwrap_or(0);
    let mut found = Vec::new();
    let mut index = 0;
    while index < bytes.len() {
        match at(index) {
            b'#' => {
                while index < bytes.len() && at(index) != b'\n' {
                    index += 1;
                }
            }
            quote @ (b'"' | b'\'') => {
                let prefix = prefix_of(code, index);
                let raw = prefix.contains('r');
                let triple = at(index + 1) == quote && at(index + 2) == quote;
                let width = if triple { 3 } else { 1 };
                let start = index + width;
                let mut end = start;
                while end < bytes.len() {
                    let closes =
                        at(end) == quote && (!triple || (at(end + 1) == quote && at(end + 2) == quote));
                    if closes || (!triple && at(end) == b'\n') {
                        break;
                    }
                    // A raw text cannot end with a backslash either.
                    end += if at(end) == b'\\' { 2 } else { 1 };
                }
                let closed = at(end) == quote;
                if closed
                    && !triple
                    && !prefix.contains(['f', 'b', 't'])
                    && let Some(inner) = code.get(start..end)
                    && let Some(value) = if raw { Some(inner.to_owned()) } else { unescape(inner) }
                {
                    found.push(Literal { start: index - prefix.len(), end: end + 1, value });
                }
                index = if closed { end + width } else { end + 1 };
            }
            _ => index += 1,
        }
    }
    found
}

/// The letters before a quote that belong to the text, in lower case.
fn prefix_of(code: &str, quote: usize) -> String {
    let before = code.get(..quote).unwrap_or_default();
    let letters: String = before.chars().rev().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let letters: String = letters.chars().rev().collect::<String>().to_lowercase();
    let is_prefix = letters.len() <= 2 && letters.chars().all(|c| "rbuft".contains(c));
    if is_prefix { letters } else { String::new() }
}

/// The value of a plain text; nothing where it has an escape that no path has.
fn unescape(inner: &str) -> Option<String> {
    let mut out = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        match letters.next()? {
            '\\' => out.push('\\'),
            '\'' => out.push('\''),
            '"' => out.push('"'),
            // Python leaves what it does not know, and Windows paths are written so by mistake.
            other if !"abfnrtvxuUN01234567\n".contains(other) => {
                out.push('\\');
                out.push(other);
            }
            _ => return None,
        }
    }
    Some(out)
}

/// A text as Python reads it.
pub(super) fn quote(text: &str) -> String {
    let mut out = String::from("'");
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            c if c.is_control() => {
                let _ = write!(out, "\\x{:02x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

/// Whether a file is Python code.
pub(super) fn is_code(path: &Path) -> bool {
    path.extension()
        .is_some_and(|suffix| ["py", "pyt", "pyc"].iter().any(|own| suffix.eq_ignore_ascii_case(own)))
}

/// The top names of the modules that code imports and that neither Python nor this package brings.
pub(super) fn requirements(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in code.lines() {
        let line = line.trim();
        let names: Vec<&str> = if let Some(rest) = line.strip_prefix("import ") {
            rest.split(',').collect()
        } else if let Some((module, _)) =
            line.strip_prefix("from ").and_then(|rest| rest.split_once(" import "))
        {
            vec![module]
        } else {
            continue;
        };
        for name in names {
            let top = name.trim().split([' ', '.', ';', '#']).next().unwrap_or_default();
            let is_name = !top.is_empty() && top.chars().all(|c| c.is_alphanumeric() || c == '_');
            if is_name && !PROVIDED.contains(&top) {
                found.push(top.to_owned());
            }
        }
    }
    found
}

/// Modules of the standard library that tools use, and arcpy.
const PROVIDED: &[&str] = &[
    "__future__",
    "abc",
    "argparse",
    "arcgisscripting",
    "arcpy",
    "array",
    "ast",
    "asyncio",
    "base64",
    "bisect",
    "calendar",
    "collections",
    "concurrent",
    "configparser",
    "contextlib",
    "copy",
    "csv",
    "ctypes",
    "dataclasses",
    "datetime",
    "decimal",
    "difflib",
    "email",
    "enum",
    "errno",
    "fnmatch",
    "fractions",
    "ftplib",
    "functools",
    "gc",
    "getpass",
    "glob",
    "gzip",
    "hashlib",
    "heapq",
    "html",
    "http",
    "importlib",
    "inspect",
    "io",
    "itertools",
    "json",
    "locale",
    "logging",
    "lzma",
    "math",
    "multiprocessing",
    "numbers",
    "operator",
    "os",
    "pathlib",
    "pickle",
    "platform",
    "pprint",
    "queue",
    "random",
    "re",
    "secrets",
    "shlex",
    "shutil",
    "smtplib",
    "socket",
    "sqlite3",
    "ssl",
    "statistics",
    "string",
    "struct",
    "subprocess",
    "sys",
    "tempfile",
    "textwrap",
    "threading",
    "time",
    "timeit",
    "traceback",
    "types",
    "typing",
    "unicodedata",
    "unittest",
    "urllib",
    "uuid",
    "warnings",
    "weakref",
    "webbrowser",
    "winreg",
    "xml",
    "zipfile",
    "zlib",
];
