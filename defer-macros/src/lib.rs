//! The attributes of `defer`: `#[callback]`, `#[errback]` and `#[inline_callbacks]`.
//!
//! Use them through the `defer` crate, whose guide teaches them: what they expand to
//! refers to it.

#![forbid(unsafe_code)]

mod attrs;
mod batch;
mod elsewhere;
mod errors;
mod expand;
mod impl_trait;
mod item;
mod lifetimes;
mod lower;
mod model;
mod options;
mod shares;
mod signature_text;
#[cfg(test)]
mod snapshots;
mod tokens;
mod validate;

use proc_macro::TokenStream;

use crate::expand::expand;
use crate::model::Flavor;

/// Make a function take deferreds for its arguments and return a deferred.
///
/// A parameter of type `T` then accepts a `T`, a deferred that yields one, or a `Result`;
/// references, `impl Trait` and what is marked `#[value]` stay plain. The body runs once,
/// after all arguments, on success only. The call returns a `Deferred` and does nothing
/// until it is awaited; dropping it drops the arguments or the running body.
///
/// ```
/// use defer::prelude::*;
///
/// #[callback]
/// async fn size_of(path: &str) -> Result<usize, Failure> { Ok(path.len()) }
/// #[callback]
/// fn total(a: usize, b: usize, #[value] bias: usize) -> usize { a + b + bias }
/// # futures::executor::block_on(async {
/// assert_eq!(total(1, 2, 3).await, 6);
/// assert_eq!(total(size_of("/a"), size_of("/bc"), 0).await.unwrap(), 5);
/// # });
/// ```
///
/// # What the call yields
///
/// `T` if the body returns `T` and no argument can fail; `Result<T, E>` if arguments fail,
/// all with `E`; `Result<T, E>` if the body returns it and the arguments' errors convert
/// into `E`. A return type is a `Result` if that is the last segment of its path
/// (`io::Result<T>`); for an alias of another name say `error = E`. A body that returns
/// `Deferred<…>` is waited for.
///
/// # Options
///
/// - `boxed`, `boxed_local`: return the boxed type `Deferred<T>`, for recursion and for
///   trait objects. Takes one allocation a call.
/// - `error = E`: the return type is an alias of `Result<_, E>`.
/// - `retry = policy`: the body runs again when it has failed, as the policy says; see
///   `defer::retry`. The arguments do not run again: each run has clones of their values, so
///   parameters are `Clone`, and a receiver is `&self`. The policy is an expression that is
///   evaluated for each call, when the arguments are there, and may use them. The call fails
///   with the error of the last run, as it is; if that is a `Failure`, with all attempts on
///   its trail. Needs the feature `tokio`; not for errbacks.
/// - `associated`: the function belongs to an `impl` block, has no receiver and does not
///   mention `Self`.
/// - `blocking`: the body runs on a thread that may block, once its arguments are there. See
///   below.
/// - `spawn`: the body runs in a task of its own, once its arguments are there. See below.
/// - `memoize`: calls with equal arguments share one run, and its value is kept; see
///   `defer::share`. With `memoize(size = 100, expires = Duration::from_secs(60))` it is kept
///   within bounds (with the feature `moka`). For free functions without generics whose
///   parameters are all `Clone + Eq + Hash + Send + 'static`.
/// - `single_flight`: calls with equal arguments at the same time share one run.
/// - `batch = function`: the function has no body; its calls are collected and answered many
///   at once by that one. `max = number`: at most so many. See below.
/// - `crate = path`: where the `defer` crate is, if not at `::defer`.
///
/// # Bodies that run elsewhere
///
/// `blocking` is for plain bodies that read files, work hard or call what blocks: they run on the
/// threads of tokio's `spawn_blocking`. `spawn` is for any body: it is
/// [started](https://docs.rs/defer-flow/latest/defer/start), so that several run on several
/// threads at once, and go on while nobody polls the call. Both need the feature `tokio` and a
/// runtime. Parameters and results are sent away: they are `Send`, and they borrow nothing. The
/// call yields what it would yield without.
///
/// ```
/// use defer::prelude::*;
///
/// #[callback(blocking)]
/// fn read(path: String) -> Result<String, Failure> { Ok(std::fs::read_to_string(path)?) }
///
/// #[callback(spawn)]
/// fn count(text: String) -> usize { text.matches("defer").count() }
///
/// # fn main() -> Result<(), Failure> {
/// let count = count(read("Cargo.toml".to_string()));
/// assert!(count.wait()?? > 0);
/// # Ok(())
/// # }
/// ```
///
/// A panic of such a body goes on where the call is awaited, as that of any body does:
/// `catch_panics` makes a failure of it. Cancelling the call cancels a `spawn`ed body and waits
/// until it has cleaned up; dropping the call aborts it. A thread cannot be stopped:
/// cancelling or dropping the call of a `blocking` body leaves it to itself, and if it
/// has not begun it never does. A call whose runtime has been shut down panics.
///
/// # Batches
///
/// ```
/// use defer::prelude::*;
///
/// async fn load_users(ids: Vec<u32>) -> Result<Vec<String>, std::io::Error> {
///     // … one request for all of them …
///     Ok(ids.into_iter().map(|id| format!("user {id}")).collect())
/// }
///
/// #[callback(batch = load_users, max = 100)]
/// fn user(id: u32) -> Result<String, Failure>;
///
/// #[callback]
/// fn pair(a: String, b: String) -> String { a + " and " + &b }
/// # futures::executor::block_on(async {
/// // One call of `load_users`.
/// assert_eq!(pair(user(1), user(2)).await.unwrap(), "user 1 and user 2");
/// # });
/// ```
///
/// The key is the parameter, or the tuple of all of them: `Clone + Eq + Hash + Debug + Send`.
/// It is handed in when the arguments are there. Calls that are made on one thread are
/// collected while anything else can still run; equal keys are asked for once. The value and
/// the error are `Clone + Send`, and the error has `From<defer::batch::WrongAnswers>`, for
/// keys that get no answer. A function that returns no `Result` panics, then.
///
/// The batch function takes a `Vec` of keys. It returns a `Vec` in their order, or a `HashMap`
/// or `BTreeMap` by key, of values or of `Result`s; or a `Result` of one of these; or a future
/// or a deferred of them, which is `Send`. `defer::batch` says when it is called, and what
/// dropping and cancelling do; it has a `Batch` for methods and for what needs a client.
///
/// # Errors
///
/// Refused with a message: items that are no functions, `const`, `unsafe`, `extern` and
/// variadic functions, more than 12 parameters that may be deferreds; with `batch`, a body,
/// generics, references, and functions in an `impl` block.
///
/// # Panics
///
/// A panic of the body unwinds through the poll, as in any future.
///
/// The form in Twisted: Terry Jones' `@callback`, which returns a deferred for plain
/// values, too.
#[proc_macro_attribute]
pub fn callback(options: TokenStream, item: TokenStream) -> TokenStream {
    expand(Flavor::Callback, options.into(), item.into()).into()
}

