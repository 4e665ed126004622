//! A service of transforms that is elsewhere.

use std::time::Duration;

use defer::Chain;
use defer::prelude::*;

use crate::ask::ask;
use crate::netstring::{Decoder, encode};

/// What a server does to poems, without its connections.
pub(crate) struct TransformProxy {
    pub(crate) server: String,
    pub(crate) name: String,
    /// How long it may take, and how much it may send.
    pub(crate) limits: (Duration, usize),
}

impl TransformProxy {
    /// The poem, transformed. Fails if the server is not there, is slow or refuses.
    pub(crate) fn xform(
        &self,
        poem: &str,
    ) -> Deferred<Result<String, Failure>, impl Chain<Output = Result<String, Failure>> + use<>>
    {
        let request = encode(format!("{}.{poem}", self.name).as_bytes());
        let (time, bytes) = self.limits;
        ask(self.server.clone(), request, Decoder::new(bytes)).timeout(time)
    }
}
