#[allow(single_use_lifetimes, clippy::needless_lifetimes)]
#[allow(clippy::multiple_bound_locations)]
/**```text
fn get(mut url: Url, client: &Client, #[value] delays: Delays) -> Result<Page, E>
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn get<'__defer0, __DeferA0, __DeferM0, __DeferX0>(
    url: __DeferA0,
    client: &'__defer0 Client,
    delays: Delays,
) -> ::defer::__private::Deferred<
    Result<Page, E>,
    impl ::defer::__private::Chain<Output = Result<Page, E>>,
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
            fn __defer_body<'__defer0>(
                (client, delays): (&'__defer0 Client, Delays),
                (url,): (Url,),
            ) -> ::defer::__private::Deferred<
                Result<Page, E>,
                impl ::defer::__private::Chain<Output = Result<Page, E>>,
            > {
                ::defer::__private::retrying::<
                    _,
                    E,
                    _,
                    _,
                    _,
                    _,
                >(
                    Retry::before_each(delays.clone()),
                    move || {
                        let mut url: Url = ::defer::__private::again(&url);
                        let client: &'__defer0 Client = ::defer::__private::again(
                            &client,
                        );
                        let delays: Delays = ::defer::__private::again(&delays);
                        ::defer::__private::hold(&delays);
                        ::defer::__private::ran(move || -> Result<Page, E> {
                            client.get(url)
                        })
                    },
                )
            }
            ::defer::__private::ItemBody::new(
                (client, delays),
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
}
