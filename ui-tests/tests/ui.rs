//! Programs that compile, and programs whose messages are pinned.
//!
//! `TRYBUILD=overwrite cargo test -p ui-tests --test ui` writes the messages anew; read
//! every one that changed, as somebody would who has never seen the crate.

use trybuild::TestCases;

/// The messages are those of one compiler: another may word them otherwise.
#[test]
fn ui() {
    let cases = TestCases::new();
    cases.pass("pass/*.rs");
    cases.compile_fail("fail/*.rs");
}

/// What should pass, or be refused, and is not yet: see each file's first lines.
#[test]
#[ignore = "each of these programs shows a defect of the library"]
fn pending() {
    let cases = TestCases::new();
    cases.pass("pending/*.rs");
    cases.compile_fail("pending/fail/*.rs");
}
