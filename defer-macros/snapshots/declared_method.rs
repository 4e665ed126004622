trait Declares {
    #[allow(single_use_lifetimes, clippy::needless_lifetimes)]
    #[allow(clippy::multiple_bound_locations)]
    /**```text
fn fetch(&self, url: Url) -> Result<Page, FetchError>
```*/
    #[allow(refining_impl_trait)]
    #[allow(clippy::type_complexity, clippy::too_many_arguments)]
    fn fetch<'__defer0, __DeferA0, __DeferM0, __DeferX0>(
        &'__defer0 self,
        url: __DeferA0,
    ) -> ::defer::__private::Deferred<
        Result<Page, FetchError>,
        impl ::defer::__private::Chain<Output = Result<Page, FetchError>>,
    >
    where
        __DeferA0: ::defer::__private::Arg<Url, __DeferM0>,
        ::defer::__private::KindOf<
            __DeferA0,
            Url,
            __DeferM0,
        >: ::defer::__private::LiftsTo<
            FetchError,
            __DeferX0,
            Kind = ::defer::__private::KindOf<__DeferA0, Url, __DeferM0>,
        >;
}
