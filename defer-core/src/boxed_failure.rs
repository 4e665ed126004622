//! A failure as an `Error` in a box: the way out, into functions that know no [`Failure`].

use alloc::boxed::Box;
use core::error::Error;
use core::fmt;

use crate::Failure;

/// What is in the box. `Failure` itself can be no `Error`.
pub(crate) struct BoxedFailure(pub(crate) Failure);

impl fmt::Display for BoxedFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for BoxedFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Error for BoxedFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.error().source()
    }
}

/// For `?` in functions that fail with any boxed error. `{}` is the message, `{:#}` and `{:?}` tell
/// the trail, and [`Failure::from_boxed`] gives the failure back.
///
/// ```
/// use defer_core::Failure;
/// use std::error::Error;
///
/// fn failing() -> Result<u8, Failure> {
///     Err(Failure::msg("no such page"))
/// }
/// fn main_like() -> Result<u8, Box<dyn Error + Send + Sync>> {
///     Ok(failing()?)
/// }
/// let error = main_like().unwrap_err();
/// assert_eq!(error.to_string(), "no such page");
/// assert_eq!(Failure::from_boxed(error).to_string(), "no such page");
/// ```
impl From<Failure> for Box<dyn Error + Send + Sync> {
    fn from(failure: Failure) -> Self {
        Box::new(BoxedFailure(failure))
    }
}

/// The same for a box that stays on its thread.
impl From<Failure> for Box<dyn Error> {
    fn from(failure: Failure) -> Self {
        Box::new(BoxedFailure(failure))
    }
}
