//! What cannot be supported, told with what to write instead.

use syn::{FnArg, Signature, Type};

use crate::errors::Errors;
use crate::item::Item;
use crate::model::{Flavor, Function, Role, bare, is_result};
use crate::shares;
use crate::tokens::{find_await, mentions};

/// More arguments than this are not joined.
pub(crate) const MOST: usize = 12;

/// Refuse what no call can be made of, and take it off the signature, so that the rest can
/// be lowered and callers see a function of the right shape.
pub(crate) fn signature(flavor: Flavor, item: &mut Item, errors: &mut Errors) {
    let name = flavor.name();
    let Signature {
        constness,
        unsafety,
        abi,
        variadic,
        inputs,
        ..
    } = &mut item.sig;
    if let Some(constness) = constness.take() {
        errors.at(
            constness,
            format!(
                "`#[{name}]` cannot go on a `const fn`, since a deferred runs later: remove `const`"
            ),
        );
    }
    if let Some(unsafety) = unsafety.take() {
        errors.at(
            unsafety,
            format!(
                "`#[{name}]` cannot go on an `unsafe fn`, since its body runs later, out of the \
                 caller's hands: make the function safe, or call the unsafe one inside"
            ),
        );
    }
    if let Some(abi) = abi.take() {
        errors.at(
            abi,
            format!("`#[{name}]` cannot go on an `extern` function: call the foreign one inside"),
        );
    }
    if let Some(variadic) = variadic.take() {
        errors.at(
            variadic,
            format!("`#[{name}]` cannot go on a variadic function: take a `Vec`"),
        );
    }
    for input in inputs {
        let FnArg::Typed(typed) = input else { continue };
        for attr in &typed.attrs {
            if attr.path().is_ident("value") && attr.meta.require_path_only().is_err() {
                errors.at(
                    attr,
                    "`#[value]` takes no options: it makes the parameter plain",
                );
            }
            if attr.path().is_ident("cfg_attr") {
                errors.at(
                    attr,
                    format!("`#[{name}]` cannot see behind `cfg_attr` on a parameter: use `cfg`"),
                );
            }
        }
    }
}

/// Refuse what does not fit together.
///
/// The function is changed into one that can be lowered, so that its callers are told
/// nothing about what has been told here.
pub(crate) fn function(function: &mut Function, errors: &mut Errors) {
    match function.flavor {
        Flavor::Errback => errback(function, errors),
        Flavor::Callback | Flavor::InlineCallbacks => {}
    }
    let mut joined = 0;
    for param in &mut function.params {
        if param.role != Role::Deferrable {
            continue;
        }
        joined += 1;
        if joined == MOST + 1 {
            errors.at(
                &param.ty,
                format!(
                    "a call waits for at most {MOST} arguments, and this is one more: mark plain \
                     parameters with `#[value]`, or put some into a tuple or a struct"
                ),
            );
        }
        if joined > MOST {
            param.role = Role::Plain;
        }
    }
    await_without_async(function, errors);
    shares::validate(function, errors);
    returns(function, errors);
    retry(function, errors);
}

/// Refuse to run a body again that can run only once, and let it run once.
fn retry(function: &mut Function, errors: &mut Errors) {
    let Some(policy) = &function.options.retry else {
        return;
    };
    let returned = function.returns.yielded();
    let by_value = function.receiver.as_ref().filter(
        |receiver| !matches!(&*receiver.ty, Type::Reference(this) if this.mutability.is_none()),
    );
    let borrowed = function.params.iter().find(|param| {
        matches!(bare(&param.ty), Type::Reference(reference) if reference.mutability.is_some())
    });
    if function.flavor == Flavor::Errback {
        errors.at(
            policy,
            "`retry` is for callbacks: put it on the call that fails, or retry inside of the \
             `#[errback]` with `defer::retry::RetryingCall`",
        );
    } else if function.body.is_none() {
        errors.at(
            policy,
            "`retry` runs a body again, and a method that a trait declares has none: put it on \
             the implementation",
        );
    } else if function.returns.outcome.is_none() {
        errors.at(
            returned,
            "`retry` needs a return type that is a `Result`: what cannot fail is not tried again. Of an \
             alias that has another name say `error = E`",
        );
    } else if function.returns.has_impl {
        errors.at(
            returned,
            "`retry` needs a return type with a name: write it out instead of `impl Trait`, or \
             use an `async fn`",
        );
    } else if let Some(receiver) = by_value {
        errors.at(
            receiver,
            "`retry` runs the body again, and cannot take `self` by value or as `&mut self`: \
             take `&self`, or make the calls by `defer::retry::RetryingCall`",
        );
    } else if let Some(param) = borrowed {
        errors.at(
            &param.written,
            "`retry` runs the body again with clones of the parameters, and a `&mut` has none: \
             take a value that is `Clone`, or an `Arc` of something with a lock",
        );
    } else {
        return;
    }
    function.options.retry = None;
}

