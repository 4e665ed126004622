//! Annotated functions that a `macro_rules!` writes.

use defer::prelude::*;
use ui_tests::now;

macro_rules! add {
    ($(#[$meta:meta])* $vis:vis $name:ident, $ty:ty, $extra:expr) => {
        $(#[$meta])*
        #[callback]
        $vis fn $name(left: $ty, right: $ty) -> $ty {
            left + right + $extra
        }
    };
}

macro_rules! source {
    ($vis:vis $name:ident($($param:ident: $ty:ty),*) -> $out:ty { $($body:tt)* }) => {
        #[callback]
        $vis async fn $name($($param: $ty),*) -> $out { $($body)* }
    };
}

macro_rules! rescue {
    ($name:ident, $failure:ty, $out:ty, $value:expr) => {
        #[errback]
        fn $name(_failure: $failure) -> $out {
            $value
        }
    };
}

macro_rules! methods {
    ($Site:ident { $($name:ident: $ty:ty),* }) => {
        impl $Site {
            $(
                #[callback]
                fn $name(&self, by: $ty) -> $ty {
                    by * 2
                }
            )*
        }
    };
}

macro_rules! generic {
    ($name:ident<$T:ident: $Bound:path>, $lt:lifetime, $pat:pat, $lit:literal) => {
        #[callback]
        fn $name<$lt, $T: $Bound>(text: &$lt str, all: Vec<$T>, $pat: (u8, u8)) -> &$lt str {
            &text[all.len() + $lit..]
        }
    };
}

macro_rules! whole {
    ($item:item) => {
        #[callback]
        $item
    };
}

macro_rules! called {
    ($arg:expr) => {
        total($arg, $arg)
    };
}

add!(
    /// Adds.
    pub(crate) total, u8, 1
);
add!(other, std::primitive::u16, 0);
source!(pub fetched(url: String, n: usize) -> Result<String, String> { Ok(url.repeat(n)) });
source!(empty() -> () {});
rescue!(rescued, String, String, "none".to_string());
struct Site;
methods!(Site {
    first: u8,
    second: u16
});
generic!(cut<T: Clone>, 'a, (_, _), 1);
whole! {
    fn item(n: u8) -> u8 {
        n + 1
    }
}

fn main() {
    assert_eq!(now(total(1, succeed(2))), 4);
    assert_eq!(now(other(1, succeed(2))), 3);
    assert_eq!(now(rescued(fetched(succeed("a".to_string()), 2))), "aa");
    now(empty());
    assert_eq!(now(Site.first(succeed(2))), 4);
    assert_eq!(now(Site.second(2)), 4);
    assert_eq!(now(cut("abc", vec![1], (1, 2))), "c");
    assert_eq!(now(item(succeed(1))), 2);
    assert_eq!(now(called!(succeed(1))), 3);
}
