//! From the first annotated function to the first errback, and on.
//!
//! Read in order; each chapter needs the ones before it. Every program here runs.
//!
//! 1. [`first_calls`]: annotate a function, nest the calls, await the result.
//! 2. [`arguments`]: what a parameter accepts, what a call yields, lists.
//! 3. [`failures`]: errbacks, error types that differ, `Failure` and its trail.
//! 4. [`bodies`]: asynchronous bodies, inline callbacks, methods, recursion.
//! 5. [`fluent`]: closures instead of annotated functions.
//! 6. [`by_hand`]: deferreds that you fire yourself.
//! 7. [`cancelling`]: from outside, and what an errback can do about it.
//! 8. `many`: gathering, racing, limits, members that come later (with the feature `alloc`).
//! 9. `observing`: looking on while several deferreds settle; functions that compete (with the
//!    feature `std`).
//! 10. `sharing`: clones of one run, promises that are remembered (with the feature `std`).
//! 11. `batching`: calls for single keys, sent together (with the feature `std`).
//! 12. `running`: starting, waiting, limits of time (with the feature `tokio`).
//! 13. `time`: later, again and again (with the feature `tokio`).
//! 14. `cooperating`: a little of each in turn: long computations beside a server (with the
//!     feature `tokio`).
//! 15. `tasks`: many jobs, threads, programs, pages (with the feature `tokio`).
//! 16. `locking`: taking turns, handing over, stopping (with the feature `tokio`).
//! 17. `structures`: structures that wait: priority queues, dictionaries, control, construction
//!     (with the feature `tokio`).
//! 18. `dispatching`: a queue of jobs that can be steered, stopped and resumed (with the feature
//!     `tokio`).
//! 19. `retrying`: again, until it works (with the feature `tokio`).
//! 20. `from_twisted`: each name of Twisted beside its name here (with the feature `tokio`).
//! 21. `from_async_await`: what you write with `async` and `await`, and what here (with the
//!     feature `tokio`).
//! 22. [`compile_errors`]: what the compiler says, and what to write instead.

macro_rules! chapters {
    ($($(#[$meta:meta])+ $name:ident = $file:literal;)+) => {$(
        $(#[$meta])+
        ///
        #[doc = include_str!($file)]
        pub mod $name {}
    )+};
}

chapters! {
    /// 1. Annotate a function, nest the calls, await the result.
    first_calls = "first_calls.md";
    /// 2. What a parameter accepts, what a call yields, lists.
    arguments = "arguments.md";
    /// 3. Failing: errbacks, error types that differ, `Failure` and its trail.
    failures = "failures.md";
    /// 4. Asynchronous bodies, inline callbacks, methods, recursion.
    bodies = "bodies.md";
    /// 5. Closures instead of annotated functions.
    fluent = "fluent.md";
    /// 6. Deferreds that you fire yourself.
    by_hand = "by_hand.md";
    /// 7. Cancelling from outside, and what an errback can do about it.
    cancelling = "cancelling.md";
    /// 8. Many at once: gathering, racing, limits, members that come later.
    #[cfg(feature = "alloc")]
    many = "many.md";
    /// 9. Looking on while several deferreds settle; functions that compete.
    #[cfg(feature = "std")]
    observing = "observing.md";
    /// 10. Clones of one run, promises that are remembered, single flights.
    #[cfg(feature = "std")]
    sharing = "sharing.md";
    /// 11. Calls for single keys, sent together.
    #[cfg(feature = "std")]
    batching = "batching.md";
    /// 12. Starting, waiting, limits of time.
    #[cfg(feature = "tokio")]
    running = "running.md";
    /// 13. Later, again and again, on time.
    #[cfg(feature = "tokio")]
    time = "time.md";
    /// 14. A little of each in turn: long computations beside a server.
    #[cfg(feature = "tokio")]
    cooperating = "cooperating.md";
    /// 15. Many jobs, threads, programs, pages.
    #[cfg(feature = "tokio")]
    tasks = "tasks.md";
    /// 16. Taking turns, handing over, stopping.
    #[cfg(feature = "tokio")]
    locking = "locking.md";
    /// 17. Structures that wait: priority queues, dictionaries, control, construction.
    #[cfg(feature = "tokio")]
    structures = "structures.md";
    /// 18. A queue of jobs that can be steered, stopped and resumed.
    #[cfg(feature = "tokio")]
    dispatching = "dispatching.md";
    /// 19. Again, until it works.
    #[cfg(feature = "tokio")]
    retrying = "retrying.md";
    /// 20. Each name of Twisted beside its name here, and what differs.
    #[cfg(feature = "tokio")]
    from_twisted = "from_twisted.md";
    /// 21. What you write with `async` and `await`, what here, and when not to.
    #[cfg(feature = "tokio")]
    from_async_await = "from_async_await.md";
    /// 22. What the compiler says, and what to write instead.
    compile_errors = "compile_errors.md";
}
