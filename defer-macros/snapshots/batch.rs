#[doc(hidden)]
#[allow(non_camel_case_types, dead_code, missing_debug_implementations)]
pub struct __defer_user(::core::option::Option<bool>);
#[automatically_derived]
impl ::defer::__private::Body<(UserId,)> for __defer_user {
    type Out = ::defer::__private::Deferred<
        Result<User, LoadError>,
        ::defer::__private::Batched<
            (UserId, bool),
            User,
            ::defer::__private::Fails<LoadError>,
        >,
    >;
    #[inline]
    fn site(&self) -> &'static ::defer::__private::Site {
        const {
            &::defer::__private::Site::new(
                    "user",
                    ::core::file!(),
                    ::core::line!(),
                    &["id"],
                    ::defer::__private::Adopts::known(),
                )
                .in_batches_of("load_users")
                .failing("LoadError")
        }
    }
    #[inline]
    fn call(
        &mut self,
        values: (UserId,),
    ) -> ::defer::__private::Deferred<
        Result<User, LoadError>,
        ::defer::__private::Batched<
            (UserId, bool),
            User,
            ::defer::__private::Fails<LoadError>,
        >,
    > {
        let (v0,) = values;
        Self::user(v0, ::defer::__private::held(&mut self.0))
    }
}
#[allow(dead_code)]
impl __defer_user {
    fn user(
        id: UserId,
        full: bool,
    ) -> ::defer::__private::Deferred<
        Result<User, LoadError>,
        ::defer::__private::Batched<
            (UserId, bool),
            User,
            ::defer::__private::Fails<LoadError>,
        >,
    > {
        #[allow(unused_imports)]
        use ::defer::__private::{GivenFuture as _, GivenValue as _};
        ::defer::__private::thread_local! {
            static __DEFER_BATCH : ::defer::__private::Collector < (UserId, bool), User,
            ::defer::__private::Fails < LoadError > > = ::defer::__private::Collector:: <
            (UserId, bool), User, ::defer::__private::Fails < LoadError > >
            ::fallible("load_users", ::defer::__private::turn, | keys : ::std::vec::Vec <
            (UserId, bool) > | ::defer::__private::Given::new(load_users(keys))
            .__defer_given(),).max(100);
        }
        __DEFER_BATCH.with(|batch| batch.get((id, full)))
    }
}
/**```text
fn user(id: UserId, #[value] full: bool) -> Result<User, LoadError>
```*/
/// A user.
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
pub fn user<__DeferA0, __DeferM0, __DeferX0>(
    id: __DeferA0,
    full: bool,
) -> ::defer::__private::Deferred<
    Result<User, LoadError>,
    ::defer::__private::Later<
        ::defer::__private::Join1<
            ::defer::__private::ChainOf<__DeferA0, UserId, __DeferM0>,
            ::defer::__private::LiftOf<
                __DeferA0,
                UserId,
                __DeferM0,
                LoadError,
                __DeferX0,
            >,
            UserId,
        >,
        __defer_user,
        ::defer::__private::Fails<LoadError>,
        ::defer::__private::Fallibly,
        <::defer::__private::Deferred<
            Result<User, LoadError>,
            ::defer::__private::Batched<
                (UserId, bool),
                User,
                ::defer::__private::Fails<LoadError>,
            >,
        > as ::defer::__private::IsDeferred>::Chain,
    >,
>
where
    __DeferA0: ::defer::__private::Arg<UserId, __DeferM0>,
    ::defer::__private::KindOf<
        __DeferA0,
        UserId,
        __DeferM0,
    >: ::defer::__private::LiftsTo<
        LoadError,
        __DeferX0,
        Kind = ::defer::__private::KindOf<__DeferA0, UserId, __DeferM0>,
    >,
{
    ::defer::__private::later(
        ::defer::__private::join1(id),
        __defer_user(::core::option::Option::Some(full)),
    )
}
