//! Names of types, as people write them.

use alloc::string::String;

/// Without the modules: `core::result::Result<u8, my::Oops>` is `Result<u8, Oops>`.
pub(super) fn short(name: &str) -> String {
    let mut short = String::with_capacity(name.len());
    let mut word = 0;
    let mut rest = name.chars().peekable();
    while let Some(letter) = rest.next() {
        if letter == ':' && rest.peek() == Some(&':') {
            rest.next();
            short.truncate(word);
            continue;
        }
        short.push(letter);
        if !letter.is_alphanumeric() && letter != '_' && letter != '{' && letter != '}' {
            word = short.len();
        }
    }
    short
}

/// The error in the name of a `Result`.
pub(super) fn error_in(name: &'static str) -> Option<&'static str> {
    let inside = name.strip_prefix("core::result::Result<")?;
    let inside = inside.strip_suffix('>')?;
    let mut open = 0_usize;
    let mut last = ' ';
    for (at, letter) in inside.char_indices() {
        match letter {
            '<' | '(' | '[' => open += 1,
            // Not that of an arrow.
            '>' if last == '-' => {}
            '>' | ')' | ']' => open = open.saturating_sub(1),
            ',' if open == 0 => return Some(inside[at + 1..].trim_start()),
            _ => {}
        }
        last = letter;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{error_in, short};

    #[test]
    fn modules_are_left_out() {
        assert_eq!(short("u8"), "u8");
        assert_eq!(
            short("core::result::Result<alloc::vec::Vec<u8>, a::b::Oops>"),
            "Result<Vec<u8>, Oops>"
        );
        assert_eq!(short("(a::B, &c::D, [e::F; 3])"), "(B, &D, [F; 3])");
        assert_eq!(short("dyn a::B + core::marker::Send"), "dyn B + Send");
        assert_eq!(short("a::{{closure}}"), "{{closure}}");
    }

    #[test]
    fn the_error_of_a_result() {
        assert_eq!(error_in("u8"), None);
        assert_eq!(
            error_in("core::result::Result<u8, a::Oops>"),
            Some("a::Oops")
        );
        assert_eq!(
            error_in("core::result::Result<(u8, alloc::vec::Vec<u8>), (a::B, u8)>"),
            Some("(a::B, u8)")
        );
        assert_eq!(
            error_in("core::result::Result<fn(u8, u8) -> u8, E>"),
            Some("E")
        );
    }
}
