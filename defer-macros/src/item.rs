//! The item as it stands in the source. Its body stays a group of tokens: it is handed on
//! as it is, so that a body that does not parse yet still leaves a function to call.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Signature, Token, Visibility};

/// A function: attributes, visibility, signature, body.
pub(crate) struct Item {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    /// `None` for a method that a trait declares.
    pub(crate) body: Option<Group>,
}

impl Item {
    /// Parse a function.
    pub(crate) fn parse(attribute: &str, tokens: TokenStream) -> syn::Result<Self> {
        let parser = |input: ParseStream<'_>| {
            let attrs = input.call(Attribute::parse_outer)?;
            let vis: Visibility = input.parse()?;
            if let Some(what) = other_item(input) {
                return Err(input.error(format!(
                    "`#[{attribute}]` goes on a function, and this is {what}: put it on the \
                     functions inside"
                )));
            }
            let sig: Signature = input.parse()?;
            let body = if input.peek(Token![;]) {
                input.parse::<Token![;]>()?;
                None
            } else {
                match input.parse::<TokenTree>()? {
                    TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
                    other => {
                        return Err(syn::Error::new_spanned(other, "expected the body `{ .. }`"));
                    }
                }
            };
            Ok(Item {
                attrs,
                vis,
                sig,
                body,
            })
        };
        parser.parse2(tokens)
    }
}

/// What the item is, if it is no function.
fn other_item(input: ParseStream<'_>) -> Option<&'static str> {
    Some(match () {
        () if input.peek(Token![struct]) => "a struct",
        () if input.peek(Token![enum]) => "an enum",
        () if input.peek(Token![union]) && !input.peek2(Token![!]) => "a union",
        () if input.peek(Token![impl]) => "an `impl` block",
        () if input.peek(Token![trait]) => "a trait",
        () if input.peek(Token![mod]) => "a module",
        () if input.peek(Token![type]) => "a type alias",
        () if input.peek(Token![static]) => "a static",
        () if input.peek(Token![use]) => "a `use` declaration",
        () if input.peek(Token![let]) => "a `let` statement",
        () if input.peek(Token![macro]) => "a macro",
        () if input.peek(Token![const]) && input.peek3(Token![:]) => "a constant",
        () => return None,
    })
}
