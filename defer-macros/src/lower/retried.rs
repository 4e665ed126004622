//! A body that runs again when it has failed.
//!
//! ```text
//! // Input:  #[callback(retry = policy)] async fn fetch(url: Url) -> Result<Page, E> { … }
//! // Output, as the body: {
//! //     retrying(policy, move || {
//! //         let url: Url = again(&url);
//! //         Deferred::from_chain(asynchronous(async move { … }))
//! //     })
//! // }
//! ```

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

use super::Lowering;
use crate::model::{Role, at};
use crate::tokens::mentions;

impl Lowering<'_> {
    /// The block that gives the deferred of all runs. The values of the parameters are in
    /// scope under their names, for the policy as well.
    pub(super) fn retried(&self, policy: &Expr) -> TokenStream {
        let function = self.function;
        let private = &self.private;
        let clones = function.params.iter().map(|param| {
            let (name, ty) = (&param.name, &param.ty);
            let binding = match param.role {
                Role::Deferrable => self.binding(param),
                _ => name.to_token_stream(),
            };
            let span = at(ty.span());
            let private = self.private_at(span);
            quote_spanned!(span=> let #binding: #ty = #private::again(&#name);)
        });
        // What the policy alone uses is used.
        let policy_tokens = policy.to_token_stream();
        let used = function
            .params
            .iter()
            .map(|param| &param.name)
            .filter(|name| mentions(&policy_tokens, &[&name.to_string()]));
        let clones = quote!(#(#clones)* #(#private::hold(&#used);)*);
        let run = if function.is_async {
            self.given_deferred()
        } else {
            let written = self.body_type();
            let block = self.block(&self.lets(), self.body_tokens());
            // A closure, since the body may return early.
            let run = if function.returns.deferred.is_some() {
                quote!(gave)
            } else {
                quote!(ran)
            };
            quote!(#private::#run(move || -> #written #block))
        };
        // Said, so that a policy for another error is what is wrong, and not the body.
        let error = function
            .returns
            .outcome
            .as_ref()
            .map(|outcome| &outcome.error);
        let span = at(policy.span());
        let private = self.private_at(span);
        let retrying = quote_spanned!(span=> #private::retrying::<_, #error, _, _, _, _>);
        quote! {{
            #retrying(#policy, move || {
                #clones
                #run
            })
        }}
    }
}
