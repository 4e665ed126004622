//! How the values of a list become a container.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// How the values of a list become the container that the parameter asks for.
pub trait Assemble<T> {
    /// The container.
    type Out;
    /// From the values, in order.
    fn assemble(self, values: impl Iterator<Item = T>) -> Self::Out;
}

/// Into a `Vec`.
#[derive(Debug)]
pub struct IntoVec;
/// Into an array.
#[derive(Debug)]
pub struct IntoArray<const N: usize>;
/// Into a `BTreeMap`, by these keys.
#[derive(Debug)]
pub struct IntoBTreeMap<Key>(pub(crate) Vec<Key>);
/// Into a `HashMap`, by these keys, with this hasher.
#[cfg(feature = "std")]
#[derive(Debug)]
pub struct IntoHashMap<Key, S>(pub(crate) Vec<Key>, pub(crate) S);

impl<T> Assemble<T> for IntoVec {
    type Out = Vec<T>;
    fn assemble(self, values: impl Iterator<Item = T>) -> Vec<T> {
        values.collect()
    }
}

impl<T, const N: usize> Assemble<T> for IntoArray<N> {
    type Out = [T; N];
    fn assemble(self, mut values: impl Iterator<Item = T>) -> [T; N] {
        core::array::from_fn(|_| {
            values
                .next()
                .expect("an array has as many values as members")
        })
    }
}

impl<T, Key: Ord> Assemble<T> for IntoBTreeMap<Key> {
    type Out = BTreeMap<Key, T>;
    fn assemble(self, values: impl Iterator<Item = T>) -> BTreeMap<Key, T> {
        self.0.into_iter().zip(values).collect()
    }
}

#[cfg(feature = "std")]
impl<T, Key, S> Assemble<T> for IntoHashMap<Key, S>
where
    Key: Eq + core::hash::Hash,
    S: core::hash::BuildHasher,
{
    type Out = std::collections::HashMap<Key, T, S>;
    fn assemble(self, values: impl Iterator<Item = T>) -> Self::Out {
        let mut map = std::collections::HashMap::with_capacity_and_hasher(self.0.len(), self.1);
        map.extend(self.0.into_iter().zip(values));
        map
    }
}
