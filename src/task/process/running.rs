//! A program while it runs: its end, and its output.

use core::future::Future;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, ready};
use std::io;
use std::process::{ExitStatus, Output, Stdio};
use std::vec::Vec;

use defer_core::__private::finished;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};

/// A program while it runs.
pub(super) struct Running {
    pub(super) child: Child,
    status: Option<ExitStatus>,
    stdout: Reader<ChildStdout>,
    stderr: Reader<ChildStderr>,
}

impl Running {
    pub(super) fn start(mut command: Command) -> io::Result<Self> {
        command.stdout(Stdio::piped());
        command.stderr(Stdio::piped());
        command.kill_on_drop(true);
        let mut child = command.spawn()?;
        Ok(Running {
            stdout: Reader::new(child.stdout.take()),
            stderr: Reader::new(child.stderr.take()),
            child,
            status: None,
        })
    }

    /// Both streams have to be read while it runs, or it would wait for a reader for ever.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Output>> {
        let stdout = self.stdout.poll(cx)?;
        let stderr = self.stderr.poll(cx)?;
        if self.status.is_none() {
            self.status = Some(ready!(poll_end(&mut self.child, cx))?);
        }
        ready!(stdout);
        ready!(stderr);
        let Some(status) = self.status else {
            finished()
        };
        Poll::Ready(Ok(Output {
            status,
            stdout: core::mem::take(&mut self.stdout.bytes),
            stderr: core::mem::take(&mut self.stderr.bytes),
        }))
    }
}

pub(super) fn poll_end(child: &mut Child, cx: &mut Context<'_>) -> Poll<io::Result<ExitStatus>> {
    // What waits has no state of its own.
    pin!(child.wait()).poll(cx)
}

/// A stream, with what has been read of it.
struct Reader<R> {
    // `None` at the end.
    from: Option<R>,
    bytes: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    fn new(from: Option<R>) -> Self {
        Reader {
            from,
            bytes: Vec::new(),
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut space = [0; 4096];
        while let Some(from) = &mut self.from {
            let mut read = ReadBuf::new(&mut space);
            ready!(Pin::new(from).poll_read(cx, &mut read))?;
            if read.filled().is_empty() {
                self.from = None;
            }
            self.bytes.extend_from_slice(read.filled());
        }
        Poll::Ready(Ok(()))
    }
}
