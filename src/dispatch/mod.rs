//! A dispatch queue that can be steered, stopped and resumed.

pub mod store;
