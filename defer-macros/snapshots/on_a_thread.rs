#[doc(hidden)]
#[allow(non_camel_case_types, dead_code, missing_debug_implementations)]
pub struct __defer_read(::core::option::Option<u8>);
#[automatically_derived]
impl ::defer::__private::Body<(PathBuf,)> for __defer_read {
    type Out = ::defer::__private::Deferred<
        io::Result<String>,
        ::defer::__private::OnThread<io::Result<String>>,
    >;
    #[inline]
    fn site(&self) -> &'static ::defer::__private::Site {
        const {
            &::defer::__private::Site::new(
                    "read",
                    ::core::file!(),
                    ::core::line!(),
                    &["path"],
                    ::defer::__private::Adopts::known(),
                )
                .failing("the error of io::Result<String>")
        }
    }
    #[inline]
    fn call(
        &mut self,
        values: (PathBuf,),
    ) -> ::defer::__private::Deferred<
        io::Result<String>,
        ::defer::__private::OnThread<io::Result<String>>,
    > {
        let (v0,) = values;
        Self::read(v0, ::defer::__private::held(&mut self.0))
    }
}
#[allow(dead_code)]
impl __defer_read {
    fn read(
        path: PathBuf,
        tries: u8,
    ) -> ::defer::__private::Deferred<
        io::Result<String>,
        ::defer::__private::OnThread<io::Result<String>>,
    > {
        ::defer::__private::blocking(move || -> io::Result<String> {
            ::defer::__private::hold((&path, &tries));
            #[allow(clippy::no_effect_underscore_binding)]
            let mut path = path;
            #[allow(clippy::no_effect_underscore_binding)]
            let tries = tries;
            todo!()
        })
    }
}
/**```text
fn read(mut path: PathBuf, #[value] tries: u8) -> io::Result<String>
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
pub fn read<__DeferA0, __DeferM0, __DeferX0>(
    path: __DeferA0,
    tries: u8,
) -> ::defer::__private::Deferred<
    io::Result<String>,
    ::defer::__private::Later<
        ::defer::__private::Join1<
            ::defer::__private::ChainOf<__DeferA0, PathBuf, __DeferM0>,
            ::defer::__private::LiftOf<
                __DeferA0,
                PathBuf,
                __DeferM0,
                <io::Result<String> as ::defer::__private::IsResult>::Error,
                __DeferX0,
            >,
            PathBuf,
        >,
        __defer_read,
        ::defer::__private::Fails<
            <io::Result<String> as ::defer::__private::IsResult>::Error,
        >,
        ::defer::__private::Fallibly,
        <::defer::__private::Deferred<
            io::Result<String>,
            ::defer::__private::OnThread<io::Result<String>>,
        > as ::defer::__private::IsDeferred>::Chain,
    >,
>
where
    __DeferA0: ::defer::__private::Arg<PathBuf, __DeferM0>,
    ::defer::__private::KindOf<
        __DeferA0,
        PathBuf,
        __DeferM0,
    >: ::defer::__private::LiftsTo<
        <io::Result<String> as ::defer::__private::IsResult>::Error,
        __DeferX0,
        Kind = ::defer::__private::KindOf<__DeferA0, PathBuf, __DeferM0>,
    >,
{
    ::defer::__private::later(
        ::defer::__private::join1(path),
        __defer_read(::core::option::Option::Some(tries)),
    )
}
