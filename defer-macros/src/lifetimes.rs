//! Names for lifetimes that a signature leaves out: the generated types have to write them.

use proc_macro2::Span;
use syn::visit_mut::{self, VisitMut};
use syn::{FnArg, Lifetime, ParenthesizedGenericArguments, Signature, Type, TypeBareFn};

/// Name every elided lifetime of the inputs, then apply the rules of elision to the output.
pub(crate) fn name_elided(sig: &mut Signature) -> Vec<Lifetime> {
    let mut named = NameElided::default();
    let mut of_receiver = None;
    for input in &mut sig.inputs {
        match input {
            FnArg::Receiver(receiver) => {
                if receiver.colon_token.is_none() {
                    if let Some((_, lifetime)) = &mut receiver.reference {
                        let lifetime =
                            lifetime.get_or_insert_with(|| named.fresh(receiver.self_token.span));
                        of_receiver = Some(lifetime.clone());
                    }
                    // `syn` keeps the type of `&self` beside it.
                    if let (Some(lifetime), Type::Reference(ty)) =
                        (of_receiver.clone(), &mut *receiver.ty)
                    {
                        ty.lifetime = Some(lifetime);
                    }
                } else {
                    let before = named.seen.len();
                    named.visit_type_mut(&mut receiver.ty);
                    of_receiver = named.seen.get(before).cloned();
                }
            }
            FnArg::Typed(typed) => named.visit_type_mut(&mut typed.ty),
        }
    }
    let for_output = of_receiver.or_else(|| match named.seen.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    });
    if let (Some(lifetime), syn::ReturnType::Type(_, ty)) = (for_output, &mut sig.output) {
        ApplyElision(lifetime).visit_type_mut(ty);
    }
    named.fresh
}

#[derive(Default)]
struct NameElided {
    /// The lifetimes that were made up.
    fresh: Vec<Lifetime>,
    /// Every lifetime of the inputs.
    seen: Vec<Lifetime>,
}

impl NameElided {
    fn fresh(&mut self, span: Span) -> Lifetime {
        let lifetime = Lifetime::new(&format!("'__defer{}", self.fresh.len()), span);
        self.fresh.push(lifetime.clone());
        lifetime
    }
}

impl VisitMut for NameElided {
    fn visit_type_reference_mut(&mut self, ty: &mut syn::TypeReference) {
        if ty.lifetime.is_none() {
            ty.lifetime = Some(Lifetime::new("'_", ty.and_token.span));
        }
        visit_mut::visit_type_reference_mut(self, ty);
    }
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            *lifetime = self.fresh(lifetime.span());
        }
        if lifetime.ident != "static" && !self.seen.contains(lifetime) {
            self.seen.push(lifetime.clone());
        }
    }
    // `fn(&T)` and `Fn(&T)` have lifetimes of their own.
    fn visit_type_bare_fn_mut(&mut self, _: &mut TypeBareFn) {}
    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {
    }
}

struct ApplyElision(Lifetime);

impl VisitMut for ApplyElision {
    fn visit_type_reference_mut(&mut self, ty: &mut syn::TypeReference) {
        ty.lifetime.get_or_insert_with(|| self.0.clone());
        visit_mut::visit_type_reference_mut(self, ty);
    }
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            *lifetime = self.0.clone();
        }
    }
    fn visit_type_bare_fn_mut(&mut self, _: &mut TypeBareFn) {}
    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {
    }
}
