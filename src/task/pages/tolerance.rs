//! Which errors, and how many of them, are no failure.

/// How many errors are tolerated.
///
/// ```
/// use defer::task::Tolerance;
/// let both = Tolerance::in_a_row(3).and_in_total(20);
/// assert_ne!(both, Tolerance::in_a_row(3));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    pub(super) total: usize,
    pub(super) row: usize,
}

impl Tolerance {
    /// So many, over all pages. The next one is a failure.
    ///
    /// ```
    /// # use defer::task::Tolerance;
    /// assert_ne!(Tolerance::in_total(9), Tolerance::in_a_row(9));
    /// ```
    #[must_use]
    pub const fn in_total(errors: usize) -> Self {
        Tolerance {
            total: errors,
            row: usize::MAX,
        }
    }

    /// So many one after the other: for one page.
    ///
    /// ```
    /// # use defer::task::Tolerance;
    /// assert_ne!(Tolerance::in_a_row(3), Tolerance::in_a_row(4));
    /// ```
    #[must_use]
    pub const fn in_a_row(errors: usize) -> Self {
        Tolerance {
            total: usize::MAX,
            row: errors,
        }
    }

    /// And not more than so many over all pages.
    ///
    /// ```
    /// # use defer::task::Tolerance;
    /// let both = Tolerance::in_a_row(3).and_in_total(20);
    /// assert_ne!(both, Tolerance::in_total(20));
    /// ```
    #[must_use]
    pub const fn and_in_total(mut self, errors: usize) -> Self {
        self.total = errors;
        self
    }
}
