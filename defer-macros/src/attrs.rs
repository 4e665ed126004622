//! Where the other attributes of a function go.

use syn::{Attribute, Meta};

/// The attributes of a function, by where they go.
#[derive(Default)]
pub(crate) struct Attrs {
    /// On everything that is generated: `cfg`.
    pub(crate) everywhere: Vec<Attribute>,
    /// On the function that is called: docs, `must_use`, `deprecated`, lints, tools.
    pub(crate) outer: Vec<Attribute>,
    /// On the function that holds the body: `inline`, `track_caller`, lints.
    pub(crate) inner: Vec<Attribute>,
    /// Macros of others, which have to see the function as it was written.
    pub(crate) foreign: Vec<Attribute>,
}

impl Attrs {
    pub(crate) fn sort(attrs: &[Attribute]) -> Self {
        let mut sorted = Attrs::default();
        for attr in attrs {
            let path = attr.path();
            let first = path
                .segments
                .first()
                .map(|segment| segment.ident.to_string());
            let name = first.unwrap_or_default();
            let tool = path.segments.len() > 1
                && matches!(
                    name.as_str(),
                    "rustfmt" | "clippy" | "diagnostic" | "rustdoc" | "miri" | "rust_analyzer"
                );
            match name.as_str() {
                _ if tool => sorted.outer.push(attr.clone()),
                "cfg" => sorted.everywhere.push(attr.clone()),
                "doc"
                | "deprecated"
                | "must_use"
                | "cfg_attr"
                | "automatically_derived"
                | "coverage" => sorted.outer.push(attr.clone()),
                "allow" | "expect" | "warn" | "deny" | "forbid" => {
                    sorted.inner.push(attr.clone());
                    // An expectation holds for the body; the generated function has
                    // nothing that could fulfil it.
                    if name != "expect" {
                        sorted.outer.push(attr.clone());
                    }
                }
                "inline" | "cold" | "track_caller" | "target_feature" | "optimize" => {
                    sorted.inner.push(attr.clone());
                }
                _ => sorted.foreign.push(attr.clone()),
            }
        }
        sorted
    }
}

/// One of ours, by the last segment of its path.
pub(crate) fn ours(attr: &Attribute) -> Option<String> {
    let name = attr.path().segments.last()?.ident.to_string();
    matches!(name.as_str(), "callback" | "errback" | "inline_callbacks").then_some(name)
}

/// The text of a doc attribute.
pub(crate) fn doc_text(attr: &Attribute) -> Option<String> {
    let Meta::NameValue(meta) = &attr.meta else {
        return None;
    };
    if !meta.path.is_ident("doc") {
        return None;
    }
    match &meta.value {
        syn::Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Str(text),
            ..
        }) => Some(text.value()),
        _ => None,
    }
}
