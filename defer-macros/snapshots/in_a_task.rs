/**```text
fn count(text: String) -> usize
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn count<__DeferA0, __DeferM0>(
    text: __DeferA0,
) -> ::defer::__private::Deferred<
    ::defer::__private::OutOf<
        ::defer::__private::KindOf<__DeferA0, String, __DeferM0>,
        usize,
    >,
    impl ::defer::__private::Chain<
        Output = ::defer::__private::OutOf<
            ::defer::__private::KindOf<__DeferA0, String, __DeferM0>,
            usize,
        >,
    >,
>
where
    __DeferA0: ::defer::__private::Arg<String, __DeferM0>,
    ::defer::__private::KindOf<
        __DeferA0,
        String,
        __DeferM0,
    >: ::defer::__private::Lift<
        ::defer::__private::ErrOf<
            ::defer::__private::KindOf<__DeferA0, String, __DeferM0>,
        >,
    >,
{
    ::defer::__private::later::<
        _,
        _,
        ::defer::__private::KindOf<__DeferA0, String, __DeferM0>,
        ::defer::__private::Plainly,
        _,
        _,
    >(
        ::defer::__private::join1::<
            __DeferA0,
            String,
            __DeferM0,
            ::defer::__private::KindOf<__DeferA0, String, __DeferM0>,
        >(text),
        {
            #[inline]
            fn __defer_body(
                (): (),
                (text,): (String,),
            ) -> ::defer::__private::Deferred<
                usize,
                impl ::defer::__private::Chain<Output = usize>,
            > {
                ::defer::__private::spawned(
                    ::defer::__private::Deferred::from_chain(
                        ::defer::__private::asynchronous(async move {
                            ::defer::__private::hold((&text,));
                            #[allow(
                                unreachable_code,
                                clippy::diverging_sub_expression,
                                clippy::empty_loop
                            )]
                            if false {
                                let declared: usize = loop {};
                                return declared;
                            }
                            text.len()
                        }),
                    ),
                )
            }
            ::defer::__private::ItemBody::new(
                (),
                __defer_body,
                const {
                    &::defer::__private::Site::new(
                        "count",
                        ::core::file!(),
                        ::core::line!(),
                        &["text"],
                        ::defer::__private::Adopts::known(),
                    )
                },
            )
        },
    )
}
