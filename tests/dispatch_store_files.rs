//! Files that are refused: what is said, and that they stay byte for byte as they were.

use std::fs;

use defer::dispatch::store::StoreErrorKind::{
    self, Corrupt, InUse, Io, Newer, NotAStore, OtherType, Undecodable,
};
use defer::dispatch::store::redb::Options;
use defer::dispatch::store::{JobStore, Redb, Stored};
use redb::{ReadableDatabase, TableDefinition};

#[path = "support/store.rs"]
mod store;

use store::{Place, close, left, named, put, wait};

/// It is refused in this way, says these words, and is what it was.
#[track_caller]
fn refused(place: &Place, kind: StoreErrorKind, words: &[&str]) {
    let before = place.bytes();
    let error = place.refused();
    assert_eq!(error.kind(), kind, "{error}");
    let said = error.to_string();
    for word in words.iter().chain(&["jobs.redb"]) {
        assert!(said.contains(word), "`{word}` in `{said}`");
    }
    assert!(before == place.bytes(), "the file has changed");
}

/// A store with jobs in every state.
fn filled() -> Place {
    let place = Place::new();
    let store = place.open();
    for n in 0..50 {
        put(&store, &"x".repeat(n * 30));
    }
    let mut jobs = wait(store.recover()).unwrap().into_iter();
    let mut next = || jobs.next().unwrap().id;
    wait(store.lease(next())).unwrap();
    wait(store.bury(next(), "why")).unwrap();
    wait(store.remove(next())).unwrap();
    close(&store);
    place
}

#[test]
fn what_is_no_store() {
    let long = vec![b'x'; 100_000];
    for content in [&b"a poem"[..], &[0; 4096], &long] {
        let place = Place::new();
        fs::write(place.path(), content).unwrap();
        refused(
            &place,
            NotAStore,
            &["not a store", "another path", "move it"],
        );
    }
}

#[test]
fn a_database_of_other_things() {
    const OTHER: TableDefinition<'_, &str, u64> = TableDefinition::new("stock");
    const MINE: TableDefinition<'_, u64, u64> = TableDefinition::new("defer: meta");
    for table_is_ours in [false, true] {
        let place = Place::new();
        let database = redb::Database::create(place.path()).unwrap();
        let transaction = database.begin_write().unwrap();
        if table_is_ours {
            // The same name, by chance.
            let mut table = transaction.open_table(MINE).unwrap();
            table.insert(1, 2).unwrap();
        } else {
            let mut table = transaction.open_table(OTHER).unwrap();
            table.insert("apples", 3).unwrap();
        }
        transaction.commit().unwrap();
        drop(database);
        refused(&place, NotAStore, &["redb file"]);
    }
}

#[test]
fn a_database_of_an_older_or_newer_kind() {
    for (version, kind, word) in [(2, NotAStore, "old version 2"), (9, Newer, "newer program")] {
        let place = filled();
        let mut bytes = place.bytes();
        bytes[64] = version;
        bytes[192] = version;
        fs::write(place.path(), bytes).unwrap();
        refused(&place, kind, &[word]);
    }
}

/// Change the store as a program of another version would.
fn rewritten(place: &Place, change: impl FnOnce(&redb::WriteTransaction)) {
    let database = redb::Database::open(place.path()).unwrap();
    let transaction = database.begin_write().unwrap();
    change(&transaction);
    transaction.commit().unwrap();
}

const META: TableDefinition<'_, &str, u64> = TableDefinition::new("defer: meta");
const NAMES: TableDefinition<'_, &str, &str> = TableDefinition::new("defer: names");

#[test]
fn a_newer_format() {
    let place = filled();
    rewritten(&place, |transaction| {
        let mut meta = transaction.open_table(META).unwrap();
        assert_eq!(meta.insert("format", 2).unwrap().unwrap().value(), 1);
    });
    refused(&place, Newer, &["newer", "2", "use the newer program"]);
}

#[test]
fn a_format_or_type_that_is_missing() {
    let place = filled();
    rewritten(&place, |transaction| {
        let mut meta = transaction.open_table(META).unwrap();
        meta.remove("format").unwrap();
    });
    refused(&place, Corrupt, &["format is missing", "backup"]);

    let place = filled();
    rewritten(&place, |transaction| {
        let mut names = transaction.open_table(NAMES).unwrap();
        names.remove("job type").unwrap();
    });
    refused(&place, Corrupt, &["job type is missing"]);
}

