//! Whoever looks on is told what is new.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use defer::dispatch::Event;
use defer::dispatch::store::StoreErrorKind;
use futures::StreamExt;
use tokio::time::sleep;

use crate::gateway::Gateway;
use crate::limits::SHOWN;

/// More often than this nobody can read it.
const AT_MOST_EVERY: Duration = Duration::from_millis(100);

/// Tell of what changes, from now until the queue has stopped.
pub(crate) fn spread(gateway: &Arc<Gateway>) {
    let mut events = gateway.events();
    let of = gateway.clone();
    tokio::spawn(async move {
        while let Some(event) = events.next().await {
            if let Event::StoreFailed { id, asked, error } = event {
                let _ = writeln!(io::stderr(), "sms_gateway: job {id}, {asked}: {error}");
                if error.kind() != StoreErrorKind::NoSuchJob {
                    of.break_down(error.to_string());
                }
            }
            of.changed().notify_one();
        }
    });
    let of = Arc::downgrade(gateway);
    let changed = gateway.changed().clone();
    tokio::spawn(async move {
        loop {
            changed.notified().await;
            let Some(gateway) = of.upgrade() else { return };
            gateway.show(|| overview(&gateway), false);
            drop(gateway);
            sleep(AT_MOST_EVERY).await;
        }
    });
}

/// What is shown when it has stopped.
pub(crate) fn last(gateway: &Gateway) {
    gateway.show(|| overview(gateway), true);
}

/// As the page gets it.
pub(crate) fn overview(gateway: &Gateway) -> Arc<str> {
    let overview = serde_json::to_string(&gateway.overview(SHOWN));
    overview.expect("an overview is plain data").into()
}
