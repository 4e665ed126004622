//! The file, and a view of it that keeps what is written to itself.

use std::boxed::Box;
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::vec::Vec;

use ::redb::StorageBackend;

/// The file itself, for the database. It stays open, and locked, from the first look on.
#[derive(Debug)]
pub(super) struct Through {
    file: Arc<dyn StorageBackend>,
    closes: bool,
}

impl Through {
    /// Closed with the database.
    pub(super) fn closing(file: Arc<dyn StorageBackend>) -> Self {
        Through { file, closes: true }
    }

    /// Needed afterwards, and still locked.
    pub(super) fn kept_open(file: &Arc<dyn StorageBackend>) -> Self {
        Through {
            file: file.clone(),
            closes: false,
        }
    }
}

impl StorageBackend for Through {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }
    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }
    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(offset, data)
    }
    fn close(&self) -> io::Result<()> {
        if self.closes {
            self.file.close()
        } else {
            Ok(())
        }
    }
}

const PAGE: usize = 4096;

/// A file that is only read. What is written to it stays in memory: the database repairs as it
/// opens, and a file that is refused must stay as it was.
#[derive(Debug)]
pub(super) struct Overlay {
    below: Arc<dyn StorageBackend>,
    written: Mutex<Written>,
}

#[derive(Debug)]
struct Written {
    pages: HashMap<u64, Box<[u8]>>,
    len: u64,
    /// What is below counts up to here.
    seen: u64,
}

impl Overlay {
    pub(super) fn new(below: Arc<dyn StorageBackend>) -> io::Result<Self> {
        let len = below.len()?;
        let written = Written {
            pages: HashMap::new(),
            len,
            seen: len,
        };
        Ok(Overlay {
            below,
            written: Mutex::new(written),
        })
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A whole page as it is now.
    fn page(&self, written: &Written, number: u64) -> io::Result<Vec<u8>> {
        if let Some(page) = written.pages.get(&number) {
            return Ok(page.to_vec());
        }
        let mut page = std::vec![0; PAGE];
        let from = number * PAGE as u64;
        let there = written.seen.saturating_sub(from).min(PAGE as u64) as usize;
        if there > 0 {
            self.below.read(from, &mut page[..there])?;
        }
        Ok(page)
    }
}

/// The pages that a range touches: number, the part of the page, the part of the range.
fn parts(
    offset: u64,
    len: usize,
) -> impl Iterator<Item = (u64, core::ops::Range<usize>, core::ops::Range<usize>)> {
    let mut done = 0;
    core::iter::from_fn(move || {
        let at = offset + done as u64;
        let within = (at % PAGE as u64) as usize;
        let count = (PAGE - within).min(len - done);
        let part =
            (count > 0).then(|| (at / PAGE as u64, within..within + count, done..done + count));
        done += count;
        part
    })
}

impl StorageBackend for Overlay {
    fn len(&self) -> io::Result<u64> {
        Ok(self.written().len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let written = self.written();
        let end = offset.checked_add(out.len() as u64);
        if end.is_none_or(|end| end > written.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if written.pages.is_empty() && written.len == written.seen {
            return self.below.read(offset, out);
        }
        for (number, of_page, of_out) in parts(offset, out.len()) {
            let page = self.page(&written, number)?;
            out[of_out].copy_from_slice(&page[of_page]);
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut written = self.written();
        if len < written.len {
            written.seen = written.seen.min(len);
            let cut = len / PAGE as u64;
            written.pages.retain(|number, _| *number <= cut);
            let kept = (len % PAGE as u64) as usize;
            if let Some(page) = written.pages.get_mut(&cut) {
                page[kept..].fill(0);
            }
        }
        written.len = len;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut written = self.written();
        for (number, of_page, of_data) in parts(offset, data.len()) {
            let mut page = self.page(&written, number)?;
            page[of_page].copy_from_slice(&data[of_data]);
            written.pages.insert(number, page.into_boxed_slice());
        }
        written.len = written.len.max(offset + data.len() as u64);
        Ok(())
    }
}
