//! Parameters whose types have lifetimes of their own, where the call has no named type.

use std::sync::Arc;

use defer::prelude::*;
use ui_tests::now;

#[callback]
async fn pointer(each: fn(&str) -> usize, text: String) -> usize {
    each(&text)
}

#[callback]
async fn object(each: Arc<dyn Fn(&str) -> usize>, text: String) -> usize {
    each(&text)
}

trait Source {
    #[callback]
    fn pointer(&self, each: fn(&str) -> usize, n: usize) -> usize;
}

struct Site;

impl Source for Site {
    #[callback]
    fn pointer(&self, each: fn(&str) -> usize, n: usize) -> usize {
        each("abc") + n
    }
}

fn main() {
    let size = str::len as fn(&str) -> usize;
    assert_eq!(now(pointer(size, succeed("ab".to_string()))), 2);
    let object_size = Arc::new(str::len) as Arc<dyn Fn(&str) -> usize>;
    assert_eq!(now(object(object_size, succeed("ab".to_string()))), 2);
    assert_eq!(now(Site.pointer(size, succeed(1))), 4);
}
