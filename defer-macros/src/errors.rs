//! Collects what is wrong with an item, so that all of it is told at once.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// The errors found so far. They are added to the lowered item, never put in its place.
#[derive(Default)]
pub(crate) struct Errors {
    found: Vec<syn::Error>,
}

impl Errors {
    /// Something is wrong at these tokens.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl core::fmt::Display) {
        self.found.push(syn::Error::new_spanned(tokens, message));
    }

    /// Something is wrong at this place.
    pub(crate) fn at_span(&mut self, span: Span, message: impl core::fmt::Display) {
        self.found.push(syn::Error::new(span, message));
    }

    /// An error of the parser.
    pub(crate) fn push(&mut self, error: syn::Error) {
        self.found.push(error);
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.found.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// As `compile_error!` invocations.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.found
            .iter()
            .map(syn::Error::to_compile_error)
            .collect()
    }
}
