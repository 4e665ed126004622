//! Reading and changing the tokens of a body without parsing it.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;

/// Whether a keyword or name stands anywhere in the tokens.
pub(crate) fn mentions(tokens: &TokenStream, words: &[&str]) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => words.iter().any(|word| ident == word),
        TokenTree::Group(group) => mentions(&group.stream(), words),
        _ => false,
    })
}

/// The first `.await` of the tokens.
pub(crate) fn find_await(tokens: &TokenStream) -> Option<Span> {
    let mut after_dot = false;
    for token in tokens.clone() {
        match &token {
            TokenTree::Ident(ident) if after_dot && ident == "await" => return Some(ident.span()),
            TokenTree::Group(group) => {
                if let Some(span) = find_await(&group.stream()) {
                    return Some(span);
                }
            }
            _ => {}
        }
        after_dot = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '.');
    }
    None
}

/// The calls that let a deferred hear of a cancellation, written between a `.` and `.await`.
pub(crate) fn wait(span: Span) -> TokenStream {
    quote_spanned!(span=> __defer_wait().__defer_adopt())
}

/// Write [`wait`] before every `.await`.
pub(crate) fn cancellable_awaits(tokens: TokenStream) -> TokenStream {
    let mut written = TokenStream::new();
    let mut after_dot = None;
    for token in tokens {
        let dot = after_dot.take();
        let token = match token {
            TokenTree::Ident(ident) if dot.is_some() && ident == "await" => {
                // At the place of the user's own token, so that errors underline the whole.
                written.extend(wait(ident.span()));
                written.extend(dot.map(TokenTree::Punct));
                ident.into()
            }
            TokenTree::Punct(punct) => {
                after_dot = (punct.as_char() == '.').then(|| punct.clone());
                punct.into()
            }
            TokenTree::Group(group) => {
                let inner = cancellable_awaits(group.stream());
                let mut inner = Group::new(group.delimiter(), inner);
                inner.set_span(group.span());
                inner.into()
            }
            other => other,
        };
        written.extend([token]);
    }
    written
}

/// Replace `self` by a name, so that the body can go into a closure that captures nothing.
///
/// `None` where tokens alone do not tell which `self` is ours: nested items with their own
/// `self`, and `"{self}"` in a format string.
pub(crate) fn rename_self(tokens: &TokenStream, name: &str) -> Option<TokenStream> {
    if mentions(tokens, &["impl", "trait", "fn", "macro_rules"]) || formats(tokens, "self") {
        return None;
    }
    Some(rename(tokens.clone(), name))
}

fn rename(tokens: TokenStream, name: &str) -> TokenStream {
    let mut renamed = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let token = match token {
            TokenTree::Ident(ident) if ident == "self" => {
                let path = matches!(tokens.peek(), Some(TokenTree::Punct(punct))
                    if punct.as_char() == ':' && punct.spacing() == proc_macro2::Spacing::Joint);
                if path {
                    ident
                } else {
                    renamed_self(name, ident.span())
                }
                .into()
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), rename(group.stream(), name));
                inner.set_span(group.span());
                inner.into()
            }
            other => other,
        };
        renamed.extend([token]);
    }
    renamed
}

/// The name that stands for `self`: hygienic, at the place of the `self` it replaces.
pub(crate) fn renamed_self(name: &str, span: Span) -> Ident {
    Ident::new(name, Span::mixed_site().located_at(span))
}

/// Whether a literal has `{name` in it, as format strings do.
pub(crate) fn formats(tokens: &TokenStream, name: &str) -> bool {
    let opened = format!("{{{name}");
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Literal(literal) => literal.to_string().contains(&opened),
        TokenTree::Group(group) => formats(&group.stream(), name),
        _ => false,
    })
}
