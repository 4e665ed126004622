use defer::prelude::*;

fn main() {
    let (first, waits) = Deferred::<Result<u8, Failure>, _>::new();
    let (hand_on, _follower) = Deferred::<Result<u8, Failure>, _>::new();
    let chained = waits.chain_into(hand_on);
    let _ = hand_on.callback(1);
    let _ = first.callback(1);
    drop(chained);
}
