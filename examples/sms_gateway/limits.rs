//! What nobody may go beyond, by the command line or over HTTP.

/// So many connections to the carrier.
pub(crate) const MAX_WIDTH: usize = 1_000;
/// Messages a second.
pub(crate) const MAX_RATE: u32 = 100_000;
/// A page's script counts exactly that far, and farther than anybody does by hand.
pub(crate) const MAX_PRIORITY: i64 = 1_000_000;
/// Of a request's body: the longest text, every character of it escaped.
pub(crate) const MAX_BODY: usize = 32 * 1_024;
/// Of what a client sends before it is answered: a body, its head, and how it comes in pieces.
pub(crate) const MAX_UNANSWERED: usize = MAX_BODY + 16 * 1_024;
/// Jobs that are shown on the page at once.
pub(crate) const SHOWN: usize = 100;
/// Answers with more jobs than that, made and not yet taken.
pub(crate) const MAX_WHOLE: usize = 4;
/// Jobs that are over and still known.
pub(crate) const REMEMBERED: usize = 1_000;
