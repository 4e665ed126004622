//! Every kind of receiver, with a plain and with an asynchronous body.

use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use defer::prelude::*;
use ui_tests::now;

#[derive(Default)]
struct Site {
    base: String,
    hits: usize,
}

impl Site {
    #[callback(associated)]
    fn joined(base: String, path: String) -> String {
        base + &path
    }

    #[callback]
    fn new(base: String) -> Self {
        Site { base, hits: 0 }
    }

    #[callback]
    async fn new_later(base: String) -> Self {
        Self { base, hits: 0 }
    }

    #[callback]
    fn by_ref(&self, path: String) -> String {
        format!("{}{path}", self.base)
    }

    #[callback]
    async fn by_ref_later(&self, path: String, end: &str) -> String {
        format!("{}{path}{end}", self.base)
    }

    #[callback]
    fn named_lifetime<'a>(&'a self, path: String) -> (&'a str, String) {
        (&self.base, path)
    }

    #[callback]
    fn lends(&self, many: usize) -> &str {
        &self.base[..many]
    }

    #[callback]
    async fn lends_later(&self, many: usize) -> &str {
        &self.base[..many]
    }

    #[callback]
    fn by_mut(&mut self, by: usize) -> usize {
        self.hits += by;
        self.hits
    }

    #[callback]
    async fn by_mut_later(&mut self, by: usize) -> usize {
        self.hits += by;
        self.hits
    }

    #[callback]
    fn by_value(self, by: usize) -> usize {
        self.hits + by
    }

    #[callback]
    fn by_mut_value(mut self, by: usize) -> usize {
        self.hits += by;
        self.hits
    }

    #[callback]
    async fn by_value_later(mut self, by: usize) -> usize {
        self.hits += by;
        self.hits
    }

    #[callback]
    fn by_arc(self: Arc<Self>, path: String) -> String {
        format!("{}{path}", self.base)
    }

    #[callback]
    async fn by_arc_later(self: Arc<Self>, path: String) -> String {
        format!("{}{path}", self.base)
    }

    #[callback]
    fn by_rc(self: Rc<Self>, path: String) -> String {
        format!("{}{path}", self.base)
    }

    #[callback]
    fn by_box(self: Box<Self>, path: String) -> String {
        self.base + &path
    }

    #[callback]
    fn by_pin(self: Pin<&mut Self>, path: String) -> String {
        format!("{}{path}", self.base)
    }

    #[callback]
    fn by_typed_ref(self: &Self, path: String) -> String {
        format!("{}{path}", self.base)
    }

    #[errback]
    fn rescue(&self, failure: String, path: String) -> String {
        format!("{}{path} for {failure}", self.base)
    }

    #[inline_callbacks]
    fn inline(&self, path: String) -> Result<String, String> {
        let path = self.by_ref(path).await;
        Ok(self.by_ref_later(path, ".").await)
    }

    #[callback]
    fn shadows(&self, path: String) -> usize {
        struct Inner(usize);
        impl Inner {
            fn get(&self) -> usize {
                self.0
            }
        }
        Inner(path.len()).get() + self.base.len()
    }

    #[callback(boxed)]
    fn boxed(&self, path: String) -> String {
        format!("{}{path}", self.base)
    }
}

fn path() -> Deferred<String, impl defer::Chain<Output = String>> {
    succeed("/a".to_string())
}

fn main() {
    let mut site = now(Site::new("x".to_string()));
    assert_eq!(now(Site::new_later("x".to_string())).base, "x");
    assert_eq!(now(Site::joined("x".to_string(), path())), "x/a");
    assert_eq!(now(site.by_ref(path())), "x/a");
    assert_eq!(now(site.by_ref(site.by_ref_later(path(), "!"))), "xx/a!");
    assert_eq!(now(site.named_lifetime(path())), ("x", "/a".to_string()));
    assert_eq!(now(site.lends(1)), "x");
    assert_eq!(now(site.lends_later(succeed(1))), "x");
    assert_eq!(now(site.by_mut(2)), 2);
    assert_eq!(now(site.by_mut_later(succeed(2))), 4);
    assert_eq!(
        now(site.rescue(fail("404".to_string()), path())),
        "x/a for 404"
    );
    assert_eq!(now(site.inline(path())), Ok("xx/a.".to_string()));
    assert_eq!(now(site.shadows(path())), 3);
    assert_eq!(now(site.boxed(path())), "x/a");
    assert_eq!(now(site.by_typed_ref(path())), "x/a");
    assert_eq!(now(Pin::new(&mut site).by_pin(path())), "x/a");
    assert_eq!(now(site.by_value(succeed(3))), 7);
    assert_eq!(now(Site::default().by_mut_value(succeed(3))), 3);
    assert_eq!(now(Site::default().by_value_later(succeed(3))), 3);
    assert_eq!(now(Arc::new(Site::default()).by_arc(path())), "/a");
    assert_eq!(now(Arc::new(Site::default()).by_arc_later(path())), "/a");
    assert_eq!(now(Rc::new(Site::default()).by_rc(path())), "/a");
    assert_eq!(now(Box::new(Site::default()).by_box(path())), "/a");
}
