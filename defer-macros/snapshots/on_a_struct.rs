pub struct Page {
    text: String,
}
::core::compile_error! {
    "`#[callback]` goes on a function, and this is a struct: put it on the functions inside"
}
