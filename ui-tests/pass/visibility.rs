//! Every visibility, from another module.

use defer::prelude::*;
use ui_tests::now;

mod site {
    use defer::prelude::*;

    #[derive(Debug)]
    pub struct Missing;

    /// Not to be named from outside.
    #[derive(Debug, PartialEq)]
    struct Secret(u8);

    #[callback]
    pub fn public(n: u8) -> u8 {
        private(n)
    }

    fn private(n: u8) -> u8 {
        let Secret(n) = ui_tests::now(hidden(n));
        n
    }

    #[callback]
    fn hidden(n: u8) -> Secret {
        Secret(n + 1)
    }

    #[callback]
    pub(crate) fn of_crate(n: u8) -> Result<u8, Missing> {
        if n == 0 { Err(Missing) } else { Ok(n) }
    }

    #[errback]
    pub(super) fn of_super(_failure: Missing, n: u8) -> u8 {
        n
    }

    pub mod inner {
        use defer::prelude::*;

        #[callback]
        pub(in crate::site) async fn of_path(n: u8) -> u8 {
            n + 1
        }
    }

    #[callback]
    pub async fn through(n: u8) -> u8 {
        inner::of_path(n).await
    }

    pub struct Site;

    impl Site {
        #[callback]
        pub fn public(&self, n: u8) -> u8 {
            n
        }
        #[callback]
        pub(crate) async fn of_crate(&self, n: u8) -> u8 {
            n
        }
    }
}

pub use site::public as renamed;

fn main() {
    assert_eq!(now(site::public(succeed(1))), 2);
    assert_eq!(now(renamed(1)), 2);
    assert_eq!(now(site::of_super(site::of_crate(0), 7)), 7);
    assert_eq!(now(site::through(1)), 2);
    assert_eq!(now(site::Site.public(site::Site.of_crate(1))), 1);
}
