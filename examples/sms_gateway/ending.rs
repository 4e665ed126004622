//! How it ends.

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use crate::gateway::Gateway;

/// What a shell says of a program that Ctrl-C ended.
const AT_ONCE: i32 = 130;

/// Wait until somebody wants it to stop, over HTTP or by a signal, and stop it: what is
/// underway has `grace` to end, the rest stays in the store.
pub(crate) async fn wait(
    gateway: &Gateway,
    mut signals: Signals,
    grace: Duration,
) -> Result<ExitCode, Box<dyn Error>> {
    tokio::select! {
        () = signals.next() => (),
        () = gateway.asked_to_stop() => (),
    }
    let counts = gateway.ask_to_stop().counts;
    let (underway, pending) = (counts.underway, counts.pending);
    // Whoever reads the output may be gone; it stops nevertheless.
    let _ = writeln!(
        io::stdout(),
        "stopping: {underway} underway, which have {} s; {pending} pending. Again: at once",
        grace.as_secs(),
    );
    let kept = tokio::select! {
        kept = gateway.stop(grace) => kept?,
        () = signals.next() => {
            let _ = writeln!(io::stdout(), "ended at once: what was underway may be sent again");
            // Whoever wanted it now does not want to wait for anything.
            std::process::exit(AT_ONCE);
        }
    };
    let _ = writeln!(
        io::stdout(),
        "stopped: {} kept for the next start, {} dead letters",
        kept,
        gateway.status().counts.dead,
    );
    Ok(ExitCode::SUCCESS)
}

/// Ctrl-C, and SIGTERM where there is such a thing. From when it is made, they do not end the
/// process.
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    pub(crate) fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => (),
            _ = self.terminate.recv() => (),
        }
    }

    #[cfg(not(unix))]
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Signals {})
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            // It cannot be listened for, so it ends the process as it always does.
            std::future::pending().await
        }
    }
}
