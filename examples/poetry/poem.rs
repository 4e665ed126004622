//! A poem, as it goes over the wire.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::netstring;

/// Read a poem. As a netstring it says how long it is, so that nobody takes a half for the whole.
pub(crate) fn read(path: &Path, netstring: bool) -> io::Result<Arc<[u8]>> {
    let failed = |error: io::Error| {
        io::Error::new(
            error.kind(),
            format!("cannot read {}: {error}", path.display()),
        )
    };
    let poem = fs::read(path).map_err(failed)?;
    Ok(if netstring {
        netstring::encode(&poem).into()
    } else {
        poem.into()
    })
}
