//! How a store is opened.

use std::any::type_name;
use std::borrow::ToOwned;
use std::path::{Path, PathBuf};
use std::string::{String, ToString};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use ::redb::StorageBackend;
use serde::de::DeserializeOwned;

use super::answer::Answer;
use super::inbox::Inbox;
use super::names::Names;
use super::shared::Shared;
use super::writer::Writer;
use super::{Handle, Redb, fault, file, look};
use crate::dispatch::store::StoreError;

/// How a [`Redb`] is opened, and when it writes.
///
/// ```
/// use std::time::Duration;
/// use defer::dispatch::store::{Redb, redb::Options};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("jobs");
/// # futures::executor::block_on(async {
/// let options = Options::new()
///     .batched(Duration::from_millis(5))
///     .job_type("sms, first version");
/// let store: Redb<(String, String)> = options.open(path).await.unwrap();
/// # drop(store);
/// # });
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "options do nothing until something is opened"]
pub struct Options {
    every: Option<Duration>,
    job_type: Option<String>,
    sets_aside: bool,
}

impl Options {
    /// Each call is written as soon as the one before is, together with all that wait then;
    /// the jobs' type goes by its Rust name; a job that cannot be decoded keeps the store from
    /// opening.
    ///
    /// ```
    /// # use defer::dispatch::store::{Redb, redb::Options};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("jobs");
    /// let opening = Options::new().open::<String>(path);
    /// # futures::executor::block_on(opening).unwrap();
    /// ```
    pub fn new() -> Self {
        Options::default()
    }

    /// Write at most once in this time, all that was asked meanwhile.
    ///
    /// This spares the disk, not time. Without it all that waits is written together already;
    /// with it there are fewer writes, and a call, which still resolves only when it is durable,
    /// takes so long. The first one after a pause does not wait. [`flush`](crate::dispatch::store::JobStore::flush), reading and
    /// closing write at once.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use defer::dispatch::store::redb::Options;
    /// let for_a_slow_disk = Options::new().batched(Duration::from_millis(20));
    /// # let _ = for_a_slow_disk;
    /// ```
    pub fn batched(mut self, every: Duration) -> Self {
        self.every = Some(every);
        self
    }

    /// What the file calls the type of its jobs; without this, the name that Rust gives it, with
    /// its modules.
    ///
    /// A file opens only with the name that it was created with. So give a name that does not
    /// change when the type is moved, and change it when the fields of the type change: a job
    /// is kept without the names of its fields, and one of other fields could decode to nonsense.
    ///
    /// ```
    /// # use defer::dispatch::store::{Redb, StoreErrorKind, redb::Options};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("jobs");
    /// # futures::executor::block_on(async {
    /// let store: Redb<u32> = Options::new().job_type("pages 1").open(&path).await.unwrap();
    /// store.close().await.unwrap();
    ///
    /// let other = Options::new().job_type("pages 2").open::<u32>(&path).await.unwrap_err();
    /// assert_eq!(other.kind(), StoreErrorKind::OtherType);
    /// # });
    /// ```
    pub fn job_type(mut self, name: impl Into<String>) -> Self {
        self.job_type = Some(name.into());
        self
    }

    /// Make dead letters of jobs that cannot be decoded, when it is opened. Without this the
    /// store does not open, and the file stays as it is.
    ///
    /// ```
    /// # use defer::dispatch::store::{JobStore, Redb, StoreErrorKind, Stored, redb::Options};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("jobs");
    /// # futures::executor::block_on(async {
    /// let options = Options::new().job_type("a number");
    /// let before: Redb<u64> = options.clone().open(&path).await.unwrap();
    /// before.put(&Stored::new(before.next_id(), 0, 300)).await.unwrap();
    /// before.close().await.unwrap();
    ///
    /// // The type has changed, and its name has not.
    /// let refused = options.clone().open::<u8>(&path).await.unwrap_err();
    /// assert_eq!(refused.kind(), StoreErrorKind::Undecodable);
    ///
    /// let now: Redb<u8> = options.set_aside_undecodable().open(&path).await.unwrap();
    /// assert!(now.recover().await.unwrap().is_empty());
    /// assert_eq!(now.dead_letters().await.unwrap()[0].argument, None);
    /// # });
    /// ```
    pub fn set_aside_undecodable(mut self) -> Self {
        self.sets_aside = true;
        self
    }

