//! Of a collection that the library does not know the iterator is taken.

use defer::list::gather;
use defer::prelude::*;

struct Pages(Vec<Deferred<Result<u8, Failure>>>);

impl IntoIterator for Pages {
    type Item = Deferred<Result<u8, Failure>>;
    type IntoIter = std::vec::IntoIter<Self::Item>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

fn main() {
    let _ = gather(Pages(Vec::new()));
}
