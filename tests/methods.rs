//! The attributes on methods, on trait methods and on functions of an `impl` block.

mod support;

use std::sync::Arc;

use defer::prelude::*;
use futures::executor::block_on;
use support::leaf;

#[derive(Debug, PartialEq)]
struct NotFound(u16);

fn text(text: &str) -> String {
    text.to_string()
}

#[derive(Debug, PartialEq)]
struct Site {
    base: String,
    seen: usize,
}

impl Site {
    #[callback]
    fn new(base: String) -> Self {
        Site { base, seen: 0 }
    }

    #[callback]
    async fn open(base: String) -> Result<Self, NotFound> {
        if base.is_empty() {
            Err(NotFound(0))
        } else {
            Ok(Site { base, seen: 0 })
        }
    }

    #[callback(associated)]
    fn size_of(base: String) -> usize {
        base.len()
    }

    #[callback]
    fn url(&self, page: String, query: &str) -> String {
        format!("{}/{page}?{query}", self.base)
    }

    #[callback]
    async fn url_async(&self, page: String, query: &str) -> String {
        leaf(1, ()).0.await;
        format!("{}/{page}?{query}", self.base)
    }

    #[callback]
    fn base(&self, n: u8) -> &str {
        let _ = n;
        &self.base
    }

    #[callback]
    fn checked(&self, page: String) -> Result<String, NotFound> {
        if page.is_empty() {
            Err(NotFound(1))
        } else {
            Ok(format!("{}/{page}", self.base))
        }
    }

    #[callback]
    fn visit(&mut self, pages: usize) -> usize {
        self.seen += pages;
        self.seen
    }

    #[callback]
    async fn visit_async(&mut self, pages: usize) -> usize {
        leaf(1, ()).0.await;
        self.seen += pages;
        self.seen
    }

    #[callback]
    fn close(self, suffix: String) -> String {
        self.base + &suffix
    }

    #[callback]
    fn renamed(mut self, base: String) -> Self {
        self.base = base;
        self
    }

    #[callback]
    fn shared(self: Arc<Self>, page: String) -> String {
        format!("{}/{page}", self.base)
    }

    #[callback(boxed)]
    fn boxed(&self, page: String) -> String {
        format!("{}/{page}", self.base)
    }

    #[callback]
    fn captured(&self, page: String) -> String {
        let base = &self.base;
        format!("{base} {self:?} {page}").len().to_string()
    }

    #[errback]
    fn errcheck(&self, failure: NotFound, fallback: String) -> String {
        format!("{} {} {fallback}", self.base, failure.0)
    }

    #[inline_callbacks]
    fn both(&self, a: String, b: String) -> Result<String, NotFound> {
        let a = self.checked(a).await?;
        Ok(a + &self.checked(b).await?)
    }
}

fn site() -> Site {
    Site {
        base: text("http"),
        seen: 0,
    }
}

#[test]
fn without_a_receiver() {
    assert_eq!(block_on(Site::new(succeed(text("http")))), site());
    assert_eq!(block_on(Site::open(text("http"))), Ok(site()));
    assert_eq!(block_on(Site::open(text(""))), Err(NotFound(0)));
    assert_eq!(block_on(Site::size_of(succeed(text("abc")))), 3);
}

#[test]
fn by_reference() {
    let site = site();
    let url: String = block_on(site.url(succeed(text("a")), "q"));
    assert_eq!(url, "http/a?q");
    let url: Result<String, NotFound> = block_on(site.url(fail(NotFound(2)), "q"));
    assert_eq!(url, Err(NotFound(2)));
    let url: String = block_on(site.url_async(succeed(text("a")), "q"));
    assert_eq!(url, "http/a?q");
    let url: Result<String, NotFound> = block_on(site.checked(site.checked(text(""))));
    assert_eq!(url, Err(NotFound(1)));
    let url: String = block_on(site.boxed(succeed(text("a"))));
    assert_eq!(url, "http/a");
}

#[test]
fn a_borrow_of_self_comes_out() {
    let site = site();
    let base: &str = block_on(site.base(succeed(1)));
    assert_eq!(base, "http");
}

#[test]
fn self_in_a_format_string() {
    let site = site();
    let expected = format!("{} {site:?} {}", site.base, "a").len().to_string();
    assert_eq!(block_on(site.captured(text("a"))), expected);
}

