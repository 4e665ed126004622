//! An annotated function, understood: what its parameters are, what it returns.

use proc_macro2::{Group, Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{
    Attribute, FnArg, GenericArgument, Generics, Lifetime, Pat, PathArguments, Receiver,
    ReturnType, Type, TypeParam, Visibility,
};

use crate::attrs::{Attrs, doc_text};
use crate::errors::Errors;
use crate::impl_trait::{has_impl_trait, name_impl_traits};
use crate::item::Item;
use crate::lifetimes::name_elided;
use crate::options::Options;
use crate::signature_text::signature_text;
use crate::tokens::mentions;

/// Which attribute.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavor {
    Callback,
    Errback,
    InlineCallbacks,
}

impl Flavor {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Flavor::Callback => "callback",
            Flavor::Errback => "errback",
            Flavor::InlineCallbacks => "inline_callbacks",
        }
    }
}

/// An annotated function.
pub(crate) struct Function {
    pub(crate) flavor: Flavor,
    pub(crate) options: Options,
    pub(crate) attrs: Attrs,
    pub(crate) vis: Visibility,
    /// The user's `fn`: what rustc says of the function is said there.
    pub(crate) fn_token: syn::Token![fn],
    pub(crate) name: Ident,
    /// The lifetimes that were made up.
    pub(crate) fresh_lifetimes: bool,
    /// The user's generics, with every lifetime and `impl Trait` named.
    pub(crate) generics: Generics,
    pub(crate) receiver: Option<Receiver>,
    pub(crate) params: Vec<Param>,
    pub(crate) returns: Returns,
    pub(crate) is_async: bool,
    pub(crate) body: Option<Group>,
    /// The signature as it was written, and docs of parameters: for the generated page.
    pub(crate) docs: Vec<String>,
    /// The name of the function that answers its calls, many at once.
    pub(crate) batch: Option<String>,
    /// `Self` is in scope.
    pub(crate) in_impl: bool,
    /// The failure was refused: take any.
    pub(crate) refused: bool,
    /// The signature was refused for something that has no lowered form.
    pub(crate) stub: bool,
}

/// One parameter.
pub(crate) struct Param {
    /// The name in the generated signature.
    pub(crate) name: Ident,
    /// The pattern as it was written.
    pub(crate) pat: Pat,
    /// The attributes that stay on the pattern.
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) ty: Type,
    /// The type before lifetimes and `impl Trait` were named.
    pub(crate) written: Type,
    pub(crate) role: Role,
}

impl Param {
    /// The pattern is the name.
    pub(crate) fn is_simple(&self) -> bool {
        matches!(&self.pat, Pat::Ident(pat)
            if pat.subpat.is_none() && pat.by_ref.is_none() && pat.ident == self.name)
    }
}

/// What a parameter takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// A value, as in any function.
    Plain,
    /// A value, or a deferred that yields one.
    Deferrable,
    /// The failure of an errback.
    Failure,
}

/// What the function returns.
pub(crate) struct Returns {
    /// As it was written; `()` where nothing was.
    pub(crate) ty: Type,
    /// What is inside of `Deferred<…>`, if it is one.
    pub(crate) deferred: Option<Type>,
    /// The chain in it, if it is written.
    pub(crate) chain: Option<Type>,
    /// Whether what the chain yields is a `Result`.
    pub(crate) outcome: Option<Outcome>,
    pub(crate) has_impl: bool,
}

/// The parts of a `Result`.
pub(crate) struct Outcome {
    /// The type on success.
    pub(crate) value: TokenStream,
    /// The error.
    pub(crate) error: TokenStream,
    /// They are behind an alias: projections, which the compiler looks through.
    pub(crate) hidden: bool,
}

impl Returns {
    /// What the chain yields: the return type, without the deferred around it.
    pub(crate) fn yielded(&self) -> &Type {
        self.deferred.as_ref().unwrap_or(&self.ty)
    }

