//! A method without a body is to run again.

use defer::prelude::*;
use defer::retry::Retry;

trait Client {
    #[callback(retry = Retry::default())]
    fn ask(&self, name: String) -> Result<usize, Failure>;
}

fn ask(client: impl Client) {
    let _ = client.ask(succeed(String::new()));
}

fn main() {
    ask(Server);
}

struct Server;

impl Client for Server {
    #[callback(retry = Retry::default())]
    fn ask(&self, name: String) -> Result<usize, Failure> {
        Ok(name.len())
    }
}
