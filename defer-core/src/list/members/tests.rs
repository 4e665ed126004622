//! For miri.
