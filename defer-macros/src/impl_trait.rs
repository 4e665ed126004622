//! `impl Trait` in a parameter, as a type parameter with a name.

use proc_macro2::{Span, TokenStream};
use quote::format_ident;
use syn::visit_mut::{self, VisitMut};
use syn::{Signature, Type, TypeParam};

/// Replace every `impl Trait` of the inputs; the type parameters that stand for them.
pub(crate) fn name_impl_traits(sig: &mut Signature) -> Vec<TypeParam> {
    let mut named = Named::default();
    for input in &mut sig.inputs {
        if let syn::FnArg::Typed(typed) = input {
            named.visit_type_mut(&mut typed.ty);
        }
    }
    named.params
}

#[derive(Default)]
struct Named {
    params: Vec<TypeParam>,
}

impl VisitMut for Named {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        let in_parentheses = matches!(&*ty, Type::Paren(paren)
            if matches!(&*paren.elem, Type::ImplTrait(_)));
        visit_mut::visit_type_mut(self, ty);
        // A name needs none, and rustc says so to the user.
        if let (true, Type::Paren(paren)) = (in_parentheses, &mut *ty) {
            let named = std::mem::replace(&mut *paren.elem, Type::Verbatim(TokenStream::new()));
            *ty = named;
            return;
        }
        if let Type::ImplTrait(bounds) = ty {
            let name = format_ident!("__DeferI{}", self.params.len(), span = Span::mixed_site());
            let mut param = TypeParam::from(name.clone());
            param.colon_token = Some(syn::Token![:](bounds.impl_token.span));
            param.bounds = bounds.bounds.clone();
            self.params.push(param);
            *ty = syn::parse_quote!(#name);
        }
    }
}

/// Whether `impl Trait` stands anywhere in the type.
pub(crate) fn has_impl_trait(ty: &Type) -> bool {
    struct Found(bool);
    impl<'a> syn::visit::Visit<'a> for Found {
        fn visit_type_impl_trait(&mut self, _: &'a syn::TypeImplTrait) {
            self.0 = true;
        }
    }
    let mut found = Found(false);
    syn::visit::Visit::visit_type(&mut found, ty);
    found.0
}
