#[doc(hidden)]
#[allow(non_camel_case_types, dead_code, missing_debug_implementations)]
struct __defer_read;
#[automatically_derived]
impl ::defer::__private::Body<(PathBuf,)> for __defer_read {
    type Out = io::Result<String>;
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
    fn call(&mut self, values: (PathBuf,)) -> io::Result<String> {
        let (v0,) = values;
        Self::read(v0)
    }
}
#[allow(dead_code)]
impl __defer_read {
    fn read(path: PathBuf) -> io::Result<String> {
        todo!()
    }
}
/**```text
fn read(path: PathBuf) -> io::Result<String>
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn read<__DeferA0, __DeferM0, __DeferX0>(
    path: __DeferA0,
) -> ::defer::__private::Deferred<
    io::Result<String>,
    ::defer::__private::Call<
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
    ::defer::__private::call(::defer::__private::join1(path), __defer_read)
}
