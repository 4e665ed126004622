//! The gateway: a dispatch queue of messages that are sent to the carrier.

use std::error::Error;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use defer::dispatch::store::redb::Options;
use defer::dispatch::store::{JobId, JobStore, Redb};
use defer::dispatch::{self, NotPending, Rate, ResizableDispatchQueue};
use defer::retry::{Exponential, Retry};
use tokio::sync::{Notify, watch};
use tokio::time::timeout;

use crate::args;
use crate::carrier::client::{Carrier, SendError, send_sms};
use crate::past::Past;
use crate::sms::Sms;
use crate::view::{Counts, JobView, Overview, State, Status};
use crate::web::refused::Refused;

/// What the jobs of the store are, as long as [`Sms`] has the fields it has.
const JOBS: &str = "sms_gateway: number, text, reference";
/// The longest wait between two attempts.
const LONGEST_DELAY: Duration = Duration::from_secs(60);

pub(crate) struct Gateway {
    queue: ResizableDispatchQueue<Sms, u64, SendError>,
    store: Redb<Sms>,
    past: Arc<Past>,
    names: Vec<String>,
    bound: usize,
    /// 0 for no limit.
    rate: AtomicU32,
    /// Something is not as it was shown.
    changed: Arc<Notify>,
    stop: Notify,
    stopping: AtomicBool,
    stopped: AtomicBool,
    /// How many are left for the next start.
    kept: AtomicUsize,
    /// Why the store can be trusted no more.
    broken: Mutex<Option<String>>,
    overviews: Mutex<Option<watch::Sender<Arc<str>>>>,
}

impl Gateway {
    /// With what is left in the store.
    pub(crate) async fn open(
        args: &args::Gateway,
        carrier: Carrier,
    ) -> Result<Arc<Self>, Box<dyn Error>> {
        let store: Redb<Sms> = Options::new().job_type(JOBS).open(&args.store).await?;
        let dead = store.dead_letters().await?.len();
        let send = move |sms: Sms| send_sms(carrier.clone(), sms);
        let (delay, retries) = (args.retry_delay, args.retries);
        let policy = move || {
            let delays = Exponential::default()
                .with_min_delay(delay)
                .with_max_delay(LONGEST_DELAY)
                .with_max_times(retries)
                .with_jitter();
            Retry::backoff(delays)
                .when(SendError::passes)
                .hint(SendError::wait)
        };
        let queue = ResizableDispatchQueue::builder(send)
            .timeout(args.timeout)
            .retry(policy)
            .bound(args.bound)
            .keep_failed();
        let queue = match args.rate {
            Some(rate) => queue.rate(Rate::per_second(rate.get())),
            None => queue,
        };
        // Nothing begins before all of them are watched.
        let queue = queue.width(0).open(store.clone()).await?;
        let recovered = queue.pending();
        let changed = Arc::new(Notify::new());
        let past = Past::new(changed.clone(), recovered.len() as u64, dead);
        let past = Arc::new(past);
        for job in recovered {
            if let Some(queued) = queue.queued(job.id) {
                past.follow(queued);
            }
        }
        queue.set_width(args.width);
        let (overviews, _) = watch::channel(Arc::default());
        let gateway = Arc::new(Gateway {
            queue,
            store,
            past,
            names: args.names.clone(),
            bound: args.bound,
            rate: AtomicU32::new(args.rate.map_or(0, |rate| rate.get())),
            changed,
            stop: Notify::new(),
            stopping: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
            kept: AtomicUsize::new(0),
            broken: Mutex::new(None),
            overviews: Mutex::new(Some(overviews)),
        });
        crate::news::spread(&gateway);
        Ok(gateway)
    }

    /// By which it may be asked for, besides its addresses.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Take a message. When this is done, it will be sent: the job, as it was taken.
    pub(crate) async fn accept(&self, sms: Sms, priority: i64) -> Result<JobView, Refused> {
        self.go_on()?;
        let put = self.queue.try_put_at(sms.clone(), priority).await;
        let queued = put.map_err(|error| self.refused(&error.why))?;
        let id = queued.id().get();
        self.past.follow(queued);
        self.past.count(|counts| counts.accepted += 1);
        Ok(JobView::accepted(id, sms, priority))
    }

    fn refused(&self, why: &dispatch::Refused) -> Refused {
        match why {
            dispatch::Refused::Full => Refused::full(self.bound),
            dispatch::Refused::Stopped => Refused::stopped(),
            dispatch::Refused::Store(error) => {
                self.break_down(error.to_string());
                Refused::broken(format!("it could not be stored: {error}"))
            }
            other => Refused::broken(other.to_string()),
        }
    }

