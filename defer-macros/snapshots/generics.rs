#[doc(hidden)]
#[allow(clippy::multiple_bound_locations)]
#[allow(non_camel_case_types, dead_code, missing_debug_implementations)]
struct __defer_pick<'a, T: Clone, const N: usize, __DeferI0: Fn(&T) -> bool>(
    ::core::option::Option<&'a str>,
    ::core::option::Option<__DeferI0>,
    ::core::marker::PhantomData<
        fn() -> (
            &'a (),
            ::core::marker::PhantomData<T>,
            ::core::marker::PhantomData<__DeferI0>,
        ),
    >,
)
where
    T: Send;
#[automatically_derived]
#[allow(clippy::multiple_bound_locations)]
impl<
    'a,
    T: Clone,
    const N: usize,
    __DeferI0: Fn(&T) -> bool,
> ::defer::__private::Body<([T; N],)> for __defer_pick<'a, T, N, __DeferI0>
where
    T: Send,
{
    type Out = Option<&'a str>;
    #[inline]
    fn site(&self) -> &'static ::defer::__private::Site {
        const {
            &::defer::__private::Site::new(
                "pick",
                ::core::file!(),
                ::core::line!(),
                &["all"],
                ::defer::__private::Adopts::known(),
            )
        }
    }
    #[inline]
    fn call(&mut self, values: ([T; N],)) -> Option<&'a str> {
        let (v0,) = values;
        Self::pick(
            v0,
            ::defer::__private::held(&mut self.0),
            ::defer::__private::held(&mut self.1),
        )
    }
}
#[allow(dead_code)]
#[allow(clippy::multiple_bound_locations)]
impl<
    'a,
    T: Clone,
    const N: usize,
    __DeferI0: Fn(&T) -> bool,
> __defer_pick<'a, T, N, __DeferI0>
where
    T: Send,
{
    fn pick(all: [T; N], name: &'a str, by: __DeferI0) -> Option<&'a str> {
        None
    }
}
#[allow(clippy::multiple_bound_locations)]
/**```text
fn pick<'a, T: Clone, const N: usize>(all: [T;N], name: &'a str, by: impl Fn(&T) -> bool) -> Option<&'a str> where T: Send
```*/
#[inline]
#[allow(clippy::type_complexity, clippy::too_many_arguments)]
fn pick<'a, T: Clone, const N: usize, __DeferI0: Fn(&T) -> bool, __DeferA0, __DeferM0>(
    all: __DeferA0,
    name: &'a str,
    by: __DeferI0,
) -> ::defer::__private::Deferred<
    ::defer::__private::OutOf<
        ::defer::__private::KindOf<__DeferA0, [T; N], __DeferM0>,
        Option<&'a str>,
    >,
    ::defer::__private::Call<
        ::defer::__private::Args1<__DeferA0, [T; N], __DeferM0>,
        __defer_pick<'a, T, N, __DeferI0>,
        ::defer::__private::KindOf<__DeferA0, [T; N], __DeferM0>,
        ::defer::__private::Plainly,
    >,
>
where
    T: Send,
    __DeferA0: ::defer::__private::Arg<[T; N], __DeferM0>,
{
    ::defer::__private::call(
        ::defer::__private::join1(all),
        __defer_pick(
            ::core::option::Option::Some(name),
            ::core::option::Option::Some(by),
            ::core::marker::PhantomData,
        ),
    )
}
