#[doc(hidden)]
#[allow(non_camel_case_types, dead_code, missing_debug_implementations)]
struct __defer_size;
#[automatically_derived]
impl ::defer::__private::Body<(PathBuf,)> for __defer_size {
    type Out = u64;
    #[inline]
    fn site(&self) -> &'static ::defer::__private::Site {
        const {
            &::defer::__private::Site::new(
                "size",
                ::core::file!(),
                ::core::line!(),
                &["path"],
                ::defer::__private::Adopts::known(),
            )
        }
    }
    #[inline]
    fn call(&mut self, values: (PathBuf,)) -> u64 {
        let (v0,) = values;
        Self::size(v0)
    }
}
#[allow(dead_code)]
impl __defer_size {
    fn size(path: PathBuf) -> u64 {
        path.len()
    }
}
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
    ::defer::__private::Call<
        ::defer::__private::Args1<__DeferA0, PathBuf, __DeferM0>,
        __defer_size,
        ::defer::__private::KindOf<__DeferA0, PathBuf, __DeferM0>,
        ::defer::__private::Plainly,
    >,
>
where
    __DeferA0: ::defer::__private::Arg<PathBuf, __DeferM0>,
{
    ::defer::__private::call(::defer::__private::join1(path), __defer_size)
}
::core::compile_error! {
    "a function with `batch` has no body, since the batch function answers its calls: put this into the batch function, and write `;` here"
}