    pub(crate) async fn job(&self, id: u64) -> Result<JobView, Refused> {
        if let Some(job) = self.queue.job(JobId::new(id)) {
            return Ok(JobView::of(&job));
        }
        let over = self.past.job(id).await;
        over.ok_or_else(|| {
            Refused::unknown(format!("there is no job {id}, or it was over long ago"))
        })
    }

    pub(crate) async fn reprioritise(&self, id: u64, priority: i64) -> Result<JobView, Refused> {
        self.go_on()?;
        match self.queue.reprioritise(JobId::new(id), priority) {
            Ok(_) => {
                self.written().await?;
                self.job(id).await
            }
            Err(NotPending::Underway) => Err(Refused::conflict(format!("job {id} is underway"))),
            Err(_) => Err(over(self.job(id).await?)),
        }
    }

    /// Cancel a job that is pending; one that is underway only if that is said.
    pub(crate) async fn cancel(&self, id: u64, underway: bool) -> Result<JobView, Refused> {
        self.go_on()?;
        let job = self.job(id).await?;
        match job.state {
            "underway" if !underway => Err(Refused::conflict(format!(
                "job {id} is underway, and the carrier may have it; \
                 ?underway=yes gives it up nevertheless"
            ))),
            "pending" | "underway" if self.queue.cancel(JobId::new(id)) => {
                self.written().await?;
                self.job(id).await
            }
            // It ended meanwhile, or long ago.
            _ => Err(over(self.job(id).await?)),
        }
    }

    /// Cancel all that is pending: how many that was.
    pub(crate) async fn clear(&self) -> Result<usize, Refused> {
        self.go_on()?;
        let cleared = self.queue.clear().len();
        self.written().await?;
        Ok(cleared)
    }

    /// Wait until the store has what was asked: a crash does not undo what was answered.
    async fn written(&self) -> Result<(), Refused> {
        let written = JobStore::flush(&self.store).await;
        written.map_err(|error| self.refused(&dispatch::Refused::Store(error)))
    }

    pub(crate) fn set_width(&self, width: usize) -> Result<Status, Refused> {
        self.go_on()?;
        self.queue.set_width(width);
        Ok(self.status())
    }

    pub(crate) fn set_rate(&self, rate: Option<u32>) -> Result<Status, Refused> {
        self.go_on()?;
        self.queue.set_rate(rate.map(Rate::per_second));
        self.rate.store(rate.unwrap_or(0), SeqCst);
        self.changed.notify_one();
        Ok(self.status())
    }

    /// Begin nothing more. What is underway ends, and nobody waits for it here.
    pub(crate) fn pause(&self) -> Result<Status, Refused> {
        self.go_on()?;
        drop(self.queue.pause());
        Ok(self.status())
    }

    pub(crate) fn resume(&self, width: Option<usize>) -> Result<Status, Refused> {
        self.go_on()?;
        if width.unwrap_or_else(|| self.queue.width()) == 0 {
            return Err(Refused::conflict("the width is 0: nothing would begin"));
        }
        let resumed = self.queue.resume(width);
        resumed.map_err(|_| Refused::stopped())?;
        Ok(self.status())
    }

    /// The messages that failed for good.
    pub(crate) async fn dead(&self) -> Result<Vec<JobView>, Refused> {
        let letters = self.store.dead_letters().await;
        let letters = letters.map_err(|error| Refused::broken(error.to_string()))?;
        Ok(letters.into_iter().map(JobView::of_dead).collect())
    }

    /// Queue a dead letter again, as a new job.
    pub(crate) async fn revive(&self, id: u64) -> Result<JobView, Refused> {
        self.go_on()?;
        let letters = self.store.dead_letters().await;
        let letters = letters.map_err(|error| Refused::broken(error.to_string()))?;
        let letter = letters.into_iter().find(|letter| letter.id.get() == id);
        let letter = letter.ok_or_else(|| no_letter(id))?;
        let sms = letter.argument.ok_or_else(|| {
            Refused::conflict(format!("nobody can read what dead letter {id} is"))
        })?;
        // A crash in between leaves both: rather twice than never.
        let job = self.accept(sms, letter.priority).await?;
        self.drop_dead(id).await?;
        Ok(job)
    }

