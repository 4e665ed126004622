//! How far a chain has come, for what cancels it from elsewhere.

use core::pin::Pin;
use core::task::{Context, Poll};

use crate::chain::{Chain, Unwind};

/// What the owner of a chain has to remember to cancel it between two polls.
#[derive(Debug, Default)]
pub struct Course {
    begun: bool,
    settles: bool,
}

impl Course {
    /// Poll the chain; if `asked`, cancel it before. `None`: the cancellation has left it.
    ///
    /// Once there is an outcome, or none, the chain is to be dropped.
    pub fn poll<F: Chain>(
        &mut self,
        mut chain: Pin<&mut F>,
        asked: bool,
        cx: &mut Context<'_>,
    ) -> Poll<Option<F::Output>> {
        if asked {
            match self.cancel(chain.as_mut()) {
                Unwind::Out => return Poll::Ready(None),
                Unwind::Is(outcome) => return Poll::Ready(Some(outcome)),
                Unwind::Idle | Unwind::Stays => {}
            }
        }
        self.begun = true;
        if self.settles {
            chain.poll_settle(cx)
        } else {
            chain.poll(cx).map(Some)
        }
    }

    /// Cancel the chain as [`Chain::cancel`] does. What has not begun does not begin.
    pub fn cancel<F: Chain>(&mut self, chain: Pin<&mut F>) -> Unwind<F::Output> {
        match chain.cancel() {
            Unwind::Idle if !self.begun => Unwind::Out,
            Unwind::Stays => {
                self.settles = true;
                Unwind::Stays
            }
            unwind => unwind,
        }
    }
}
