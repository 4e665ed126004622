#[doc(hidden)]
#[allow(non_camel_case_types, dead_code, missing_debug_implementations)]
struct __defer_errcheck;
#[automatically_derived]
impl ::defer::__private::Body<(FetchError, (Page,))> for __defer_errcheck {
    type Out = Page;
    #[inline]
    fn site(&self) -> &'static ::defer::__private::Site {
        const {
            &::defer::__private::Site::new(
                    "errcheck",
                    ::core::file!(),
                    ::core::line!(),
                    &["fallback"],
                    {
                        #[allow(unused_imports)]
                        use ::defer::__private::AdoptsKnown as _;
                        ::defer::__private::Probe::<FetchError>::ADOPTS
                    },
                )
                .catching("FetchError")
        }
    }
    #[inline]
    fn call(&mut self, values: (FetchError, (Page,))) -> Page {
        let (failure, (v0,)) = values;
        Self::errcheck(failure, v0)
    }
}
#[allow(dead_code)]
impl __defer_errcheck {
    fn errcheck(failure: FetchError, fallback: Page) -> Page {
        fallback
    }
}
/**```text
fn errcheck(failure: FetchError, fallback: Page) -> Page
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn errcheck<__DeferF, __DeferN, __DeferX, __DeferA0, __DeferM0>(
    failure: __DeferF,
    fallback: __DeferA0,
) -> ::defer::__private::Deferred<
    ::defer::__private::OutOf<
        ::defer::__private::KindOf<__DeferA0, Page, __DeferM0>,
        Page,
    >,
    ::defer::__private::ErrbackCall<
        <__DeferF as ::defer::__private::Fallible<Page, __DeferN>>::Chain,
        ::defer::__private::Args1<__DeferA0, Page, __DeferM0>,
        __defer_errcheck,
        FetchError,
        ::defer::__private::KindOf<__DeferA0, Page, __DeferM0>,
        ::defer::__private::Plainly,
        <<__DeferF as ::defer::__private::Fallible<
            Page,
            __DeferN,
        >>::Error as ::defer::__private::CaughtAs<FetchError, __DeferX>>::How,
    >,
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
    __DeferA0: ::defer::__private::Arg<Page, __DeferM0>,
{
    ::defer::__private::Deferred::from_chain(
        ::defer::__private::errback::<
            Page,
            _,
            _,
            _,
            _,
            FetchError,
            ::defer::__private::Call<
                _,
                _,
                ::defer::__private::KindOf<__DeferA0, Page, __DeferM0>,
                ::defer::__private::Plainly,
            >,
            ::defer::__private::ByInto,
        >(failure, ::defer::__private::join1(fallback), __defer_errcheck),
    )
}
