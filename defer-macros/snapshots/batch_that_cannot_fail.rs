/**```text
fn size(path: PathBuf) -> u64
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn size<__DeferA0, __DeferM0>(
    path: __DeferA0,
) -> ::defer::__private::Deferred<
    ::defer::__private::OutOf<
        ::defer::__private::KindOf<__DeferA0, PathBuf, __DeferM0>,
        u64,
    >,
    ::defer::__private::Boxed<
        'static,
        ::defer::__private::OutOf<
            ::defer::__private::KindOf<__DeferA0, PathBuf, __DeferM0>,
            u64,
        >,
    >,
>
where
    __DeferA0: ::defer::__private::Arg<PathBuf, __DeferM0>,
    ::defer::__private::KindOf<
        __DeferA0,
        PathBuf,
        __DeferM0,
    >: ::defer::__private::Lift<
        ::defer::__private::ErrOf<
            ::defer::__private::KindOf<__DeferA0, PathBuf, __DeferM0>,
        >,
    >,
    ::defer::__private::ChainOf<
        __DeferA0,
        PathBuf,
        __DeferM0,
    >: ::core::marker::Send + 'static,
{
    ::defer::__private::later::<
        _,
        _,
        ::defer::__private::KindOf<__DeferA0, PathBuf, __DeferM0>,
        ::defer::__private::Plainly,
        _,
        _,
    >(
            ::defer::__private::join1::<
                __DeferA0,
                PathBuf,
                __DeferM0,
                ::defer::__private::KindOf<__DeferA0, PathBuf, __DeferM0>,
            >(path),
            {
                #[inline]
                fn __defer_body(
                    (): (),
                    (path,): (PathBuf,),
                ) -> ::defer::__private::Deferred<
                    u64,
                    ::defer::__private::Batched<PathBuf, u64, ::defer::__private::Never>,
                > {
                    #[allow(unused_imports)]
                    use ::defer::__private::{GivenFuture as _, GivenValue as _};
                    ::defer::__private::thread_local! {
                        static __DEFER_BATCH : ::defer::__private::Collector < PathBuf,
                        u64, ::defer::__private::Never > =
                        ::defer::__private::Collector:: < PathBuf, u64,
                        ::defer::__private::Never > ::plain("db::sizes",
                        ::defer::__private::turn, | keys : ::std::vec::Vec < PathBuf > |
                        ::defer::__private::Given::new(db::sizes(keys))
                        .__defer_given(),);
                    }
                    __DEFER_BATCH.with(|batch| batch.get(path))
                }
                ::defer::__private::ItemBody::new(
                    (),
                    __defer_body,
                    const {
                        &::defer::__private::Site::new(
                                "size",
                                ::core::file!(),
                                ::core::line!(),
                                &["path"],
                                ::defer::__private::Adopts::known(),
                            )
                            .in_batches_of("db::sizes")
                    },
                )
            },
        )
        .boxed()
}
