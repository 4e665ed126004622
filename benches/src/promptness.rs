//! How late the first error of a list of 10,000 pending members comes out.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use defer::defer;
use tokio::sync::oneshot;

use crate::leaf::{Out, Refused, runtime};
use crate::list;

/// How many members there are.
pub const MEMBERS: usize = 10_000;
const FAILS_AT: Duration = Duration::from_millis(10);
const OTHERS_AT: Duration = Duration::from_millis(300);
const RUNS: usize = 5;

type Member = Pin<Box<dyn Future<Output = Out>>>;

/// One way to wait for a list.
pub struct Way {
    pub name: &'static str,
    wait: fn(Vec<Member>) -> Member,
}

/// All ways.
pub fn ways() -> Vec<Way> {
    vec![
        Way {
            name: "ours",
            wait: |members| {
                let members: Vec<_> = members.into_iter().map(defer).collect();
                Box::pin(list::total(members))
            },
        },
        Way {
            name: "futures::future::try_join_all",
            wait: |members| Box::pin(list::try_join_all(members)),
        },
        Way {
            name: "by hand: FuturesUnordered and places",
            wait: |members| Box::pin(list::unordered(members)),
        },
        Way {
            name: "futures-concurrency",
            wait: |members| Box::pin(list::concurrency(members)),
        },
    ]
}

impl Way {
    /// Of virtual time: the clock stands still while anything runs.
    pub fn late_virtually(&self) -> Duration {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let start = tokio::time::Instant::now();
            let members = (0..MEMBERS).map(|place| -> Member {
                Box::pin(async move {
                    if place == MEMBERS / 2 {
                        tokio::time::sleep(FAILS_AT).await;
                        return Err(Refused(1));
                    }
                    tokio::time::sleep(OTHERS_AT).await;
                    Ok(1)
                })
            });
            let out = (self.wait)(members.collect()).await;
            assert_eq!(out, Err(Refused(1)));
            start.elapsed() - FAILS_AT
        })
    }

    /// Of real time, the median and the worst: another thread fails the member; from there until the
    /// list has failed, its other members dropped or not.
    pub fn late(&self) -> (Duration, Duration) {
        let mut late: Vec<_> = (0..RUNS).map(|_| self.late_once()).collect();
        late.sort();
        (late[RUNS / 2], late[RUNS - 1])
    }

    fn late_once(&self) -> Duration {
        let (mut fire, members): (Vec<_>, Vec<_>) = (0..MEMBERS)
            .map(|_| {
                let (fire, fired) = oneshot::channel::<Out>();
                let member: Member = Box::pin(async move { fired.await.unwrap_or(Ok(1)) });
                (fire, member)
            })
            .unzip();
        let list = (self.wait)(members);
        let failing = fire.swap_remove(MEMBERS / 2);
        // The thread waits until the list has been polled: ten milliseconds are enough for
        // any of them.
        let thread = std::thread::spawn(move || {
            std::thread::sleep(FAILS_AT);
            let fired = Instant::now();
            let _ = failing.send(Err(Refused(1)));
            std::thread::sleep(OTHERS_AT - FAILS_AT);
            drop(fire);
            fired
        });
        let out = runtime().block_on(list);
        let ended = Instant::now();
        assert_eq!(out, Err(Refused(1)));
        ended - thread.join().expect("the thread ends")
    }
}