/// Make a function that runs only on failure.
///
/// Short form: the first parameter is the failure, an error taken by value. The call takes
/// there a deferred or a `Result` that can fail. On success its value passes, and the other
/// arguments are not polled. On failure they are awaited, as those of a callback, and the
/// body runs.
///
/// The function returns the type that the chain would have yielded, and then the call
/// cannot fail (a *terminal* errback), or a `Result` of it.
///
/// ```
/// use defer::prelude::*;
///
/// #[callback]
/// fn port(text: &str) -> Result<u16, std::num::ParseIntError> { text.parse() }
/// #[errback]
/// fn or_default(_: std::num::ParseIntError, default: u16) -> u16 { default }
/// # futures::executor::block_on(async {
/// assert_eq!(or_default(port("http"), 80).await, 80);
/// # });
/// ```
///
/// General form: parameters of type `Result<T, E>`, from the first one on, are observed.
/// All arguments are awaited. If one of the observed has failed the body runs and looks at
/// all of them, else the value of the first one passes. A cancellation is a failure like any
/// other where `E` has `From<Cancelled>`.
///
/// ```
/// use defer::prelude::*;
///
/// #[errback]
/// fn either(a: Result<u8, &'static str>, b: Result<u8, &'static str>) -> u8 {
///     a.or(b).unwrap_or(0)
/// }
/// # futures::executor::block_on(async {
/// assert_eq!(either(fail::<u8, _>("slow"), succeed(2)).await, 2);
/// # });
/// ```
///
/// Options, dropping and panics are those of [`macro@callback`]. Around something that
/// cannot fail an errback is a compile error.
///
/// In Twisted: Terry Jones' `@errback`.
#[proc_macro_attribute]
pub fn errback(options: TokenStream, item: TokenStream) -> TokenStream {
    expand(Flavor::Errback, options.into(), item.into()).into()
}

/// Make a plain function in which `.await` waits for deferreds.
///
/// The same as [`macro@callback`] on an `async fn`, in Twisted's words: the function always
/// returns a deferred, with no `.await` at all, with an early `?`, with a body that never
/// waits. Its parameters and options are those of a callback.
///
/// ```
/// use defer::prelude::*;
///
/// #[callback]
/// async fn size_of(path: &str) -> Result<usize, Failure> { Ok(path.len()) }
///
/// #[inline_callbacks]
/// fn difference(a: String, b: String) -> Result<usize, Failure> {
///     let a = size_of(&a).await?;
///     let b = size_of(&b).await?;
///     Ok(a.abs_diff(b))
/// }
/// # futures::executor::block_on(async {
/// assert_eq!(difference("/abc".to_string(), "/".to_string()).await.unwrap(), 3);
/// # });
/// ```
///
/// In Twisted: `inlineCallbacks`, and Terry Jones' `altInlineCallbacks`, which takes
/// functions without a `yield` as this does.
#[proc_macro_attribute]
pub fn inline_callbacks(options: TokenStream, item: TokenStream) -> TokenStream {
    expand(Flavor::InlineCallbacks, options.into(), item.into()).into()
}
