//! A boxed method whose parameters are plain is one for `dyn Trait`.

use defer::prelude::*;
use ui_tests::now;

trait Source {
    #[callback(boxed)]
    fn fetch(&self, #[value] url: String) -> Result<String, u16>;
}

struct Plainly;
struct Asynchronously;

impl Source for Plainly {
    #[callback(boxed)]
    fn fetch(&self, #[value] url: String) -> Result<String, u16> {
        Ok(url)
    }
}

impl Source for Asynchronously {
    #[callback(boxed)]
    async fn fetch(&self, #[value] url: String) -> Result<String, u16> {
        if url.is_empty() { Err(404) } else { Ok(url) }
    }
}

#[callback]
fn size(page: String) -> usize {
    page.len()
}

fn main() {
    let sources: [Box<dyn Source>; 2] = [Box::new(Plainly), Box::new(Asynchronously)];
    let sizes = sources.map(|source| now(size(source.fetch(String::new()))));
    assert_eq!(sizes, [Ok(0), Err(404)]);
}
