//! Connections of clients that may be slow, or broken, or bad.
//!
//! A request is small here, and so is an answer. A client that has sent more than a request may
//! have, or takes its time over either, is given up, so that what a connection costs has a bound.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep};

/// What a client may send before it is answered, in bytes: a head and a body.
const UNANSWERED: usize = 16 * 1024;

/// Accepts so many connections at once, and loses patience with each.
pub(crate) struct Patient {
    listener: TcpListener,
    room: Arc<Semaphore>,
    patience: Duration,
}

impl Patient {
    pub(crate) fn new(listener: TcpListener, connections: usize, patience: Duration) -> Self {
        let room = Arc::new(Semaphore::new(connections));
        Patient {
            listener,
            room,
            patience,
        }
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
            patience: self.patience,
            end: Box::pin(sleep(self.patience)),
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
    patience: Duration,
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
        self.end.as_mut().reset(Instant::now() + self.patience);
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.unanswered > UNANSWERED {
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
