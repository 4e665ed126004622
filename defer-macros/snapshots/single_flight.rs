/**```text
fn fetch(url: Url, (a, b): (u8, u8)) -> Deferred<Page>
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn fetch<__DeferA0, __DeferM0, __DeferA1, __DeferM1, __DeferK: ::defer::__private::Kind>(
    url: __DeferA0,
    arg1: __DeferA1,
) -> ::defer::__private::Deferred<
    ::defer::__private::OutOf<__DeferK, Page>,
    impl ::defer::__private::Chain<Output = ::defer::__private::OutOf<__DeferK, Page>>,
>
where
    __DeferA0: ::defer::__private::Arg<Url, __DeferM0>,
    __DeferA1: ::defer::__private::Arg<(u8, u8), __DeferM1>,
    ::defer::__private::KindOf<
        __DeferA0,
        Url,
        __DeferM0,
    >: ::defer::__private::Merge<
        ::defer::__private::KindOf<__DeferA1, (u8, u8), __DeferM1>,
        Kind = __DeferK,
    >,
    ::defer::__private::KindOf<
        __DeferA0,
        Url,
        __DeferM0,
    >: ::defer::__private::Lift<::defer::__private::ErrOf<__DeferK>>,
    ::defer::__private::KindOf<
        __DeferA1,
        (u8, u8),
        __DeferM1,
    >: ::defer::__private::Lift<::defer::__private::ErrOf<__DeferK>>,
{
    ::defer::__private::later::<
        _,
        _,
        __DeferK,
        ::defer::__private::Plainly,
        _,
        _,
    >(
        ::defer::__private::join2::<
            __DeferA0,
            Url,
            __DeferM0,
            ::defer::__private::KindOf<__DeferA0, Url, __DeferM0>,
            __DeferA1,
            (u8, u8),
            __DeferM1,
            ::defer::__private::KindOf<__DeferA1, (u8, u8), __DeferM1>,
        >(url, arg1),
        {
            #[inline]
            fn __defer_body((): (), (url, arg1): (Url, (u8, u8))) -> Deferred<Page> {
                #[allow(clippy::no_effect_underscore_binding)]
                let (a, b): (u8, u8) = arg1;
                get(url).boxed()
            }
            fn __defer_shared(
                (): (),
                (url, arg1): (Url, (u8, u8)),
            ) -> ::defer::__private::Called<Page> {
                static SHARED: ::defer::__private::Static = ::defer::__private::Static::new();
                ::defer::__private::in_single_flight::<
                    ::defer::__private::Never,
                    Page,
                    _,
                    _,
                    _,
                >(
                    &SHARED,
                    (::defer::__private::part(url), ::defer::__private::part(arg1)),
                    |
                        (
                            url,
                            arg1,
                        ): (
                            ::defer::__private::Part<Url>,
                            ::defer::__private::Part<(u8, u8)>,
                        )|
                    __defer_body((), (url.value(), arg1.value())),
                )
            }
            ::defer::__private::ItemBody::new(
                (),
                __defer_shared,
                const {
                    &::defer::__private::Site::new(
                        "fetch",
                        ::core::file!(),
                        ::core::line!(),
                        &["url", "arg1"],
                        ::defer::__private::Adopts::known(),
                    )
                },
            )
        },
    )
}
