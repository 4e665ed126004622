/**```text
fn f(page: Page) -> usize
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn f<__DeferA0, __DeferM0>(
    page: __DeferA0,
) -> ::defer::__private::Deferred<
    ::defer::__private::OutOf<
        ::defer::__private::KindOf<__DeferA0, Page, __DeferM0>,
        usize,
    >,
    ::defer::__private::Boxed<
        'static,
        ::defer::__private::OutOf<
            ::defer::__private::KindOf<__DeferA0, Page, __DeferM0>,
            usize,
        >,
    >,
>
where
    __DeferA0: ::defer::__private::Arg<Page, __DeferM0>,
    ::defer::__private::KindOf<
        __DeferA0,
        Page,
        __DeferM0,
    >: ::defer::__private::Lift<
        ::defer::__private::ErrOf<::defer::__private::KindOf<__DeferA0, Page, __DeferM0>>,
    >,
    ::defer::__private::ChainOf<
        __DeferA0,
        Page,
        __DeferM0,
    >: ::core::marker::Send + 'static,
{
    ::defer::__private::call::<
        _,
        _,
        ::defer::__private::KindOf<__DeferA0, Page, __DeferM0>,
        ::defer::__private::Plainly,
        _,
    >(
            ::defer::__private::join1::<
                __DeferA0,
                Page,
                __DeferM0,
                ::defer::__private::KindOf<__DeferA0, Page, __DeferM0>,
            >(page),
            {
                #[inline]
                fn __defer_body((): (), (page,): (Page,)) -> usize {
                    page.len()
                }
                ::defer::__private::ItemBody::new(
                    (),
                    __defer_body,
                    const {
                        &::defer::__private::Site::new(
                            "f",
                            ::core::file!(),
                            ::core::line!(),
                            &["page"],
                            ::defer::__private::Adopts::known(),
                        )
                    },
                )
            },
        )
        .boxed()
}
::core::compile_error! {
    "unknown option `bogus`: `#[callback]` takes `boxed`, `boxed_local`, `associated`, `blocking`, `spawn`, `memoize`, `single_flight`, `batch = function`, `max = number`, `retry = policy`, `error = Type` and `crate = path`"
}
::core::compile_error! {
    "`boxed` takes no value"
}
::core::compile_error! {
    "`boxed` is given twice: once is enough"
}
::core::compile_error! {
    "`boxed` is given twice: once is enough"
}
