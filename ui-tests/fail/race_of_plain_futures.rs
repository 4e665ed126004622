//! A plain future takes no part in a race.

use defer::list::race;

fn main() {
    let _ = race([std::future::ready(1), std::future::ready(2)]);
}
