//! The bar that shows how far it is: on a terminal, not in a pipe.

use std::time::Duration;

use defer::prelude::*;
use indicatif::{ProgressBar, ProgressStyle};

use crate::table::Row;

pub(crate) fn bar(pages: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {bar:24} {pos}/{len} pages  {wide_msg}")
        .expect("the template is well-formed");
    // It draws on stderr, and only if that is a terminal.
    let bar = ProgressBar::new(pages as u64).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// Move the bar on by a page.
#[callback]
pub(crate) fn tick(row: Row, bar: &ProgressBar) -> Row {
    bar.set_message(row.url.clone());
    bar.inc(1);
    row
}
