//! What calls do while they run: a [`Recorder`] keeps it, a [`Record`] tells it.
//!
//! A record knows each call of an annotated function: when it began, when its arguments were
//! there, each time that it was polled, its end and its outcome. From that it tells which calls
//! the whole has waited for (the *critical path*) and how much longer each of the others could
//! have taken (its *slack*).
//!
//! | what | with |
//! | --- | --- |
//! | a summary for the terminal | `println!("{record}")` |
//! | a page for the browser, with a waterfall | [`Record::to_html`] |
//! | the waterfall as a picture | [`Record::to_svg`] |
//! | a file for Perfetto or `chrome://tracing` | [`Record::to_perfetto`] |
//! | where the time went | [`Record::functions`] |
//! | the critical path | [`Record::critical_path`], [`Call::slack`] |

mod html;
mod path;
mod perfetto;
mod record;
mod recorder;
mod rows;
mod store;
mod summary;
mod svg;

pub use self::path::Step;
pub use self::record::{Call, Outcome, Poll, Record};
pub use self::recorder::{AlreadyRecording, Recorder};
pub use self::summary::Function;
