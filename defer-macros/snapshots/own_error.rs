#[doc(hidden)]
#[allow(non_camel_case_types, dead_code, missing_debug_implementations)]
struct __defer_combine;
#[automatically_derived]
impl ::defer::__private::Body<(String, usize)> for __defer_combine {
    type Out = Result<String, AppError>;
    #[inline]
    fn site(&self) -> &'static ::defer::__private::Site {
        const {
            &::defer::__private::Site::new(
                    "combine",
                    ::core::file!(),
                    ::core::line!(),
                    &["title", "count"],
                    ::defer::__private::Adopts::known(),
                )
                .failing("AppError")
        }
    }
    #[inline]
    fn call(&mut self, values: (String, usize)) -> Result<String, AppError> {
        let (v0, v1) = values;
        Self::combine(v0, v1)
    }
}
#[allow(dead_code)]
impl __defer_combine {
    fn combine(title: String, count: usize) -> Result<String, AppError> {
        Ok(title)
    }
}
/**```text
fn combine(title: String, count: usize) -> Result<String, AppError>
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn combine<__DeferA0, __DeferM0, __DeferX0, __DeferA1, __DeferM1, __DeferX1>(
    title: __DeferA0,
    count: __DeferA1,
) -> ::defer::__private::Deferred<
    Result<String, AppError>,
    ::defer::__private::Call<
        ::defer::__private::Join2<
            ::defer::__private::ChainOf<__DeferA0, String, __DeferM0>,
            ::defer::__private::LiftOf<
                __DeferA0,
                String,
                __DeferM0,
                AppError,
                __DeferX0,
            >,
            String,
            ::defer::__private::ChainOf<__DeferA1, usize, __DeferM1>,
            ::defer::__private::LiftOf<__DeferA1, usize, __DeferM1, AppError, __DeferX1>,
            usize,
        >,
        __defer_combine,
        ::defer::__private::Fails<AppError>,
        ::defer::__private::Fallibly,
    >,
>
where
    __DeferA0: ::defer::__private::Arg<String, __DeferM0>,
    __DeferA1: ::defer::__private::Arg<usize, __DeferM1>,
    ::defer::__private::KindOf<
        __DeferA0,
        String,
        __DeferM0,
    >: ::defer::__private::LiftsTo<
        AppError,
        __DeferX0,
        Kind = ::defer::__private::KindOf<__DeferA0, String, __DeferM0>,
    >,
    ::defer::__private::KindOf<
        __DeferA1,
        usize,
        __DeferM1,
    >: ::defer::__private::LiftsTo<
        AppError,
        __DeferX1,
        Kind = ::defer::__private::KindOf<__DeferA1, usize, __DeferM1>,
    >,
{
    ::defer::__private::call(::defer::__private::join2(title, count), __defer_combine)
}
