//! Bodies that run on another thread, or in a task of their own.
//!
//! ```text
//! // Input:  #[callback(blocking)] fn read(path: PathBuf) -> String { … }
//! // Output: #[callback] fn read(path: PathBuf) -> Deferred<String, OnThread<String>> {
//! //             blocking(move || -> String { … })
//! //         }
//! // Input:  #[callback(spawn)] fn count(text: String) -> usize { … }
//! // Output: #[callback] async fn count(text: String) -> usize { … }, which `lower` starts
//! ```

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};

use crate::errors::Errors;
use crate::model::{Flavor, Function, at, bare};
use crate::options::Elsewhere;

/// Change the function into one whose body runs where it is to.
///
/// What cannot run there runs where any body does, so that its callers are told nothing.
pub(crate) fn send(function: &mut Function, errors: &mut Errors) {
    let Some((place, name)) = function.options.elsewhere.clone() else {
        return;
    };
    // What has been refused for something else has no body to be sent.
    if function.stub || refused(function, place, &name, errors) {
        function.options.elsewhere = None;
        return;
    }
    match place {
        Elsewhere::Task => function.is_async = true,
        Elsewhere::Thread => on_a_thread(function, name.span()),
    }
}

fn refused(function: &Function, place: Elsewhere, name: &Ident, errors: &mut Errors) -> bool {
    let mut found = false;
    let mut refuse = |at: &dyn ToTokens, message: String| {
        errors.at(at.to_token_stream(), message);
        found = true;
    };
    if function.flavor == Flavor::Errback {
        refuse(
            name,
            format!(
                "`#[errback]` takes no `{name}`: put it on a `#[callback]`, and let an \
                 `async` errback await that"
            ),
        );
        return true;
    }
    if function.body.is_none() {
        refuse(
            name,
            format!("`{name}` says how a body runs: put it on the method that has one"),
        );
        return true;
    }
    if place == Elsewhere::Thread {
        let returns = &function.returns;
        if function.is_async {
            refuse(
                name,
                "`blocking` goes on a plain `fn`, whose body blocks its thread: an `async` body \
                 waits without one, or takes `spawn`"
                    .to_owned(),
            );
        } else if returns.deferred.is_some() {
            refuse(
                &returns.ty,
                "a `blocking` body has its value when it returns: return the value, or take \
                 `spawn`"
                    .to_owned(),
            );
        } else if returns.has_impl {
            refuse(
                &returns.ty,
                "the value of a `blocking` body comes from another thread, and its type needs a \
                 name: write it out instead of `impl Trait`"
                    .to_owned(),
            );
        }
    }
    let away = match place {
        Elsewhere::Thread => "on another thread",
        Elsewhere::Task => "in a task of its own",
    };
    if let Some(receiver) = &function.receiver {
        if receiver.reference.is_some() || borrows(&receiver.ty.to_token_stream()) {
            refuse(
                receiver,
                format!(
                    "a `{name}` body runs {away}, which cannot borrow `self`: take \
                     `self: Arc<Self>`, or `self`"
                ),
            );
        }
    }
    for param in &function.params {
        if borrows(&bare(&param.written).to_token_stream()) {
            refuse(
                &param.written,
                format!(
                    "a `{name}` body runs {away}, which cannot borrow from the caller: take an \
                     owned value, such as a `String`, a `Vec` or an `Arc`"
                ),
            );
        }
    }
    found
}

/// Whether a type as it was written borrows something that may go: a reference or a lifetime
/// that is not `'static`, but for those of `for<'a>` and of the parameters of `Fn(&T)`.
fn borrows(ty: &TokenStream) -> bool {
    let mut tokens = ty.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            // `Fn(&T)`, `fn(&T)`: what is lent there is lent by the body.
            TokenTree::Ident(name)
                if matches!(name.to_string().as_str(), "Fn" | "FnMut" | "FnOnce" | "fn") =>
            {
                tokens.next();
            }
            TokenTree::Ident(name) if name == "for" => return false,
            TokenTree::Punct(punct) if punct.as_char() == '&' => {
                let lives =
                    matches!(tokens.peek(), Some(TokenTree::Punct(next)) if next.as_char() == '\'');
                if !lives {
                    return true;
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == '\'' => {
                let forever =
                    matches!(tokens.peek(), Some(TokenTree::Ident(name)) if name == "static");
                if !forever {
                    return true;
                }
            }
            TokenTree::Group(group) if borrows(&group.stream()) => return true,
            _ => {}
        }
    }
    false
}

fn on_a_thread(function: &mut Function, option: Span) {
    let krate = function.options.krate();
    let Some(body) = &function.body.clone() else {
        return;
    };
    let span = at(option);
    let private = respanned(quote!(#krate::__private), span);
    let returned = function.returns.ty.clone();
    let call = quote_spanned!(span=> #private::blocking);
    // All of them go along, and live until the body ends, used or not, as in any function.
    let this = function.receiver.as_ref();
    let this = this.map(|receiver| receiver.self_token.to_token_stream());
    let names = function
        .params
        .iter()
        .map(|param| param.name.to_token_stream());
    let sent = this.into_iter().chain(names);
    let mut binds = quote!(#krate::__private::hold((#(&#sent,)*)););
    for param in &mut function.params {
        let (attrs, pat, name) = (core::mem::take(&mut param.attrs), &param.pat, &param.name);
        binds.extend(quote! {
            #[allow(clippy::no_effect_underscore_binding)]
            #(#attrs)*
            let #pat = #name;
        });
        param.pat = syn::parse_quote!(#name);
    }
    let stream = body.stream();
    let inner = in_braces(quote!(#binds #stream), body);
    // An early return is one of the body.
    let outer = in_braces(quote!(#call(move || -> #returned #inner)), body);
    function.body = Some(outer);
    let chain: syn::Type = syn::parse_quote!(#krate::__private::OnThread<#returned>);
    function.returns.ty = syn::parse_quote!(#krate::__private::Deferred<#returned, #chain>);
    function.returns.deferred = Some(returned);
    function.returns.chain = Some(chain);
}

/// In the braces of the body, at which rustc points.
fn in_braces(tokens: TokenStream, body: &Group) -> Group {
    let mut group = Group::new(Delimiter::Brace, tokens);
    group.set_span(body.span());
    group
}

fn respanned(tokens: TokenStream, span: Span) -> TokenStream {
    let place = |mut token: TokenTree| {
        token.set_span(span);
        token
    };
    tokens.into_iter().map(place).collect()
}