#[test]
fn several_calls_of_one_object_run_at_once() {
    let site = site();
    let call = site.url(site.url(leaf(2, text("a")).0, "q"), "r");
    assert_eq!(block_on(call), "http/http/a?q?r");
}

#[test]
fn by_mutable_reference() {
    let mut site = site();
    assert_eq!(block_on(site.visit(succeed(2))), 2);
    assert_eq!(block_on(site.visit_async(3)), 5);
    assert_eq!(site.seen, 5);
    drop(site.visit(1));
    assert_eq!(site.seen, 5, "nothing runs before it is polled");
}

#[test]
fn by_value_and_by_arc() {
    assert_eq!(block_on(site().close(succeed(text("s")))), "https");
    assert_eq!(block_on(site().renamed(text("ftp"))).base, "ftp");
    let shared = Arc::new(site());
    assert_eq!(
        block_on(shared.clone().shared(succeed(text("a")))),
        "http/a"
    );
    assert_eq!(
        Arc::strong_count(&shared),
        1,
        "the call gave its clone back"
    );
}

#[test]
fn errback_and_inline_callbacks() {
    let site = site();
    assert_eq!(
        block_on(site.errcheck(site.checked(text("")), text("f"))),
        "http 1 f"
    );
    assert_eq!(
        block_on(site.errcheck(site.checked(text("a")), text("f"))),
        "http/a"
    );
    assert_eq!(
        block_on(site.both(text("a"), text("b"))),
        Ok(text("http/ahttp/b"))
    );
    assert_eq!(block_on(site.both(text("a"), text(""))), Err(NotFound(1)));
}

trait Source {
    #[callback]
    fn fetch(&self, url: String) -> Result<String, NotFound>;

    #[callback]
    fn join(&self, a: String, b: String) -> String;

    #[errback]
    fn rescue(&self, failure: NotFound, fallback: String) -> String;
}

impl Source for Site {
    #[callback]
    async fn fetch(&self, url: String) -> Result<String, NotFound> {
        leaf(1, ()).0.await;
        if url.is_empty() {
            Err(NotFound(404))
        } else {
            Ok(format!("{}/{url}", self.base))
        }
    }

    #[callback]
    fn join(&self, a: String, b: String) -> String {
        format!("{a}{b}{}", self.base)
    }

    #[errback]
    fn rescue(&self, failure: NotFound, fallback: String) -> String {
        format!("{fallback} {}", failure.0)
    }
}

struct Fixed;

impl Source for Fixed {
    #[callback]
    fn fetch(&self, url: String) -> Result<String, NotFound> {
        Ok(url)
    }

    #[callback]
    async fn join(&self, a: String, b: String) -> String {
        a + &b
    }

    #[errback]
    async fn rescue(&self, failure: NotFound, fallback: String) -> String {
        let _ = failure;
        fallback
    }
}

/// Through the trait alone, so that only what it declares is known.
async fn through<S: Source>(source: &S, url: &str) -> String {
    let page: Result<String, NotFound> = source.fetch(succeed(text(url))).await;
    let joined: Result<String, NotFound> = source.join(page, source.fetch(text(url))).await;
    let whole: String = source.rescue(joined, text("rescued")).await;
    let both: String = source.join(whole, succeed(text("!"))).await;
    both
}

#[test]
fn of_a_trait() {
    assert_eq!(block_on(through(&site(), "a")), "http/ahttp/ahttp!http");
    assert_eq!(block_on(through(&site(), "")), "rescued 404!http");
    assert_eq!(block_on(through(&Fixed, "a")), "aa!");
}

#[test]
fn of_a_trait_with_a_body() {
    trait Twice {
        fn by(&self) -> u32;

        #[callback]
        fn times(&self, n: u32) -> u32 {
            self.by() * n
        }
    }
    struct Two;
    impl Twice for Two {
        fn by(&self) -> u32 {
            2
        }
    }
    assert_eq!(block_on(Two.times(succeed(21))), 42);
}

#[test]
fn of_a_generic_type() {
    struct Cache<T> {
        held: T,
    }
    impl<T: Clone> Cache<T> {
        #[callback]
        fn pair(&self, key: u8) -> (u8, T) {
            (key, self.held.clone())
        }

        #[callback]
        async fn pair_async(&self, key: u8) -> (u8, T) {
            (key, self.held.clone())
        }
    }
    let cache = Cache { held: "a" };
    assert_eq!(block_on(cache.pair(succeed(1))), (1, "a"));
    assert_eq!(block_on(cache.pair_async(succeed(1))), (1, "a"));
}
