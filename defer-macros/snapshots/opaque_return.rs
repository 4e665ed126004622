/**```text
fn words(page: Page) -> impl Iterator<Item = String>
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn words<__DeferA0, __DeferM0>(
    page: __DeferA0,
) -> ::defer::__private::CallOf<
    ::defer::__private::Args1<__DeferA0, Page, __DeferM0>,
    (Page,),
    impl ::defer::__private::Body<(Page,), Out = impl Iterator<Item = String>>,
    ::defer::__private::KindOf<__DeferA0, Page, __DeferM0>,
    ::defer::__private::Plainly,
>
where
    __DeferA0: ::defer::__private::Arg<Page, __DeferM0>,
    ::defer::__private::KindOf<
        __DeferA0,
        Page,
        __DeferM0,
    >: ::defer::__private::Lift<
        ::defer::__private::ErrOf<::defer::__private::KindOf<__DeferA0, Page, __DeferM0>>,
    >,
{
    ::defer::__private::call::<
        _,
        _,
        ::defer::__private::KindOf<__DeferA0, Page, __DeferM0>,
        ::defer::__private::Plainly,
        _,
    >(
        ::defer::__private::join1::<
            __DeferA0,
            Page,
            __DeferM0,
            ::defer::__private::KindOf<__DeferA0, Page, __DeferM0>,
        >(page),
        {
            #[inline]
            fn __defer_body((): (), (page,): (Page,)) -> impl Iterator<Item = String> {
                page.words()
            }
            ::defer::__private::ItemBody::new(
                (),
                __defer_body,
                const {
                    &::defer::__private::Site::new(
                        "words",
                        ::core::file!(),
                        ::core::line!(),
                        &["page"],
                        ::defer::__private::Adopts::known(),
                    )
                },
            )
        },
    )
}
