//! The task of the runtime that lets the tasks of a cooperator have their turns.

use core::future::Future;
use core::pin::{Pin, pin};
use core::task::{Context, Poll};
use std::sync::{Arc, PoisonError};

use super::budget::Turn;
use super::queue::{Next, Queue};
use crate::task::TaskFinished;

pub(super) struct Driver {
    queue: Arc<Queue>,
    ended: bool,
}

impl Driver {
    pub(super) fn new(queue: Arc<Queue>) -> Self {
        Driver {
            queue,
            ended: false,
        }
    }

    /// One unit of each task after the other, until the turn is over or all of them wait.
    fn turn(queue: &Queue, mut turn: Turn<'_>, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let cell = match queue.next(cx) {
                Next::Run(cell) => cell,
                Next::Wait => return Poll::Pending,
                Next::End => return Poll::Ready(()),
            };
            if cell.run() && turn.is_over() {
                // tokio wakes this task when all others, and the sockets and timers, have had
                // their turn. Waking itself would let it be polled before those.
                let _ = pin!(tokio::task::yield_now()).poll(cx);
                return Poll::Pending;
            }
        }
    }
}

impl Future for Driver {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let polled = {
            let budget = self.queue.budget().lock();
            // What is asked while the lock is held knows nothing of the cooperator.
            let mut budget = budget.unwrap_or_else(PoisonError::into_inner);
            Driver::turn(&self.queue, budget.begin(), cx)
        };
        self.ended = polled.is_ready();
        polled
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if !self.ended {
            for cell in self.queue.driver_is_gone() {
                cell.kill(TaskFinished::SchedulerStopped);
            }
        }
    }
}
