//! What is in a page.

use std::sync::Arc;

use defer::prelude::*;
use html5gum::{DefaultEmitter, Token, Tokenizer};

/// The source of a page.
pub(crate) type Html = Arc<str>;

/// What the table says of a page.
pub(crate) struct Facts {
    pub(crate) title: String,
    pub(crate) words: usize,
    pub(crate) links: usize,
}

/// Make text of what came.
#[callback]
pub(crate) fn cleanup(body: Vec<u8>) -> Result<Html, Failure> {
    let text = std::str::from_utf8(&body)?;
    Ok(text.trim_start_matches('\u{feff}').into())
}

/// Read a page: three calls on the same text, at once.
#[callback]
pub(crate) async fn survey(html: Html) -> Facts {
    facts(
        find_title(html.clone()),
        count_words(html.clone()),
        count_links(html),
    )
    .await
}

#[callback]
fn facts(title: String, words: usize, links: usize) -> Facts {
    Facts {
        title,
        words,
        links,
    }
}

#[callback]
async fn find_title(html: Html) -> String {
    in_a_thread(move || title(&html)).await
}

#[callback]
async fn count_words(html: Html) -> usize {
    in_a_thread(move || words(&html)).await
}

#[callback]
async fn count_links(html: Html) -> usize {
    in_a_thread(move || links(&html)).await
}

/// A big page takes a while to read, and other pages are not to wait for it.
async fn in_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work)
        .await
        .expect("reading a page does not panic")
}

fn tokens(html: &str) -> impl Iterator<Item = Token> {
    let mut emitter = DefaultEmitter::default();
    // What is in a script or a comment is neither text nor a link.
    emitter.naively_switch_states(true);
    Tokenizer::new_with_emitter(html, emitter).map(|Ok(token)| token)
}

/// The text of the first `<title>`.
fn title(html: &str) -> String {
    let inside = tokens(html)
        .skip_while(|token| !matches!(token, Token::StartTag(tag) if *tag.name == b"title"[..]))
        .skip(1)
        .take_while(|token| !matches!(token, Token::EndTag(_)));
    let text: String = inside.filter_map(text).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words that a reader sees.
fn words(html: &str) -> usize {
    let (mut seen, mut hidden) = (String::new(), 0_usize);
    for token in tokens(html) {
        match token {
            Token::StartTag(tag) if HIDDEN.contains(&&*tag.name.0) => hidden += 1,
            Token::EndTag(tag) if HIDDEN.contains(&&*tag.name.0) => {
                hidden = hidden.saturating_sub(1);
            }
            // A word can have letters in bold; it cannot go on in the next paragraph.
            Token::StartTag(tag) if !INLINE.contains(&&*tag.name.0) => seen.push(' '),
            Token::EndTag(tag) if !INLINE.contains(&&*tag.name.0) => seen.push(' '),
            token if hidden == 0 => seen.extend(text(token)),
            _ => {}
        }
    }
    seen.split_whitespace()
        .filter(|word| word.contains(char::is_alphanumeric))
        .count()
}

const HIDDEN: [&[u8]; 5] = [b"noscript", b"script", b"style", b"template", b"title"];
const INLINE: [&[u8]; 14] = [
    b"a", b"abbr", b"b", b"code", b"em", b"i", b"mark", b"small", b"span", b"strong", b"sub",
    b"sup", b"u", b"wbr",
];

/// The `<a href=...>`s.
fn links(html: &str) -> usize {
    let is_link = |token: &Token| match token {
        Token::StartTag(tag) => *tag.name == b"a"[..] && tag.attributes.contains_key(&b"href"[..]),
        _ => false,
    };
    tokens(html).filter(is_link).count()
}

fn text(token: Token) -> Option<String> {
    match token {
        Token::String(text) => Some(String::from_utf8_lossy(&text).into_owned()),
        _ => None,
    }
}
