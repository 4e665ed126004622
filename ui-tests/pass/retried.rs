//! Bodies that run again, where everything is forbidden that a lint can forbid.

#![deny(warnings, unused, clippy::all, clippy::pedantic, single_use_lifetimes)]
#![allow(clippy::missing_errors_doc, clippy::must_use_candidate)]

use defer::prelude::*;
use defer::retry::{Exponential, Retry, SimpleBackoff};

#[callback(retry = Retry::default())]
pub fn plain(a: u32, b: &str) -> Result<usize, Failure> {
    if b.is_empty() {
        return Err(Failure::msg("empty"));
    }
    Ok(a as usize + b.len())
}

#[callback(retry = Exponential::default().with_jitter())]
pub async fn asynchronous(mut a: Vec<u32>, _unused: u32, (b, _): (u32, u32)) -> Result<u32, Failure> {
    a.push(b);
    plain(b, "b").await?;
    Ok(a.iter().sum())
}

#[callback(retry = std::iter::repeat(*pause).take(times))]
pub async fn of_its_parameters(
    pause: &std::time::Duration,
    times: usize,
) -> Result<(), std::io::Error> {
    Ok(())
}

#[inline_callbacks(retry = SimpleBackoff::default())]
pub fn inline(policy: u32) -> Result<u32, Failure> {
    let one = asynchronous(vec![policy], 0, (1, 2)).await?;
    Ok(one)
}

#[callback(retry = Retry::default(), boxed)]
pub fn gives(n: u32) -> Deferred<Result<u32, Failure>> {
    if n == 0 {
        return fail(Failure::msg("none")).boxed();
    }
    succeed(Ok(n)).boxed()
}

#[callback(retry = Retry::<E>::default())]
pub async fn generic<'a, T, E>(value: &'a T, with: impl Fn(&T) -> Result<u32, E> + Clone) -> Result<u32, E>
where
    T: Sync + 'a,
    E: 'static,
{
    with(value)
}

pub struct Client<T>(T);

impl<T: Clone + Into<u32>> Client<T> {
    #[callback(retry = self.policy())]
    pub fn ask(&self, n: u32, name: &str) -> Result<u32, Failure> {
        let _ = name;
        Ok(n + self.0.clone().into())
    }

    #[callback(retry = Self::of(n))]
    pub async fn ask_later(&self, n: u32) -> Result<u32, Failure> {
        Ok(self.ask(n, "a").await? + n)
    }

    fn policy(&self) -> Retry<Failure> {
        Self::of(self.0.clone().into())
    }

    fn of(n: u32) -> Retry<Failure> {
        Retry::before_each(SimpleBackoff::default().max_results(n as usize))
    }
}

pub trait Asks {
    #[callback(boxed)]
    fn asks(&self, n: u32) -> Result<u32, Failure>;
}

impl Asks for Client<u32> {
    #[callback(boxed, retry = Retry::default())]
    fn asks(&self, n: u32) -> Result<u32, Failure> {
        Ok(self.0 + n)
    }
}

fn main() {
    let pause = std::time::Duration::ZERO;
    let client = Client(1_u32);
    let _ = (plain(1, "a"), inline(succeed(1)), of_its_parameters(&pause, 3), gives(1));
    let _ = (client.ask(1, "a"), client.ask_later(succeed(1)), client.asks(1));
    let _ = generic(&3, |n: &i32| u32::try_from(*n));
}
