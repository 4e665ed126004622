//! The search for one avatar, in all places at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use defer::list::{DeferredListObserver, first_success};
use defer::prelude::*;
use defer::{Boxed, start::Started};

use crate::places::{NAMES, NETWORK, Places, in_cache, in_files, in_network, write_back};
use crate::user::{Avatar, User};

/// What became of a search.
pub(crate) struct Found {
    /// The avatar, and the place that had it first; `None` if none has it.
    pub(crate) avatar: Option<(usize, Avatar)>,
    /// What came of each of the places, in their order.
    pub(crate) places: [Told; NAMES.len()],
    /// The places that did not have it, to which it is being written.
    pub(crate) writing: Vec<(usize, Started<()>)>,
    /// How long it took until the avatar was there.
    pub(crate) took: Duration,
}

/// What came of one place.
pub(crate) enum Told {
    Has,
    Failed(Failure),
    /// Another place had it before this one had an answer.
    NotNeeded,
}

type Lookup<'a> = Deferred<Result<Avatar, Failure>, Boxed<'a, Result<Avatar, Failure>>>;

/// The lookups, as they begin.
pub(crate) fn lookups<'a>(places: &'a Places, user: &'a User) -> [Lookup<'a>; NAMES.len()] {
    [
        in_cache(places, user).boxed(),
        in_files(places, user).boxed(),
        in_network(places, user).boxed(),
    ]
}

/// All places are asked at once, and the first answer wins. A place that fails before that
/// does not matter, but for this: it is given the avatar, so that it has it the next time.
/// Nobody waits for that to have the avatar. If all of the places fail, there is none.
pub(crate) async fn search(places: &Arc<Places>, user: &User) -> Found {
    let start = Instant::now();
    let observer = DeferredListObserver::with_history();
    let observed = lookups(places, user).map(|lookup| observer.append(lookup));
    // Why all have failed is in the history as well.
    let avatar = first_success(observed).await.ok();
    let took = start.elapsed();

    let mut told = [const { Told::NotNeeded }; NAMES.len()];
    for event in observer.history() {
        told[event.index] = match event.outcome.as_deref() {
            Some(Ok(_)) => Told::Has,
            Some(Err(failure)) if !failure.is_cancelled() => Told::Failed(failure.clone()),
            // It was cancelled, or had not begun.
            Some(Err(_)) | None => Told::NotNeeded,
        };
    }
    let write = |place| {
        // The network keeps its own.
        let missed = place != NETWORK && matches!(told[place], Told::Failed(_));
        let (_, avatar) = avatar.as_ref().filter(|_| missed)?;
        let write = write_back(places.clone(), place, user.clone(), avatar.clone());
        Some((place, write.start()))
    };
    Found {
        writing: (0..NAMES.len()).filter_map(write).collect(),
        avatar,
        places: told,
        took,
    }
}
