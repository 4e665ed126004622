#[allow(single_use_lifetimes, clippy::needless_lifetimes)]
#[allow(clippy::multiple_bound_locations)]
/**```text
async fn get(&self, (host, path): (Host, Path)) -> Result<Page, E>
```*/
#[inline]
#[allow(refining_impl_trait)]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn get<'__defer0, __DeferA0, __DeferM0, __DeferX0>(
    &'__defer0 self,
    arg0: __DeferA0,
) -> ::defer::__private::Deferred<
    Result<Page, E>,
    impl ::defer::__private::Chain<Output = Result<Page, E>>,
>
where
    __DeferA0: ::defer::__private::Arg<(Host, Path), __DeferM0>,
    ::defer::__private::KindOf<
        __DeferA0,
        (Host, Path),
        __DeferM0,
    >: ::defer::__private::LiftsTo<
        E,
        __DeferX0,
        Kind = ::defer::__private::KindOf<__DeferA0, (Host, Path), __DeferM0>,
    >,
{
    ::defer::__private::later::<
        _,
        _,
        ::defer::__private::Fails<E>,
        ::defer::__private::Fallibly,
        _,
        _,
    >(
        ::defer::__private::join1::<
            __DeferA0,
            (Host, Path),
            __DeferM0,
            ::defer::__private::KindOf<__DeferA0, (Host, Path), __DeferM0>,
        >(arg0),
        ::defer::__private::ClosureBody::new(
            move |(arg0,): ((Host, Path),)| {
                ::defer::__private::retrying::<
                    _,
                    E,
                    _,
                    _,
                    _,
                    _,
                >(
                    self.policy(),
                    move || {
                        let arg0: (Host, Path) = ::defer::__private::again(&arg0);
                        ::defer::__private::Deferred::from_chain(
                            ::defer::__private::asynchronous(async move {
                                #[allow(unused_imports)]
                                use ::defer::__private::AwaitExt as _;
                                ::defer::__private::hold((&self, &arg0));
                                #[allow(clippy::no_effect_underscore_binding)]
                                let (host, path): (Host, Path) = arg0;
                                #[allow(
                                    unreachable_code,
                                    clippy::diverging_sub_expression,
                                    clippy::empty_loop
                                )]
                                if false {
                                    let declared: Result<Page, E> = loop {};
                                    return declared;
                                }
                                self.ask(host, path).__defer_wait().__defer_adopt().await
                            }),
                        )
                    },
                )
            },
            const {
                &::defer::__private::Site::new(
                        "get",
                        ::core::file!(),
                        ::core::line!(),
                        &["arg0"],
                        ::defer::__private::Adopts::known(),
                    )
                    .failing("E")
            },
        ),
    )
}
