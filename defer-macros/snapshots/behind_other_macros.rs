#[instrument(skip(page))]
///Docs.
#[::defer::callback(boxed, __last)]
fn f(page: Page) {}
