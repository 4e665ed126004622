//! What the page shows, as it changes.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures::stream::{self, Stream};
use tokio::time::timeout;

use super::refused::Refused;
use crate::gateway::Gateway;
use crate::news;

/// So long nothing may be heard: then a page can tell a line that is dead from one on which
/// nothing happens.
const AT_LEAST_EVERY: Duration = Duration::from_secs(4);

/// An event `overview` at once and whenever something changed, but not for every change: who
/// reads slowly gets the latest one. The last one says `stopped`.
///
/// A client is given up to which nothing could be sent within this patience; when it is shorter
/// than there are events, comments come between them.
pub(super) async fn events(
    State(gateway): State<Arc<Gateway>>,
    patience: Duration,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refused> {
    let mut overviews = gateway.overviews().ok_or_else(Refused::stopped)?;
    // The first is made now, whatever was shown before.
    overviews.mark_unchanged();
    let events = stream::unfold((overviews, true), move |(mut overviews, first)| {
        let gateway = gateway.clone();
        async move {
            let overview = if first {
                news::overview(&gateway)
            } else {
                match timeout(AT_LEAST_EVERY, overviews.changed()).await {
                    Ok(Ok(())) => overviews.borrow_and_update().clone(),
                    Ok(Err(_)) => return None,
                    Err(_) => news::overview(&gateway),
                }
            };
            let event = Event::default().event("overview").data(&*overview);
            Some((Ok(event), (overviews, false)))
        }
    });
    // Some time before its end: a machine may be busy.
    let alive = KeepAlive::new().interval(patience / 3);
    Ok(Sse::new(events).keep_alive(alive))
}
