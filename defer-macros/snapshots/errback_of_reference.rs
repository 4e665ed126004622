#[doc(hidden)]
#[allow(single_use_lifetimes, clippy::needless_lifetimes)]
#[allow(clippy::multiple_bound_locations)]
#[allow(non_camel_case_types, dead_code, missing_debug_implementations)]
struct __defer_f<'__defer0>(::core::marker::PhantomData<fn() -> (&'__defer0 (),)>);
#[automatically_derived]
#[allow(single_use_lifetimes, clippy::needless_lifetimes)]
#[allow(clippy::multiple_bound_locations)]
impl<'__defer0> ::defer::__private::Body<(&'__defer0 E, ())> for __defer_f<'__defer0> {
    type Out = usize;
    #[inline]
    fn site(&self) -> &'static ::defer::__private::Site {
        const {
            &::defer::__private::Site::new(
                    "f",
                    ::core::file!(),
                    ::core::line!(),
                    &[],
                    ::defer::__private::Adopts::known(),
                )
                .catching("&E")
        }
    }
    #[inline]
    fn call(&mut self, values: (&'__defer0 E, ())) -> usize {
        let (failure, ()) = values;
        Self::f(failure)
    }
}
#[allow(dead_code)]
#[allow(single_use_lifetimes, clippy::needless_lifetimes)]
#[allow(clippy::multiple_bound_locations)]
impl<'__defer0> __defer_f<'__defer0> {
    fn f(failure: &'__defer0 E) -> usize {
        3
    }
}
#[allow(single_use_lifetimes, clippy::needless_lifetimes)]
#[allow(clippy::multiple_bound_locations)]
/**```text
fn f(failure: &E) -> usize
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn f<'__defer0, __DeferF, __DeferN>(
    failure: __DeferF,
) -> ::defer::__private::Deferred<
    usize,
    ::defer::__private::ErrbackCall<
        <__DeferF as ::defer::__private::Fallible<usize, __DeferN>>::Chain,
        ::defer::__private::Args0,
        __defer_f<'__defer0>,
        &'__defer0 E,
        ::defer::__private::Never,
        ::defer::__private::Plainly,
        ::defer::__private::ByInto,
    >,
>
where
    __DeferF: ::defer::__private::Fallible<usize, __DeferN>,
{
    ::defer::__private::Deferred::from_chain(
        ::defer::__private::errback::<
            usize,
            _,
            _,
            _,
            _,
            &'__defer0 E,
            ::defer::__private::Call<
                _,
                _,
                ::defer::__private::Never,
                ::defer::__private::Plainly,
            >,
            ::defer::__private::ByInto,
        >(failure, ::defer::__private::join0(), __defer_f(::core::marker::PhantomData)),
    )
}
::core::compile_error! {
    "the first parameter of an `#[errback]` is the failure, an error type taken by value, or a `Result<T, E>`; this is a reference"
}
