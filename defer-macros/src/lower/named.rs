//! The body of a free function as a type of its own.
//!
//! ```text
//! // Input:  #[callback] fn cleanup(page: Page, tag: &str) -> Page { … }
//! // Output: struct __defer_cleanup<'__defer0>(&'__defer0 str, PhantomData<…>);
//! //         impl Body<(Page,)> for __defer_cleanup<'_> { … calls … }
//! //         impl __defer_cleanup<'_> { fn cleanup(page: Page, tag: &str) -> Page { … } }
//! ```

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{GenericParam, Generics};

use super::Lowering;
use crate::model::Role;

impl Lowering<'_> {
    fn hidden_name(&self) -> Ident {
        let name = &self.function.name;
        format_ident!(
            "__defer_{}",
            name.to_string().trim_start_matches("r#"),
            span = name.span()
        )
    }

    /// The hidden struct with the user's generics.
    pub(super) fn named_body_type(&self) -> TokenStream {
        let name = self.hidden_name();
        let (_, generics, _) = self.function.generics.split_for_impl();
        quote!(#name #generics)
    }

    /// A value of it, from the plain parameters.
    pub(super) fn named_body(&self) -> TokenStream {
        let name = self.hidden_name();
        let plain = self.function.plain().map(|param| &param.name);
        match self.marker_type() {
            None if self.function.plain().next().is_none() => name.to_token_stream(),
            None => quote!(#name(#(::core::option::Option::Some(#plain)),*)),
            Some(_) => {
                quote!(#name(#(::core::option::Option::Some(#plain),)* ::core::marker::PhantomData))
            }
        }
    }

    /// What mentions the generics that no plain parameter may mention.
    fn marker_type(&self) -> Option<TokenStream> {
        let mut mentioned = Vec::new();
        for param in &self.function.generics.params {
            match param {
                GenericParam::Lifetime(param) => {
                    let lifetime = &param.lifetime;
                    mentioned.push(quote!(&#lifetime ()));
                }
                GenericParam::Type(param) => {
                    let name = &param.ident;
                    mentioned.push(quote!(::core::marker::PhantomData<#name>));
                }
                GenericParam::Const(_) => {}
            }
        }
        if mentioned.is_empty() {
            return None;
        }
        // Of a function, so that the marker has no say in `Send`, `Sync` and `Drop`.
        Some(quote!(::core::marker::PhantomData<fn() -> (#(#mentioned,)*)>))
    }

    /// The struct, its `Body`, and the function that holds the body as it was written.
    pub(super) fn hidden_items(&self) -> TokenStream {
        let function = self.function;
        let private = &self.private;
        let name = self.hidden_name();
        let (cfg, inner, vis) = (
            &function.attrs.everywhere,
            &function.attrs.inner,
            &function.vis,
        );
        let generics: &Generics = &function.generics;
        let (impl_generics, type_generics, bounds) = generics.split_for_impl();
        let fields: Vec<_> = function
            .plain()
            .map(|param| {
                let ty = &param.ty;
                quote!(::core::option::Option<#ty>)
            })
            .chain(self.marker_type())
            .collect();
        let fields = (!fields.is_empty()).then(|| quote!((#(#fields),*)));
        let (values, returned, site) = (self.values_type(), self.body_type(), self.site());
        let call = self.call_of_body();
        let written = &function.name;
        let params = function.params.iter().map(|param| {
            let (attrs, pat, ty) = (&param.attrs, &param.pat, &param.ty);
            quote!(#(#attrs)* #pat: #ty)
        });
        let arrow = match &function.returns.ty {
            syn::Type::Tuple(unit) if unit.elems.is_empty() => None,
            ty => Some(quote!(-> #ty)),
        };
        let body = &function.body;
        let fn_token = &function.fn_token;
        let lifetimes = self.lifetimes_lint();
        quote! {
            #(#cfg)*
            #[doc(hidden)]
            #lifetimes
            #[allow(non_camel_case_types, dead_code, missing_debug_implementations)]
            #vis struct #name #generics #fields #bounds;

            #(#cfg)*
            #[automatically_derived]
            #lifetimes
            impl #impl_generics #private::Body<#values> for #name #type_generics #bounds {
                type Out = #returned;
                #[inline]
                fn site(&self) -> &'static #private::Site {
                    #site
                }
                #[inline]
                fn call(&mut self, values: #values) -> #returned {
                    #call
                }
            }

            #(#cfg)*
            #[allow(dead_code)]
            #lifetimes
            impl #impl_generics #name #type_generics #bounds {
                #(#inner)*
                #fn_token #written(#(#params),*) #arrow #body
            }
        }
    }

    /// `Self::cleanup(v0, self.0)`, in the order of the parameters.
    fn call_of_body(&self) -> TokenStream {
        let private = &self.private;
        let name = &self.function.name;
        let local = |name: String| Ident::new(&name, Span::mixed_site());
        let names: Vec<_> = (0..self.arguments.len())
            .map(|index| local(format!("v{index}")))
            .collect();
        let failure = self
            .function
            .failure()
            .map(|_| local("failure".to_string()));
        let pattern = match &failure {
            Some(failure) => quote!((#failure, (#(#names,)*))),
            None => quote!((#(#names,)*)),
        };
        let mut values = names.iter();
        let mut fields = 0..;
        let passed: Vec<TokenStream> = self
            .function
            .params
            .iter()
            .map(|param| match param.role {
                Role::Plain => {
                    let field = syn::Index::from(fields.next().unwrap_or_default());
                    quote!(#private::held(&mut self.#field))
                }
                Role::Failure => failure.to_token_stream(),
                Role::Deferrable => values.next().to_token_stream(),
            })
            .collect();
        let guard = self.observed(&names);
        quote! {
            let #pattern = values;
            #guard
            Self::#name(#(#passed),*)
        }
    }
}
