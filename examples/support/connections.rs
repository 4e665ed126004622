//! Connections of clients that may be slow, or broken, or bad, for servers of axum.
//!
//! A request has a bound here, and so has an answer. A client that has sent more than a request
//! may have, or takes its time over either, is given up, so that what a connection costs has a
//! bound as well. `axum::serve` takes a [`Patient`] in place of a listener.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::serve::Listener;
use lexopt::Parser;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep};

/// How many may wait to be accepted. One that finds no place tries again, after seconds.
const QUEUE: u32 = 4096;

/// What clients may take of a server.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// So many are served at once; the others wait until one of them is gone.
    pub(crate) connections: usize,
    /// A client is given up to which nothing could be sent for so long, be it that it has not
    /// sent its request, or does not take its answer. An answer without an end has to send
    /// something now and then.
    pub(crate) patience: Duration,
    /// What a client may send before it is answered, in bytes: a head and a body.
    pub(crate) unanswered: usize,
}

impl Limits {
    /// Read the value of `--connections`.
    pub(crate) fn read_connections(&mut self, parser: &mut Parser) -> Result<(), lexopt::Error> {
        self.connections = within("--connections", 65_536, parser)? as usize;
        Ok(())
    }

    /// Read the value of `--patience`, in milliseconds.
    pub(crate) fn read_patience(&mut self, parser: &mut Parser) -> Result<(), lexopt::Error> {
        self.patience = Duration::from_millis(within("--patience", 3_600_000, parser)?);
        Ok(())
    }
}

/// A number from 1 on, the value of this option.
fn within(option: &str, most: u64, parser: &mut Parser) -> Result<u64, lexopt::Error> {
    let value = parser.value()?;
    match value.to_str().map(str::parse) {
        Some(Ok(number)) if (1..=most).contains(&number) => Ok(number),
        _ => Err(format!("{option} takes a number from 1 to {most}").into()),
    }
}

/// Accepts so many connections at once, and loses patience with each.
pub(crate) struct Patient {
    listener: TcpListener,
    room: Arc<Semaphore>,
    limits: Limits,
}

impl Patient {
    /// Listen there.
    pub(crate) fn listen(address: SocketAddr, limits: Limits) -> io::Result<Self> {
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        // Where others than Unix have this, it lets two programs listen on one port.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        Ok(Patient {
            listener: socket.listen(QUEUE)?,
            room: Arc::new(Semaphore::new(limits.connections)),
            limits,
        })
    }
}

impl Listener for Patient {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let place = self.room.clone().acquire_owned().await;
        // The listener of tokio waits where the system has no more sockets.
        let (stream, address) = Listener::accept(&mut self.listener).await;
        let connection = Connection {
            stream,
            unanswered: 0,
            limits: self.limits,
            end: Box::pin(sleep(self.limits.patience)),
            _place: place.expect("it is not closed"),
        };
        (connection, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

pub(crate) struct Connection {
    stream: TcpStream,
    /// What has come since something was sent.
    unanswered: usize,
    limits: Limits,
    /// It is over then, if nothing is sent before.
    end: Pin<Box<Sleep>>,
    _place: OwnedSemaphorePermit,
}

impl Connection {
    /// Nothing can be done now; perhaps never.
    fn wait<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        ready!(self.end.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    fn sent(&mut self) {
        self.unanswered = 0;
        let end = Instant::now() + self.limits.patience;
        self.end.as_mut().reset(end);
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.unanswered > self.limits.unanswered {
            return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
        }
        let before = buf.filled().len();
        match Pin::new(&mut self.stream).poll_read(cx, buf) {
            Poll::Ready(done) => {
                self.unanswered += buf.filled().len() - before;
                Poll::Ready(done)
            }
            Poll::Pending => self.wait(cx),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write(cx, buf) {
            Poll::Ready(done) => {
                self.sent();
                Poll::Ready(done)
            }
            Poll::Pending => self.wait(cx),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
