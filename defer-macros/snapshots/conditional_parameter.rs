#[cfg(all(feature = "level"))]
#[doc(hidden)]
#[allow(non_camel_case_types, dead_code, missing_debug_implementations)]
struct __defer_log;
#[cfg(all(feature = "level"))]
#[automatically_derived]
impl ::defer::__private::Body<(String, u8)> for __defer_log {
    type Out = String;
    #[inline]
    fn site(&self) -> &'static ::defer::__private::Site {
        const {
            &::defer::__private::Site::new(
                "log",
                ::core::file!(),
                ::core::line!(),
                &["line", "level"],
                ::defer::__private::Adopts::known(),
            )
        }
    }
    #[inline]
    fn call(&mut self, values: (String, u8)) -> String {
        let (v0, v1) = values;
        Self::log(v0, v1)
    }
}
#[cfg(all(feature = "level"))]
#[allow(dead_code)]
impl __defer_log {
    fn log(line: String, level: u8) -> String {
        line
    }
}
#[cfg(all(feature = "level"))]
/**```text
fn log(line: String, #[cfg(feature = "level")] level: u8) -> String
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn log<__DeferA0, __DeferM0, __DeferA1, __DeferM1, __DeferK: ::defer::__private::Kind>(
    line: __DeferA0,
    level: __DeferA1,
) -> ::defer::__private::Deferred<
    ::defer::__private::OutOf<__DeferK, String>,
    ::defer::__private::Call<
        ::defer::__private::Args2<
            __DeferA0,
            String,
            __DeferM0,
            __DeferA1,
            u8,
            __DeferM1,
        >,
        __defer_log,
        __DeferK,
        ::defer::__private::Plainly,
    >,
>
where
    __DeferA0: ::defer::__private::Arg<String, __DeferM0>,
    __DeferA1: ::defer::__private::Arg<u8, __DeferM1>,
    ::defer::__private::KindOf<
        __DeferA0,
        String,
        __DeferM0,
    >: ::defer::__private::Merge<
        ::defer::__private::KindOf<__DeferA1, u8, __DeferM1>,
        Kind = __DeferK,
    >,
{
    ::defer::__private::call(::defer::__private::join2(line, level), __defer_log)
}
#[cfg(not(all(feature = "level")))]
#[doc(hidden)]
#[allow(non_camel_case_types, dead_code, missing_debug_implementations)]
struct __defer_log;
#[cfg(not(all(feature = "level")))]
#[automatically_derived]
impl ::defer::__private::Body<(String,)> for __defer_log {
    type Out = String;
    #[inline]
    fn site(&self) -> &'static ::defer::__private::Site {
        const {
            &::defer::__private::Site::new(
                "log",
                ::core::file!(),
                ::core::line!(),
                &["line"],
                ::defer::__private::Adopts::known(),
            )
        }
    }
    #[inline]
    fn call(&mut self, values: (String,)) -> String {
        let (v0,) = values;
        Self::log(v0)
    }
}
#[cfg(not(all(feature = "level")))]
#[allow(dead_code)]
impl __defer_log {
    fn log(line: String) -> String {
        line
    }
}
#[cfg(not(all(feature = "level")))]
/**```text
fn log(line: String) -> String
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn log<__DeferA0, __DeferM0>(
    line: __DeferA0,
) -> ::defer::__private::Deferred<
    ::defer::__private::OutOf<
        ::defer::__private::KindOf<__DeferA0, String, __DeferM0>,
        String,
    >,
    ::defer::__private::Call<
        ::defer::__private::Args1<__DeferA0, String, __DeferM0>,
        __defer_log,
        ::defer::__private::KindOf<__DeferA0, String, __DeferM0>,
        ::defer::__private::Plainly,
    >,
>
where
    __DeferA0: ::defer::__private::Arg<String, __DeferM0>,
{
    ::defer::__private::call(::defer::__private::join1(line), __defer_log)
}
