//! `#[callback(batch = load_users)]`: a body for a function that has none.
//!
//! ```text
//! // Input:  #[callback(batch = load_users, max = 100)]
//! //         fn user(id: UserId) -> Result<User, LoadError>;
//! // Output: #[callback]
//! //         fn user(id: UserId) -> Deferred<Result<User, LoadError>, Batched<UserId, …>> {
//! //             thread_local!(static BATCH: Collector<UserId, …> = … load_users … .max(100));
//! //             BATCH.with(|batch| batch.get(id))
//! //         }
//! ```
//!
//! What is nested and awaited, drawn and cancelled is then a call like any other.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;
use syn::visit::Visit;

use crate::errors::Errors;
use crate::model::{Flavor, Function, at, bare};
use crate::tokens::mentions;

/// Make the body; what has no batch, or cannot have one, stays as it is.
pub(crate) fn give_body(function: &mut Function, errors: &mut Errors) {
    let Some(path) = function.options.batch.clone() else {
        if let Some(max) = &function.options.max {
            errors.at(
                &max.name,
                "`max` is the largest size of a batch: give the function that answers it, \
                 `batch = load_users`, too",
            );
        }
        return;
    };
    let told = errors.len();
    refuse(function, errors);
    if errors.len() > told {
        if function.body.is_none() {
            // It would be a method that a trait declares.
            function.body = Some(Group::new(Delimiter::Brace, TokenStream::new()));
            function.stub = true;
        }
        return;
    }
    let name = path.to_token_stream().to_string().replace(' ', "");
    let private = {
        let krate = function.options.krate();
        quote!(#krate::__private)
    };

    let types: Vec<&Type> = function.params.iter().map(|param| &param.ty).collect();
    let names: Vec<_> = function.params.iter().map(|param| &param.name).collect();
    let (key_type, key) = match (types.as_slice(), names.as_slice()) {
        ([ty], [name]) => (quote!(#ty), quote!(#name)),
        (types, names) => (quote!((#(#types),*)), quote!((#(#names),*))),
    };
    let yielded = function.returns.yielded().clone();
    let (value, kind, made) = match &function.returns.outcome {
        Some(outcome) => {
            let error = &outcome.error;
            (
                outcome.value.clone(),
                quote!(#private::Fails<#error>),
                quote!(fallible),
            )
        }
        None => (
            yielded.to_token_stream(),
            quote!(#private::Never),
            quote!(plain),
        ),
    };
    let max = function.options.max.as_ref().map(|max| {
        let value = &max.value;
        quote!(.max(#value))
    });
    // What is wrong with a type is said where the user wrote one.
    let place = at(function.returns.ty.span());
    // Hygienic: a parameter, or the batch function, may have the name.
    let local = |name: &str| Ident::new(name, Span::mixed_site().located_at(path.span()));
    let (batch, keys) = (local("batch"), local("keys"));
    let called = quote_spanned!(at(path.span())=> #path(#keys));
    let (there, made) = (placed(private.clone(), place), placed(made, place));
    let made = quote_spanned! {place=>
        #there::Collector::<#key_type, #value, #kind>::#made(
            #name,
            #there::turn,
            |#keys: ::std::vec::Vec<#key_type>| #there::Given::new(#called).__defer_given(),
        )
    };
    let body = quote! {
        #[allow(unused_imports)]
        use #private::{GivenFuture as _, GivenValue as _};
        #private::thread_local! {
            static __DEFER_BATCH: #private::Collector<#key_type, #value, #kind> = #made #max;
        }
        __DEFER_BATCH.with(|#batch| #batch.get(#key))
    };

    let mut body = Group::new(Delimiter::Brace, body);
    body.set_span(function.name.span());
    function.body = Some(body);
    function.batch = Some(name);
    function.in_impl = false;
    let chain: Type = syn::parse_quote!(#private::Batched<#key_type, #value, #kind>);
    function.returns.ty = syn::parse_quote!(#private::Deferred<#yielded, #chain>);
    function.returns.deferred = Some(yielded);
    function.returns.chain = Some(chain);
}

/// The tokens at a place: what is made of them is shown where all of them are.
fn placed(tokens: TokenStream, place: Span) -> TokenStream {
    let at_place = |mut token: TokenTree| {
        token.set_span(place);
        token
    };
    tokens.into_iter().map(at_place).collect()
}

/// What no batch can be made of.
fn refuse(function: &Function, errors: &mut Errors) {
    if function.flavor != Flavor::Callback {
        let name = function.flavor.name();
        errors.at(
            &function.name,
            format!("`batch` goes with `#[callback]`, and this is an `#[{name}]`"),
        );
        return;
    }
    if let Some(body) = &function.body {
        errors.at_span(
            body.span_open(),
            "a function with `batch` has no body, since the batch function answers its calls: put \
             this into the batch function, and write `;` here",
        );
        return;
    }
    let signature: TokenStream = function
        .params
        .iter()
        .map(|param| param.ty.to_token_stream())
        .chain([function.returns.ty.to_token_stream()])
        .collect();
    if function.receiver.is_some() || function.options.associated || mentions(&signature, &["Self"])
    {
        errors.at(
            &function.name,
            "`batch` cannot go on a function of an `impl` block, whose calls would have to know \
             whose they are: keep a `defer::batch::Batch` in the type and call its `get`",
        );
        return;
    }
    if let Some((_, name)) = &function.options.elsewhere {
        errors.at(
            name,
            format!(
                "a function with `batch` has no body that could run elsewhere: annotate the batch \
                 function with `#[callback({name})]`"
            ),
        );
        return;
    }
    if function.is_async {
        errors.at(
            &function.name,
            "a call of a function with `batch` is a deferred anyway: remove `async`; the batch \
             function may be `async`",
        );
    }
    if function.params.is_empty() {
        errors.at(
            &function.name,
            "a function with `batch` needs a parameter: the key that it asks for",
        );
    }
    for param in &function.params {
        if matches!(bare(&param.written), Type::ImplTrait(_)) {
            errors.at(
                &param.written,
                "all calls of a batch have keys of one type: write it out instead of `impl Trait`",
            );
        } else if borrows(&param.written) {
            errors.at(
                &param.written,
                "a key is kept until its batch is sent: take it by value, a `String` instead of a \
                 `&str`",
            );
        }
    }
    let generic = function.generics.params.iter().any(|param| {
        !param.to_token_stream().to_string().contains("__DeferI") && !is_fresh(function, param)
    });
    if generic {
        errors.at(
            &function.generics,
            "a batch is one for all calls, so a function with `batch` cannot be generic: write a \
             function for each type, or keep a `defer::batch::Batch` for each",
        );
    }
    if function.returns.deferred.is_some() || function.returns.has_impl {
        errors.at(
            &function.returns.ty,
            "a function with `batch` returns the value for one key, or a `Result` of it, by a type \
             that has a name",
        );
    }
}

/// Whether a type is surely not `'static`.
fn borrows(ty: &Type) -> bool {
    struct Found(bool);
    impl<'a> Visit<'a> for Found {
        fn visit_type_reference(&mut self, ty: &'a syn::TypeReference) {
            self.0 |= ty.lifetime.is_none();
            syn::visit::visit_type_reference(self, ty);
        }
        fn visit_lifetime(&mut self, lifetime: &'a syn::Lifetime) {
            self.0 |= lifetime.ident == "_";
        }
    }
    let mut found = Found(false);
    found.visit_type(ty);
    found.0
}

/// Lifetimes that were made up are those of references, which were told of.
fn is_fresh(function: &Function, param: &syn::GenericParam) -> bool {
    function.fresh_lifetimes && matches!(param, syn::GenericParam::Lifetime(_))
}
