#[doc(hidden)]
#[allow(non_camel_case_types, dead_code, missing_debug_implementations)]
struct __defer_either;
#[automatically_derived]
impl ::defer::__private::Body<(Result<Page, A>, Result<Page, B>, u8)>
for __defer_either {
    type Out = Page;
    #[inline]
    fn site(&self) -> &'static ::defer::__private::Site {
        const {
            &::defer::__private::Site::new(
                    "either",
                    ::core::file!(),
                    ::core::line!(),
                    &["a", "b", "n"],
                    ::defer::__private::Adopts::known(),
                )
                .observing(&["a", "b"])
        }
    }
    #[inline]
    fn call(&mut self, values: (Result<Page, A>, Result<Page, B>, u8)) -> Page {
        let (v0, v1, v2) = values;
        if ::core::result::Result::is_ok(&v0) && ::core::result::Result::is_ok(&v1) {
            match v0 {
                ::core::result::Result::Ok(value) => return value,
                ::core::result::Result::Err(_) => ::core::unreachable!(),
            }
        }
        Self::either(v0, v1, v2)
    }
}
#[allow(dead_code)]
impl __defer_either {
    fn either(a: Result<Page, A>, b: Result<Page, B>, n: u8) -> Page {
        Page::blank()
    }
}
/**```text
fn either(a: Result<Page, A>, b: Result<Page, B>, n: u8) -> Page
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn either<
    __DeferA0,
    __DeferM0,
    __DeferA1,
    __DeferM1,
    __DeferA2,
    __DeferM2,
    __DeferK: ::defer::__private::Kind,
>(
    a: __DeferA0,
    b: __DeferA1,
    n: __DeferA2,
) -> ::defer::__private::Deferred<
    ::defer::__private::OutOf<__DeferK, Page>,
    ::defer::__private::Call<
        ::defer::__private::Join3<
            ::defer::__private::ObservedOf<__DeferA0, Result<Page, A>, __DeferM0>,
            ::defer::__private::KindOf<__DeferA0, Result<Page, A>, __DeferM0>,
            Result<Page, A>,
            ::defer::__private::ObservedOf<__DeferA1, Result<Page, B>, __DeferM1>,
            ::defer::__private::KindOf<__DeferA1, Result<Page, B>, __DeferM1>,
            Result<Page, B>,
            ::defer::__private::ChainOf<__DeferA2, u8, __DeferM2>,
            ::defer::__private::KindOf<__DeferA2, u8, __DeferM2>,
            u8,
        >,
        __defer_either,
        __DeferK,
        ::defer::__private::Plainly,
    >,
>
where
    __DeferA0: ::defer::__private::Arg<Result<Page, A>, __DeferM0>,
    __DeferA1: ::defer::__private::Arg<Result<Page, B>, __DeferM1>,
    __DeferA2: ::defer::__private::Arg<u8, __DeferM2>,
    ::defer::__private::KindOf<
        __DeferA0,
        Result<Page, A>,
        __DeferM0,
    >: ::defer::__private::Merge<
        ::defer::__private::KindOf<__DeferA1, Result<Page, B>, __DeferM1>,
    >,
    ::defer::__private::Merged<
        ::defer::__private::KindOf<__DeferA0, Result<Page, A>, __DeferM0>,
        ::defer::__private::KindOf<__DeferA1, Result<Page, B>, __DeferM1>,
    >: ::defer::__private::Merge<
        ::defer::__private::KindOf<__DeferA2, u8, __DeferM2>,
        Kind = __DeferK,
    >,
{
    ::defer::__private::call(
        ::defer::__private::same::<
            ::defer::__private::Join3<
                ::defer::__private::ObservedOf<__DeferA0, Result<Page, A>, __DeferM0>,
                ::defer::__private::KindOf<__DeferA0, Result<Page, A>, __DeferM0>,
                Result<Page, A>,
                ::defer::__private::ObservedOf<__DeferA1, Result<Page, B>, __DeferM1>,
                ::defer::__private::KindOf<__DeferA1, Result<Page, B>, __DeferM1>,
                Result<Page, B>,
                ::defer::__private::ChainOf<__DeferA2, u8, __DeferM2>,
                ::defer::__private::KindOf<__DeferA2, u8, __DeferM2>,
                u8,
            >,
        >(
            ::defer::__private::Join3::new(
                ::defer::__private::Slot::of(
                    ::defer::__private::observed(
                        a,
                        {
                            #[allow(unused_imports)]
                            use ::defer::__private::NeverAsOutcome as _;
                            ::defer::__private::Probe::<Result<Page, A>>::AS_OUTCOME
                        },
                        const {
                            &::defer::__private::Site::new(
                                    "either",
                                    ::core::file!(),
                                    ::core::line!(),
                                    &["a", "b", "n"],
                                    ::defer::__private::Adopts::known(),
                                )
                                .observing(&["a", "b"])
                        },
                    ),
                ),
                ::defer::__private::Slot::of(
                    ::defer::__private::observed(
                        b,
                        {
                            #[allow(unused_imports)]
                            use ::defer::__private::NeverAsOutcome as _;
                            ::defer::__private::Probe::<Result<Page, B>>::AS_OUTCOME
                        },
                        const {
                            &::defer::__private::Site::new(
                                    "either",
                                    ::core::file!(),
                                    ::core::line!(),
                                    &["a", "b", "n"],
                                    ::defer::__private::Adopts::known(),
                                )
                                .observing(&["a", "b"])
                        },
                    ),
                ),
                ::defer::__private::Slot::new(n),
            ),
        ),
        __defer_either,
    )
}
