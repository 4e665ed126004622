//! From an annotated function to the items that take its place.
//!
//! Three ways, by what the types of the signature can name:
//!
//! - [`Way::Named`]: a function with a plain body. A hidden struct, beside the function,
//!   is its body as a type, so that the returned deferred has a type without an opaque
//!   part and a wrong argument is one error.
//! - [`Way::Pointer`]: the same for a method, whose `impl` block has no place for a
//!   struct. Its body is a function pointer.
//! - [`Way::Opaque`]: everything else: asynchronous bodies, `impl Trait`, boxed calls.

mod body;
mod named;
mod retried;
mod shared;
mod signature;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericParam, Type};

use crate::model::{Function, Param, at, generic_args, is_result};
use crate::signature_text::spaced;
use crate::tokens::{mentions, rename_self};
use crate::validate::MOST;

/// What the receiver is called where `self` cannot be.
const SELF: &str = "__defer_self";

/// How a function is lowered.
enum Way {
    Named,
    /// With the body in which `self` has another name.
    Pointer(TokenStream),
    Opaque,
    /// A method that a trait declares.
    Declared,
    /// What was refused and cannot be lowered.
    Stub,
}

impl Way {
    fn of(function: &Function) -> Self {
        if function.stub {
            return Way::Stub;
        }
        let Some(body) = &function.body else {
            return Way::Declared;
        };
        let options = &function.options;
        let opaque = function.is_async || function.returns.has_impl || options.retry.is_some();
        if opaque || options.boxed.is_some() || options.shares.is_some() {
            return Way::Opaque;
        }
        if !function.in_impl {
            return Way::Named;
        }
        match rename_self(&body.stream(), SELF) {
            Some(body) => Way::Pointer(body),
            None => Way::Opaque,
        }
    }
}

/// Lower a function.
pub(crate) fn lower(function: &Function) -> TokenStream {
    let way = Way::of(function);
    let lowering = Lowering::new(function, &way);
    let hidden = match way {
        Way::Named => lowering.hidden_items(),
        _ => TokenStream::new(),
    };
    let outer = lowering.outer(&way);
    quote!(#hidden #outer)
}

/// A parameter that may be a deferred, with the type parameters that stand for it.
struct Argument<'a> {
    param: &'a Param,
    /// The type that is passed.
    passed: Ident,
    /// The marker of its form.
    marker: Ident,
    /// How its failures become the function's.
    lift: Ident,
    /// The parameter observes outcomes: it is a `Result`.
    observes: bool,
}

/// What the parameter is called.
fn name_of(argument: &Argument<'_>) -> String {
    let name = argument.param.name.to_string();
    name.trim_start_matches("r#").to_string()
}

/// A function with the names that its lowering uses.
struct Lowering<'a> {
    function: &'a Function,
    /// `::defer::__private`.
    private: TokenStream,
    arguments: Vec<Argument<'a>>,
    /// The type of the call has no opaque part.
    named: bool,
}

