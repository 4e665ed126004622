//! Random expressions: whatever is nested in whatever, the values are right, and a wave of
//! keys is one batch.

use proptest::prelude::*;

use super::*;

/// A tree of calls.
#[derive(Clone, Debug)]
enum Tree {
    Leaf(u32),
    Late(u8, u32),
    Count(Box<Tree>),
    Add(Box<Tree>, Box<Tree>),
}

impl Tree {
    fn value(&self) -> u32 {
        match self {
            Tree::Leaf(n) | Tree::Late(_, n) => *n,
            Tree::Count(of) => of.value() * 2,
            Tree::Add(a, b) => a.value() + b.value(),
        }
    }
    fn call(&self) -> Deferred<Result<u32, Failure>> {
        match self {
            Tree::Leaf(n) => succeed(*n).add_callback(Ok::<u32, Failure>).boxed(),
            Tree::Late(polls, n) => {
                let (late, _) = leaf(usize::from(*polls), Ok::<u32, Failure>(*n));
                late.boxed()
            }
            Tree::Count(of) => count(of.call()).boxed(),
            Tree::Add(a, b) => add(a.call(), b.call()).boxed(),
        }
    }
    /// The keys of all calls of `count`, and how deep they are nested.
    fn keys(&self, into: &mut BTreeSet<u32>) -> usize {
        match self {
            Tree::Leaf(_) | Tree::Late(..) => 0,
            Tree::Count(of) => {
                into.insert(of.value());
                of.keys(into) + 1
            }
            Tree::Add(a, b) => a.keys(into).max(b.keys(into)),
        }
    }
}

fn trees() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        (0..20_u32).prop_map(Tree::Leaf),
        (0..3_u8, 0..20_u32).prop_map(|(polls, n)| Tree::Late(polls, n)),
    ];
    leaf.prop_recursive(5, 40, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|of| Tree::Count(Box::new(of))),
            (inner.clone(), inner).prop_map(|(a, b)| Tree::Add(Box::new(a), Box::new(b))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn nested_calls_have_their_values_in_as_few_batches_as_can_be(tree in trees()) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        asked();
        let value = runtime.block_on(tree.call()).unwrap();
        prop_assert_eq!(value, tree.value());
        let mut keys = BTreeSet::new();
        let depth = tree.keys(&mut keys);
        let sent = asked();
        // All answers take the same time, so that each wave is one batch.
        prop_assert!(sent.len() <= depth, "{:?} of {} deep", sent, depth);
        let all: BTreeSet<u32> = sent.iter().flat_map(|(_, ids)| ids.clone()).collect();
        prop_assert_eq!(all, keys);
    }
}