    fn read(output: &ReturnType, options: &Options, private: &TokenStream) -> Self {
        let ty = match output {
            ReturnType::Default => syn::parse_quote!(()),
            ReturnType::Type(_, ty) => (**ty).clone(),
        };
        let mut args = generic_args(&ty, "Deferred")
            .unwrap_or_default()
            .into_iter();
        let (deferred, chain) = (args.next(), args.next());
        let yielded = deferred.as_ref().unwrap_or(&ty);
        let known = generic_args(yielded, "Result");
        let projected = |name: &str| {
            let name = format_ident!("{name}");
            quote_spanned!(yielded.span()=> <#yielded as #private::IsResult>::#name)
        };
        // The one parameter of an alias is the value, by custom; a projection in its place
        // would be right for any alias, and rustc cannot see through one in a bound.
        let value = |args: &[Type]| match args {
            [value] => value.to_token_stream(),
            _ => projected("Value"),
        };
        let outcome = match (&options.error, known) {
            (Some(error), _) => Some(Outcome {
                value: value(&last_args(yielded)),
                error: error.to_token_stream(),
                hidden: true,
            }),
            (None, Some(args)) => Some(match args.as_slice() {
                [value, error] => Outcome {
                    value: value.to_token_stream(),
                    error: error.to_token_stream(),
                    hidden: false,
                },
                // An alias: its error is not in sight, and the compiler knows it.
                args => Outcome {
                    value: value(args),
                    error: projected("Error"),
                    hidden: true,
                },
            }),
            (None, None) => None,
        };
        let has_impl = has_impl_trait(&ty);
        Returns {
            ty,
            deferred,
            chain,
            outcome,
            has_impl,
        }
    }
}

impl Function {
    /// Understand an item; what cannot be is told, and made the best of.
    pub(crate) fn read(
        flavor: Flavor,
        options: Options,
        attrs: Attrs,
        item: Item,
        errors: &mut Errors,
    ) -> Self {
        let Item {
            vis, mut sig, body, ..
        } = item;
        let mut docs = vec![signature_text(&sig)];
        let private = {
            let krate = options.krate();
            quote!(#krate::__private)
        };
        let body_mentions_self = body
            .as_ref()
            .is_some_and(|body| mentions(&body.stream(), &["Self"]));
        let in_impl = sig.receiver().is_some()
            || options.associated
            || body.is_none()
            || body_mentions_self
            || mentions(&options.retry.to_token_stream(), &["self", "Self"])
            || mentions(&sig.to_token_stream(), &["Self"]);

        let roles = roles(flavor, &sig.inputs);
        let written: Vec<Option<Type>> = sig
            .inputs
            .iter()
            .map(|input| match input {
                FnArg::Typed(typed) => Some((*typed.ty).clone()),
                FnArg::Receiver(_) => None,
            })
            .collect();
        let fresh = name_elided(&mut sig);
        let named = name_impl_traits(&mut sig);
        let mut receiver = None;
        let mut params = Vec::new();
        let mut param_docs = Vec::new();
        for ((input, role), written) in sig.inputs.into_iter().zip(roles).zip(written) {
            match input {
                FnArg::Receiver(this) => receiver = Some(this),
                FnArg::Typed(typed) => {
                    let written = written.unwrap_or_else(|| (*typed.ty).clone());
                    let name = outer_name(&typed.pat, &params);
                    let mut text = String::new();
                    let mut attrs = Vec::new();
                    for attr in typed.attrs {
                        if let Some(line) = doc_text(&attr) {
                            text.push_str(&line);
                        } else if attr.path().is_ident("value") || attr.path().is_ident("cfg") {
                            // Ours, and what has been decided already.
                        } else {
                            attrs.push(attr);
                        }
                    }
                    if !text.is_empty() {
                        param_docs.push(format!("- `{name}`:{text}"));
                    }
                    params.push(Param {
                        name,
                        pat: *typed.pat,
                        attrs,
                        ty: *typed.ty,
                        written,
                        role,
                    });
                }
            }
        }
        if !param_docs.is_empty() {
            docs.push(format!("# Parameters\n\n{}", param_docs.join("\n")));
        }
        let returns = Returns::read(&sig.output, &options, &private);
        let fresh_lifetimes = !fresh.is_empty();
        let generics = extended(sig.generics, fresh, named);
        let mut is_async = sig.asyncness.is_some();
        if flavor == Flavor::InlineCallbacks {
            if let Some(asyncness) = sig.asyncness {
                errors.at(
                    asyncness,
                    "`#[inline_callbacks]` goes on a plain `fn`, in which `.await` waits for \
                     deferreds: remove `async`, or write `#[callback] async fn`",
                );
            }
            is_async = true;
        }
        Function {
            flavor,
            options,
            attrs,
            vis,
            fn_token: sig.fn_token,
            name: sig.ident,
            fresh_lifetimes,
            generics,
            receiver,
            params,
            returns,
            is_async,
            body,
            docs,
            batch: None,
            in_impl,
            refused: false,
            stub: false,
        }
    }

    /// The parameters that may be deferreds.
    pub(crate) fn deferrable(&self) -> impl Iterator<Item = &Param> {
        self.params
            .iter()
            .filter(|param| param.role == Role::Deferrable)
    }

    /// The parameters that are plain.
    pub(crate) fn plain(&self) -> impl Iterator<Item = &Param> {
        self.params.iter().filter(|param| param.role == Role::Plain)
    }

    /// The failure of an errback in the short form.
    pub(crate) fn failure(&self) -> Option<&Param> {
        self.params.iter().find(|param| param.role == Role::Failure)
    }

    /// In place of an `impl Trait`, which nothing could infer: a type that implements much.
    pub(crate) fn take_failure_of_any_type(&mut self) {
        let Some(failure) = self
            .params
            .iter_mut()
            .find(|param| param.role == Role::Failure)
        else {
            return;
        };
        let named = core::mem::replace(
            &mut failure.ty,
            syn::parse_quote!(::core::convert::Infallible),
        );
        let params = core::mem::take(&mut self.generics.params);
        self.generics.params = params
            .into_iter()
            .filter(|param| match (param, &named) {
                (syn::GenericParam::Type(param), Type::Path(path)) => {
                    !path.path.is_ident(&param.ident)
                }
                _ => true,
            })
            .collect();
    }

    /// An errback in the general form: `Result` parameters are observed.
    pub(crate) fn observes(&self) -> bool {
        self.flavor == Flavor::Errback
            && self.failure().is_none()
            && self
                .params
                .first()
                .is_some_and(|param| is_result(&param.ty))
    }
}

/// What a parameter is called in the generated signature, where every parameter is used:
/// its name, without the underscore of one that the body does not use.
fn outer_name(pat: &Pat, before: &[Param]) -> Ident {
    // Hygienic: there may be a parameter of this name.
    let numbered = || {
        let span = Span::mixed_site().located_at(pat.span());
        format_ident!("arg{}", before.len(), span = span)
    };
    let Pat::Ident(pat) = pat else {
        return numbered();
    };
    let name = pat.ident.to_string();
    if !name.starts_with('_') {
        return pat.ident.clone();
    }
    let stripped = name.trim_start_matches('_');
    match syn::parse_str::<Ident>(stripped) {
        Ok(mut used) if before.iter().all(|param| param.name != used) => {
            used.set_span(pat.ident.span());
            used
        }
        _ => numbered(),
    }
}

/// What each input takes, by its type as it was written.
fn roles<'a>(flavor: Flavor, inputs: impl IntoIterator<Item = &'a FnArg>) -> Vec<Role> {
    let mut first = true;
    let mut roles = Vec::new();
    for input in inputs {
        let FnArg::Typed(typed) = input else {
            roles.push(Role::Plain);
            continue;
        };
        let marked = typed.attrs.iter().any(|attr| attr.path().is_ident("value"));
        let is_first = core::mem::take(&mut first);
        roles.push(
            if flavor == Flavor::Errback && is_first && !is_result(&typed.ty) {
                Role::Failure
            } else if marked || matches!(bare(&typed.ty), Type::Reference(_) | Type::ImplTrait(_)) {
                Role::Plain
            } else {
                Role::Deferrable
            },
        );
    }
    roles
}

/// The user's generics with those that were made up.
fn extended(mut generics: Generics, fresh: Vec<Lifetime>, named: Vec<TypeParam>) -> Generics {
    let at = generics.lifetimes().count();
    for (offset, lifetime) in fresh.into_iter().enumerate() {
        generics
            .params
            .insert(at + offset, syn::LifetimeParam::new(lifetime).into());
    }
    generics
        .params
        .extend(named.into_iter().map(syn::GenericParam::from));
    generics
}

/// A type without the invisible groups of `macro_rules!` and without parentheses.
pub(crate) fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        Type::Paren(paren) => bare(&paren.elem),
        other => other,
    }
}

/// A return type or parameter is a `Result` if that is the last segment of its path.
pub(crate) fn is_result(ty: &Type) -> bool {
    generic_args(ty, "Result").is_some()
}

/// The type arguments of the last segment of a path, whatever its name.
fn last_args(ty: &Type) -> Vec<Type> {
    let Type::Path(path) = bare(ty) else {
        return Vec::new();
    };
    let name = path.path.segments.last().map(|last| last.ident.to_string());
    name.and_then(|name| generic_args(ty, &name))
        .unwrap_or_default()
}

/// The type arguments of a path whose last segment has this name.
pub(crate) fn generic_args(ty: &Type, name: &str) -> Option<Vec<Type>> {
    let Type::Path(path) = bare(ty) else {
        return None;
    };
    let last = path.path.segments.last()?;
    if last.ident != name {
        return None;
    }
    Some(match &last.arguments {
        PathArguments::AngleBracketed(args) => args
            .args
            .iter()
            .filter_map(|arg| match arg {
                GenericArgument::Type(ty) => Some(ty.clone()),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    })
}

/// The place of a parameter, for generated tokens that speak of it.
pub(crate) fn at(span: Span) -> Span {
    Span::call_site().located_at(span)
}
