//! The first bytes of the file.
//!
//! The database checks some of them by assertions only, so that a file that was cut off would
//! panic. Where they are is in redb's document of its design.

use std::format;
use std::io;

use ::redb::StorageBackend;

use super::fault;
use crate::dispatch::store::StoreError;

const MAGIC: [u8; 9] = *b"redb\x1A\x0A\xA9\x0D\x0A";
const LENGTH: usize = 320;
const STATE: usize = 9;
const UNCLEAN: u8 = 2;
/// Where the sizes are: of a page; of a region's head and data; whole regions, the last one.
const SIZES: [usize; 5] = [12, 16, 20, 24, 28];
/// Where the versions of the two commits are.
const VERSIONS: [usize; 2] = [64, 192];
const KNOWN: u8 = 3;
const PAGE: u64 = 4096;

/// Whether the file was closed by who wrote it.
pub(super) fn is_clean(file: &dyn StorageBackend, name: &str) -> Result<bool, StoreError> {
    let unread = |error| fault::io(name, fault::LOOKING, error);
    let len = file.len().map_err(unread)?;
    let mut head = [0; LENGTH];
    let there = LENGTH.min(usize::try_from(len).unwrap_or(LENGTH));
    match file.read(0, &mut head[..there]) {
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(unread(error)),
        _ => {}
    }
    if head[..MAGIC.len()] != MAGIC {
        return Err(fault::no_store(name, "it does not begin as one"));
    }
    if there < LENGTH {
        return Err(fault::damaged(name, "it is cut off"));
    }
    if let Some(version) = VERSIONS.map(|at| head[at]).into_iter().max() {
        if version > KNOWN {
            let what = "redb's format";
            return Err(fault::newer(name, what, version.into(), KNOWN.into()));
        }
    }
    let [page, region_head, region_data, regions, rest] = SIZES.map(|at| {
        let bytes = [head[at], head[at + 1], head[at + 2], head[at + 3]];
        u64::from(u32::from_le_bytes(bytes))
    });
    if page != PAGE || region_data == 0 {
        return Err(fault::damaged(name, "its sizes make no sense"));
    }
    let last = if rest > 0 { region_head + rest } else { 0 };
    let pages = (region_head + region_data)
        .checked_mul(regions)
        .and_then(|pages| pages.checked_add(last + 1));
    if pages.is_none_or(|pages| pages > len / PAGE) {
        let how = format!("it should be longer than {len} bytes");
        return Err(fault::damaged(name, how));
    }
    Ok(head[STATE] & UNCLEAN == 0)
}
