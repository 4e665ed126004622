//! A disk that loses what was not synchronised, and one that is full.

use std::io;
use std::sync::{Arc, Mutex};

use defer::dispatch::store::StoreErrorKind::{Closed, Io};
use defer::dispatch::store::{JobStore, Redb, Stored};
use redb::StorageBackend;

#[path = "support/store.rs"]
mod store;

use store::{close, left, named, put, wait};

/// A disk in memory. A clone is the same disk.
#[derive(Clone, Debug, Default)]
struct Disk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// What a process sees.
    now: Vec<u8>,
    /// What is there after the power was lost.
    durable: Vec<u8>,
    syncs: usize,
    /// It cannot be longer.
    most: Option<usize>,
    fails: bool,
}

impl Disk {
    /// One that was switched off and on: only what was synchronised is there.
    fn after_power_was_lost(&self) -> Disk {
        let durable = self.0.lock().unwrap().durable.clone();
        Disk::holding(durable)
    }

    /// One after a process was killed: all that it wrote is there.
    fn after_a_kill(&self) -> Disk {
        let now = self.0.lock().unwrap().now.clone();
        Disk::holding(now)
    }

    fn holding(bytes: Vec<u8>) -> Disk {
        let disk = Disk::default();
        let mut state = disk.0.lock().unwrap();
        state.now = bytes.clone();
        state.durable = bytes;
        drop(state);
        disk
    }

    fn syncs(&self) -> usize {
        self.0.lock().unwrap().syncs
    }

    fn set_fails(&self, fails: bool) {
        self.0.lock().unwrap().fails = fails;
    }

