/**```text
fn add(self: Arc<Self>, n: u32) -> u32
```*/
#[inline]
#[allow(refining_impl_trait)]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn add<__DeferA0, __DeferM0>(
    self: Arc<Self>,
    n: __DeferA0,
) -> ::defer::__private::Deferred<
    ::defer::__private::OutOf<
        ::defer::__private::KindOf<__DeferA0, u32, __DeferM0>,
        u32,
    >,
    ::defer::__private::Later<
        ::defer::__private::Args1<__DeferA0, u32, __DeferM0>,
        ::defer::__private::FnBody<
            (Arc<Self>,),
            (u32,),
            ::defer::__private::Deferred<u32, ::defer::__private::OnThread<u32>>,
        >,
        ::defer::__private::KindOf<__DeferA0, u32, __DeferM0>,
        ::defer::__private::Plainly,
        <::defer::__private::Deferred<
            u32,
            ::defer::__private::OnThread<u32>,
        > as ::defer::__private::IsDeferred>::Chain,
    >,
>
where
    __DeferA0: ::defer::__private::Arg<u32, __DeferM0>,
{
    ::defer::__private::later(
        ::defer::__private::join1(n),
        ::defer::__private::FnBody::new(
            (self,),
            |
                (__defer_self,): (Arc<Self>,),
                (n,): (u32,),
            | -> ::defer::__private::Deferred<u32, ::defer::__private::OnThread<u32>> {
                ::defer::__private::blocking(move || -> u32 {
                    ::defer::__private::hold((&__defer_self, &n));
                    #[allow(clippy::no_effect_underscore_binding)]
                    let n = n;
                    __defer_self.0 + n
                })
            },
            const {
                &::defer::__private::Site::new(
                    "add",
                    ::core::file!(),
                    ::core::line!(),
                    &["n"],
                    ::defer::__private::Adopts::known(),
                )
            },
        ),
    )
}
