//! What annotated functions become, broken ones included: one file a case in `snapshots/`.
//!
//! `UPDATE_EXPECT=1 cargo test -p defer-macros` writes them anew; read the difference.

use expect_test::{ExpectFile, expect_file};
use proc_macro2::TokenStream;

use crate::expand::expand;
use crate::model::Flavor;

fn check(flavor: Flavor, options: &str, item: &str, expected: ExpectFile) {
    let parse = |text: &str| {
        text.parse::<TokenStream>()
            .expect("the case is made of tokens")
    };
    let tokens = expand(flavor, parse(options), parse(item));
    // A method that a trait declares is no item by itself.
    let file = if item.ends_with(';') && !options.contains("batch") {
        syn::parse2(quote::quote!(trait Declares { #tokens }))
    } else {
        syn::parse2(tokens.clone())
    };
    // A body that does not parse is handed on as it is.
    let shown = file.map_or_else(|_| tokens.to_string(), |file| prettyplease::unparse(&file));
    expected.assert_eq(&shown);
}

macro_rules! snapshots {
    ($($name:ident: $flavor:ident($options:literal) $item:literal)+) => {$(
        #[test]
        fn $name() {
            let expected = expect_file![concat!("../snapshots/", stringify!($name), ".rs")];
            check(Flavor::$flavor, $options, $item, expected);
        }
    )+};
}

snapshots! {
    plain_value: Callback("")
        "/// Cleans up.\n pub fn cleanup(page: Page, #[value] strip: bool) -> Page { page }"
    no_arguments: Callback("") "fn now() -> u64 { 3 }"
    own_error: Callback("")
        "fn combine(title: String, count: usize) -> Result<String, AppError> { Ok(title) }"
    aliased_error: Callback("") "fn read(path: PathBuf) -> io::Result<String> { todo!() }"
    explicit_error: Callback("error = HttpError") "fn get(url: Url) -> Fetched { todo!() }"
    three_merged: Callback("") "fn sum(a: u8, b: u8, c: u8) -> u8 { a + b + c }"
    generics: Callback("")
        "fn pick<'a, T: Clone, const N: usize>(all: [T; N], name: &'a str, by: impl Fn(&T) -> bool)
            -> Option<&'a str> where T: Send { None }"
    asynchronous: Callback("")
        "async fn get_page(url: Url, client: &Client) -> Result<Page, FetchError> { todo!() }"
    gives_deferred: Callback("boxed")
        "fn countdown(n: u32) -> Deferred<u32> { countdown(n - 1) }"
    opaque_return: Callback("") "fn words(page: Page) -> impl Iterator<Item = String> { page.words() }"
    method: Callback("")
        "fn scale(&self, rows: usize, by: &str) -> usize { self.factor * rows + by.len() }"
    declared_method: Callback("") "fn fetch(&self, url: Url) -> Result<Page, FetchError>;"
    terminal_errback: Errback("")
        "fn errcheck(failure: FetchError, fallback: Page) -> Page { fallback }"
    async_errback: Errback("")
        "async fn retry(failure: FetchError) -> Result<Page, FetchError> { Err(failure) }"
    observing_errback: Errback("")
        "fn either(a: Result<Page, A>, b: Result<Page, B>, n: u8) -> Page { Page::blank() }"
    inline: InlineCallbacks("")
        "fn walk(url: Url) -> Result<usize, E> { let page = get(url).await?; Ok(page.len()) }"
    memoized: Callback("memoize")
        "async fn user(id: UserId, #[value] language: String) -> Result<User, Failure> { todo!() }"
    memoized_within_bounds: Callback("memoize(size = 100, expires = Duration::from_secs(60))")
        "fn square(n: u32) -> u32 { n * n }"
    single_flight: Callback("single_flight")
        "fn fetch(url: Url, (a, b): (u8, u8)) -> Deferred<Page> { get(url).boxed() }"
    memoized_method: Callback("memoize") "fn user(&self, id: UserId) -> User { self.user(id) }"
    on_a_thread: Callback("blocking")
        "pub fn read(mut path: PathBuf, #[value] tries: u8) -> io::Result<String> { todo!() }"
    in_a_task: Callback("spawn") "fn count(text: String) -> usize { text.len() }"
    async_in_a_task: Callback("spawn, boxed") "async fn get(url: Url) -> Result<Page, E> { todo!() }"
    method_on_a_thread: Callback("blocking")
        "fn add(self: Arc<Self>, n: u32) -> u32 { self.0 + n }"
    borrowed_on_a_thread: Callback("blocking")
        "fn size(&self, path: &Path, name: Cow<'_, str>, by: impl Fn(&str) -> bool) -> usize { 3 }"
    in_two_places: Callback("blocking, spawn") "fn f(page: Page) -> usize { 3 }"
    retried: Callback("retry = Retry::before_each(delays.clone())")
        "fn get(mut url: Url, client: &Client, #[value] delays: Delays) -> Result<Page, E> { client.get(url) }"
    retried_method: Callback("retry = self.policy()")
        "async fn get(&self, (host, path): (Host, Path)) -> Result<Page, E> { self.ask(host, path).await }"
    refused_retry: Callback("retry = 3") "fn size(page: Page) -> usize { page.len() }"
    conditional_parameter: Callback("")
        "fn log(line: String, #[cfg(feature = \"level\")] level: u8) -> String { line }"
    behind_other_macros: Callback("boxed") "#[doc = \"Docs.\"] #[instrument(skip(page))] fn f(page: Page) {}"
    broken_body: Callback("") "fn broken(page: Page) -> usize { let x = page.; if }"
    broken_item: Callback("") "fn broken(page: ) -> usize { 3 }"
    wrong_options: Callback("bogus, boxed = 3, boxed, boxed")
        "fn f(page: Page) -> usize { page.len() }"
    on_a_struct: Callback("") "pub struct Page { text: String }"
    const_function: Callback("") "pub const unsafe extern \"C\" fn f(page: Page) -> usize { 3 }"
    batch: Callback("batch = load_users, max = 100")
        "/// A user.\n pub fn user(id: UserId, #[value] full: bool) -> Result<User, LoadError>;"
    batch_that_cannot_fail: Callback("batch = db::sizes, boxed") "fn size(path: PathBuf) -> u64;"
    batch_with_a_body: Callback("batch = sizes") "fn size(path: PathBuf) -> u64 { path.len() }"
    batch_of_references: Callback("batch = sizes") "fn size(path: &Path) -> u64;"
    errback_of_nothing: Errback("") "fn f() -> usize { 3 }"
    errback_of_reference: Errback("") "fn f(failure: &E) -> usize { 3 }"
}
