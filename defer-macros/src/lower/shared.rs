//! The body of a call that shares its run with equal calls.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned;

use super::Lowering;
use crate::model::{Param, Role, at};
use crate::shares::{How, Shares};

impl Lowering<'_> {
    /// What the arguments are looked up in, once they are there.
    ///
    /// ```text
    /// // Input:  #[callback(memoize)] async fn f(a: A, #[value] b: B) -> R { … }
    /// // Output: fn __defer_body((b,): (B,), (a,): (A,)) -> Asynchronous<impl Future> { … }
    /// //         fn __defer_shared((b,): (B,), (a,): (A,)) -> Called<R> {
    /// //             static SHARED: Static = Static::new();
    /// //             memoized::<Kind, Value, _, _, _>(
    /// //                 &SHARED,
    /// //                 (part(a), part(b)),
    /// //                 |(a, b)| Deferred::from_chain(__defer_body((b.value(),), (a.value(),))),
    /// //             )
    /// //         }
    /// ```
    pub(super) fn shared_body(&self, shares: &Shares, body: &TokenStream) -> TokenStream {
        let function = self.function;
        let private = &self.private;
        let (state, values) = (self.state_type(), self.values_type());
        let parts: Vec<Part<'_>> = function.params.iter().map(Part::of).collect();
        let names = |plain: bool| -> Vec<&Ident> {
            let parts = parts.iter();
            let parts = parts.filter(|part| (part.param.role == Role::Plain) == plain);
            parts.map(|part| &part.name).collect()
        };
        let (plain, joined) = (names(true), names(false));
        let all = parts.iter().map(|part| &part.name);
        // At the place of its type: there it is said that it cannot be a part of a key.
        let key = parts.iter().map(|Part { param, name }| {
            let span = at(param.ty.span());
            let private = self.private_at(span);
            quote_spanned!(span=> #private::part(#name))
        });
        let types = parts.iter().map(|part| {
            let ty = &part.param.ty;
            quote!(#private::Part<#ty>)
        });
        let yielded = function.returns.yielded();
        let run = quote!(__defer_body((#(#plain.value(),)*), (#(#joined.value(),)*)));
        let run = if function.is_async && !self.gives_deferred() {
            quote!(#private::Deferred::from_chain(#run))
        } else if self.gives_deferred() || function.returns.deferred.is_some() {
            run
        } else {
            quote!(#private::succeed(#run))
        };
        let share = match &shares.how {
            How::Memoize => "memoized",
            How::SingleFlight => "in_single_flight",
            How::Bounded(_) => "memoized_within",
        };
        // Where it is said that the outcome cannot be shared.
        let span = match &shares.how {
            How::Bounded(_) => at(shares.name.span()),
            How::Memoize | How::SingleFlight => at(function.returns.ty.span()),
        };
        let (share, private_there) = (Ident::new(share, span), self.private_at(span));
        let (kind, value) = match &function.returns.outcome {
            Some(outcome) => {
                let error = &outcome.error;
                let kind = quote_spanned!(span=> #private_there::Fails<#error>);
                (kind, outcome.value.clone())
            }
            None => {
                let kind = quote_spanned!(span=> #private_there::Never);
                (kind, yielded.to_token_stream())
            }
        };
        let share = quote_spanned!(span=> #private_there::#share::<#kind, #value, _, _, _>);
        let bounds = match &shares.how {
            How::Bounded(bounds) => {
                let bounds = bounds.iter().map(|(name, bound)| quote!(.#name(#bound)));
                Some(quote!(|bounds| bounds #(#bounds)*))
            }
            How::Memoize | How::SingleFlight => None,
        };
        quote! {
            #body
            fn __defer_shared(
                (#(#plain,)*): #state,
                (#(#joined,)*): #values,
            ) -> #private::Called<#yielded> {
                static SHARED: #private::Static = #private::Static::new();
                #share(
                    &SHARED,
                    (#(#key,)*),
                    |(#(#all,)*): (#(#types,)*)| #run,
                    #bounds
                )
            }
        }
    }
}

/// A parameter as a part of the key, under a name that no item of the body has.
struct Part<'a> {
    param: &'a Param,
    name: Ident,
}

impl<'a> Part<'a> {
    fn of(param: &'a Param) -> Self {
        let mut name = param.name.clone();
        name.set_span(Span::mixed_site().located_at(param.ty.span()));
        Part { param, name }
    }
}
