//! Types that a closure of the fluent form may return as they are.

/// A type that is a plain value: neither a `Result` nor a deferred.
///
/// [`add_callback`](crate::Deferred::add_callback) takes closures that return a value, a
/// `Result` or a deferred. The compiler has to tell them apart by the type alone, so the
/// types of values are listed: those of the standard library here, a program's own by an
/// empty implementation. Annotated functions need none of this: their signature says it.
///
/// ```
/// use defer_core::{Plain, fail};
///
/// #[derive(Debug, PartialEq)]
/// struct Summary(usize);
/// impl Plain for Summary {}
///
/// let page = fail::<String, _>("no such page");
/// let summary = page.add_callback(|page| Summary(page.len()));
/// # assert_eq!(futures::executor::block_on(summary), Err("no such page"));
/// ```
///
/// Without the implementation the closure says `Ok(Summary(page.len()))`.
#[diagnostic::on_unimplemented(
    message = "a closure returns `{Self}`, which is not known to be a plain value",
    label = "neither a `Result`, nor a deferred, nor a type that implements `Plain`",
    note = "return `Ok(value)`, or write `impl defer::Plain for {Self} {{}}`",
    note = "an `async` block is a future: `defer(async move {{ … }})` makes a deferred of it"
)]
pub trait Plain {}

macro_rules! plain {
    ($(<$($param:ident $(: ?$Sized:ident)?),+> $Type:ty),+ $(,)?) => {
        $(impl<$($param $(: ?$Sized)?),+> Plain for $Type {})+
    };
    ($($Type:ty),+ $(,)?) => { $(impl Plain for $Type {})+ };
}

plain!(
    (),
    bool,
    char,
    u8,
    u16,
    u32,
    u64,
    u128,
    usize,
    i8,
    i16,
    i32,
    i64,
    i128,
    isize,
    f32,
    f64
);
plain!(
    core::time::Duration,
    core::cmp::Ordering,
    core::num::NonZeroU32,
    core::num::NonZeroU64
);
plain!(
    core::num::NonZeroUsize,
    core::net::IpAddr,
    core::net::SocketAddr
);
plain!(<T> Option<T>, <T> core::ops::Range<T>, <T: ?Sized> core::marker::PhantomData<T>);
plain!(<A> (A,), <A, B> (A, B), <A, B, C> (A, B, C), <A, B, C, D> (A, B, C, D));
plain!(<A, B, C, D, E> (A, B, C, D, E), <A, B, C, D, E, F> (A, B, C, D, E, F));
impl<T: ?Sized> Plain for &T {}
impl<T: ?Sized> Plain for &mut T {}
impl<T, const N: usize> Plain for [T; N] {}

#[cfg(feature = "alloc")]
mod with_alloc {
    use super::Plain;
    use alloc::{borrow, boxed::Box, collections, rc::Rc, string::String, sync::Arc, vec::Vec};

    plain!(String);
    plain!(<T> Vec<T>, <T: ?Sized> Box<T>, <T: ?Sized> Rc<T>, <T: ?Sized> Arc<T>);
    plain!(<T> collections::VecDeque<T>, <T> collections::BinaryHeap<T>);
    plain!(<T> collections::BTreeSet<T>, <K, V> collections::BTreeMap<K, V>);
    impl<T: ?Sized + borrow::ToOwned> Plain for borrow::Cow<'_, T> {}
}

#[cfg(feature = "std")]
mod with_std {
    use super::Plain;

    plain!(
        std::path::PathBuf,
        std::ffi::OsString,
        std::time::Instant,
        std::time::SystemTime
    );
    impl<K, V, S> Plain for std::collections::HashMap<K, V, S> {}
    impl<T, S> Plain for std::collections::HashSet<T, S> {}
}
