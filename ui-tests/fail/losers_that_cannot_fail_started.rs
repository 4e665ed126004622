//! Who cannot fail has no failures to report.

use defer::prelude::*;
use defer::{StartLosers, list};

fn main() {
    let _ = list::with().losers(StartLosers::new()).race([succeed(1), succeed(2)]);
}
