//! What the fake carrier writes down.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde::Serialize;

/// A file with a line for each message that was accepted.
#[derive(Clone)]
pub(crate) struct Log(Arc<Mutex<File>>);

/// A line of it.
#[derive(Serialize)]
pub(crate) struct Line<'a> {
    pub(crate) receipt: u64,
    pub(crate) reference: &'a str,
    pub(crate) number: &'a str,
    pub(crate) text: &'a str,
    /// Who ordered it.
    pub(crate) from: &'a str,
    /// `true`, if whoever ordered it is not told that it was accepted.
    pub(crate) lost: bool,
}

impl Log {
    /// At the end of this file, which need not be there.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Log(Arc::new(Mutex::new(file))))
    }

    /// Write it down. When this is done, not even a power cut undoes it.
    pub(crate) async fn add(&self, line: &Line<'_>) -> io::Result<()> {
        let mut line = serde_json::to_vec(line)?;
        line.push(b'\n');
        let file = self.0.clone();
        tokio::task::spawn_blocking(move || {
            let mut file = file.lock().expect("writing does not panic");
            file.write_all(&line)?;
            file.sync_data()
        })
        .await
        .expect("writing does not panic")
    }
}
