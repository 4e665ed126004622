//! A first approach: the work is an iterator, and its last item prints the result.

use defer::prelude::*;
use defer::task::coiterate;

use crate::say;

fn make_iterator_to_sum_all_integers_until(n: u64) -> impl Iterator<Item = ()> + Send {
    let mut sum = 0;
    // Whatever else there is to do is done between two items.
    (0..n).map(Some).chain([None]).map(move |next| match next {
        Some(i) => {
            sum += i;
            say(format_args!("Adding {i} to result"));
        }
        None => say(format_args!("result is {sum}")),
    })
}

pub(crate) fn sum_all_integers_being_nice_to_reactor(n: u64) -> Deferred<Result<(), Failure>> {
    coiterate(make_iterator_to_sum_all_integers_until(n)).boxed()
}
