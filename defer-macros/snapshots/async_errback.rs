/**```text
async fn retry(failure: FetchError) -> Result<Page, FetchError>
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn retry<__DeferF, __DeferN, __DeferX>(
    failure: __DeferF,
) -> ::defer::__private::Deferred<
    Result<Page, FetchError>,
    impl ::defer::__private::Chain<Output = Result<Page, FetchError>>,
>
where
    __DeferF: ::defer::__private::Fallible<Page, __DeferN>,
    <__DeferF as ::defer::__private::Fallible<
        Page,
        __DeferN,
    >>::Error: ::defer::__private::CaughtAs<
        FetchError,
        __DeferX,
        How = ::defer::__private::ByInto,
    >,
    ::defer::__private::ByInto: ::defer::__private::Converts<
        <__DeferF as ::defer::__private::Fallible<Page, __DeferN>>::Error,
        FetchError,
    >,
{
    ::defer::__private::Deferred::from_chain(
        ::defer::__private::errback::<
            Page,
            _,
            _,
            _,
            _,
            FetchError,
            ::defer::__private::Later<
                _,
                _,
                ::defer::__private::Fails<FetchError>,
                ::defer::__private::Fallibly,
                _,
            >,
            ::defer::__private::ByInto,
        >(
            failure,
            ::defer::__private::join0(),
            {
                #[inline]
                fn __defer_body(
                    (): (),
                    (failure, ()): (FetchError, ()),
                ) -> ::defer::__private::Asynchronous<
                    impl ::core::future::Future<Output = Result<Page, FetchError>>,
                > {
                    ::defer::__private::asynchronous(async move {
                        ::defer::__private::hold((&failure,));
                        #[allow(
                            unreachable_code,
                            clippy::diverging_sub_expression,
                            clippy::empty_loop
                        )]
                        if false {
                            let declared: Result<Page, FetchError> = loop {};
                            return declared;
                        }
                        Err(failure)
                    })
                }
                ::defer::__private::ItemBody::new(
                    (),
                    __defer_body,
                    const {
                        &::defer::__private::Site::new(
                                "retry",
                                ::core::file!(),
                                ::core::line!(),
                                &[],
                                {
                                    #[allow(unused_imports)]
                                    use ::defer::__private::AdoptsKnown as _;
                                    ::defer::__private::Probe::<FetchError>::ADOPTS
                                },
                            )
                            .failing("FetchError")
                            .catching("FetchError")
                    },
                )
            },
        ),
    )
}
