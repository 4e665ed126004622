/**```text
fn countdown(n: u32) -> Deferred<u32>
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn countdown<__DeferA0, __DeferM0>(
    n: __DeferA0,
) -> ::defer::__private::Deferred<
    ::defer::__private::OutOf<
        ::defer::__private::KindOf<__DeferA0, u32, __DeferM0>,
        u32,
    >,
    ::defer::__private::Boxed<
        'static,
        ::defer::__private::OutOf<
            ::defer::__private::KindOf<__DeferA0, u32, __DeferM0>,
            u32,
        >,
    >,
>
where
    __DeferA0: ::defer::__private::Arg<u32, __DeferM0>,
    ::defer::__private::KindOf<
        __DeferA0,
        u32,
        __DeferM0,
    >: ::defer::__private::Lift<
        ::defer::__private::ErrOf<::defer::__private::KindOf<__DeferA0, u32, __DeferM0>>,
    >,
    ::defer::__private::ChainOf<
        __DeferA0,
        u32,
        __DeferM0,
    >: ::core::marker::Send + 'static,
{
    ::defer::__private::later::<
        _,
        _,
        ::defer::__private::KindOf<__DeferA0, u32, __DeferM0>,
        ::defer::__private::Plainly,
        _,
        _,
    >(
            ::defer::__private::join1::<
                __DeferA0,
                u32,
                __DeferM0,
                ::defer::__private::KindOf<__DeferA0, u32, __DeferM0>,
            >(n),
            {
                #[inline]
                fn __defer_body((): (), (n,): (u32,)) -> Deferred<u32> {
                    countdown(n - 1)
                }
                ::defer::__private::ItemBody::new(
                    (),
                    __defer_body,
                    const {
                        &::defer::__private::Site::new(
                            "countdown",
                            ::core::file!(),
                            ::core::line!(),
                            &["n"],
                            ::defer::__private::Adopts::known(),
                        )
                    },
                )
            },
        )
        .boxed()
}
