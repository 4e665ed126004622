//! A deferred that is fired by hand, with ten callbacks, beside a channel with ten `map_ok`.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Waker};

use defer::{Abandoned, Deferred};
use futures::TryFutureExt;

use crate::case::Case;
use crate::leaf::{Out, Refused, drive};

pub const WHAT: &str = "hand-made: new, ten callbacks, fire, await";
pub const RIVAL: &str = "`tokio::sync::oneshot`, ten `map_ok`";

impl From<Abandoned> for Refused {
    fn from(_: Abandoned) -> Self {
        Refused(3)
    }
}

impl From<tokio::sync::oneshot::error::RecvError> for Refused {
    fn from(_: tokio::sync::oneshot::error::RecvError) -> Self {
        Refused(3)
    }
}

impl From<futures::channel::oneshot::Canceled> for Refused {
    fn from(_: futures::channel::oneshot::Canceled) -> Self {
        Refused(3)
    }
}

#[inline]
fn next(x: u64) -> u64 {
    x.rotate_left(7) ^ 0x9e37_79b9
}

/// Fire before it is polled, or after it was polled once.
fn fired(
    mut future: Pin<&mut dyn Future<Output = Out>>,
    pending: bool,
    fire: impl FnOnce(),
) -> Out {
    if pending {
        let mut cx = Context::from_waker(Waker::noop());
        assert!(future.as_mut().poll(&mut cx).is_pending());
    }
    fire();
    drive(future)
}

macro_rules! ten {
    ($first:expr, $then:ident, $f:expr) => {
        $first
            .$then($f)
            .$then($f)
            .$then($f)
            .$then($f)
            .$then($f)
            .$then($f)
            .$then($f)
            .$then($f)
            .$then($f)
            .$then($f)
    };
}

pub fn cases() -> Vec<Case> {
    let case = |way, run| Case {
        what: WHAT,
        way,
        run,
    };
    vec![
        case("ours", |seed, pending| {
            let (resolver, deferred) = Deferred::<Out, _>::new();
            let chain = pin!(ten!(deferred, add_callback, next));
            fired(chain, pending, || {
                let _ = resolver.callback(seed);
            })
        }),
        case(RIVAL, |seed, pending| {
            let (sender, receiver) = tokio::sync::oneshot::channel::<u64>();
            let chain = pin!(ten!(receiver.err_into::<Refused>(), map_ok, next));
            fired(chain, pending, || {
                let _ = sender.send(seed);
            })
        }),
        case(
            "`futures::channel::oneshot`, ten `map_ok`",
            |seed, pending| {
                let (sender, receiver) = futures::channel::oneshot::channel::<u64>();
                let chain = pin!(ten!(receiver.err_into::<Refused>(), map_ok, next));
                fired(chain, pending, || {
                    let _ = sender.send(seed);
                })
            },
        ),
    ]
}
