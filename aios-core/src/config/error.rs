//! What is wrong with a configuration: all of it at once.

use std::fmt::{self, Display};

use crate::model::{Code, Refusal};

/// One mistake. The operator's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands, for example `issuer[0].iss`; empty for the whole document.
    pub path: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            return out.write_str(&self.message);
        }
        write!(out, "{}: {}", self.path, self.message)
    }
}

/// Every mistake that was found, a line each. A mistake of shape hides those of meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Vec<Problem>);

impl Error {
    /// The mistakes, in the document's order.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.0
    }

    pub(super) fn one(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self(vec![Problem { path: path.into(), message: message.into() }])
    }
}

impl Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(out, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        // Where the first mistake stands; all of them are in the hint.
        let first = error.0.first().map(|problem| problem.path.clone()).filter(|path| !path.is_empty());
        let refusal = Self::new(Code::ConfigInvalid).hint(format!("correct:\n{error}"));
        match first {
            Some(path) => refusal.at(path),
            None => refusal,
        }
    }
}

/// Collects mistakes while a document is checked.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    pub(super) fn add(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.0.push(Problem { path: path.into(), message: message.into() });
    }

    /// Takes what a step gives, or notes why it gives nothing.
    pub(super) fn keep<T, E: Display>(&mut self, path: impl Into<String>, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.add(path, error.to_string())).ok()
    }

    /// Notes a text that says nothing.
    pub(super) fn filled(&mut self, path: impl Into<String>, text: &str) {
        if text.trim().is_empty() {
            self.add(path, "is empty");
        }
    }

    /// Notes a number outside its range.
    pub(super) fn within<N: PartialOrd + Display + Copy>(
        &mut self,
        path: impl Into<String>,
        value: N,
        range: std::ops::RangeInclusive<N>,
    ) {
        if !range.contains(&value) {
            self.add(path, format!("is {value}, but must be {} to {}", range.start(), range.end()));
        }
    }

    /// The result, if there was no mistake.
    pub(super) fn finish<T>(self, result: Option<T>) -> Result<T, Error> {
        match result {
            Some(result) if self.0.is_empty() => Ok(result),
            Some(_) | None => Err(Error(self.0)),
        }
    }
}
