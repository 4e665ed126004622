pub struct Page {
    text: String,
}
::core::compile_error! {
    "`#[callback]` goes on a function, and this is a struct: remove it, or put it on a function"
}
