//! Containers of deferreds as arguments: tuples and `Option` in place, lists on the heap.

use super::{Arg, Member, Nothing};
use crate::arguments::{All, Maybe};
use crate::kind::{Kind, Merge, Never};
use crate::markers::{ByMembers, ByMistake};
use crate::slot::Slot;
use crate::source::Value;

/// The second implementation for a container, which never holds: see [`Nothing`].
macro_rules! mistake {
    (<$($param:ident),* $(; const $N:ident)?> $From:ty => $To:ty, $D:ident) => {
        #[diagnostic::do_not_recommend]
        impl<$($param,)* $(const $N: usize)?> Arg<$To, ByMistake> for $From
        where
            $D: Nothing,
        {
            type Kind = Never;
            type Chain = Value<$To>;
            fn into_chain(self) -> Value<$To> {
                unreachable!("nothing is `Nothing`")
            }
        }
    };
}

#[diagnostic::do_not_recommend]
impl<T, M, D: Member<T, M>> Arg<Option<T>, ByMembers<M>> for Option<D> {
    type Kind = D::Kind;
    type Chain = Maybe<D::Chain, D::Kind, T>;
    #[inline]
    fn into_chain(self) -> Self::Chain {
        Maybe::new(self.map(D::into_chain))
    }
}

mistake!(<T, D> Option<D> => Option<T>, D);

/// `Arg` for tuples: the chain of merged kinds is `K0 + K1 = X1`, `X1 + K2 = X2`, …
macro_rules! tuple {
    ($Join:ident: $D0:ident $T0:ident $M0:ident $d0:ident, $($D:ident $T:ident $M:ident $d:ident $X:ident),+) => {
        tuple!(@merge $Join [$D0 $T0 $M0 $d0 $(, $D $T $M $d)+] [<$D0 as Arg<$T0, $M0>>::Kind] [] $($D $T $M $X),+);
    };
    (@merge $Join:ident $all:tt [$Left:ty] [$($bound:tt)*] $D:ident $T:ident $M:ident $X:ident, $($rest:tt)+) => {
        tuple!(@merge $Join $all [$X] [$($bound)* [$Left => <$D as Arg<$T, $M>>::Kind => $X]] $($rest)+);
    };
    (@merge $Join:ident $all:tt [$Left:ty] [$($bound:tt)*] $D:ident $T:ident $M:ident $X:ident) => {
        tuple!(@emit $Join $all [$X] [$($bound)* [$Left => <$D as Arg<$T, $M>>::Kind => $X]]);
    };
    (@emit $Join:ident [$($D:ident $T:ident $M:ident $d:ident),+] [$K:ident] [$([$Left:ty => $Right:ty => $X:ident])+]) => {
        #[diagnostic::do_not_recommend]
        impl<$($D, $T, $M,)+ $($X),+> Arg<($($T,)+), ByMembers<($($M,)+)>> for ($($D,)+)
        where
            $($D: Member<$T, $M>,)+
            $($Left: Merge<$Right, Kind = $X>, $X: Kind,)+
            crate::arguments::$Join<$($D::Chain, $D::Kind, $T),+>:
                crate::arguments::Arguments<$K::Error, Values = ($($T,)+)>,
        {
            type Kind = $K;
            type Chain = All<crate::arguments::$Join<$($D::Chain, $D::Kind, $T),+>, $K>;
            #[inline]
            fn into_chain(self) -> Self::Chain {
                let ($($d,)+) = self;
                All::new(crate::arguments::$Join::new($(Slot::of($d.into_chain())),+))
            }
        }

        tuple!(@mistake $($D $T),+);
    };
    (@mistake $D0:ident $T0:ident, $($D:ident $T:ident),+) => {
        mistake!(<$D0, $T0 $(, $D, $T)+> ($D0, $($D,)+) => ($T0, $($T,)+), $D0);
    };
}

