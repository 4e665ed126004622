//! A body that borrows its receiver for itself is to run again.

use defer::prelude::*;
use defer::retry::Retry;

struct Client {
    count: usize,
}

impl Client {
    #[callback(retry = Retry::default())]
    async fn ask(&mut self, name: String) -> Result<usize, Failure> {
        self.count += name.len();
        Ok(self.count)
    }
}

fn main() {
    let mut client = Client { count: 0 };
    let _ = client.ask(succeed(String::new()));
}
