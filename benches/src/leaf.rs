//! What every expression is made of, and how every expression is driven.

use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// The error of everything here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(pub u32);

/// A future that is ready at once, or pending once. It wakes as real ones do, and it can
/// fail, so that no optimiser removes the way that an error takes.
#[derive(Debug)]
pub struct Leaf {
    value: u64,
    pending: bool,
}

impl Leaf {
    #[inline]
    pub fn new(value: u64, pending: bool) -> Self {
        Leaf { value, pending }
    }
}

impl Future for Leaf {
    type Output = Result<u64, Refused>;
    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.pending {
            self.pending = false;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(if self.value == 0 {
            Err(Refused(1))
        } else {
            Ok(self.value)
        })
    }
}

pub type Out = Result<u64, Refused>;

/// Poll until it is ready. Behind `dyn`, so that every rival is equally opaque here.
#[inline(never)]
pub fn drive(future: Pin<&mut dyn Future<Output = Out>>) -> Out {
    let mut future = black_box(future);
    let mut cx = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(out) = future.as_mut().poll(&mut cx) {
            return out;
        }
    }
}

/// Poll once.
pub fn drive_once(future: Pin<&mut dyn Future<Output = Out>>) {
    let polled = future.poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_pending(), "its leaves are pending");
}

/// Make, drive and drop.
macro_rules! run {
    ($future:expr) => {
        crate::leaf::drive(::std::pin::pin!($future))
    };
}
pub(crate) use run;

/// A single-threaded runtime for what needs one, made before anything is measured.
pub fn runtime() -> &'static tokio::runtime::Runtime {
    thread_local! {
        static RUNTIME: &'static tokio::runtime::Runtime = Box::leak(Box::new(
            tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime"),
        ));
    }
    RUNTIME.with(|runtime| *runtime)
}

/// What a task has yielded.
pub async fn joined(task: tokio::task::JoinHandle<Out>) -> Out {
    task.await.expect("no task panics or is aborted")
}
