#[doc(hidden)]
#[allow(non_camel_case_types, dead_code, missing_debug_implementations)]
struct __defer_sum;
#[automatically_derived]
impl ::defer::__private::Body<(u8, u8, u8)> for __defer_sum {
    type Out = u8;
    #[inline]
    fn site(&self) -> &'static ::defer::__private::Site {
        const {
            &::defer::__private::Site::new(
                "sum",
                ::core::file!(),
                ::core::line!(),
                &["a", "b", "c"],
                ::defer::__private::Adopts::known(),
            )
        }
    }
    #[inline]
    fn call(&mut self, values: (u8, u8, u8)) -> u8 {
        let (v0, v1, v2) = values;
        Self::sum(v0, v1, v2)
    }
}
#[allow(dead_code)]
impl __defer_sum {
    fn sum(a: u8, b: u8, c: u8) -> u8 {
        a + b + c
    }
}
/**```text
fn sum(a: u8, b: u8, c: u8) -> u8
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn sum<
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
    c: __DeferA2,
) -> ::defer::__private::Deferred<
    ::defer::__private::OutOf<__DeferK, u8>,
    ::defer::__private::Call<
        ::defer::__private::Args3<
            __DeferA0,
            u8,
            __DeferM0,
            __DeferA1,
            u8,
            __DeferM1,
            __DeferA2,
            u8,
            __DeferM2,
        >,
        __defer_sum,
        __DeferK,
        ::defer::__private::Plainly,
    >,
>
where
    __DeferA0: ::defer::__private::Arg<u8, __DeferM0>,
    __DeferA1: ::defer::__private::Arg<u8, __DeferM1>,
    __DeferA2: ::defer::__private::Arg<u8, __DeferM2>,
    ::defer::__private::KindOf<
        __DeferA0,
        u8,
        __DeferM0,
    >: ::defer::__private::Merge<::defer::__private::KindOf<__DeferA1, u8, __DeferM1>>,
    ::defer::__private::Merged<
        ::defer::__private::KindOf<__DeferA0, u8, __DeferM0>,
        ::defer::__private::KindOf<__DeferA1, u8, __DeferM1>,
    >: ::defer::__private::Merge<
        ::defer::__private::KindOf<__DeferA2, u8, __DeferM2>,
        Kind = __DeferK,
    >,
{
    ::defer::__private::call(::defer::__private::join3(a, b, c), __defer_sum)
}
