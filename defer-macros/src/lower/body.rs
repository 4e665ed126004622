//! The body as a function pointer or a closure.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{GenericParam, Pat};

use super::{Lowering, SELF};
use crate::model::{Param, Role, at, is_result};
use crate::options::Elsewhere;
use crate::tokens::{cancellable_awaits, find_await, formats, mentions, renamed_self, wait};

impl Lowering<'_> {
    /// What an errback over `Result` parameters does before its body: if none of them has
    /// failed, the first value passes.
    pub(super) fn observed(&self, names: &[Ident]) -> Option<TokenStream> {
        if !self.function.observes() {
            return None;
        }
        let observed: Vec<&Ident> = self
            .arguments
            .iter()
            .zip(names)
            .filter(|(argument, _)| is_result(&argument.param.ty))
            .map(|(_, name)| name)
            .collect();
        let first = observed.first()?;
        let passed = if self.function.returns.outcome.is_some() {
            quote!(::core::result::Result::Ok(value))
        } else {
            quote!(value)
        };
        Some(quote! {
            if #(::core::result::Result::is_ok(&#observed))&&* {
                match #first {
                    ::core::result::Result::Ok(value) => return #passed,
                    ::core::result::Result::Err(_) => ::core::unreachable!(),
                }
            }
        })
    }

    /// The receiver and the plain parameters, as a tuple type.
    pub(super) fn state_type(&self) -> TokenStream {
        let receiver = self
            .function
            .receiver
            .iter()
            .map(|receiver| receiver.ty.to_token_stream());
        let plain = self
            .function
            .plain()
            .map(|param| param.ty.to_token_stream());
        let parts = receiver.chain(plain);
        quote!((#(#parts,)*))
    }

    /// `FnBody<(&'a Self, …), (T0, …), R>`.
    pub(super) fn pointer_body_type(&self) -> TokenStream {
        let private = &self.private;
        let (state, values, returned) = (self.state_type(), self.values_type(), self.body_type());
        quote!(#private::FnBody<#state, #values, #returned>)
    }

    /// A closure that captures nothing: the receiver and the plain parameters come as
    /// arguments.
    pub(super) fn pointer_body(&self, body: &TokenStream) -> TokenStream {
        let private = &self.private;
        let (state, values, returned, site) = (
            self.state_type(),
            self.values_type(),
            self.body_type(),
            self.site(),
        );
        let given = self
            .function
            .receiver
            .as_ref()
            .map(|receiver| &receiver.self_token);
        let plain: Vec<&Ident> = self.function.plain().map(|param| &param.name).collect();
        let this = self.function.receiver.as_ref().map(|receiver| {
            let name = renamed_self(SELF, receiver.self_token.span);
            let mutability = receiver.mutability.filter(|_| receiver.reference.is_none());
            quote!(#mutability #name,)
        });
        let given = given.map(|token| quote!(#token,));
        let pattern = self.values_pattern();
        let block = self.block(&self.lets(), body.clone());
        quote! {
            #private::FnBody::new(
                (#given #(#plain,)*),
                |(#this #(#plain,)*): #state, #pattern: #values| -> #returned #block,
                #site,
            )
        }
    }

    /// The body of a call with an opaque part.
    pub(super) fn opaque_body(&self) -> TokenStream {
        let unnamed = self.function.is_async && self.function.returns.has_impl;
        if self.function.in_impl || unnamed {
            self.closure_body()
        } else {
            self.item_body()
        }
    }

    /// A function inside the function.
    ///
    /// The type of a closure mentions every type parameter of the function around it, and
    /// so the whole chain inside each argument: beside the chain itself, and once more in
    /// the type of an `async` block. Nested eight deep that takes the compiler minutes. An
    /// inner function has the user's type parameters only.
    fn item_body(&self) -> TokenStream {
        let function = self.function;
        let private = &self.private;
        let (state, values, site) = (self.state_type(), self.values_type(), self.site());
        let pattern = self.values_pattern();
        let plain: Vec<&Ident> = function.plain().map(|param| &param.name).collect();
        let (generics, _, bounds) = function.generics.split_for_impl();
        let written = self.body_type();
        let yielded = function.returns.yielded();
        let opaque = quote!(#private::Deferred<#yielded, impl #private::Chain<Output = #yielded>>);
        let (returned, block) = if let Some(policy) = &function.options.retry {
            (opaque, self.retried(policy))
        } else if function.is_async {
            let given = self.given();
            let returned = if self.gives_deferred() {
                opaque
            } else {
                quote!(#private::Asynchronous<impl ::core::future::Future<Output = #yielded>>)
            };
            (returned, quote!({ #given }))
        } else {
            (
                written.to_token_stream(),
                self.block(&self.lets(), self.body_tokens()),
            )
        };
        let named = function
            .generics
            .params
            .iter()
            .filter_map(|param| match param {
                GenericParam::Lifetime(_) => None,
                GenericParam::Type(param) => Some(&param.ident),
                GenericParam::Const(param) => Some(&param.ident),
            });
        let body = quote! {
            #[inline]
            fn __defer_body #generics (
                (#(#plain,)*): #state,
                #pattern: #values,
            ) -> #returned #bounds #block
        };
        if let Some(shares) = &function.options.shares {
            let shared = self.shared_body(shares, &body);
            return quote! {
                {
                    #shared
                    #private::ItemBody::new((#(#plain,)*), __defer_shared, #site)
                }
            };
        }
        quote! {
            {
                #body
                #private::ItemBody::new((#(#plain,)*), __defer_body::<#(#named),*>, #site)
            }
        }
    }

    /// A closure that captures the receiver and the plain parameters.
    fn closure_body(&self) -> TokenStream {
        let private = &self.private;
        let (values, site) = (self.values_type(), self.site());
        let pattern = self.values_pattern();
        let body = if let Some(policy) = &self.function.options.retry {
            let block = self.retried(policy);
            quote!(move |#pattern: #values| #block)
        } else if self.function.is_async {
            let given = self.given();
            quote!(move |#pattern: #values| #given)
        } else {
            let block = self.block(&self.lets(), self.body_tokens());
            // The type cannot be written where it is `impl Trait`.
            let arrow = (!self.function.returns.has_impl).then(|| {
                let ty = self.body_type();
                quote!(-> #ty)
            });
            quote!(move |#pattern: #values| #arrow #block)
        };
        quote!(#private::ClosureBody::new(#body, #site))
    }

    /// Whether an asynchronous body gives a deferred around what it is.
    pub(super) fn gives_deferred(&self) -> bool {
        let options = &self.function.options;
        options.retry.is_some() || matches!(options.elsewhere, Some((Elsewhere::Task, _)))
    }

    /// What an asynchronous body gives, in a task of its own if it is to be in one.
    fn given(&self) -> TokenStream {
        if self.gives_deferred() {
            return self.given_deferred();
        }
        let (private, block) = (&self.private, self.async_block());
        quote!(#private::asynchronous(#block))
    }

    /// The same as a deferred.
    pub(super) fn given_deferred(&self) -> TokenStream {
        let (private, block) = (&self.private, self.async_block());
        let body = quote!(#private::Deferred::from_chain(#private::asynchronous(#block)));
        match &self.function.options.elsewhere {
            Some((Elsewhere::Task, name)) => {
                let private = self.private_at(at(name.span()));
                quote_spanned!(at(name.span())=> #private::spawned(#body))
            }
            _ => body,
        }
    }

    /// The asynchronous body.
    pub(super) fn async_block(&self) -> TokenStream {
        let function = self.function;
        let private = &self.private;
        let lets = self.lets();
        // A parameter lives until the body ends, used or not, as in any `async fn`. Those
        // that the body never mentions are bound inside it, where the compiler sees that.
        let held = function
            .receiver
            .as_ref()
            .map(|receiver| receiver.self_token.to_token_stream());
        let held = held.into_iter().chain(
            function
                .params
                .iter()
                .filter(|param| self.mentioned(param))
                .map(|param| param.name.to_token_stream()),
        );
        let hold = quote!(#private::hold((#(&#held,)*)););
        let written = self.body_type();
        // An early return of the declared type, so that `?` and the last expression are
        // checked against it, on the user's own tokens.
        let expected = (!function.returns.has_impl).then(|| {
            let span = Span::mixed_site();
            quote_spanned! {span=>
                #[allow(unreachable_code, clippy::diverging_sub_expression, clippy::empty_loop)]
                if false {
                    let declared: #written = loop {};
                    return declared;
                }
            }
        });
        let body = self.body_tokens();
        let given = function.returns.deferred.is_some();
        let import = (given || find_await(&body).is_some())
            .then(|| quote!(#[allow(unused_imports)] use #private::AwaitExt as _;));
        let block = self.block(
            &quote!(#import #hold #lets #expected),
            cancellable_awaits(body),
        );
        let block = quote!(async move #block);
        if given {
            let wait = wait(Span::mixed_site());
            quote!(async move {
                #import
                let given: #written = #block.await;
                given.#wait.await
            })
        } else {
            block
        }
    }

    /// The tokens between the braces.
    pub(super) fn body_tokens(&self) -> TokenStream {
        self.function
            .body
            .as_ref()
            .map(Group::stream)
            .unwrap_or_default()
    }

    /// The body with statements before it, in the user's braces: rustc points at them, and
    /// a second pair would be one too many for its lints.
    pub(super) fn block(&self, before: &TokenStream, body: TokenStream) -> TokenStream {
        let mut block = Group::new(Delimiter::Brace, quote!(#before #body));
        if let Some(written) = &self.function.body {
            block.set_span(written.span());
        }
        block.to_token_stream()
    }

    /// The values of the arguments, under the names of the parameters.
    fn values_pattern(&self) -> TokenStream {
        let names = self.arguments.iter().map(|argument| {
            if self.function.options.retry.is_some() {
                // What is bound here is cloned for each run, and bound as it was written there.
                argument.param.name.to_token_stream()
            } else {
                self.binding(argument.param)
            }
        });
        let values = quote!((#(#names,)*));
        match self.function.failure() {
            Some(failure) => {
                let failure = self.binding(failure);
                quote!((#failure, #values))
            }
            None => values,
        }
    }

    /// How the closure binds a parameter: as it was written, or by its name.
    pub(super) fn binding(&self, param: &Param) -> TokenStream {
        if binds(param) && !self.binds_later(param) {
            param.pat.to_token_stream()
        } else {
            param.name.to_token_stream()
        }
    }

    /// Whether a parameter is bound inside an asynchronous body, which never uses it.
    fn binds_later(&self, param: &Param) -> bool {
        self.function.is_async && !self.mentioned(param)
    }

    /// Whether the body may use the parameter: its name stands there, or in a format string.
    fn mentioned(&self, param: &Param) -> bool {
        let name = param.name.to_string();
        let body = self.body_tokens();
        let policy = self.function.options.retry.to_token_stream();
        !param.is_simple()
            || mentions(&body, &[&name])
            || formats(&body, &name)
            || mentions(&policy, &[&name])
    }

    /// What makes the patterns of the source out of the names.
    pub(super) fn lets(&self) -> TokenStream {
        let mut lets = TokenStream::new();
        let names: Vec<Ident> = self
            .arguments
            .iter()
            .map(|argument| argument.param.name.clone())
            .collect();
        lets.extend(self.observed(&names));
        for param in &self.function.params {
            let captured = param.role == Role::Plain;
            let unused = self.binds_later(param);
            let mutable = matches!(&param.pat, Pat::Ident(pat) if pat.mutability.is_some());
            if binds(param) && !(captured && mutable) && !unused {
                continue;
            }
            let (attrs, pat, ty, name) = (&param.attrs, &param.pat, &param.ty, &param.name);
            lets.extend(quote! {
                #[allow(clippy::no_effect_underscore_binding)]
                #(#attrs)*
                let #pat: #ty = #name;
            });
        }
        lets
    }
}

/// Whether the closure's own pattern binds the parameter as it was written.
fn binds(param: &Param) -> bool {
    param.is_simple() && param.attrs.is_empty()
}
