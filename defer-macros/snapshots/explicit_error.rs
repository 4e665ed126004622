#[doc(hidden)]
#[allow(non_camel_case_types, dead_code, missing_debug_implementations)]
struct __defer_get;
#[automatically_derived]
impl ::defer::__private::Body<(Url,)> for __defer_get {
    type Out = Fetched;
    #[inline]
    fn site(&self) -> &'static ::defer::__private::Site {
        const {
            &::defer::__private::Site::new(
                    "get",
                    ::core::file!(),
                    ::core::line!(),
                    &["url"],
                    ::defer::__private::Adopts::known(),
                )
                .failing("HttpError")
        }
    }
    #[inline]
    fn call(&mut self, values: (Url,)) -> Fetched {
        let (v0,) = values;
        Self::get(v0)
    }
}
#[allow(dead_code)]
impl __defer_get {
    fn get(url: Url) -> Fetched {
        todo!()
    }
}
/**```text
fn get(url: Url) -> Fetched
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn get<__DeferA0, __DeferM0, __DeferX0>(
    url: __DeferA0,
) -> ::defer::__private::Deferred<
    Fetched,
    ::defer::__private::Call<
        ::defer::__private::Join1<
            ::defer::__private::ChainOf<__DeferA0, Url, __DeferM0>,
            ::defer::__private::LiftOf<__DeferA0, Url, __DeferM0, HttpError, __DeferX0>,
            Url,
        >,
        __defer_get,
        ::defer::__private::Fails<HttpError>,
        ::defer::__private::Fallibly,
    >,
>
where
    __DeferA0: ::defer::__private::Arg<Url, __DeferM0>,
    ::defer::__private::KindOf<
        __DeferA0,
        Url,
        __DeferM0,
    >: ::defer::__private::LiftsTo<
        HttpError,
        __DeferX0,
        Kind = ::defer::__private::KindOf<__DeferA0, Url, __DeferM0>,
    >,
{
    ::defer::__private::fails_with::<Fetched, HttpError>();
    ::defer::__private::call(::defer::__private::join1(url), __defer_get)
}
