//! A program that allows itself nothing hears nothing about what the attributes write.

#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    missing_copy_implementations
)]
#![deny(
    unused,
    nonstandard_style,
    future_incompatible,
    keyword_idents,
    let_underscore
)]
#![deny(rust_2018_idioms, rust_2021_compatibility, rust_2024_compatibility)]
#![deny(unreachable_pub, elided_lifetimes_in_paths, unused_lifetimes)]
#![deny(
    redundant_lifetimes,
    unused_qualifications,
    unused_import_braces,
    trivial_casts
)]
#![deny(
    trivial_numeric_casts,
    variant_size_differences,
    unnameable_types,
    unit_bindings
)]
#![deny(explicit_outlives_requirements, absolute_paths_not_starting_with_crate)]
#![deny(
    unused_macro_rules,
    unused_results,
    ambiguous_negative_literals,
    meta_variable_misuse
)]
#![deny(
    refining_impl_trait,
    impl_trait_redundant_captures,
    macro_use_extern_crate
)]
#![deny(
    non_ascii_idents,
    redundant_imports,
    unsafe_op_in_unsafe_fn,
    async_fn_in_trait
)]
#![deny(private_bounds, private_interfaces, opaque_hidden_inferred_bound)]
#![forbid(unsafe_code)]

use defer::prelude::*;
use ui_tests::now;

/// What is missing.
#[derive(Clone, Copy, Debug)]
pub struct Missing;

/// Takes a value.
#[callback]
pub fn add(left: u8, right: u8) -> u8 {
    left + right
}

/// Takes nothing.
#[callback]
pub fn none() -> u8 {
    1
}

/// Asynchronous.
#[callback]
pub async fn get(url: String, prefix: &str) -> Result<String, Missing> {
    if url.is_empty() {
        Err(Missing)
    } else {
        Ok(format!("{prefix}{url}"))
    }
}

/// Of any type.
#[callback]
pub fn of_any<T: Clone, const N: usize>(all: [T; N], text: &str) -> (Vec<T>, usize)
where
    T: Send,
{
    (all.to_vec(), text.len())
}

/// With a lifetime.
#[callback]
pub fn lent<'a>(left: &'a str, right: &'a str, n: usize) -> &'a str {
    if n == 0 { left } else { right }
}

/// Opaque.
#[callback]
pub fn words(page: String) -> impl Iterator<Item = char> {
    page.chars().collect::<Vec<_>>().into_iter()
}

/// With a deferred.
#[callback]
pub fn waits(n: u8) -> Deferred<u8> {
    succeed(n).boxed()
}

/// Boxed.
#[callback(boxed)]
pub async fn down(n: u8) -> u8 {
    if n == 0 { 0 } else { down(n - 1).await }
}

/// An errback.
#[errback]
pub fn rescue(_failure: Missing, fallback: String) -> String {
    fallback
}

/// An errback over results.
#[errback]
pub fn observed(first: Result<String, Missing>, second: Result<String, Missing>) -> String {
    format!("{} {}", first.is_ok(), second.is_ok())
}

/// Inline.
#[inline_callbacks]
pub fn inline(url: String) -> Result<usize, Missing> {
    let page = get(url, "").await?;
    Ok(page.len())
}

/// Patterns.
#[callback]
pub fn apart((a, b): (u8, u8), mut all: Vec<u8>) -> usize {
    all.push(a + b);
    all.len()
}

/// Never returns where it is called.
#[callback]
pub async fn never(n: u8) -> u8 {
    if n == 0 {
        return 1;
    }
    loop {
        if n > 1 {
            return 0;
        }
    }
}

/// A source of pages.
pub trait Source {
    /// Fetches.
    #[callback]
    fn fetch(&self, url: String) -> Result<String, Missing>;
    /// Weighs.
    #[callback]
    fn weigh(&self, page: String) -> usize {
        page.len()
    }
}

/// One source.
#[derive(Debug, Clone, Copy)]
pub struct Site;

impl Source for Site {
    #[callback]
    async fn fetch(&self, url: String) -> Result<String, Missing> {
        Ok(url)
    }
    #[callback]
    fn weigh(&self, page: String) -> usize {
        page.len() * 2
    }
}

impl Site {
    /// A method.
    #[callback]
    pub fn add(&self, left: u8, right: u8) -> u8 {
        left + right
    }

    /// A method that waits.
    #[callback]
    pub async fn add_later(&self, left: u8, text: &str) -> usize {
        usize::from(left) + text.len()
    }

    /// A constructor.
    #[callback]
    pub fn of(_n: u8) -> Self {
        Site
    }

    #[errback]
    fn rescue(&self, _failure: Missing, fallback: String) -> String {
        fallback
    }
}

mod inner {
    use defer::prelude::*;

    #[callback]
    pub(super) fn add(left: u8, right: u8) -> u8 {
        left + right
    }
}

fn main() {
    assert_eq!(now(add(1, inner::add(none(), 2))), 4);
    assert_eq!(now(rescue(get("a".to_string(), "x"), String::new())), "xa");
    assert_eq!(now(of_any([1], "a")).1, 1);
    assert_eq!(now(lent("a", "b", succeed(1))), "b");
    assert_eq!(now(words("a".to_string())).count(), 1);
    assert_eq!(now(waits(down(1))), 0);
    assert_eq!(
        now(observed(get(String::new(), ""), Ok(String::new()))),
        "false true"
    );
    assert_eq!(now(inline("abc".to_string())).ok(), Some(3));
    assert_eq!(now(apart((1, 2), succeed(vec![1]))), 2);
    assert_eq!(now(never(succeed(0))), 1);
    assert_eq!(
        now(Site.weigh(Site.rescue(Site.fetch("a".to_string()), String::new()))),
        2
    );
    assert_eq!(now(Site.add(1, 2)), 3);
    assert_eq!(now(now(Site::of(1)).add_later(1, "a")), 2);
}
