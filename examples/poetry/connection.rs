//! What limits a connection, whatever is spoken on it: its place among the others, its time, and
//! how much it may send.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use defer::prelude::*;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep};

/// How long, and for how many bytes, an end is waited for that only the other side can make.
const LINGER: (Duration, usize) = (Duration::from_secs(1), 1 << 20);

/// How many connections the system may keep that have not been accepted. With the usual thousand,
/// clients that come in a crowd get lost, and some do not notice.
const QUEUE: u32 = 4096;

/// How long to wait when the system gives no connection, for example for want of descriptors.
const RECOVER: Duration = Duration::from_millis(100);

/// What one connection may take.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// Its time, from its beginning to its end. `Duration::MAX` is no limit.
    pub(crate) time: Duration,
    /// How many bytes it may send to this side.
    pub(crate) bytes: usize,
}

/// A port that accepts no more connections at a time than there are places.
///
/// When all places are taken the next connections wait in the system's queue.
pub(crate) struct Port {
    listener: TcpListener,
    places: Arc<Semaphore>,
    limits: Limits,
}

impl Port {
    /// Listen. Several ports may share their places.
    pub(crate) fn listen(
        address: SocketAddr,
        places: &Arc<Semaphore>,
        limits: Limits,
    ) -> io::Result<Self> {
        let failed = |error: io::Error| {
            io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
        };
        Ok(Port {
            listener: listener(address).map_err(failed)?,
            places: places.clone(),
            limits,
        })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The next connection, and whose it is.
    pub(crate) async fn accept(&mut self) -> (Connection, SocketAddr) {
        let place = self.places.clone().acquire_owned().await;
        let place = place.expect("the semaphore is never closed");
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => return (Connection::new(stream, place, self.limits), peer),
                // The other side has gone while it waited, or there are no descriptors left.
                Err(_) => sleep(RECOVER).await,
            }
        }
    }

    /// Let `talk` have every connection that comes. What fails, or panics, is said,
    /// and harms no other.
    pub(crate) async fn serve(
        mut self,
        talk: impl Fn(Connection) -> Deferred<Result<(), Failure>>,
    ) {
        loop {
            let (connection, peer) = self.accept().await;
            reported(talk(connection), peer).start().detach();
        }
    }
}

/// Say what became of a connection.
#[errback]
fn reported(failure: Failure, peer: SocketAddr) {
    // Nobody listens to what cannot be written.
    let _ = writeln!(io::stderr(), "{peer}: {failure}");
}

fn listener(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // Where others than Unix have this, it lets two programs listen on one port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(QUEUE)
}

impl axum::serve::Listener for Port {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        Port::accept(self).await
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.address()
    }
}

/// A connection within its limits. Its place is free again when it is dropped.
pub(crate) struct Connection {
    stream: TcpStream,
    over: Pin<Box<Sleep>>,
    left: usize,
    lingering: bool,
    _place: OwnedSemaphorePermit,
}

impl Connection {
    fn new(stream: TcpStream, place: OwnedSemaphorePermit, limits: Limits) -> Self {
        Connection {
            stream,
            over: Box::pin(sleep(limits.time)),
            left: limits.bytes,
            lingering: false,
            _place: place,
        }
    }

    /// Fails when the time is over.
    fn in_time(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        match self.over.as_mut().poll(cx) {
            Poll::Ready(()) => Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "it took too much time",
            )),
            Poll::Pending => Ok(()),
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.in_time(cx)?;
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        match self.left.checked_sub(buf.filled().len() - before) {
            Some(left) => self.left = left,
            None => return Poll::Ready(Err(io::Error::other("it sent too much"))),
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.in_time(cx)?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    /// Say that this is all, and let the other side end it.
    ///
    /// A connection that is closed with bytes that nobody has read takes back what was sent last:
    /// so they are read, for a moment.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (time, bytes) = LINGER;
        if !self.lingering {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
            self.over.as_mut().reset(Instant::now() + time);
            self.left = bytes;
            self.lingering = true;
        }
        let mut rest = [0; 1024];
        loop {
            let mut buf = ReadBuf::new(&mut rest);
            match ready!(self.as_mut().poll_read(cx, &mut buf)) {
                Ok(()) if !buf.filled().is_empty() => {}
                // What it does now is its own affair.
                Ok(()) | Err(_) => return Poll::Ready(Ok(())),
            }
        }
    }
}
