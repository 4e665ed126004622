/**```text
async fn get(url: Url) -> Result<Page, E>
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn get<__DeferA0, __DeferM0, __DeferX0>(
    url: __DeferA0,
) -> ::defer::__private::Deferred<
    Result<Page, E>,
    ::defer::__private::Boxed<'static, Result<Page, E>>,
>
where
    __DeferA0: ::defer::__private::Arg<Url, __DeferM0>,
    ::defer::__private::KindOf<
        __DeferA0,
        Url,
        __DeferM0,
    >: ::defer::__private::LiftsTo<
        E,
        __DeferX0,
        Kind = ::defer::__private::KindOf<__DeferA0, Url, __DeferM0>,
    >,
    ::defer::__private::ChainOf<
        __DeferA0,
        Url,
        __DeferM0,
    >: ::core::marker::Send + 'static,
{
    ::defer::__private::later::<
        _,
        _,
        ::defer::__private::Fails<E>,
        ::defer::__private::Fallibly,
        _,
        _,
    >(
            ::defer::__private::join1::<
                __DeferA0,
                Url,
                __DeferM0,
                ::defer::__private::KindOf<__DeferA0, Url, __DeferM0>,
            >(url),
            {
                #[inline]
                fn __defer_body(
                    (): (),
                    (url,): (Url,),
                ) -> ::defer::__private::Deferred<
                    Result<Page, E>,
                    impl ::defer::__private::Chain<Output = Result<Page, E>>,
                > {
                    ::defer::__private::spawned(
                        ::defer::__private::Deferred::from_chain(
                            ::defer::__private::asynchronous(async move {
                                ::defer::__private::hold(());
                                #[allow(clippy::no_effect_underscore_binding)]
                                let url: Url = url;
                                #[allow(
                                    unreachable_code,
                                    clippy::diverging_sub_expression,
                                    clippy::empty_loop
                                )]
                                if false {
                                    let declared: Result<Page, E> = loop {};
                                    return declared;
                                }
                                todo!()
                            }),
                        ),
                    )
                }
                ::defer::__private::ItemBody::new(
                    (),
                    __defer_body,
                    const {
                        &::defer::__private::Site::new(
                                "get",
                                ::core::file!(),
                                ::core::line!(),
                                &["url"],
                                ::defer::__private::Adopts::known(),
                            )
                            .failing("E")
                    },
                )
            },
        )
        .boxed()
}
