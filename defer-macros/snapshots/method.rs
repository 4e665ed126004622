#[allow(single_use_lifetimes, clippy::needless_lifetimes)]
#[allow(clippy::multiple_bound_locations)]
/**```text
fn scale(&self, rows: usize, by: &str) -> usize
```*/
#[inline]
#[allow(refining_impl_trait)]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn scale<'__defer0, '__defer1, __DeferA0, __DeferM0>(
    &'__defer0 self,
    rows: __DeferA0,
    by: &'__defer1 str,
) -> ::defer::__private::Deferred<
    ::defer::__private::OutOf<
        ::defer::__private::KindOf<__DeferA0, usize, __DeferM0>,
        usize,
    >,
    ::defer::__private::Call<
        ::defer::__private::Args1<__DeferA0, usize, __DeferM0>,
        ::defer::__private::FnBody<(&'__defer0 Self, &'__defer1 str), (usize,), usize>,
        ::defer::__private::KindOf<__DeferA0, usize, __DeferM0>,
        ::defer::__private::Plainly,
    >,
>
where
    __DeferA0: ::defer::__private::Arg<usize, __DeferM0>,
{
    ::defer::__private::call(
        ::defer::__private::join1(rows),
        ::defer::__private::FnBody::new(
            (self, by),
            |
                (__defer_self, by): (&'__defer0 Self, &'__defer1 str),
                (rows,): (usize,),
            | -> usize { __defer_self.factor * rows + by.len() },
            const {
                &::defer::__private::Site::new(
                    "scale",
                    ::core::file!(),
                    ::core::line!(),
                    &["rows"],
                    ::defer::__private::Adopts::known(),
                )
            },
        ),
    )
}
