//! Tuples of deferreds: of the same value as a list, of different values as they are.

use core::array;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::deferred_list::Lists;
use super::gathers::Gathers;
use super::many::Many;
use super::outcome::Outcome;
use super::source::Given;
use crate::Deferred;
use crate::arg::Arg;
use crate::arguments::All;
use crate::boxed::Boxes;
use crate::chain::{Chain, Unwind, opaque_debug, sealed};
use crate::kind::{Never, OutOf};
use crate::markers::{ByDeferred, ByMembers, ByTuple};
use crate::plan::Draw;
use crate::slot::Slot;

/// The values of a tuple of different members are not collected here.
#[derive(Debug)]
pub struct IntoTuple;

macro_rules! tuple {
    ($count:literal $OneOf:ident $Proj:ident $Join:ident: $($V:ident $F:ident $O:ident $N:ident $d:ident),+) => {
        pin_project! {
            /// One member of a tuple of chains that yield the same.
            #[project = $Proj]
            #[must_use = "a chain does nothing until it is polled"]
            #[allow(missing_docs, reason = "the macro takes no docs on fields")]
            pub enum $OneOf<$($F),+> {
                $($V {
                    // What is inside.
                    #[pin] chain: $F,
                },)+
            }
        }
        opaque_debug!($OneOf<$($F),+>);

        impl<O, $($F: Chain<Output = O>),+> Future for $OneOf<$($F),+> {
            type Output = O;
            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<O> {
                match self.project() {
                    $($Proj::$V { chain } => chain.poll(cx),)+
                }
            }
        }

        impl<$($F),+> sealed::Sealed for $OneOf<$($F),+> {}

        impl<O, $($F: Chain<Output = O>),+> Chain for $OneOf<$($F),+> {
            fn cancel(self: Pin<&mut Self>) -> Unwind<O> {
                match self.project() {
                    $($Proj::$V { chain } => chain.cancel(),)+
                }
            }
            fn poll_settle(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<O>> {
                match self.project() {
                    $($Proj::$V { chain } => chain.poll_settle(cx),)+
                }
            }
            fn describe(&self, to: &mut dyn Draw) {
                match self {
                    $($OneOf::$V { chain } => chain.describe(to),)+
                }
            }
            fn boxes(self: Pin<&mut Self>, to: &mut Boxes) {
                match self.project() {
                    $($Proj::$V { chain } => chain.boxes(to),)+
                }
            }
        }

        #[diagnostic::do_not_recommend]
        impl<O, $($F: Chain<Output = O>),+> Many<ByTuple> for ($(Deferred<O, $F>,)+) {
            type Output = O;
            type Chain = $OneOf<$($F),+>;
            type Now = array::IntoIter<Self::Chain, $count>;
            type Later = Given<Self::Chain>;
            type Into = IntoTuple;
            fn into_parts(self) -> (Self::Now, Self::Later, IntoTuple) {
                let ($($d,)+) = self;
                let now = [$($OneOf::$V { chain: $d.into_chain() }),+];
                (now.into_iter(), Given::new(), IntoTuple)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($O: Outcome<$N>, $F: Chain<Output = $O>, $N),+>
            Gathers<ByMembers<($($N,)+)>> for ($(Deferred<$O, $F>,)+)
        where
            Self: Arg<($($O::Value,)+), ByMembers<($($N,)+)>>,
        {
            type Output = OutOf<<Self as Arg<($($O::Value,)+), ByMembers<($($N,)+)>>>::Kind, ($($O::Value,)+)>;
            type Chain = <Self as Arg<($($O::Value,)+), ByMembers<($($N,)+)>>>::Chain;
            fn gathered(self) -> Self::Chain {
                self.into_chain()
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($O, $F: Chain<Output = $O>),+>
            Lists<ByTuple> for ($(Deferred<$O, $F>,)+)
        {
            type Output = ($($O,)+);
            type Chain = All<crate::arguments::$Join<$($F, Never, $O),+>, Never>;
            fn listed(self) -> Self::Chain {
                let ($($d,)+) = self;
                All::new(crate::arguments::$Join::new($(Slot::new::<_, ByDeferred>($d)),+))
            }
        }
    };
}

tuple!(2 OneOf2 Proj2 Join2: A F0 O0 N0 d0, B F1 O1 N1 d1);
tuple!(3 OneOf3 Proj3 Join3: A F0 O0 N0 d0, B F1 O1 N1 d1, C F2 O2 N2 d2);
tuple!(4 OneOf4 Proj4 Join4: A F0 O0 N0 d0, B F1 O1 N1 d1, C F2 O2 N2 d2, D F3 O3 N3 d3);
tuple!(5 OneOf5 Proj5 Join5: A F0 O0 N0 d0, B F1 O1 N1 d1, C F2 O2 N2 d2, D F3 O3 N3 d3, E F4 O4 N4 d4);
tuple!(6 OneOf6 Proj6 Join6: A F0 O0 N0 d0, B F1 O1 N1 d1, C F2 O2 N2 d2, D F3 O3 N3 d3, E F4 O4 N4 d4, F F5 O5 N5 d5);
tuple!(7 OneOf7 Proj7 Join7: A F0 O0 N0 d0, B F1 O1 N1 d1, C F2 O2 N2 d2, D F3 O3 N3 d3, E F4 O4 N4 d4, F F5 O5 N5 d5, G F6 O6 N6 d6);
tuple!(8 OneOf8 Proj8 Join8: A F0 O0 N0 d0, B F1 O1 N1 d1, C F2 O2 N2 d2, D F3 O3 N3 d3, E F4 O4 N4 d4, F F5 O5 N5 d5, G F6 O6 N6 d6, H F7 O7 N7 d7);
tuple!(9 OneOf9 Proj9 Join9: A F0 O0 N0 d0, B F1 O1 N1 d1, C F2 O2 N2 d2, D F3 O3 N3 d3, E F4 O4 N4 d4, F F5 O5 N5 d5, G F6 O6 N6 d6, H F7 O7 N7 d7, I F8 O8 N8 d8);
tuple!(10 OneOf10 Proj10 Join10: A F0 O0 N0 d0, B F1 O1 N1 d1, C F2 O2 N2 d2, D F3 O3 N3 d3, E F4 O4 N4 d4, F F5 O5 N5 d5, G F6 O6 N6 d6, H F7 O7 N7 d7, I F8 O8 N8 d8, J F9 O9 N9 d9);
tuple!(11 OneOf11 Proj11 Join11: A F0 O0 N0 d0, B F1 O1 N1 d1, C F2 O2 N2 d2, D F3 O3 N3 d3, E F4 O4 N4 d4, F F5 O5 N5 d5, G F6 O6 N6 d6, H F7 O7 N7 d7, I F8 O8 N8 d8, J F9 O9 N9 d9, K F10 O10 N10 d10);
tuple!(12 OneOf12 Proj12 Join12: A F0 O0 N0 d0, B F1 O1 N1 d1, C F2 O2 N2 d2, D F3 O3 N3 d3, E F4 O4 N4 d4, F F5 O5 N5 d5, G F6 O6 N6 d6, H F7 O7 N7 d7, I F8 O8 N8 d8, J F9 O9 N9 d9, K F10 O10 N10 d10, L F11 O11 N11 d11);
