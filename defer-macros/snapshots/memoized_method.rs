#[allow(single_use_lifetimes, clippy::needless_lifetimes)]
#[allow(clippy::multiple_bound_locations)]
/**```text
fn user(&self, id: UserId) -> User
```*/
#[inline]
#[allow(refining_impl_trait)]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn user<'__defer0, __DeferA0, __DeferM0>(
    &'__defer0 self,
    id: __DeferA0,
) -> ::defer::__private::Deferred<
    ::defer::__private::OutOf<
        ::defer::__private::KindOf<__DeferA0, UserId, __DeferM0>,
        User,
    >,
    ::defer::__private::Call<
        ::defer::__private::Args1<__DeferA0, UserId, __DeferM0>,
        ::defer::__private::FnBody<(&'__defer0 Self,), (UserId,), User>,
        ::defer::__private::KindOf<__DeferA0, UserId, __DeferM0>,
        ::defer::__private::Plainly,
    >,
>
where
    __DeferA0: ::defer::__private::Arg<UserId, __DeferM0>,
{
    ::defer::__private::call(
        ::defer::__private::join1(id),
        ::defer::__private::FnBody::new(
            (self,),
            |(__defer_self,): (&'__defer0 Self,), (id,): (UserId,)| -> User {
                __defer_self.user(id)
            },
            const {
                &::defer::__private::Site::new(
                    "user",
                    ::core::file!(),
                    ::core::line!(),
                    &["id"],
                    ::defer::__private::Adopts::known(),
                )
            },
        ),
    )
}
::core::compile_error! {
    "`memoize` goes on a free function: for a method keep a `defer::share::memoize` of its work in a field"
}
