#[doc(hidden)]
#[allow(non_camel_case_types, dead_code, missing_debug_implementations)]
struct __defer_f;
#[automatically_derived]
impl ::defer::__private::Body<(Page,)> for __defer_f {
    type Out = ::defer::__private::Deferred<usize, ::defer::__private::OnThread<usize>>;
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
    fn call(
        &mut self,
        values: (Page,),
    ) -> ::defer::__private::Deferred<usize, ::defer::__private::OnThread<usize>> {
        let (v0,) = values;
        Self::f(v0)
    }
}
#[allow(dead_code)]
impl __defer_f {
    fn f(
        page: Page,
    ) -> ::defer::__private::Deferred<usize, ::defer::__private::OnThread<usize>> {
        ::defer::__private::blocking(move || -> usize {
            ::defer::__private::hold((&page,));
            #[allow(clippy::no_effect_underscore_binding)]
            let page = page;
            3
        })
    }
}
/**```text
fn f(page: Page) -> usize
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn f<__DeferA0, __DeferM0>(
    page: __DeferA0,
) -> ::defer::__private::Deferred<
    ::defer::__private::OutOf<
        ::defer::__private::KindOf<__DeferA0, Page, __DeferM0>,
        usize,
    >,
    ::defer::__private::Later<
        ::defer::__private::Args1<__DeferA0, Page, __DeferM0>,
        __defer_f,
        ::defer::__private::KindOf<__DeferA0, Page, __DeferM0>,
        ::defer::__private::Plainly,
        <::defer::__private::Deferred<
            usize,
            ::defer::__private::OnThread<usize>,
        > as ::defer::__private::IsDeferred>::Chain,
    >,
>
where
    __DeferA0: ::defer::__private::Arg<Page, __DeferM0>,
{
    ::defer::__private::later(::defer::__private::join1(page), __defer_f)
}
::core::compile_error! {
    "either `blocking` or `spawn`: a body runs in one place"
}
