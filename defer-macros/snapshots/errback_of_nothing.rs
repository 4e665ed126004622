#[doc(hidden)]
#[allow(non_camel_case_types, dead_code, missing_debug_implementations)]
struct __defer_f;
#[automatically_derived]
impl ::defer::__private::Body<()> for __defer_f {
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
        }
    }
    #[inline]
    fn call(&mut self, values: ()) -> usize {
        let () = values;
        Self::f()
    }
}
#[allow(dead_code)]
impl __defer_f {
    fn f() -> usize {
        3
    }
}
/**```text
fn f() -> usize
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn f() -> ::defer::__private::Deferred<
    usize,
    ::defer::__private::Call<
        ::defer::__private::Args0,
        __defer_f,
        ::defer::__private::Never,
        ::defer::__private::Plainly,
    >,
> {
    ::defer::__private::call(::defer::__private::join0(), __defer_f)
}
::core::compile_error! {
    "`#[errback]` needs a parameter for the failure: `fn errcheck(failure: MyError, ..)`, or one `Result<T, E>` for each outcome it looks at"
}
