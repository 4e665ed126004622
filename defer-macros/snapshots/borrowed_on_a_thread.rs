#[allow(single_use_lifetimes, clippy::needless_lifetimes)]
#[allow(clippy::multiple_bound_locations)]
/**```text
fn size(&self, path: &Path, name: Cow<'_, str>, by: impl Fn(&str) -> bool) -> usize
```*/
#[inline]
#[allow(refining_impl_trait)]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn size<
    '__defer0,
    '__defer1,
    '__defer2,
    __DeferI0: Fn(&str) -> bool,
    __DeferA0,
    __DeferM0,
>(
    &'__defer0 self,
    path: &'__defer1 Path,
    name: __DeferA0,
    by: __DeferI0,
) -> ::defer::__private::Deferred<
    ::defer::__private::OutOf<
        ::defer::__private::KindOf<__DeferA0, Cow<'__defer2, str>, __DeferM0>,
        usize,
    >,
    ::defer::__private::Call<
        ::defer::__private::Args1<__DeferA0, Cow<'__defer2, str>, __DeferM0>,
        ::defer::__private::FnBody<
            (&'__defer0 Self, &'__defer1 Path, __DeferI0),
            (Cow<'__defer2, str>,),
            usize,
        >,
        ::defer::__private::KindOf<__DeferA0, Cow<'__defer2, str>, __DeferM0>,
        ::defer::__private::Plainly,
    >,
>
where
    __DeferA0: ::defer::__private::Arg<Cow<'__defer2, str>, __DeferM0>,
{
    ::defer::__private::call(
        ::defer::__private::join1(name),
        ::defer::__private::FnBody::new(
            (self, path, by),
            |
                (__defer_self, path, by): (&'__defer0 Self, &'__defer1 Path, __DeferI0),
                (name,): (Cow<'__defer2, str>,),
            | -> usize { 3 },
            const {
                &::defer::__private::Site::new(
                    "size",
                    ::core::file!(),
                    ::core::line!(),
                    &["name"],
                    ::defer::__private::Adopts::known(),
                )
            },
        ),
    )
}
::core::compile_error! {
    "a `blocking` body runs on another thread, which cannot borrow `self`: take `self: Arc<Self>`, or `self`"
}
::core::compile_error! {
    "a `blocking` body runs on another thread, which cannot borrow from the caller: take an owned value, such as a `String`, a `Vec` or an `Arc`"
}
::core::compile_error! {
    "a `blocking` body runs on another thread, which cannot borrow from the caller: take an owned value, such as a `String`, a `Vec` or an `Arc`"
}
