//! A body that uses up its receiver is to run again.

use defer::prelude::*;
use defer::retry::Retry;

struct Client;

impl Client {
    #[callback(retry = Retry::default())]
    fn close(self, name: String) -> Result<usize, Failure> {
        Ok(name.len())
    }
}

fn main() {
    let _ = Client.close(succeed(String::new()));
}