fn errback(function: &mut Function, errors: &mut Errors) {
    let Some(first) = function.params.first() else {
        errors.at(
            &function.name,
            "`#[errback]` needs a parameter for the failure: `fn errcheck(failure: MyError, ..)`, \
             or one `Result<T, E>` for each outcome it looks at",
        );
        return;
    };
    if first.role == Role::Failure {
        if let Some(what) = no_failure(&first.written) {
            errors.at(
                &first.written,
                format!(
                    "the first parameter of an `#[errback]` is the failure, an error type taken \
                     by value, or a `Result<T, E>`; this is {what}"
                ),
            );
            function.refused = true;
            if what == IMPL_TRAIT {
                function.take_failure_of_any_type();
            }
        }
        if function.returns.has_impl {
            errors.at(
                &function.returns.ty,
                "an `#[errback]` returns what the chain would have yielded, so its return type \
                 needs a name: write it out instead of `impl Trait`",
            );
            function.stub = true;
        }
    } else if function.observes()
        && (function.returns.deferred.is_some() || function.returns.has_impl)
    {
        errors.at(
            &function.returns.ty,
            "an `#[errback]` over `Result` parameters passes the first value when nothing \
             failed, so it returns a value or a `Result` of that type: use `async fn` to \
             wait for a deferred inside",
        );
        function.stub = true;
    }
    for param in &function.params {
        if is_result(&param.ty) && function.failure().is_some() {
            errors.at(
                &param.ty,
                "an `#[errback]` takes either one failure, or `Result` parameters from the first \
                 on: make the first parameter a `Result`, or use `#[value]` for a plain one",
            );
        }
    }
}

const IMPL_TRAIT: &str = "an `impl Trait`";

/// What a type is, if it surely is no error.
fn no_failure(ty: &Type) -> Option<&'static str> {
    Some(match bare(ty) {
        Type::Reference(_) => "a reference",
        Type::ImplTrait(_) => IMPL_TRAIT,
        Type::Tuple(_) => "a tuple",
        Type::Array(_) | Type::Slice(_) => "a list",
        Type::BareFn(_) => "a function pointer",
        Type::Ptr(_) => "a pointer",
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            match last.ident.to_string().as_str() {
                "Option" => "an `Option`",
                "Vec" => "a `Vec`",
                "Deferred" => "a deferred",
                "HashMap" | "BTreeMap" => "a map",
                "bool" => "a `bool`",
                _ => return None,
            }
        }
        _ => return None,
    })
}

/// `.await` in a body that is not asynchronous: rustc would say `async` and not how.
fn await_without_async(function: &mut Function, errors: &mut Errors) {
    let Some(body) = function.body.as_ref().filter(|_| !function.is_async) else {
        return;
    };
    let tokens = body.stream();
    if mentions(&tokens, &["async"]) {
        return;
    }
    if let Some(span) = find_await(&tokens) {
        let name = function.flavor.name();
        let inline = match function.flavor {
            Flavor::Callback => " or `#[inline_callbacks]`",
            _ => "",
        };
        errors.at_span(
            span,
            format!("`.await` in a `#[{name}]` that is not `async`: write `async fn`{inline}"),
        );
        function.is_async = true;
    }
}

fn returns(function: &mut Function, errors: &mut Errors) {
    let returns = &function.returns;
    let mut stub = false;
    let mut refuse = |message: &str| {
        errors.at(&returns.ty, message);
        stub = true;
    };
    if returns.has_impl && function.options.boxed.is_some() {
        refuse(
            "`boxed` gives a `Deferred<T>` whose `T` needs a name: write it out instead of \
             `impl Trait`",
        );
    } else if returns.has_impl && function.is_async && returns.deferred.is_some() {
        refuse("an `async` body yields the value itself: remove `Deferred<..>`");
    } else if returns.has_impl && function.body.is_none() && returns.deferred.is_none() {
        refuse(
            "a method that a trait declares cannot return `impl Trait` through a deferred: use \
             an associated type or a box",
        );
    }
    let hidden = returns
        .outcome
        .as_ref()
        .is_some_and(|outcome| outcome.hidden);
    if !stub && hidden && returns.has_impl {
        errors.at(
            &returns.ty,
            "the error behind an alias cannot be found beside `impl Trait`: write \
             `Result<impl .., E>`",
        );
        function.returns.outcome = None;
        return;
    }
    if let Some(error) = &function.options.error {
        if matches!(bare(returns.yielded()), Type::Tuple(unit) if unit.elems.is_empty()) {
            errors.at(error, "`error = ..` needs a return type that is a `Result`");
            function.options.error = None;
            function.returns.outcome = None;
        }
    }
    function.stub |= stub;
}
