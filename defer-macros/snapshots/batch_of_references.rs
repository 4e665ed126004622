#[allow(unused, clippy::all)]
fn size<'__defer0, __DeferA0>(
    path: __DeferA0,
) -> ::defer::__private::Deferred<(), ::defer::__private::Value<()>> {
    let _ = || {
        let path: &'__defer0 Path = ::core::unimplemented!();
        {}
    };
    ::core::unimplemented!()
}
::core::compile_error! {
    "a key is kept until its batch is sent: take it by value, a `String` instead of a `&str`"
}
