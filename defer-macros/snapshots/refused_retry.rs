#[doc(hidden)]
#[allow(non_camel_case_types, dead_code, missing_debug_implementations)]
struct __defer_size;
#[automatically_derived]
impl ::defer::__private::Body<(Page,)> for __defer_size {
    type Out = usize;
    #[inline]
    fn site(&self) -> &'static ::defer::__private::Site {
        const {
            &::defer::__private::Site::new(
                "size",
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
        Self::size(v0)
    }
}
#[allow(dead_code)]
impl __defer_size {
    fn size(page: Page) -> usize {
        page.len()
    }
}
/**```text
fn size(page: Page) -> usize
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn size<__DeferA0, __DeferM0>(
    page: __DeferA0,
) -> ::defer::__private::Deferred<
    ::defer::__private::OutOf<
        ::defer::__private::KindOf<__DeferA0, Page, __DeferM0>,
        usize,
    >,
    ::defer::__private::Call<
        ::defer::__private::Args1<__DeferA0, Page, __DeferM0>,
        __defer_size,
        ::defer::__private::KindOf<__DeferA0, Page, __DeferM0>,
        ::defer::__private::Plainly,
    >,
>
where
    __DeferA0: ::defer::__private::Arg<Page, __DeferM0>,
{
    ::defer::__private::call(::defer::__private::join1(page), __defer_size)
}
::core::compile_error! {
    "`retry` needs a return type that is a `Result`: what cannot fail is not tried again. Of an alias that has another name say `error = E`"
}
