//! One error for all documents: what kind of failure, which arcpy code, what to do about it.

mod code;

pub use code::{CODES, Code};

use std::borrow::Cow;
use std::fmt;
use std::path::Path;

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in the few classes that callers tell apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// The caller's value or file is not acceptable.
    InvalidInput,
    /// A named thing does not exist.
    NotFound,
    /// The thing exists and its owner refuses.
    Denied,
    /// The thing exists already, or is in use.
    Conflict,
    /// Well formed, and not something that we can do.
    Unsupported,
    /// A bound on size, depth, ratio or count was passed.
    Limit,
    /// The operating system refused a read or a write.
    Io,
    /// Another server answered with an error or not at all.
    Remote,
    /// A fault of ours.
    Internal,
}

/// Why a document could not be read, written, drafted or staged.
///
/// The text is one clause with what failed, why, and what to do; values stand in back-ticks.
#[derive(Debug)]
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Debug)]
struct Inner {
    kind: Kind,
    code: Option<Code>,
    message: Cow<'static, str>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// Makes an error of one kind with a text.
    pub fn new(kind: Kind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { inner: Box::new(Inner { kind, code: None, message: message.into(), source: None }) }
    }

    /// Makes an [`Kind::InvalidInput`] error.
    pub fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::InvalidInput, message)
    }

    /// Makes a [`Kind::NotFound`] error.
    pub fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::NotFound, message)
    }

    /// Makes a [`Kind::Unsupported`] error.
    pub fn unsupported(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Unsupported, message)
    }

    /// Makes a [`Kind::Limit`] error.
    pub fn limit(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Limit, message)
    }

    /// Makes an [`Kind::Internal`] error.
    pub fn internal(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Internal, message)
    }

    /// Makes an error of a refused read or write that names the file.
    pub fn io(doing: &str, path: &Path, source: std::io::Error) -> Self {
        let kind = match source.kind() {
            std::io::ErrorKind::NotFound => Kind::NotFound,
            std::io::ErrorKind::PermissionDenied => Kind::Denied,
            _ => Kind::Io,
        };
        Self::new(kind, format!("cannot {doing} `{}`: {source}", path.display())).because(source)
    }

    /// Attaches the code that arcpy gives to this failure.
    #[must_use]
    pub fn with_code(mut self, code: Code) -> Self {
        self.inner.code = Some(code);
        self
    }

    /// Attaches the cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.inner.source = Some(source.into());
        self
    }

    /// Puts what was being done in front of the text.
    #[must_use]
    pub fn context(mut self, doing: impl fmt::Display) -> Self {
        self.inner.message = format!("{doing}: {}", self.inner.message).into();
        self
    }

    /// Returns the kind of failure.
    pub fn kind(&self) -> Kind {
        self.inner.kind
    }

    /// Returns arcpy's code of this failure, if it has one.
    pub fn code(&self) -> Option<Code> {
        self.inner.code
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inner.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_pointer_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn context_comes_before_the_text() {
        let error = Error::invalid("`x` is not a draft").context("cannot stage");
        assert_eq!(error.to_string(), "cannot stage: `x` is not a draft");
        assert_eq!(error.kind(), Kind::InvalidInput);
    }
}
