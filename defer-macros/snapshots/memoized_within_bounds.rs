/**```text
fn square(n: u32) -> u32
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn square<__DeferA0, __DeferM0>(
    n: __DeferA0,
) -> ::defer::__private::Deferred<
    ::defer::__private::OutOf<
        ::defer::__private::KindOf<__DeferA0, u32, __DeferM0>,
        u32,
    >,
    impl ::defer::__private::Chain<
        Output = ::defer::__private::OutOf<
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
            fn __defer_body((): (), (n,): (u32,)) -> u32 {
                n * n
            }
            fn __defer_shared((): (), (n,): (u32,)) -> ::defer::__private::Called<u32> {
                static SHARED: ::defer::__private::Static = ::defer::__private::Static::new();
                ::defer::__private::memoized_within::<
                    ::defer::__private::Never,
                    u32,
                    _,
                    _,
                    _,
                >(
                    &SHARED,
                    (::defer::__private::part(n),),
                    |(n,): (::defer::__private::Part<u32>,)| ::defer::__private::succeed(
                        __defer_body((), (n.value(),)),
                    ),
                    |bounds| bounds.size(100).expires(Duration::from_secs(60)),
                )
            }
            ::defer::__private::ItemBody::new(
                (),
                __defer_shared,
                const {
                    &::defer::__private::Site::new(
                        "square",
                        ::core::file!(),
                        ::core::line!(),
                        &["n"],
                        ::defer::__private::Adopts::known(),
                    )
                },
            )
        },
    )
}
