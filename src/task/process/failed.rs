//! The failure of a program.

use core::fmt;
use std::borrow::ToOwned;
use std::io;
use std::process::{ExitStatus, Output};
use std::string::String;

/// The failure of a program.
///
/// ```
/// use defer::task::{ProcessFailed, process_output};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let command = std::process::Command::new("no-such-program");
/// let failure = process_output(command).await.unwrap_err();
/// let failed = failure.check::<ProcessFailed>().unwrap();
/// assert_eq!((failed.program(), failed.status()), ("no-such-program", None));
/// # }
/// ```
#[derive(Debug)]
pub struct ProcessFailed {
    pub(super) program: String,
    pub(super) how: How,
}

#[derive(Debug)]
pub(super) enum How {
    NotStarted(io::Error),
    NotRead(io::Error),
    Ended { status: ExitStatus, stderr: String },
}

/// So much of what it wrote to its standard error is kept.
const TAIL: usize = 2048;

impl ProcessFailed {
    pub(super) fn ended(program: String, output: &Output) -> Self {
        let from = output.stderr.len().saturating_sub(TAIL);
        let tail = String::from_utf8_lossy(&output.stderr[from..]);
        // Where it was cut there may be a part of a character.
        let tail = tail.trim_start_matches(char::REPLACEMENT_CHARACTER);
        let how = How::Ended {
            status: output.status,
            stderr: tail.trim().to_owned(),
        };
        ProcessFailed { program, how }
    }

    /// The program, as the command named it.
    ///
    /// ```
    /// # use defer::task::ProcessFailed;
    /// fn tell(failed: &ProcessFailed) -> String {
    ///     format!("{} said: {}", failed.program(), failed.stderr())
    /// }
    /// ```
    #[must_use]
    pub fn program(&self) -> &str {
        &self.program
    }

    /// How it ended; `None` if it was not started, or its output could not be read.
    ///
    /// ```
    /// # use defer::task::ProcessFailed;
    /// fn ran(failed: &ProcessFailed) -> bool {
    ///     failed.status().is_some()
    /// }
    /// ```
    #[must_use]
    pub fn status(&self) -> Option<ExitStatus> {
        match self.how {
            How::Ended { status, .. } => Some(status),
            _ => None,
        }
    }

    /// Its exit code, if it ended with one.
    ///
    /// ```
    /// # use defer::task::ProcessFailed;
    /// fn found_nothing(grep: &ProcessFailed) -> bool {
    ///     grep.code() == Some(1)
    /// }
    /// ```
    #[must_use]
    pub fn code(&self) -> Option<i32> {
        self.status().and_then(|status| status.code())
    }

    /// The last of what it wrote to its standard error, two thousand bytes at most.
    ///
    /// ```
    /// # use defer::task::ProcessFailed;
    /// fn last_line(failed: &ProcessFailed) -> Option<&str> {
    ///     failed.stderr().lines().last()
    /// }
    /// ```
    #[must_use]
    pub fn stderr(&self) -> &str {
        match &self.how {
            How::Ended { stderr, .. } => stderr,
            _ => "",
        }
    }
}

impl fmt::Display for ProcessFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = &self.program;
        match &self.how {
            How::NotStarted(_) => write!(f, "`{program}` could not be started"),
            How::NotRead(_) => write!(f, "the output of `{program}` could not be read"),
            How::Ended { status, stderr } if stderr.is_empty() => {
                write!(f, "`{program}` ended with {status}")
            }
            How::Ended { status, stderr } => write!(f, "`{program}` ended with {status}: {stderr}"),
        }
    }
}

impl core::error::Error for ProcessFailed {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &self.how {
            How::NotStarted(error) | How::NotRead(error) => Some(error),
            How::Ended { .. } => None,
        }
    }
}