#[test]
fn a_job_without_its_argument() {
    let place = filled();
    rewritten(&place, |transaction| {
        let table: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("arguments");
        let mut arguments = transaction.open_table(table).unwrap();
        arguments.remove(9).unwrap();
    });
    refused(&place, Corrupt, &["job 9"]);
}

#[test]
fn jobs_of_another_type() {
    let place = Place::new();
    let store: Redb<Vec<u32>> = wait(Redb::open(place.path())).unwrap();
    close(&store);
    let names = [
        "`alloc::vec::Vec<u32>`",
        "`alloc::string::String`",
        "job_type(",
    ];
    refused(&place, OtherType, &names);
    // It says how it opens.
    let same = Options::new().job_type("alloc::vec::Vec<u32>");
    close(&wait(same.open::<Vec<u32>>(place.path())).unwrap());
}

#[test]
fn it_is_open_already() {
    let place = Place::new();
    let store = place.open();
    put(&store, "a");
    refused(&place, InUse, &["open already", "another process"]);
    // The one that has it is not disturbed.
    put(&store, "b");
    close(&store);
    assert_eq!(left(&place.open()), ["a", "b"]);
}

#[test]
fn paths_that_lead_nowhere() {
    let place = Place::new();
    fs::create_dir(place.path()).unwrap();
    assert_eq!(place.refused().kind(), Io);
    fs::remove_dir(place.path()).unwrap();
    let deep = place.path().join("deeper");
    let error = wait(Redb::<String>::open(deep)).unwrap_err();
    assert_eq!(error.kind(), Io);
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn an_empty_file_is_a_place_for_a_new_store() {
    let place = Place::new();
    fs::write(place.path(), "").unwrap();
    let store = place.open();
    put(&store, "a");
    close(&store);
    assert_eq!(left(&place.open()), ["a"]);
}

#[test]
fn a_new_store_that_was_cut_off_is_made_anew() {
    let place = Place::new();
    let new = place.path().with_file_name("jobs.redb.new");
    for left_behind in [&b""[..], b"redb, or the beginning of it"] {
        fs::write(&new, left_behind).unwrap();
        let store = place.open();
        assert_eq!(left(&store), [""; 0]);
        close(&store);
        assert!(!new.exists());
        fs::remove_file(place.path()).unwrap();
    }
}

#[test]
fn two_that_make_a_new_store_at_once_have_one() {
    for _ in 0..20 {
        let place = Place::new();
        let opened = [(); 4].map(|()| Redb::<String>::open(place.path()));
        let mut stores = Vec::new();
        for answer in opened {
            match wait(answer) {
                Ok(store) => stores.push(store),
                Err(error) => assert_eq!(error.kind(), InUse, "{error}"),
            }
        }
        assert_eq!(stores.len(), 1);
        put(&stores[0], "a");
        close(&stores[0]);
        assert_eq!(left(&place.open()), ["a"]);
    }
}

#[test]
fn a_file_that_was_cut_off() {
    let whole = filled().bytes();
    for len in [1, 9, 100, 319, 320, 4096, whole.len() / 2, whole.len() - 1] {
        let place = Place::new();
        fs::write(place.path(), &whole[..len]).unwrap();
        let (kind, word) = match len {
            0..9 => (NotAStore, "left as it is"),
            9..320 => (Corrupt, "is cut off"),
            // Found before the database sees it, which would panic.
            _ => (Corrupt, "should be longer"),
        };
        refused(&place, kind, &[word]);
    }
}

/// What became of a file of which one byte is another.
enum Outcome {
    Refused,
    AsItWas,
}

fn with_a_wrong_byte(whole: &[u8], at: usize, jobs: &[Stored<String>]) -> Outcome {
    let place = Place::new();
    let mut bytes = whole.to_vec();
    bytes[at] ^= 0x55;
    fs::write(place.path(), &bytes).unwrap();
    match wait(Redb::<String>::open(place.path())) {
        Ok(store) => {
            // It was where nothing is.
            assert!(wait(store.recover()).unwrap() == jobs, "byte {at} is lost");
            Outcome::AsItWas
        }
        Err(error) => {
            assert!(
                matches!(error.kind(), Corrupt | NotAStore | Newer),
                "byte {at}: {error}"
            );
            assert!(bytes == place.bytes(), "byte {at}: the file has changed");
            Outcome::Refused
        }
    }
}

#[test]
fn a_wrong_byte_is_found_wherever_it_matters() {
    // A store of few pages: the places are all of the head, and some of each page that is used.
    let place = filled();
    let whole = place.bytes();
    let store = place.open();
    let jobs = wait(store.recover()).unwrap();
    close(&store);
    let used = whole.chunks(256).enumerate();
    let used = used.filter(|(_, chunk)| chunk.iter().any(|byte| *byte != 0));
    let places: Vec<usize> = (0..320)
        .step_by(7)
        .chain(used.map(|(chunk, _)| chunk * 256 + chunk % 256))
        .collect();
    let outcomes = places
        .iter()
        .map(|at| with_a_wrong_byte(&whole, *at, &jobs));
    let refused = outcomes.filter(|outcome| matches!(outcome, Outcome::Refused));
    let refused = refused.count();
    // Pages that were freed keep what was in them.
    assert!(refused > 50, "{refused} of {}", places.len());
}

#[test]
fn one_job_that_cannot_be_decoded_does_not_lose_the_others() {
    let place = Place::new();
    let store: Redb<u64> = wait(named().open(place.path())).unwrap();
    for number in [1, 300, 2, 70_000] {
        let job = Stored::new(store.next_id(), 0, number);
        wait(store.put(&job)).unwrap();
    }
    close(&store);

    // Without the option: the job is named, the file stays.
    let before = place.bytes();
    let error = wait(named().open::<u8>(place.path())).unwrap_err();
    assert_eq!(error.kind(), Undecodable);
    let said = error.to_string();
    for word in ["job 2", "1 more", "set_aside_undecodable"] {
        assert!(said.contains(word), "`{word}` in `{said}`");
    }
    assert!(before == place.bytes());

    // With it, they are dead letters, and the others are there.
    let aside = named().set_aside_undecodable();
    let store: Redb<u8> = wait(aside.clone().open(place.path())).unwrap();
    let jobs = wait(store.recover()).unwrap();
    let kept: Vec<u8> = jobs.iter().map(|job| job.argument).collect();
    assert_eq!(kept, [1, 2]);
    let letters = wait(store.dead_letters()).unwrap();
    let ids: Vec<u64> = letters.iter().map(|letter| letter.id.get()).collect();
    assert_eq!(ids, [2, 4]);
    for letter in &letters {
        assert_eq!(letter.argument, None);
        assert!(letter.why.contains("decode"), "{}", letter.why);
    }
    assert_eq!(letters[0].bytes, [0xAC, 0x02]);
    // One that is revived keeps it from opening again.
    wait(store.revive(letters[0].id)).unwrap();
    let error = wait(store.recover()).unwrap_err();
    assert_eq!(error.kind(), Undecodable);
    close(&store);

    // With the type that they were written with, nothing was lost.
    let store: Redb<u64> = wait(named().open(place.path())).unwrap();
    let numbers: Vec<u64> = wait(store.recover())
        .unwrap()
        .iter()
        .map(|job| job.argument)
        .collect();
    assert_eq!(numbers, [1, 2, 300]);
    let letters = wait(store.dead_letters()).unwrap();
    assert_eq!(letters[0].argument, Some(70_000));
}

/// Refuses what it was written with.
#[derive(Debug)]
struct Bomb;

impl serde::Serialize for Bomb {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u8(1)
    }
}

impl<'de> serde::Deserialize<'de> for Bomb {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        panic!("this is a bomb")
    }
}

#[test]
fn a_type_that_panics_is_a_job_that_cannot_be_decoded() {
    let place = Place::new();
    let store: Redb<u8> = wait(named().open(place.path())).unwrap();
    wait(store.put(&Stored::new(store.next_id(), 0, 1))).unwrap();
    close(&store);
    let error = wait(named().open::<Bomb>(place.path())).unwrap_err();
    assert_eq!(error.kind(), Undecodable);
    let store: Redb<u8> = wait(named().open(place.path())).unwrap();
    assert_eq!(wait(store.recover()).unwrap().len(), 1);
}

#[test]
fn a_store_is_an_ordinary_redb_file() {
    let place = filled();
    let database = redb::Database::open(place.path()).unwrap();
    let transaction = database.begin_read().unwrap();
    let meta = transaction.open_table(META).unwrap();
    assert_eq!(meta.get("format").unwrap().unwrap().value(), 1);
}