    pub(crate) async fn drop_dead(&self, id: u64) -> Result<(), Refused> {
        self.go_on()?;
        let dropped = self.store.discard(JobId::new(id)).await;
        dropped.map_err(|error| match error.kind() {
            dispatch::store::StoreErrorKind::NoSuchJob => no_letter(id),
            _ => Refused::broken(error.to_string()),
        })?;
        self.past
            .count(|counts| counts.dead = counts.dead.saturating_sub(1));
        Ok(())
    }

    pub(crate) fn status(&self) -> Status {
        // In this order: a job that the queue has let go of is looked for among the others.
        let size = self.queue.size();
        let (counts, followed) = self.past.counts();
        let idle = size.underway == 0 && followed <= size.pending;
        let paused = self.queue.is_paused() || self.queue.width() == 0;
        let state = match (self.stopped.load(SeqCst), self.stopping.load(SeqCst)) {
            (true, _) => State::Stopped,
            (_, true) => State::Stopping,
            _ if !paused => State::Running,
            _ if !idle => State::Pausing,
            _ => State::Paused,
        };
        let pending = match state {
            State::Stopped => self.kept.load(SeqCst),
            _ => size.pending,
        };
        Status {
            state,
            width: self.queue.width(),
            rate: Some(self.rate.load(SeqCst)).filter(|rate| *rate > 0),
            counts: Counts {
                pending,
                underway: size.underway,
                ..counts
            },
        }
    }

    /// With so many jobs of each kind.
    pub(crate) fn overview(&self, limit: usize) -> Overview {
        let views = |jobs: Vec<dispatch::Job<Sms>>| {
            let first = jobs.iter().take(limit);
            first.map(JobView::of).collect()
        };
        Overview {
            pending: views(self.queue.pending()),
            underway: views(self.queue.underway()),
            over: self.past.latest(limit),
            status: self.status(),
        }
    }

    pub(crate) fn events(&self) -> dispatch::Events {
        self.queue.events()
    }

    /// Something has changed.
    pub(crate) fn changed(&self) -> &Arc<Notify> {
        &self.changed
    }

    /// What the page is to show: the latest overview, and whatever comes.
    pub(crate) fn overviews(&self) -> Option<watch::Receiver<Arc<str>>> {
        let overviews = self
            .overviews
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let overviews = overviews.as_ref()?.subscribe();
        Some(overviews)
    }

    /// Show this to whoever listens, if it is not what was shown; the last time if so.
    pub(crate) fn show(&self, overview: impl FnOnce() -> Arc<str>, last: bool) {
        let mut overviews = self
            .overviews
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(overviews) = &*overviews {
            if overviews.receiver_count() > 0 {
                let new = overview();
                overviews.send_if_modified(|shown| {
                    let differs = *shown != new;
                    *shown = new;
                    differs
                });
            }
        }
        if last {
            *overviews = None;
        }
    }

    /// Nothing can be trusted to the store any more: stop, so that somebody looks.
    pub(crate) fn break_down(&self, why: String) {
        let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.get_or_insert(why);
        self.stop.notify_one();
    }

    /// Refuse what comes when it stops.
    fn go_on(&self) -> Result<(), Refused> {
        if self.stopping.load(SeqCst) {
            return Err(Refused::stopped());
        }
        Ok(())
    }

    /// Refuse what comes from now on, and have [`stop`](Gateway::stop) called.
    pub(crate) fn ask_to_stop(&self) -> Status {
        self.stopping.store(true, SeqCst);
        self.stop.notify_one();
        self.changed.notify_one();
        self.status()
    }

    pub(crate) async fn asked_to_stop(&self) {
        self.stop.notified().await;
    }

    /// Let what is underway end for so long, and leave the rest to the store: how many that is.
    pub(crate) async fn stop(&self, grace: Duration) -> Result<usize, Box<dyn Error>> {
        let left = match timeout(grace, self.queue.stop()).await {
            Ok(left) => left,
            Err(_) => {
                self.past.hand_back();
                self.queue.stop_now().await
            }
        };
        self.kept.store(left.len(), SeqCst);
        self.store.close().await?;
        self.stopped.store(true, SeqCst);
        crate::news::last(self);
        let broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        match &*broken {
            Some(why) => Err(why.clone().into()),
            None => Ok(left.len()),
        }
    }
}

fn over(job: JobView) -> Refused {
    Refused::conflict(format!("job {} is {} already", job.id, job.state))
}

fn no_letter(id: u64) -> Refused {
    Refused::unknown(format!("there is no dead letter {id}"))
}