tuple!(Join2: D0 T0 M0 d0, D1 T1 M1 d1 X1);
tuple!(Join3: D0 T0 M0 d0, D1 T1 M1 d1 X1, D2 T2 M2 d2 X2);
tuple!(Join4: D0 T0 M0 d0, D1 T1 M1 d1 X1, D2 T2 M2 d2 X2, D3 T3 M3 d3 X3);
tuple!(Join5: D0 T0 M0 d0, D1 T1 M1 d1 X1, D2 T2 M2 d2 X2, D3 T3 M3 d3 X3, D4 T4 M4 d4 X4);
tuple!(Join6: D0 T0 M0 d0, D1 T1 M1 d1 X1, D2 T2 M2 d2 X2, D3 T3 M3 d3 X3, D4 T4 M4 d4 X4, D5 T5 M5 d5 X5);
tuple!(Join7: D0 T0 M0 d0, D1 T1 M1 d1 X1, D2 T2 M2 d2 X2, D3 T3 M3 d3 X3, D4 T4 M4 d4 X4, D5 T5 M5 d5 X5, D6 T6 M6 d6 X6);
tuple!(Join8: D0 T0 M0 d0, D1 T1 M1 d1 X1, D2 T2 M2 d2 X2, D3 T3 M3 d3 X3, D4 T4 M4 d4 X4, D5 T5 M5 d5 X5, D6 T6 M6 d6 X6, D7 T7 M7 d7 X7);
tuple!(Join9: D0 T0 M0 d0, D1 T1 M1 d1 X1, D2 T2 M2 d2 X2, D3 T3 M3 d3 X3, D4 T4 M4 d4 X4, D5 T5 M5 d5 X5, D6 T6 M6 d6 X6, D7 T7 M7 d7 X7, D8 T8 M8 d8 X8);
tuple!(Join10: D0 T0 M0 d0, D1 T1 M1 d1 X1, D2 T2 M2 d2 X2, D3 T3 M3 d3 X3, D4 T4 M4 d4 X4, D5 T5 M5 d5 X5, D6 T6 M6 d6 X6, D7 T7 M7 d7 X7, D8 T8 M8 d8 X8, D9 T9 M9 d9 X9);
tuple!(Join11: D0 T0 M0 d0, D1 T1 M1 d1 X1, D2 T2 M2 d2 X2, D3 T3 M3 d3 X3, D4 T4 M4 d4 X4, D5 T5 M5 d5 X5, D6 T6 M6 d6 X6, D7 T7 M7 d7 X7, D8 T8 M8 d8 X8, D9 T9 M9 d9 X9, D10 T10 M10 d10 X10);
tuple!(Join12: D0 T0 M0 d0, D1 T1 M1 d1 X1, D2 T2 M2 d2 X2, D3 T3 M3 d3 X3, D4 T4 M4 d4 X4, D5 T5 M5 d5 X5, D6 T6 M6 d6 X6, D7 T7 M7 d7 X7, D8 T8 M8 d8 X8, D9 T9 M9 d9 X9, D10 T10 M10 d10 X10, D11 T11 M11 d11 X11);

#[cfg(feature = "alloc")]
mod on_the_heap {
    use alloc::collections::BTreeMap;
    use alloc::vec::Vec;

    use super::{Arg, ByMembers, ByMistake, Member, Never, Nothing, Value};
    #[cfg(feature = "std")]
    use crate::list::IntoHashMap;
    use crate::list::{Gather, IntoArray, IntoBTreeMap, IntoVec};

    #[diagnostic::do_not_recommend]
    impl<T, M, D: Member<T, M>> Arg<Vec<T>, ByMembers<M>> for Vec<D> {
        type Kind = D::Kind;
        type Chain = Gather<D::Chain, D::Kind, T, IntoVec>;
        fn into_chain(self) -> Self::Chain {
            Gather::new(self.into_iter().map(D::into_chain), IntoVec)
        }
    }

    #[diagnostic::do_not_recommend]
    impl<T, M, D: Member<T, M>, const N: usize> Arg<[T; N], ByMembers<M>> for [D; N] {
        type Kind = D::Kind;
        type Chain = Gather<D::Chain, D::Kind, T, IntoArray<N>>;
        fn into_chain(self) -> Self::Chain {
            Gather::new(self.into_iter().map(D::into_chain), IntoArray)
        }
    }

    #[diagnostic::do_not_recommend]
    impl<Key: Ord, T, M, D: Member<T, M>> Arg<BTreeMap<Key, T>, ByMembers<M>> for BTreeMap<Key, D> {
        type Kind = D::Kind;
        type Chain = Gather<D::Chain, D::Kind, T, IntoBTreeMap<Key>>;
        fn into_chain(self) -> Self::Chain {
            let (keys, members): (Vec<_>, Vec<_>) = self.into_iter().unzip();
            Gather::new(members.into_iter().map(D::into_chain), IntoBTreeMap(keys))
        }
    }

    mistake!(<T, D> Vec<D> => Vec<T>, D);
    mistake!(<T, D; const N> [D; N] => [T; N], D);
    mistake!(<Key, T, D> BTreeMap<Key, D> => BTreeMap<Key, T>, D);
    #[cfg(feature = "std")]
    mistake!(
        <Key, T, D, S> std::collections::HashMap<Key, D, S> => std::collections::HashMap<Key, T, S>,
        D
    );

    #[cfg(feature = "std")]
    #[diagnostic::do_not_recommend]
    impl<Key, S, T, M, D> Arg<std::collections::HashMap<Key, T, S>, ByMembers<M>>
        for std::collections::HashMap<Key, D, S>
    where
        Key: Eq + core::hash::Hash,
        S: core::hash::BuildHasher + Clone,
        D: Member<T, M>,
    {
        type Kind = D::Kind;
        type Chain = Gather<D::Chain, D::Kind, T, IntoHashMap<Key, S>>;
        fn into_chain(self) -> Self::Chain {
            let hasher = self.hasher().clone();
            let (keys, members): (Vec<_>, Vec<_>) = self.into_iter().unzip();
            Gather::new(
                members.into_iter().map(D::into_chain),
                IntoHashMap(keys, hasher),
            )
        }
    }
}
