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
                let instead = match what {
                    "an `impl` block" | "a trait" | "a module" => "put it on the functions inside",
                    _ => "remove it, or put it on a function",
                };
                return Err(input.error(format!(
                    "`#[{attribute}]` goes on a function, and this is {what}: {instead}"
                )));
            }
            let sig: Signature = input.parse()?;
            let body = if input.peek(Token![;]) {
                input.parse::<Token![;]>()?;
                None
            } else {
                Some(body(input.parse()?)?)
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

/// The braces of a body, which a `macro_rules!` fragment wraps into a group of its own.
fn body(token: TokenTree) -> syn::Result<Group> {
    if let TokenTree::Group(group) = &token {
        if group.delimiter() == Delimiter::Brace {
            return Ok(group.clone());
        }
        let mut inside = group.stream().into_iter();
        if let (Delimiter::None, Some(inner), None) =
            (group.delimiter(), inside.next(), inside.next())
        {
            return body(inner);
        }
    }
    Err(syn::Error::new_spanned(token, "expected the body `{ .. }`"))
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
