//! The argument of a job as bytes.

use std::borrow::ToOwned;
use std::format;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::string::{String, ToString};
use std::vec::Vec;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::dispatch::store::{JobId, StoreError, StoreErrorKind};

/// The database takes three gibibytes at most.
const LONGEST: usize = 1 << 31;

/// The argument as bytes that can be read again.
///
/// Some types are written and cannot be read, as they leave it to the format to say what comes:
/// such a job must be refused when it is put, not when it is to be taken up again.
pub(super) fn checked<A: Serialize + DeserializeOwned>(
    id: JobId,
    argument: &A,
) -> Result<Vec<u8>, StoreError> {
    let failed = |message| StoreError::new(StoreErrorKind::Unencodable, message);
    match postcard::to_stdvec(argument) {
        Ok(bytes) if bytes.len() > LONGEST => Err(failed(format!(
            "job {id} is too long to be kept: {} bytes",
            bytes.len()
        ))),
        Ok(bytes) => match decode::<A>(&bytes) {
            Ok(_) => Ok(bytes),
            Err(why) => Err(failed(format!(
                "job {id} could not be read again if it were kept: {why}"
            ))),
        },
        Err(error) => Err(failed(format!("job {id} cannot be encoded: {error}"))),
    }
}

/// The argument, or why these bytes are none.
pub(super) fn decode<A: DeserializeOwned>(bytes: &[u8]) -> Result<A, String> {
    // Code of the job's type: its panic must not take the other jobs along.
    let decoded = catch_unwind(AssertUnwindSafe(|| postcard::take_from_bytes(bytes)));
    match decoded {
        Ok(Ok((argument, []))) => Ok(argument),
        Ok(Ok((_, rest))) => Err(format!("{} of its bytes are left over", rest.len())),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("decoding it panicked".to_owned()),
    }
}
