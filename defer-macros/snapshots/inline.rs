/**```text
fn walk(url: Url) -> Result<usize, E>
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn walk<__DeferA0, __DeferM0, __DeferX0>(
    url: __DeferA0,
) -> ::defer::__private::Deferred<
    Result<usize, E>,
    impl ::defer::__private::Chain<Output = Result<usize, E>>,
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
            ) -> ::defer::__private::Asynchronous<
                impl ::core::future::Future<Output = Result<usize, E>>,
            > {
                ::defer::__private::asynchronous(async move {
                    #[allow(unused_imports)]
                    use ::defer::__private::AwaitExt as _;
                    ::defer::__private::hold((&url,));
                    #[allow(
                        unreachable_code,
                        clippy::diverging_sub_expression,
                        clippy::empty_loop
                    )]
                    if false {
                        let declared: Result<usize, E> = loop {};
                        return declared;
                    }
                    let page = get(url).__defer_wait().__defer_adopt().await?;
                    Ok(page.len())
                })
            }
            ::defer::__private::ItemBody::new(
                (),
                __defer_body,
                const {
                    &::defer::__private::Site::new(
                            "walk",
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
}
