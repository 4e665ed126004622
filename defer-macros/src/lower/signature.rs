//! The function that takes the place of the annotated one: what callers see.

use proc_macro2::{Group, Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericParam, Lifetime};

use super::{Lowering, Way};
use crate::model::{Role, at};
use crate::options::BoxedAs;

impl Lowering<'_> {
    /// The whole function.
    pub(super) fn outer(&self, way: &Way) -> TokenStream {
        if matches!(way, Way::Stub) {
            return self.stub();
        }
        let function = self.function;
        let (vis, fn_token, name) = (&function.vis, &function.fn_token, &function.name);
        let attrs = self.outer_attrs(way);
        let generics = self.outer_generics();
        let inputs = self.inputs(way);
        let returned = self.returned(way);
        let end = function
            .body
            .as_ref()
            .map_or_else(|| name.span(), Group::span);
        let bounds = self.bounds();
        let body = match way {
            Way::Declared | Way::Stub => quote!(;),
            Way::Named => {
                let deferred = self.deferred_value(&self.named_body());
                self.block_of(&deferred)
            }
            Way::Pointer(body) => {
                let deferred = self.deferred_value(&self.pointer_body(body));
                self.block_of(&deferred)
            }
            Way::Opaque => {
                let deferred = self.deferred_value(&self.opaque_body());
                self.block_of(&deferred)
            }
        };
        let body = ends_at(body, end);
        quote! {
            #attrs
            #vis #fn_token #name <#(#generics),*> (#(#inputs),*) -> #returned
            where #(#bounds,)*
            #body
        }
    }

    /// Something to call and a body to edit, for what has been refused.
    fn stub(&self) -> TokenStream {
        let function = self.function;
        let private = &self.private;
        let (vis, fn_token, name) = (&function.vis, &function.fn_token, &function.name);
        let generics = function.generics.params.iter();
        let bounds = &function.generics.where_clause;
        let receiver = &function.receiver;
        let comma = receiver.as_ref().map(|_| quote!(,));
        let names = function.params.iter().map(|param| &param.name);
        let takes: Vec<_> = (0..function.params.len())
            .map(|index| format_ident!("__DeferA{index}"))
            .collect();
        let edited = function.params.iter().map(|param| {
            let (pat, ty) = (&param.pat, &param.ty);
            quote!(let #pat: #ty = ::core::unimplemented!();)
        });
        let body = function.body.as_ref().map(|body| {
            let asyncness = function.is_async.then(|| quote!(async));
            quote!({
                let _ = || #asyncness { #(#edited)* #body };
                ::core::unimplemented!()
            })
        });
        let body = body.unwrap_or_else(|| quote!(;));
        quote! {
            #[allow(unused, clippy::all)]
            #vis #fn_token #name <#(#generics,)* #(#takes),*> (
                #receiver #comma #(#names: #takes),*
            ) -> #private::Deferred<(), #private::Value<()>> #bounds #body
        }
    }

    fn block_of(&self, deferred: &TokenStream) -> TokenStream {
        let checked = self.function.options.error.as_ref().map(|error| {
            let yielded = self.function.returns.yielded();
            let span = at(error.span());
            let private = self.private_at(span);
            quote_spanned!(span=> #private::fails_with::<#yielded, #error>();)
        });
        let boxed = self.function.options.boxed.map(|boxed| match boxed {
            BoxedAs::Send => quote!(.boxed()),
            BoxedAs::Local => quote!(.boxed_local()),
        });
        quote!({ #checked #deferred #boxed })
    }

    fn outer_attrs(&self, way: &Way) -> TokenStream {
        let attrs = &self.function.attrs;
        let (everywhere, outer) = (&attrs.everywhere, &attrs.outer);
        let docs = &self.function.docs;
        // Attributes of the body go with it where it is a function of its own.
        let inner = match way {
            Way::Named => &[][..],
            _ => &attrs.inner[..],
        };
        let inner = inner.iter().filter(|attr| {
            !["allow", "warn", "deny", "forbid"]
                .iter()
                .any(|lint| attr.path().is_ident(lint))
        });
        let inlined = attrs
            .inner
            .iter()
            .any(|attr| attr.path().is_ident("inline"));
        let inline = (!inlined || matches!(way, Way::Named)).then(|| quote!(#[inline]));
        // A method that returns a named deferred is more than its trait asks for.
        let refined = self
            .function
            .in_impl
            .then(|| quote!(#[allow(refining_impl_trait)]));
        let inline = (!matches!(way, Way::Declared)).then_some(inline);
        // A body that gives a deferred is awaited twice.
        let twice = (self.function.is_async && self.function.returns.deferred.is_some())
            .then(|| quote!(#[allow(clippy::async_yields_async)]));
        let lifetimes = self.lifetimes_lint();
        quote! {
            #(#everywhere)*
            #lifetimes
            #(#[doc = #docs])*
            #(#outer)*
            #(#inner)*
            #inline
            #refined
            #twice
            #[allow(clippy::type_complexity, clippy::too_many_arguments)]
        }
    }

    /// Lifetimes that the user left out are named by us, and bounds are ours as well.
    pub(super) fn lifetimes_lint(&self) -> Option<TokenStream> {
        let named = self
            .function
            .fresh_lifetimes
            .then(|| quote!(#[allow(single_use_lifetimes, clippy::needless_lifetimes)]));
        let bounded = (!self.function.generics.params.is_empty())
            .then(|| quote!(#[allow(clippy::multiple_bound_locations)]));
        (named.is_some() || bounded.is_some()).then(|| quote!(#named #bounded))
    }

    /// The user's generics, then for each argument its type and marker.
    fn outer_generics(&self) -> Vec<TokenStream> {
        let private = &self.private;
        let mut lifetimes = Vec::new();
        let mut types = Vec::new();
        for param in &self.function.generics.params {
            match param {
                GenericParam::Lifetime(_) => lifetimes.push(param.to_token_stream()),
                _ => types.push(param.to_token_stream()),
            }
        }
        if let Some(lifetime) = self.box_lifetime() {
            if lifetime.ident != "static" {
                lifetimes.push(lifetime.to_token_stream());
            }
        }
        if self.function.failure().is_some() {
            types.push(self.rescued().to_token_stream());
            types.push(quote!(__DeferN));
            if !self.function.refused {
                types.push(quote!(__DeferX));
            }
        }
        for argument in &self.arguments {
            types.push(argument.passed.to_token_stream());
            types.push(argument.marker.to_token_stream());
            if self.lifts().is_some() {
                types.push(argument.lift.to_token_stream());
            }
        }
        if self.merges() {
            let merged = self.merged();
            types.push(quote!(#merged: #private::Kind));
        }
        lifetimes.extend(types);
        lifetimes
    }

    fn inputs(&self, way: &Way) -> Vec<TokenStream> {
        let mut inputs = Vec::new();
        if let Some(receiver) = &self.function.receiver {
            let mut receiver = receiver.clone();
            receiver.attrs.clear();
            // `mut self` is between the body and itself, which is a closure around it or not.
            if receiver.reference.is_none() && !matches!(way, Way::Opaque) {
                receiver.mutability = None;
            }
            inputs.push(receiver.to_token_stream());
        }
        for param in &self.function.params {
            let (name, ty) = (&param.name, &param.ty);
            // Not by name: two names may differ in hygiene only.
            let argument = self
                .arguments
                .iter()
                .find(|argument| core::ptr::eq(argument.param, param));
            inputs.push(match (param.role, argument) {
                (Role::Deferrable, Some(argument)) => {
                    let passed = &argument.passed;
                    quote!(#name: #passed)
                }
                (Role::Failure, _) => {
                    let rescued = self.rescued();
                    quote!(#name: #rescued)
                }
                _ => quote!(#name: #ty),
            });
        }
        inputs
    }

    fn returned(&self, way: &Way) -> TokenStream {
        let private = &self.private;
        let output = self.output_type();
        if let (Some(lifetime), Some(boxed)) = (self.box_lifetime(), self.function.options.boxed) {
            return match boxed {
                BoxedAs::Send => {
                    quote!(#private::Deferred<#output, #private::Boxed<#lifetime, #output>>)
                }
                BoxedAs::Local => {
                    quote!(#private::Deferred<#output, #private::LocalBoxed<#lifetime, #output>>)
                }
            };
        }
        match way {
            Way::Named => {
                let chain = self.chain_type(&self.named_body_type());
                quote!(#private::Deferred<#output, #chain>)
            }
            Way::Pointer(_) => {
                let chain = self.chain_type(&self.pointer_body_type());
                quote!(#private::Deferred<#output, #chain>)
            }
            // The alias mentions the opaque body once, and the output is read off it.
            Way::Opaque if self.function.returns.has_impl => {
                let (join, kind, settle) = (self.join_type(), self.kind(), self.settle());
                let (values, yielded) = (self.values_type(), self.function.returns.yielded());
                if self.waits_for_body() {
                    let chain = match &self.function.returns.chain {
                        Some(chain) => chain.to_token_stream(),
                        None => quote!(impl #private::Chain<Output = #yielded>),
                    };
                    quote! {
                        #private::LaterOf<#join, #values, impl #private::Body<
                            #values, Out: #private::IsDeferred<Chain = #chain>
                        >, #kind, #settle>
                    }
                } else {
                    quote! {
                        #private::CallOf<
                            #join, #values, impl #private::Body<#values, Out = #yielded>, #kind,
                            #settle
                        >
                    }
                }
            }
            Way::Opaque | Way::Declared | Way::Stub => {
                quote!(#private::Deferred<#output, impl #private::Chain<Output = #output>>)
            }
        }
    }

    fn bounds(&self) -> Vec<TokenStream> {
        let mut bounds: Vec<TokenStream> = Vec::new();
        if let Some(user) = &self.function.generics.where_clause {
            bounds.extend(user.predicates.iter().map(ToTokens::to_token_stream));
        }
        if let Some(failure) = self.function.failure() {
            let (rescued, error, value) = (self.rescued(), &failure.ty, self.value_type());
            let span = at(error.span());
            let private = self.private_at(span);
            bounds.push(quote_spanned!(span=> #rescued: #private::Fallible<#value, __DeferN>));
            let failing = quote_spanned! {span=>
                <#rescued as #private::Fallible<#value, __DeferN>>::Error
            };
            if !self.function.refused {
                bounds.push(quote_spanned! {span=>
                    #failing: #private::CaughtAs<#error, __DeferX, How = #private::ByInto>
                });
            }
            if !self.named {
                bounds.push(quote_spanned! {span=>
                    #private::ByInto: #private::Converts<#failing, #error>
                });
            }
        }
        for argument in &self.arguments {
            let (passed, marker) = (&argument.passed, &argument.marker);
            let ty = &argument.param.ty;
            let span = at(ty.span());
            let private = self.private_at(span);
            bounds.push(quote_spanned!(span=> #passed: #private::Arg<#ty, #marker>));
        }
        self.kind_bounds(&mut bounds);
        self.box_bounds(&mut bounds);
        bounds
    }

    /// How the kinds of the arguments become the kind of the call.
    fn kind_bounds(&self, bounds: &mut Vec<TokenStream>) {
        if self.merges() {
            self.merge(bounds);
        }
        if let Some(error) = self.lifts() {
            for argument in &self.arguments {
                let (of, lift) = (self.kind_of(argument), &argument.lift);
                let span = at(argument.param.ty.span());
                let private = self.private_at(span);
                // The equation is what makes the type known where arguments have no types
                // yet, as in the implementation of a declared method.
                bounds.push(quote_spanned! {span=>
                    #of: #private::LiftsTo<#error, #lift, Kind = #of>
                });
            }
        }
        // Kinds that have merged lift into each other: said only where the compiler has
        // to know it before the arguments have types, in opaque and declared functions.
        if self.named {
            return;
        }
        if self.function.returns.outcome.is_some() {
            // `LiftsTo` has said it.
            return;
        }
        let kind = self.kind();
        for argument in &self.arguments {
            let of = self.kind_of(argument);
            let span = at(argument.param.ty.span());
            let private = self.private_at(span);
            bounds.push(quote_spanned!(span=> #of: #private::Lift<#private::ErrOf<#kind>>));
        }
    }

    /// From left to right: `K0: Merge<K1>`, `Merged<K0, K1>: Merge<K2, Kind = K>`.
    fn merge(&self, bounds: &mut Vec<TokenStream>) {
        let merged = self.merged();
        let mut left = self.kind_of(&self.arguments[0]);
        for (index, argument) in self.arguments.iter().enumerate().skip(1) {
            let right = self.kind_of(argument);
            let span = at(argument.param.ty.span());
            let private = self.private_at(span);
            if index + 1 == self.arguments.len() {
                bounds.push(quote_spanned! {span=>
                    #left: #private::Merge<#right, Kind = #merged>
                });
            } else {
                bounds.push(quote_spanned!(span=> #left: #private::Merge<#right>));
                left = quote_spanned!(span=> #private::Merged<#left, #right>);
            }
        }
    }

    /// How long a boxed call lives: `'static`, unless the function borrows or is generic.
    fn box_lifetime(&self) -> Option<Lifetime> {
        self.function.options.boxed?;
        let borrows =
            self.function.receiver.is_some()
                || self.function.generics.params.iter().any(|param| {
                    matches!(param, GenericParam::Lifetime(_) | GenericParam::Type(_))
                });
        let name = if borrows { "'__defer_boxed" } else { "'static" };
        Some(Lifetime::new(name, Span::call_site()))
    }

    fn box_bounds(&self, bounds: &mut Vec<TokenStream>) {
        let private = &self.private;
        let Some(lifetime) = self.box_lifetime() else {
            return;
        };
        let send = (self.function.options.boxed == Some(BoxedAs::Send))
            .then(|| quote!(::core::marker::Send+));
        for param in &self.function.generics.params {
            match param {
                GenericParam::Lifetime(param) => {
                    let name = &param.lifetime;
                    bounds.push(quote!(#name: #lifetime));
                }
                GenericParam::Type(param) => {
                    let name: &Ident = &param.ident;
                    bounds.push(quote!(#name: #send #lifetime));
                }
                GenericParam::Const(_) => {}
            }
        }
        // A borrowed receiver has its lifetime above. Nothing is said about `Self: Sync`: the
        // implementation knows, and a trait that says it could not be made into an object.
        let owned = self
            .function
            .receiver
            .as_ref()
            .filter(|receiver| !matches!(*receiver.ty, syn::Type::Reference(_)));
        if owned.is_some() {
            bounds.push(quote!(Self: #lifetime));
        }
        if self.function.failure().is_some() {
            let (rescued, value) = (self.rescued(), self.value_type());
            bounds.push(quote! {
                <#rescued as #private::Fallible<#value, __DeferN>>::Chain: #send #lifetime
            });
        }
        for argument in &self.arguments {
            let (passed, marker, ty) = (&argument.passed, &argument.marker, &argument.param.ty);
            bounds.push(quote! {
                #private::ChainOf<#passed, #ty, #marker>: #send #lifetime
            });
        }
    }
}

/// The tokens with the last one at a place of the user's: rustc says nothing about an unused
/// function that ends in a macro.
fn ends_at(tokens: TokenStream, span: Span) -> TokenStream {
    let mut tokens: Vec<_> = tokens.into_iter().collect();
    if let Some(last) = tokens.last_mut() {
        last.set_span(span);
    }
    tokens.into_iter().collect()
}
