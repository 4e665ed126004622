//! The container against a model that sorts a list anew each time.

use std::vec::Vec;

use proptest::prelude::*;

use super::{Key, Ordered};

#[derive(Clone, Debug)]
enum Op {
    Insert(u8),
    Pop,
    Remove(usize),
    Reprioritise(usize, u8),
    PutBack(usize, u8),
    Take,
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    // Few priorities, so that there are many equals.
    let op = prop_oneof![
        8 => (0..5u8).prop_map(Op::Insert),
        4 => Just(Op::Pop),
        3 => any::<usize>().prop_map(Op::Remove),
        6 => (any::<usize>(), 0..5u8).prop_map(|(which, to)| Op::Reprioritise(which, to)),
        3 => (any::<usize>(), 0..5u8).prop_map(|(which, to)| Op::PutBack(which, to)),
        1 => Just(Op::Take),
    ];
    proptest::collection::vec(op, 0..400)
}

/// A value of the model: its priority, its age, and its key. The value is its age.
type Known = (u8, usize, Key);

#[derive(Default)]
struct Model {
    here: Vec<Known>,
    gone: Vec<Known>,
    born: usize,
}

impl Model {
    fn sort(&mut self) {
        self.here
            .sort_unstable_by_key(|(priority, age, _)| (*priority, *age));
    }

    /// One of those that are here, or of those that are not.
    fn any(&self, which: usize) -> Option<(bool, usize)> {
        let all = self.here.len() + self.gone.len();
        let which = which.checked_rem(all)?;
        Some(match which.checked_sub(self.here.len()) {
            None => (true, which),
            Some(which) => (false, which),
        })
    }
}

fn step(ordered: &mut Ordered<u8, usize>, model: &mut Model, op: Op) {
    match op {
        Op::Insert(priority) => {
            let key = ordered.insert(priority, model.born);
            model.here.push((priority, model.born, key));
            model.born += 1;
        }
        Op::Pop => {
            let popped = ordered.pop();
            let first = (!model.here.is_empty()).then(|| model.here.remove(0));
            assert_eq!(
                popped,
                first.map(|(priority, age, key)| (key, priority, age))
            );
            model.gone.extend(first);
        }
        Op::Remove(which) => match model.any(which) {
            Some((true, which)) => {
                let (priority, age, key) = model.here.remove(which);
                assert_eq!(ordered.remove(key), Some((priority, age)));
                model.gone.push((priority, age, key));
            }
            Some((false, which)) => assert_eq!(ordered.remove(model.gone[which].2), None),
            None => {}
        },
        Op::Reprioritise(which, to) => match model.any(which) {
            Some((true, which)) => {
                let (had, _, key) = model.here[which];
                assert_eq!(ordered.reprioritise(key, to), Some(had));
                model.here[which].0 = to;
            }
            Some((false, which)) => {
                assert_eq!(ordered.reprioritise(model.gone[which].2, to), None);
            }
            None => {}
        },
        Op::PutBack(which, to) => {
            if let Some(which) = which.checked_rem(model.gone.len()) {
                let (_, age, was) = model.gone.remove(which);
                let key = ordered.put_back(was, to, age);
                model.here.push((to, age, key));
            }
        }
        Op::Take => {
            let mut all = ordered.take();
            let mut taken = Vec::new();
            while let Some((key, priority, age)) = all.pop() {
                taken.push((priority, age, key));
            }
            assert_eq!(taken, model.here);
            model.gone.append(&mut model.here);
        }
    }
    model.sort();
}

proptest! {
    #[test]
    fn it_is_as_a_list_that_is_sorted(ops in ops()) {
        let (mut ordered, mut model) = (Ordered::new(), Model::default());
        for op in ops {
            step(&mut ordered, &mut model, op);
            prop_assert_eq!(ordered.len(), model.here.len());
            prop_assert_eq!(ordered.is_empty(), model.here.is_empty());
            let all = ordered.iter();
            prop_assert_eq!(all.len(), model.here.len());
            let all: Vec<Known> = all.map(|(key, priority, age)| (*priority, *age, key)).collect();
            prop_assert_eq!(&all, &model.here);
            let first = ordered.first().map(|(key, priority, age)| (*priority, *age, key));
            prop_assert_eq!(first.as_ref(), model.here.first());
            for (priority, age, key) in &model.here {
                prop_assert_eq!(ordered.get(*key), Some((priority, age)));
            }
            for (_, _, key) in &model.gone {
                prop_assert_eq!(ordered.get(*key), None);
            }
        }
    }
}

#[test]
fn a_key_outlives_its_slot_and_finds_nothing() {
    let mut ordered = Ordered::new();
    let first = ordered.insert(1, "first");
    assert_eq!(ordered.remove(first), Some((1, "first")));
    let second = ordered.insert(1, "second");
    assert_eq!(first.slot, second.slot, "it is used again");
    assert_eq!(ordered.get(first), None);
    assert_eq!(ordered.remove(first), None);
    assert_eq!(ordered.reprioritise(first, 7), None);
    assert_eq!(ordered.get(second), Some((&1, &"second")));
    let all = ordered.take();
    assert_eq!((all.len(), ordered.len()), (1, 0));
    let third = ordered.insert(1, "third");
    assert_eq!(
        ordered.get(second),
        None,
        "taken, though its slot is used again"
    );
    *ordered.get_mut(third).unwrap() = "changed";
    assert_eq!(ordered.pop(), Some((third, 1, "changed")));
}

#[test]
fn keys_are_ordered_as_values_came() {
    let mut ordered = Ordered::new();
    let keys: Vec<Key> = (0..5).map(|age| ordered.insert(9 - age, age)).collect();
    assert!(keys.is_sorted());
    let (was, priority, age) = ordered.pop().unwrap();
    assert_eq!(ordered.put_back(was, priority, age), was);
}
