//! The whole way of an attribute: parse, understand, validate, lower.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Attribute, FnArg};

use crate::attrs::{Attrs, ours};
use crate::batch;
use crate::elsewhere;
use crate::errors::Errors;
use crate::item::Item;
use crate::lower::lower;
use crate::model::{Flavor, Function};
use crate::options::Options;
use crate::validate;

/// More `cfg`s on parameters than this are not split.
const MOST_CFGS: usize = 4;

/// Expand an attribute on an item. Never panics; the item, or what can be made of it, is
/// always in the result, followed by the errors.
pub(crate) fn expand(flavor: Flavor, options: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let item = match Item::parse(flavor.name(), tokens.clone()) {
        Ok(item) => item,
        Err(error) => {
            errors.push(error);
            let errors = errors.into_tokens();
            return quote!(#tokens #errors);
        }
    };
    let mut attrs = Attrs::sort(&item.attrs);
    for attr in attrs
        .foreign
        .iter()
        .filter_map(|attr| Some((attr, ours(attr)?)))
    {
        errors.at(
            attr.0,
            format!(
                "`#[{}]` and `#[{}]` on one function: one of them is enough",
                flavor.name(),
                attr.1
            ),
        );
    }
    attrs.foreign.retain(|attr| ours(attr).is_none());

    let parsed = Options::parse(flavor.name(), options.clone(), &mut errors);
    if !attrs.foreign.is_empty() && !parsed.last && errors.is_empty() {
        return behind_the_others(flavor, &parsed, &options, &attrs, &item);
    }
    // What is still there has run, or is inert.
    attrs.outer.append(&mut attrs.foreign);

    let mut expanded = TokenStream::new();
    for (index, item) in split_by_cfg(item, &mut errors).into_iter().enumerate() {
        let mut again = Errors::default();
        let attrs = Attrs {
            everywhere: Attrs::sort(&item.attrs).everywhere,
            outer: attrs.outer.clone(),
            inner: attrs.inner.clone(),
            foreign: Vec::new(),
        };
        // The variants differ in their parameters only: tell what is wrong once.
        let errors = if index == 0 { &mut errors } else { &mut again };
        expanded.extend(expand_item(flavor, parsed.clone(), attrs, item, errors));
    }
    expanded.extend(errors.into_tokens());
    expanded
}

fn expand_item(
    flavor: Flavor,
    options: Options,
    attrs: Attrs,
    mut item: Item,
    errors: &mut Errors,
) -> TokenStream {
    validate::signature(flavor, &mut item, errors);
    let mut function = Function::read(flavor, options, attrs, item, errors);
    batch::give_body(&mut function, errors);
    validate::function(&mut function, errors);
    elsewhere::send(&mut function, errors);
    lower(&function)
}

/// Other macros work on the function as it was written: let them run first.
///
/// ```text
/// // Input:  #[callback] #[instrument] fn f(…) { … }
/// // Output: #[instrument] #[callback(__last)] fn f(…) { … }
/// ```
fn behind_the_others(
    flavor: Flavor,
    parsed: &Options,
    options: &TokenStream,
    attrs: &Attrs,
    item: &Item,
) -> TokenStream {
    let krate = parsed.krate();
    let name = format_ident!("{}", flavor.name());
    let options = Options::put_back(options);
    let foreign = &attrs.foreign;
    let Item {
        attrs,
        vis,
        sig,
        body,
    } = item;
    let known = attrs
        .iter()
        .filter(|attr| Attrs::sort(&[(*attr).clone()]).foreign.is_empty());
    let end = body.is_none().then(|| quote!(;));
    quote! {
        #(#foreign)* #(#known)*
        #[#krate::#name(#options)]
        #vis #sig #body #end
    }
}

/// A parameter under `cfg` changes how many arguments are joined, and a macro cannot know
/// which: one function for each case.
fn split_by_cfg(item: Item, errors: &mut Errors) -> Vec<Item> {
    let cfgs: Vec<Vec<Attribute>> = item
        .sig
        .inputs
        .iter()
        .map(|input| match input {
            FnArg::Typed(typed) => typed
                .attrs
                .iter()
                .filter(|attr| attr.path().is_ident("cfg"))
                .cloned()
                .collect(),
            FnArg::Receiver(_) => Vec::new(),
        })
        .collect();
    let conditional: Vec<usize> = (0..cfgs.len())
        .filter(|index| !cfgs[*index].is_empty())
        .collect();
    if conditional.is_empty() {
        return vec![item];
    }
    if conditional.len() > MOST_CFGS {
        errors.at(
            &item.sig.inputs,
            format!("at most {MOST_CFGS} parameters under `cfg`: write the function for each case"),
        );
        return vec![item];
    }
    (0..1usize << conditional.len())
        .map(|case| {
            let mut attrs = item.attrs.clone();
            let mut dropped = Vec::new();
            for (bit, index) in conditional.iter().enumerate() {
                let predicates: Vec<TokenStream> = cfgs[*index]
                    .iter()
                    .filter_map(|attr| attr.parse_args::<TokenStream>().ok())
                    .collect();
                if case & (1 << bit) == 0 {
                    attrs.push(syn::parse_quote!(#[cfg(all(#(#predicates),*))]));
                } else {
                    attrs.push(syn::parse_quote!(#[cfg(not(all(#(#predicates),*)))]));
                    dropped.push(*index);
                }
            }
            let mut sig = item.sig.clone();
            sig.inputs = item
                .sig
                .inputs
                .iter()
                .enumerate()
                .filter(|(index, _)| !dropped.contains(index))
                .map(|(_, input)| input.clone())
                .collect();
            Item {
                attrs,
                vis: item.vis.clone(),
                sig,
                body: item.body.clone(),
            }
        })
        .collect()
}