    /// Open the store in this file, or make a new one if there is no such file, or an empty one.
    ///
    /// A file is looked at first, without a change to it, to its checksums and to every job;
    /// that and all later reading and writing happens on a thread of its own, which this begins
    /// at once. The database meets some kinds of damage by a panic; that is caught, though a
    /// panic hook hears of it, and with `panic = "abort"` it ends the process. A new store is made in a file of the same name with `.new` behind it, which is
    /// then given its name.
    ///
    /// # Errors
    ///
    /// [`InUse`](crate::dispatch::store::StoreErrorKind::InUse),
    /// [`NotAStore`](crate::dispatch::store::StoreErrorKind::NotAStore),
    /// [`Newer`](crate::dispatch::store::StoreErrorKind::Newer),
    /// [`OtherType`](crate::dispatch::store::StoreErrorKind::OtherType),
    /// [`Corrupt`](crate::dispatch::store::StoreErrorKind::Corrupt) and
    /// [`Undecodable`](crate::dispatch::store::StoreErrorKind::Undecodable) leave the file byte
    /// for byte as it was. [`Io`](crate::dispatch::store::StoreErrorKind::Io) is an error of the
    /// operating system.
    ///
    /// ```
    /// # use defer::dispatch::store::{Redb, StoreErrorKind, redb::Options};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("jobs");
    /// std::fs::write(&path, "a poem").unwrap();
    /// # futures::executor::block_on(async {
    /// let refused = Options::new().open::<u32>(&path).await.unwrap_err();
    /// assert_eq!(refused.kind(), StoreErrorKind::NotAStore);
    /// assert_eq!(std::fs::read(&path).unwrap(), b"a poem");
    /// # });
    /// ```
    pub fn open<A>(self, path: impl AsRef<Path>) -> Answer<Redb<A>>
    where
        A: DeserializeOwned + Send + 'static,
    {
        let path: PathBuf = path.as_ref().to_owned();
        self.begin(file::named(&path), move |name, job_type| {
            file::open(&path, name, job_type)
        })
    }

    /// The same in something else than a file, to show what happens when it fails.
    #[doc(hidden)]
    pub fn open_on<A>(self, place: impl StorageBackend) -> Answer<Redb<A>>
    where
        A: DeserializeOwned + Send + 'static,
    {
        self.begin("the store".to_owned(), move |name, job_type| {
            let place: Arc<dyn StorageBackend> = Arc::new(place);
            match place.len() {
                Ok(0) => file::fill(&place, name, job_type)?,
                Ok(_) => {}
                Err(error) => return Err(fault::io(name, "opened", error)),
            }
            Ok(place)
        })
    }

    fn begin<A>(
        self,
        name: String,
        place: impl FnOnce(&str, &str) -> Result<Arc<dyn StorageBackend>, StoreError> + Send + 'static,
    ) -> Answer<Redb<A>>
    where
        A: DeserializeOwned + Send + 'static,
    {
        let (tell, answer) = Answer::pair();
        let opens = move || match self.opened(name, place) {
            Ok((store, writer)) => {
                // A store that nobody waits for any more is closed by being dropped.
                let _ = tell.send(Ok(store));
                writer.run();
            }
            Err(error) => {
                let _ = tell.send(Err(error));
            }
        };
        let begun = thread::Builder::new().name("defer-store".to_owned());
        match begun.spawn(opens) {
            Ok(_) => answer,
            Err(error) => Answer::refused(fault::io("a thread for the store", "begun", error)),
        }
    }

    fn opened<A>(
        self,
        name: String,
        place: impl FnOnce(&str, &str) -> Result<Arc<dyn StorageBackend>, StoreError>,
    ) -> Result<(Redb<A>, Writer<A>), StoreError>
    where
        A: DeserializeOwned + 'static,
    {
        let job_type = self
            .job_type
            .unwrap_or_else(|| type_name::<A>().to_string());
        let place = place(&name, &job_type)?;
        let odd = look::look::<A>(&place, &name, &job_type)?;
        if !odd.is_empty() && !self.sets_aside {
            return Err(fault::undecodable(&name, &odd));
        }
        let shared = Arc::new(Shared {
            inbox: Inbox::new(),
            names: Names::new(),
            commits: 0.into(),
            name,
        });
        let (writer, given_up) = Writer::begin(place, odd, shared.clone(), self.every)?;
        Ok((Redb(Arc::new(Handle { shared, given_up })), writer))
    }
}