    fn open(&self) -> Redb<String> {
        wait(named().open_on(self.clone())).unwrap()
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().now.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.0.lock().unwrap();
        let from = usize::try_from(offset).unwrap();
        let part = state.now.get(from..from + out.len());
        out.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        let len = usize::try_from(len).unwrap();
        if state.most.is_some_and(|most| len > most) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        state.now.resize(len, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        if state.fails {
            return Err(io::ErrorKind::StorageFull.into());
        }
        state.syncs += 1;
        state.durable = state.now.clone();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        if state.fails {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let from = usize::try_from(offset).unwrap();
        let end = from + data.len();
        if state.now.len() < end {
            state.now.resize(end, 0);
        }
        state.now[from..end].copy_from_slice(data);
        Ok(())
    }
}

#[test]
fn what_resolved_survives_a_loss_of_power() {
    let disk = Disk::default();
    let store = disk.open();
    let ids = [put(&store, "a"), put(&store, "b"), put(&store, "c")];
    assert_eq!(left(&disk.after_power_was_lost().open()), ["a", "b", "c"]);
    wait(store.reprioritise(ids[2], -1)).unwrap();
    assert_eq!(left(&disk.after_power_was_lost().open()), ["c", "a", "b"]);
    wait(store.lease(ids[0])).unwrap();
    let after = disk.after_power_was_lost().open();
    assert_eq!(after.given_up()[0].id, ids[0]);
    wait(store.remove(ids[1])).unwrap();
    assert_eq!(left(&disk.after_power_was_lost().open()), ["c", "a"]);
    wait(store.bury(ids[0], "why")).unwrap();
    let after = disk.after_power_was_lost().open();
    assert_eq!(left(&after), ["c"]);
    assert_eq!(wait(after.dead_letters()).unwrap().len(), 1);
}

#[test]
fn in_batches_as_well() {
    let disk = Disk::default();
    let options = named().batched(std::time::Duration::MAX);
    let store: Redb<String> = wait(options.open_on(disk.clone())).unwrap();
    put(&store, "first");
    let puts: Vec<_> = (0..100)
        .map(|n| store.put(&Stored::new(store.next_id(), 0, n.to_string())))
        .collect();
    assert_eq!(left(&disk.after_power_was_lost().open()), ["first"]);
    let before = disk.syncs();
    wait(store.flush()).unwrap();
    assert_eq!(disk.syncs(), before + 1);
    assert_eq!(left(&disk.after_power_was_lost().open()).len(), 101);
    for put in puts {
        wait(put).unwrap();
    }
}

#[test]
fn one_synchronisation_for_each_commit() {
    let disk = Disk::default();
    let store = disk.open();
    let (before, commits) = (disk.syncs(), store.commits());
    for n in 0..10 {
        put(&store, &n.to_string());
    }
    assert_eq!(store.commits(), commits + 10);
    assert_eq!(disk.syncs(), before + 10);
}

#[test]
fn names_do_not_come_again_after_a_crash() {
    let disk = Disk::default();
    let store = disk.open();
    put(&store, "a");
    // Given, and nothing was written since.
    let mut last = store.next_id();
    for _ in 0..1000 {
        last = store.next_id();
    }
    for after in [disk.after_power_was_lost(), disk.after_a_kill()] {
        assert!(after.open().next_id() > last);
    }
}

#[test]
fn a_disk_that_fails_fails_the_calls_and_closes_the_store() {
    let disk = Disk::default();
    let store = disk.open();
    let a = put(&store, "a");
    disk.set_fails(true);
    let b = Stored::new(store.next_id(), 0, "b".to_owned());
    let error = wait(store.put(&b)).unwrap_err();
    assert_eq!(error.kind(), Io);
    let said = error.to_string();
    assert!(said.contains("could not be written"), "{said}");
    let source = std::error::Error::source(&error).unwrap();
    let source = source.downcast_ref::<io::Error>().unwrap();
    assert_eq!(source.kind(), io::ErrorKind::StorageFull);

    // The disk is well again, the store says that it is closed, and why.
    disk.set_fails(false);
    let calls = [store.put(&b), store.remove(a), store.flush()];
    for call in calls {
        let error = wait(call).unwrap_err();
        assert_eq!(error.kind(), Closed);
        let said = error.to_string();
        assert!(said.contains("could not be written"), "{said}");
        assert!(said.contains("open it again"), "{said}");
    }
    assert_eq!(wait(store.recover()).unwrap_err().kind(), Closed);
    close(&store);

    // What had resolved is there, and it goes on.
    let store = disk.open();
    assert_eq!(left(&store), ["a"]);
    wait(store.put(&b)).unwrap();
    assert_eq!(left(&store), ["a", "b"]);
}

#[test]
fn all_calls_of_a_transaction_fail_together_and_those_behind_it() {
    let disk = Disk::default();
    let options = named().batched(std::time::Duration::MAX);
    let store: Redb<String> = wait(options.open_on(disk.clone())).unwrap();
    let first = put(&store, "first");
    disk.set_fails(true);
    let mut calls = vec![store.remove(first)];
    // More than one transaction holds.
    calls.extend((0..9000).map(|n| store.put(&Stored::new(store.next_id(), 0, n.to_string()))));
    assert_eq!(wait(store.flush()).unwrap_err().kind(), Closed);
    let mut kinds: Vec<_> = calls
        .into_iter()
        .map(|call| wait(call).unwrap_err().kind())
        .collect();
    kinds.dedup();
    assert_eq!(kinds, [Io, Closed]);
    close(&store);
    disk.set_fails(false);
    assert_eq!(left(&disk.open()), ["first"]);
}

#[test]
fn a_disk_that_is_full() {
    let disk = Disk::default();
    let store = disk.open();
    let len = disk.len().unwrap() as usize;
    disk.0.lock().unwrap().most = Some(len);
    let mut kept = 0;
    let error = loop {
        let big = "x".repeat(50_000);
        match wait(store.put(&Stored::new(store.next_id(), 0, big))) {
            Ok(()) => kept += 1,
            Err(error) => break error,
        }
        assert!(kept < 1000, "it is never full");
    };
    assert_eq!(error.kind(), Io);
    close(&store);
    assert!(kept > 0);
    for disk in [disk.after_power_was_lost(), disk.after_a_kill()] {
        assert_eq!(left(&disk.open()).len(), kept);
    }
}

#[test]
fn a_file_that_is_refused_is_not_written_to() {
    let disk = Disk::default();
    let store = disk.open();
    put(&store, "a");
    // As a crash leaves it: opening it repairs it.
    let crashed = disk.after_a_kill();
    let before = crashed.0.lock().unwrap().now.clone();
    let other = named().job_type("another");
    let refused = wait(other.open_on::<String>(crashed.clone())).unwrap_err();
    assert!(refused.to_string().contains("another"));
    let refused = wait(named().open_on::<Vec<Vec<u64>>>(crashed.clone())).unwrap_err();
    assert!(refused.to_string().contains("job 1"), "{refused}");
    {
        let state = crashed.0.lock().unwrap();
        assert!(state.now == before && state.syncs == 0);
    }
    assert_eq!(left(&crashed.open()), ["a"]);
    assert_ne!(crashed.syncs(), 0);
}
