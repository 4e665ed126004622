#[doc(hidden)]
#[allow(non_camel_case_types, dead_code, missing_debug_implementations)]
pub struct __defer_cleanup(::core::option::Option<bool>);
#[automatically_derived]
impl ::defer::__private::Body<(Page,)> for __defer_cleanup {
    type Out = Page;
    #[inline]
    fn site(&self) -> &'static ::defer::__private::Site {
        const {
            &::defer::__private::Site::new(
                "cleanup",
                ::core::file!(),
                ::core::line!(),
                &["page"],
                ::defer::__private::Adopts::known(),
            )
        }
    }
    #[inline]
    fn call(&mut self, values: (Page,)) -> Page {
        let (v0,) = values;
        Self::cleanup(v0, ::defer::__private::held(&mut self.0))
    }
}
#[allow(dead_code)]
impl __defer_cleanup {
    fn cleanup(page: Page, strip: bool) -> Page {
        page
    }
}
/**```text
fn cleanup(page: Page, #[value] strip: bool) -> Page
```*/
/// Cleans up.
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
pub fn cleanup<__DeferA0, __DeferM0>(
    page: __DeferA0,
    strip: bool,
) -> ::defer::__private::Deferred<
    ::defer::__private::OutOf<
        ::defer::__private::KindOf<__DeferA0, Page, __DeferM0>,
        Page,
    >,
    ::defer::__private::Call<
        ::defer::__private::Args1<__DeferA0, Page, __DeferM0>,
        __defer_cleanup,
        ::defer::__private::KindOf<__DeferA0, Page, __DeferM0>,
        ::defer::__private::Plainly,
    >,
>
where
    __DeferA0: ::defer::__private::Arg<Page, __DeferM0>,
{
    ::defer::__private::call(
        ::defer::__private::join1(page),
        __defer_cleanup(::core::option::Option::Some(strip)),
    )
}
