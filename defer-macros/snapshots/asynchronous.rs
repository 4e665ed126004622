#[allow(single_use_lifetimes, clippy::needless_lifetimes)]
#[allow(clippy::multiple_bound_locations)]
/**```text
async fn get_page(url: Url, client: &Client) -> Result<Page, FetchError>
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn get_page<'__defer0, __DeferA0, __DeferM0, __DeferX0>(
    url: __DeferA0,
    client: &'__defer0 Client,
) -> ::defer::__private::Deferred<
    Result<Page, FetchError>,
    impl ::defer::__private::Chain<Output = Result<Page, FetchError>>,
>
where
    __DeferA0: ::defer::__private::Arg<Url, __DeferM0>,
    ::defer::__private::KindOf<
        __DeferA0,
        Url,
        __DeferM0,
    >: ::defer::__private::LiftsTo<
        FetchError,
        __DeferX0,
        Kind = ::defer::__private::KindOf<__DeferA0, Url, __DeferM0>,
    >,
{
    ::defer::__private::later::<
        _,
        _,
        ::defer::__private::Fails<FetchError>,
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
            fn __defer_body<'__defer0>(
                (client,): (&'__defer0 Client,),
                (url,): (Url,),
            ) -> ::defer::__private::Asynchronous<
                impl ::core::future::Future<Output = Result<Page, FetchError>>,
            > {
                ::defer::__private::asynchronous(async move {
                    ::defer::__private::hold(());
                    #[allow(clippy::no_effect_underscore_binding)]
                    let url: Url = url;
                    #[allow(clippy::no_effect_underscore_binding)]
                    let client: &'__defer0 Client = client;
                    #[allow(
                        unreachable_code,
                        clippy::diverging_sub_expression,
                        clippy::empty_loop
                    )]
                    if false {
                        let declared: Result<Page, FetchError> = loop {};
                        return declared;
                    }
                    todo!()
                })
            }
            ::defer::__private::ItemBody::new(
                (client,),
                __defer_body,
                const {
                    &::defer::__private::Site::new(
                            "get_page",
                            ::core::file!(),
                            ::core::line!(),
                            &["url"],
                            ::defer::__private::Adopts::known(),
                        )
                        .failing("FetchError")
                },
            )
        },
    )
}
