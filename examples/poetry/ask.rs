//! Connections as a protocol of Twisted sees them: bytes come, the other side goes, and a
//! deferred fires.
#![allow(dead_code, reason = "no program uses all of it")]

use std::fmt;
use std::io;

use defer::Chain;
use defer::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::netstring::{Decoder, Malformed};

/// What makes a text of what comes over a connection.
pub(crate) trait Protocol: Send + 'static {
    /// Some bytes have come: the text, if that was all of it.
    fn data_received(&mut self, bytes: &[u8]) -> Result<Option<Vec<u8>>, Lost>;

    /// The other side has closed the connection: the text, if that was all of it.
    fn connection_lost(self) -> Result<Vec<u8>, Lost>;
}

/// Why there is no text.
#[derive(Debug)]
pub(crate) enum Lost {
    Closed,
    HalfWay { received: usize, of: usize },
    TooLong { limit: usize },
    Malformed(Malformed),
    NoText,
    Connecting(io::Error),
    Reading { received: usize, error: io::Error },
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lost::Closed => write!(f, "the connection was closed without an answer"),
            Lost::HalfWay { received, of } => {
                write!(f, "the connection was lost after {received} of {of} bytes")
            }
            Lost::TooLong { limit } => write!(f, "more than {limit} bytes"),
            Lost::Malformed(malformed) => write!(f, "{malformed}"),
            Lost::NoText => write!(f, "not UTF-8"),
            Lost::Connecting(error) => write!(f, "cannot connect: {error}"),
            Lost::Reading { received, error } => {
                write!(f, "the connection was lost after {received} bytes: {error}")
            }
        }
    }
}

impl std::error::Error for Lost {}

impl From<Malformed> for Lost {
    fn from(malformed: Malformed) -> Self {
        Lost::Malformed(malformed)
    }
}

/// A text that is over when the connection is.
pub(crate) struct ToTheEnd {
    limit: usize,
    text: Vec<u8>,
}

impl ToTheEnd {
    pub(crate) fn new(limit: usize) -> Self {
        let text = Vec::new();
        ToTheEnd { limit, text }
    }
}

impl Protocol for ToTheEnd {
    fn data_received(&mut self, bytes: &[u8]) -> Result<Option<Vec<u8>>, Lost> {
        if bytes.len() > self.limit - self.text.len() {
            return Err(Lost::TooLong { limit: self.limit });
        }
        self.text.extend_from_slice(bytes);
        Ok(None)
    }

    fn connection_lost(self) -> Result<Vec<u8>, Lost> {
        Ok(self.text)
    }
}

/// A text in a netstring.
impl Protocol for Decoder {
    fn data_received(&mut self, bytes: &[u8]) -> Result<Option<Vec<u8>>, Lost> {
        Ok(self.feed(bytes)?)
    }

    fn connection_lost(self) -> Result<Vec<u8>, Lost> {
        Err(match self.progress() {
            (received, Some(of)) => Lost::HalfWay { received, of },
            (_, None) => Lost::Closed,
        })
    }
}

/// Connect, send a request, and have a protocol make a text of what comes back.
///
/// The deferred is made and fired here. Whoever drops or cancels it closes the connection.
pub(crate) fn ask(
    server: String,
    request: Vec<u8>,
    protocol: impl Protocol,
) -> Deferred<Result<String, Failure>, impl Chain<Output = Result<String, Failure>>> {
    let (mut resolver, text) = Deferred::<Result<String, Failure>, _>::new();
    tokio::spawn(async move {
        let talk = talk(&server, &request, protocol);
        let outcome = tokio::select! {
            outcome = talk => outcome,
            () = resolver.cancelled() => return,
        };
        let text = outcome.and_then(|text| String::from_utf8(text).map_err(|_| Lost::NoText));
        // It may have been given up in this moment.
        let _ = resolver.resolve(text.map_err(Failure::from));
    });
    text
}

async fn talk(server: &str, request: &[u8], mut protocol: impl Protocol) -> Result<Vec<u8>, Lost> {
    let connected = TcpStream::connect(server).await;
    let mut stream = connected.map_err(Lost::Connecting)?;
    let mut received = 0;
    let lost = |received| move |error| Lost::Reading { received, error };
    stream.write_all(request).await.map_err(lost(received))?;
    let mut bytes = [0; 2048];
    loop {
        match stream.read(&mut bytes).await.map_err(lost(received))? {
            0 => return protocol.connection_lost(),
            read => {
                received += read;
                if let Some(text) = protocol.data_received(&bytes[..read])? {
                    return Ok(text);
                }
            }
        }
    }
}
