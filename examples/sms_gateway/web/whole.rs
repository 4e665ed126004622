//! Answers that are as long as the queue is: all of one is kept until its client has taken it, so
//! only a few are there at once.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use futures::stream;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::refused::Refused;
use crate::limits::{MAX_WHOLE, SHOWN};

/// In bytes. It is copied into what waits to be sent.
const PIECE: usize = 1 << 16;

/// Clones share what there is.
#[derive(Clone)]
pub(super) struct Whole(Arc<Semaphore>);

impl Whole {
    pub(super) fn new() -> Self {
        Whole(Arc::new(Semaphore::new(MAX_WHOLE)))
    }

    /// A turn to answer with so many jobs; a few need none.
    pub(super) fn turn(&self, limit: usize) -> Result<Turn, Refused> {
        if limit <= SHOWN {
            return Ok(Turn(None));
        }
        let turn = self.0.clone().try_acquire_owned();
        turn.map(|turn| Turn(Some(turn)))
            .map_err(|_| Refused::busy())
    }
}

/// Lasts until the answer is taken, or its client is gone.
pub(super) struct Turn(Option<OwnedSemaphorePermit>);

impl Turn {
    pub(super) fn answer(self, all: &impl Serialize) -> Response {
        let all = serde_json::to_vec(all).expect("it is plain data");
        let all = Bytes::from(all);
        let json = [(CONTENT_TYPE, "application/json")];
        let Turn(Some(turn)) = self else {
            return (json, all).into_response();
        };
        let pieces = stream::unfold((all, turn), async |(mut left, turn)| {
            if left.is_empty() {
                return None;
            }
            let piece = left.split_to(left.len().min(PIECE));
            Some((Ok::<_, Infallible>(piece), (left, turn)))
        });
        (json, Body::from_stream(pieces)).into_response()
    }
}
