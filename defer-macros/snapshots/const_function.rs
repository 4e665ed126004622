#[doc(hidden)]
#[allow(non_camel_case_types, dead_code, missing_debug_implementations)]
pub struct __defer_f;
#[automatically_derived]
impl ::defer::__private::Body<(Page,)> for __defer_f {
    type Out = usize;
    #[inline]
    fn site(&self) -> &'static ::defer::__private::Site {
        const {
            &::defer::__private::Site::new(
                "f",
                ::core::file!(),
                ::core::line!(),
                &["page"],
                ::defer::__private::Adopts::known(),
            )
        }
    }
    #[inline]
    fn call(&mut self, values: (Page,)) -> usize {
        let (v0,) = values;
        Self::f(v0)
    }
}
#[allow(dead_code)]
impl __defer_f {
    fn f(page: Page) -> usize {
        3
    }
}
/**```text
fn f(page: Page) -> usize
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
pub fn f<__DeferA0, __DeferM0>(
    page: __DeferA0,
) -> ::defer::__private::Deferred<
    ::defer::__private::OutOf<
        ::defer::__private::KindOf<__DeferA0, Page, __DeferM0>,
        usize,
    >,
    ::defer::__private::Call<
        ::defer::__private::Args1<__DeferA0, Page, __DeferM0>,
        __defer_f,
        ::defer::__private::KindOf<__DeferA0, Page, __DeferM0>,
        ::defer::__private::Plainly,
    >,
>
where
    __DeferA0: ::defer::__private::Arg<Page, __DeferM0>,
{
    ::defer::__private::call(::defer::__private::join1(page), __defer_f)
}
::core::compile_error! {
    "`#[callback]` cannot go on a `const fn`, since a deferred runs later: remove `const`"
}
::core::compile_error! {
    "`#[callback]` cannot go on an `unsafe fn`, since its body runs later, out of the caller's hands: make the function safe, or call the unsafe one inside"
}
::core::compile_error! {
    "`#[callback]` cannot go on an `extern` function: call the foreign one inside"
}
