/**```text
async fn user(id: UserId, #[value] language: String) -> Result<User, Failure>
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn user<__DeferA0, __DeferM0, __DeferX0>(
    id: __DeferA0,
    language: String,
) -> ::defer::__private::Deferred<
    Result<User, Failure>,
    impl ::defer::__private::Chain<Output = Result<User, Failure>>,
>
where
    __DeferA0: ::defer::__private::Arg<UserId, __DeferM0>,
    ::defer::__private::KindOf<
        __DeferA0,
        UserId,
        __DeferM0,
    >: ::defer::__private::LiftsTo<
        Failure,
        __DeferX0,
        Kind = ::defer::__private::KindOf<__DeferA0, UserId, __DeferM0>,
    >,
{
    ::defer::__private::later::<
        _,
        _,
        ::defer::__private::Fails<Failure>,
        ::defer::__private::Fallibly,
        _,
        _,
    >(
        ::defer::__private::join1::<
            __DeferA0,
            UserId,
            __DeferM0,
            ::defer::__private::KindOf<__DeferA0, UserId, __DeferM0>,
        >(id),
        {
            #[inline]
            fn __defer_body(
                (language,): (String,),
                (id,): (UserId,),
            ) -> ::defer::__private::Asynchronous<
                impl ::core::future::Future<Output = Result<User, Failure>>,
            > {
                ::defer::__private::asynchronous(async move {
                    ::defer::__private::hold(());
                    #[allow(clippy::no_effect_underscore_binding)]
                    let id: UserId = id;
                    #[allow(clippy::no_effect_underscore_binding)]
                    let language: String = language;
                    #[allow(
                        unreachable_code,
                        clippy::diverging_sub_expression,
                        clippy::empty_loop
                    )]
                    if false {
                        let declared: Result<User, Failure> = loop {};
                        return declared;
                    }
                    todo!()
                })
            }
            fn __defer_shared(
                (language,): (String,),
                (id,): (UserId,),
            ) -> ::defer::__private::Called<Result<User, Failure>> {
                static SHARED: ::defer::__private::Static = ::defer::__private::Static::new();
                ::defer::__private::memoized::<
                    ::defer::__private::Fails<Failure>,
                    User,
                    _,
                    _,
                    _,
                >(
                    &SHARED,
                    (::defer::__private::part(id), ::defer::__private::part(language)),
                    |
                        (
                            id,
                            language,
                        ): (
                            ::defer::__private::Part<UserId>,
                            ::defer::__private::Part<String>,
                        )|
                    ::defer::__private::Deferred::from_chain(
                        __defer_body((language.value(),), (id.value(),)),
                    ),
                )
            }
            ::defer::__private::ItemBody::new(
                (language,),
                __defer_shared,
                const {
                    &::defer::__private::Site::new(
                            "user",
                            ::core::file!(),
                            ::core::line!(),
                            &["id"],
                            ::defer::__private::Adopts::known(),
                        )
                        .failing("Failure")
                },
            )
        },
    )
}
