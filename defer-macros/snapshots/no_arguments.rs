#[doc(hidden)]
#[allow(non_camel_case_types, dead_code, missing_debug_implementations)]
struct __defer_now;
#[automatically_derived]
impl ::defer::__private::Body<()> for __defer_now {
    type Out = u64;
    #[inline]
    fn site(&self) -> &'static ::defer::__private::Site {
        const {
            &::defer::__private::Site::new(
                "now",
                ::core::file!(),
                ::core::line!(),
                &[],
                ::defer::__private::Adopts::known(),
            )
        }
    }
    #[inline]
    fn call(&mut self, values: ()) -> u64 {
        let () = values;
        Self::now()
    }
}
#[allow(dead_code)]
impl __defer_now {
    fn now() -> u64 {
        3
    }
}
/**```text
fn now() -> u64
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn now() -> ::defer::__private::Deferred<
    u64,
    ::defer::__private::Call<
        ::defer::__private::Args0,
        __defer_now,
        ::defer::__private::Never,
        ::defer::__private::Plainly,
    >,
> {
    ::defer::__private::call(::defer::__private::join0(), __defer_now)
}