impl<'a> Lowering<'a> {
    fn new(function: &'a Function, way: &Way) -> Self {
        let krate = function.options.krate();
        let arguments = function
            .deferrable()
            .take(MOST)
            .enumerate()
            .map(|(index, param)| Argument {
                param,
                passed: format_ident!("__DeferA{index}", span = at(param.ty.span())),
                marker: format_ident!("__DeferM{index}", span = at(param.ty.span())),
                lift: format_ident!("__DeferX{index}", span = at(param.ty.span())),
                observes: is_result(&param.ty),
            })
            .collect();
        let named = matches!(way, Way::Named | Way::Pointer(_));
        Lowering {
            function,
            private: quote!(#krate::__private),
            arguments,
            named,
        }
    }

    /// `::defer::__private`, at a place: a bound is shown where all of its tokens are.
    fn private_at(&self, span: Span) -> TokenStream {
        let place = |mut token: TokenTree| {
            token.set_span(span);
            token
        };
        self.private.clone().into_iter().map(place).collect()
    }

    /// What waits for the arguments: `Args2<A0, T0, M0, A1, T1, M1>`.
    fn join_type(&self) -> TokenStream {
        let private = &self.private;
        let lifts = self.lifts().filter(|_| self.named);
        if lifts.is_some() || self.arguments.iter().any(|argument| argument.observes) {
            return self.spelt_join_type(lifts);
        }
        let name = format_ident!("Args{}", self.arguments.len());
        let parts = self.arguments.iter().map(
            |Argument {
                 param,
                 passed,
                 marker,
                 ..
             }| {
                let ty = &param.ty;
                quote!(#passed, #ty, #marker)
            },
        );
        if self.arguments.is_empty() {
            quote!(#private::#name)
        } else {
            quote!(#private::#name<#(#parts),*>)
        }
    }

    /// The same where an argument is observed, or where each argument's failures have to
    /// become the function's own.
    fn spelt_join_type(&self, lifts: Option<&TokenStream>) -> TokenStream {
        let private = &self.private;
        let name = format_ident!("Join{}", self.arguments.len());
        let parts = self.arguments.iter().map(
            |Argument {
                 param,
                 passed,
                 marker,
                 lift,
                 observes,
             }| {
                let ty = &param.ty;
                let chain = format_ident!("{}", if *observes { "ObservedOf" } else { "ChainOf" });
                let kind = match lifts {
                    Some(error) => quote!(#private::LiftOf<#passed, #ty, #marker, #error, #lift>),
                    None => quote!(#private::KindOf<#passed, #ty, #marker>),
                };
                quote!(#private::#chain<#passed, #ty, #marker>, #kind, #ty)
            },
        );
        quote!(#private::#name<#(#parts),*>)
    }

    /// The arguments as they were passed, made ready to wait.
    fn join_value(&self) -> TokenStream {
        let private = &self.private;
        let count = self.arguments.len();
        if self.arguments.iter().any(|argument| argument.observes) {
            let ty = self.join_type();
            let join = match self.arguments.as_slice() {
                [only] => self.place(&quote!(#private::Join1), only),
                all => {
                    let join = format_ident!("Join{count}");
                    let slots = all
                        .iter()
                        .map(|argument| self.place(&quote!(#private::Slot), argument));
                    quote!(#private::#join::new(#(#slots),*))
                }
            };
            return quote!(#private::same::<#ty>(#join));
        }
        let join = format_ident!("join{count}");
        let names = self.arguments.iter().map(|argument| &argument.param.name);
        // Where the signature does not name the types, they are said here.
        let types = (!self.named && count > 0).then(|| {
            let types = self.arguments.iter().map(|argument| {
                let (passed, marker) = (&argument.passed, &argument.marker);
                let (ty, kind) = (&argument.param.ty, self.kind_of(argument));
                quote!(#passed, #ty, #marker, #kind)
            });
            quote!(::<#(#types),*>)
        });
        quote!(#private::#join #types (#(#names),*))
    }

    /// The place for an argument: `Slot::new(a)`.
    fn place(&self, kind: &TokenStream, argument: &Argument<'_>) -> TokenStream {
        let private = &self.private;
        let (name, ty) = (&argument.param.name, &argument.param.ty);
        if !argument.observes {
            return quote!(#kind::new(#name));
        }
        let site = self.site();
        let cancelled = if self.stands_alone(&ty.to_token_stream()) {
            quote! {{
                #[allow(unused_imports)]
                use #private::NeverAsOutcome as _;
                #private::Probe::<#ty>::AS_OUTCOME
            }}
        } else {
            quote!(#private::AsOutcome::never())
        };
        quote!(#kind::of(#private::observed(#name, #cancelled, #site)))
    }

    /// The tuple of values that the body takes: the failure first, if there is one.
    fn values_type(&self) -> TokenStream {
        let types = self.arguments.iter().map(|argument| &argument.param.ty);
        let values = quote!((#(#types,)*));
        match self.function.failure() {
            Some(failure) => {
                let error = &failure.ty;
                quote!((#error, #values))
            }
            None => values,
        }
    }

    /// `KindOf<A0, T0, M0>`.
    fn kind_of(&self, argument: &Argument<'_>) -> TokenStream {
        let private = &self.private;
        let Argument {
            param,
            passed,
            marker,
            ..
        } = argument;
        let ty = &param.ty;
        quote_spanned!(at(ty.span())=> #private::KindOf<#passed, #ty, #marker>)
    }

    /// The kind of the call.
    fn kind(&self) -> TokenStream {
        let private = &self.private;
        if let Some(outcome) = &self.function.returns.outcome {
            let error = &outcome.error;
            return quote!(#private::Fails<#error>);
        }
        match self.arguments.as_slice() {
            [] => quote!(#private::Never),
            [only] => self.kind_of(only),
            _ => self.merged().to_token_stream(),
        }
    }

    /// The type parameter that stands for the merged kind of several arguments.
    fn merged(&self) -> Ident {
        Ident::new("__DeferK", Span::call_site())
    }

    /// Whether there is such a parameter.
    fn merges(&self) -> bool {
        self.function.returns.outcome.is_none() && self.arguments.len() > 1
    }

    /// The function's own error, which the failures of its arguments become.
    fn lifts(&self) -> Option<&TokenStream> {
        let outcome = self.function.returns.outcome.as_ref()?;
        (!self.arguments.is_empty()).then_some(&outcome.error)
    }

    /// The type on success.
    fn value_type(&self) -> TokenStream {
        match &self.function.returns.outcome {
            Some(outcome) => outcome.value.clone(),
            None => self.function.returns.yielded().to_token_stream(),
        }
    }

    /// What the deferred yields.
    fn output_type(&self) -> TokenStream {
        let private = &self.private;
        let yielded = self.function.returns.yielded();
        if self.function.returns.outcome.is_some() || self.arguments.is_empty() {
            return yielded.to_token_stream();
        }
        let kind = self.kind();
        quote!(#private::OutOf<#kind, #yielded>)
    }

    /// How the return type becomes an outcome.
    fn settle(&self) -> TokenStream {
        let private = &self.private;
        if self.function.returns.outcome.is_some() {
            quote!(#private::Fallibly)
        } else {
            quote!(#private::Plainly)
        }
    }

    /// Whether the body gives a deferred, for which the chain waits.
    fn waits_for_body(&self) -> bool {
        let function = self.function;
        function.is_async
            || function.returns.deferred.is_some()
            || function.options.shares.is_some()
            || function.options.retry.is_some()
    }

    /// The type parameter for the chain that an errback goes around.
    fn rescued(&self) -> Ident {
        Ident::new("__DeferF", Span::call_site())
    }

    /// The chain inside the returned deferred, around a body of type `body`.
    fn chain_type(&self, body: &TokenStream) -> TokenStream {
        let private = &self.private;
        let (join, kind, settle) = (self.join_type(), self.kind(), self.settle());
        let inner = self.waits_for_body().then(|| {
            let ty = &self.function.returns.ty;
            let span = at(ty.span());
            let private = self.private_at(span);
            let chain = quote_spanned!(span=> <#ty as #private::IsDeferred>::Chain);
            quote!(, #chain)
        });
        let Some(failure) = self.function.failure() else {
            let name = format_ident!("{}", if inner.is_some() { "Later" } else { "Call" });
            return quote!(#private::#name<#join, #body, #kind, #settle #inner>);
        };
        let (error, rescued, value) = (&failure.ty, self.rescued(), self.value_type());
        // Always `ByInto`: said so that a failure that cannot be caught leaves the call
        // without a type.
        let how = if self.function.refused {
            quote!(#private::ByInto)
        } else {
            quote! {
                <<#rescued as #private::Fallible<#value, __DeferN>>::Error
                    as #private::CaughtAs<#error, __DeferX>>::How
            }
        };
        let name = format_ident!(
            "{}",
            if inner.is_some() {
                "ErrbackLater"
            } else {
                "ErrbackCall"
            }
        );
        quote! {
            #private::#name<
                <#rescued as #private::Fallible<#value, __DeferN>>::Chain, #join, #body, #error, #kind,
                #settle #inner, #how
            >
        }
    }

    /// The chain as a value, around the body `body`.
    fn deferred_value(&self, body: &TokenStream) -> TokenStream {
        let private = &self.private;
        let (join, kind, settle) = (self.join_value(), self.kind(), self.settle());
        let Some(failure) = self.function.failure() else {
            let call = match (self.waits_for_body(), self.named) {
                (true, true) => quote!(later),
                (false, true) => quote!(call),
                (true, false) => quote!(later::<_, _, #kind, #settle, _, _>),
                (false, false) => quote!(call::<_, _, #kind, #settle, _>),
            };
            return quote!(#private::#call(#join, #body));
        };
        let (first, error, value) = (&failure.name, &failure.ty, self.value_type());
        let call = if self.waits_for_body() {
            quote!(#private::Later<_, _, #kind, #settle, _>)
        } else {
            quote!(#private::Call<_, _, #kind, #settle>)
        };
        quote! {
            #private::Deferred::from_chain(
                #private::errback::<#value, _, _, _, _, #error, #call, #private::ByInto>(
                    #first, #join, #body
                )
            )
        }
    }

    /// Where the function stands, as a `&'static Site`.
    fn site(&self) -> TokenStream {
        let private = &self.private;
        let name = self.function.name.to_string();
        let name = name.trim_start_matches("r#");
        let params = self.arguments.iter().map(name_of);
        let adopts = self.adopts();
        let batch = self
            .function
            .batch
            .as_ref()
            .map(|batch| quote!(.in_batches_of(#batch)));
        let failures = self.failures();
        quote_spanned! {at(self.function.name.span())=>
            const {
                &#private::Site::new(
                    #name, ::core::file!(), ::core::line!(), &[#(#params),*], #adopts,
                ) #batch #failures
            }
        }
    }

    /// What the function does with failures, in the words of its signature.
    fn failures(&self) -> TokenStream {
        let function = self.function;
        let fails = function.returns.outcome.as_ref();
        let fails = fails.map(|outcome| {
            let error = match &function.options.error {
                Some(error) => spaced(error.to_token_stream()),
                None if outcome.hidden => {
                    let alias = spaced(function.returns.yielded().to_token_stream());
                    format!("the error of {alias}")
                }
                None => spaced(outcome.error.clone()),
            };
            quote!(.failing(#error))
        });
        let catches = function.failure().map(|failure| {
            let error = spaced(failure.written.to_token_stream());
            quote!(.catching(#error))
        });
        let observed = self.arguments.iter().filter(|argument| {
            argument.observes
                || generic_args(&argument.param.ty, "Vec")
                    .is_some_and(|inside| inside.iter().any(is_result))
        });
        let observed: Vec<_> = observed.map(name_of).collect();
        let observes = (!observed.is_empty()).then(|| quote!(.observing(&[#(#observed),*])));
        quote!(#fails #catches #observes)
    }

    /// How the failure that an errback takes is made of a cancellation.
    ///
    /// A function of its own, in which no generic of the user's can be named: a failure
    /// that mentions one is not made of it. Callbacks need none, and it would cost each of
    /// them compile time: what goes outward past them finds an errback, or the outermost
    /// deferred, all the same.
    fn adopts(&self) -> TokenStream {
        let private = &self.private;
        // Not the error of a callback: then a limit of time around a call with an error of its
        // own would yield that error's idea of a cancellation instead of having timed out.
        let caught = self.function.failure();
        let caught = caught.map(|param| param.ty.to_token_stream());
        let Some(error) = caught.filter(|error| self.stands_alone(error)) else {
            return quote!(#private::Adopts::known());
        };
        quote! {{
            #[allow(unused_imports)]
            use #private::AdoptsKnown as _;
            #private::Probe::<#error>::ADOPTS
        }}
    }

    /// Whether a type means the same outside of the function.
    fn stands_alone(&self, ty: &TokenStream) -> bool {
        let params = self.function.generics.params.iter();
        let names = params.filter_map(|param| match param {
            GenericParam::Lifetime(_) => None,
            GenericParam::Type(param) => Some(param.ident.to_string()),
            GenericParam::Const(param) => Some(param.ident.to_string()),
        });
        let mut names: Vec<String> = names.collect();
        names.push("Self".to_string());
        names.push("_".to_string());
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let text = ty.to_string();
        !mentions(ty, &names) && !text.contains('&') && !text.replace("'static", "").contains('\'')
    }

    /// The return type of the body: as it was written.
    fn body_type(&self) -> &Type {
        &self.function.returns.ty
    }
}
