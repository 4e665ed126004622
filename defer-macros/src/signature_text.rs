//! The signature as a person wrote it, for the first lines of the generated docs.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{FnArg, Signature};

use crate::attrs::doc_text;

/// A code block with the signature.
pub(crate) fn signature_text(sig: &Signature) -> String {
    let mut sig = sig.clone();
    for input in &mut sig.inputs {
        if let FnArg::Typed(typed) = input {
            typed.attrs.retain(|attr| doc_text(attr).is_none());
        }
    }
    format!("```text\n{}\n```", spaced(sig.to_token_stream()))
}

/// Tokens as text, with the spaces that people put between them.
pub(crate) fn spaced(tokens: TokenStream) -> String {
    let mut text = String::new();
    write(tokens, &mut text);
    text
}

fn write(tokens: TokenStream, text: &mut String) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => (" { ", " }"),
                    Delimiter::None => ("", ""),
                };
                if open == "(" && text.ends_with([',', '=']) {
                    text.push(' ');
                }
                text.push_str(open);
                write(group.stream(), text);
                text.push_str(close);
            }
            TokenTree::Punct(punct) => {
                let mark = punct.as_char();
                match mark {
                    ',' => text.push_str(", "),
                    // `::`, or the colon after a name.
                    ':' if punct.spacing() == Spacing::Joint || text.ends_with(':') => {
                        text.push(':');
                    }
                    ':' => text.push_str(": "),
                    '-' if punct.spacing() == Spacing::Joint => {
                        spaced_before(text);
                        text.push('-');
                    }
                    '>' if text.ends_with('-') => text.push_str("> "),
                    '=' | '+' | '|' => {
                        spaced_before(text);
                        text.push(mark);
                        text.push(' ');
                    }
                    '&' if text.ends_with(|end: char| end.is_alphanumeric()) => {
                        text.push_str(" &");
                    }
                    _ => {
                        if mark == '>' {
                            text.truncate(text.trim_end_matches(", ").len());
                        }
                        text.push(mark);
                    }
                }
            }
            TokenTree::Ident(ident) => {
                word(&ident.to_string(), text);
            }
            TokenTree::Literal(literal) => word(&literal.to_string(), text),
        }
    }
}

fn word(word: &str, text: &mut String) {
    if text.ends_with(|end: char| end.is_alphanumeric() || "_>)]".contains(end)) {
        text.push(' ');
    }
    text.push_str(word);
}

fn spaced_before(text: &mut String) {
    if !text.ends_with(' ') {
        text.push(' ');
    }
}
