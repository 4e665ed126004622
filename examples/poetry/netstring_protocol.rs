//! The service, spoken to in netstrings: `NAME.POEM` comes, the poem goes back, and that is all.
//! Whatever is wrong, the connection is closed without an answer.

use std::fmt;
use std::sync::Arc;

use defer::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, split};

use crate::connection::Connection;
use crate::netstring::{Decoder, encode};
use crate::service::{NAMES, TransformService};

/// What a netstring has that does not make a request of it.
#[derive(Debug)]
enum BadRequest {
    Half,
    NoName,
    NoText,
}

impl fmt::Display for BadRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BadRequest::Half => "it left in the middle of a netstring",
            BadRequest::NoName => "a request is NAME.POEM",
            BadRequest::NoText => "a request is UTF-8",
        })
    }
}

impl std::error::Error for BadRequest {}

struct Request {
    name: String,
    poem: String,
}

/// How much a request may have beside the poem.
pub(crate) fn limit(service: &TransformService) -> usize {
    let longest = NAMES.iter().map(|name| name.len()).max().unwrap_or(0);
    service.limit() + longest + 1
}

/// Read a netstring, and nothing behind it.
#[callback]
async fn received(from: &mut ReadHalf<Connection>, limit: usize) -> Result<Vec<u8>, Failure> {
    let mut decoder = Decoder::new(limit);
    let mut bytes = [0; 2048];
    loop {
        let read = from.read(&mut bytes).await?;
        if read == 0 {
            return Err(BadRequest::Half.into());
        }
        if let Some(string) = decoder.feed(&bytes[..read])? {
            return Ok(string);
        }
    }
}

/// Make a request of a string.
#[callback]
fn understood(string: Vec<u8>) -> Result<Request, Failure> {
    let mut name = String::from_utf8(string).map_err(|_| BadRequest::NoText)?;
    let dot = name.find('.').ok_or(BadRequest::NoName)?;
    let poem = name.split_off(dot + 1);
    name.pop();
    name.shrink_to_fit();
    Ok(Request { name, poem })
}

/// Have it done.
#[callback]
async fn transformed(service: &TransformService, request: Request) -> Result<String, Failure> {
    Ok(service.transform(&request.name, request.poem).await?)
}

/// Send a poem as a netstring.
#[callback]
async fn sent(to: &mut WriteHalf<Connection>, poem: String) -> Result<(), Failure> {
    to.write_all(&encode(poem.as_bytes())).await?;
    Ok(to.shutdown().await?)
}

/// One request and its answer.
#[callback]
pub(crate) async fn answer(
    connection: Connection,
    service: Arc<TransformService>,
) -> Result<(), Failure> {
    let (mut from, mut to) = split(connection);
    let request = understood(received(&mut from, limit(&service)));
    sent(&mut to, transformed(&service, request)).await
}
