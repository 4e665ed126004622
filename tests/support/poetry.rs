//! The programs of poetry, running, and the poems that they have.
#![allow(dead_code, reason = "no test uses all of it")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

use super::example::example;

pub(crate) const SCIENCE: &str = include_str!("../../examples/poetry/poems/science.txt");
pub(crate) const FASCINATION: &str = include_str!("../../examples/poetry/poems/fascination.txt");

/// The file of a poem.
pub(crate) fn file(poem: &str) -> String {
    let root = env!("CARGO_MANIFEST_DIR");
    format!("{root}/examples/poetry/poems/{poem}.txt")
}

/// A string as a netstring.
pub(crate) fn netstring(string: &str) -> String {
    format!("{}:{string},", string.len())
}

/// A server that runs until it is dropped.
pub(crate) struct Server {
    child: Child,
    stderr: NamedTempFile,
    /// As it has announced them.
    pub(crate) ports: Vec<u16>,
}

impl Server {
    /// Start an example, which has so many ports.
    pub(crate) fn start(name: &str, ports: usize, args: &[&str]) -> Self {
        let mut command = example(name);
        command.args(args);
        Server::spawn(command, ports)
    }

    /// Start it as this command says.
    pub(crate) fn spawn(mut command: Command, ports: usize) -> Self {
        // No pipe: what nobody reads would stop the server when it is full.
        let stderr = NamedTempFile::new().expect("there is room for a file");
        let handed = stderr.reopen().expect("the file is there");
        let child = command.stdout(Stdio::piped()).stderr(handed).spawn();
        let mut child = child.expect("the program starts");
        let said = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut lines = said.lines().map_while(Result::ok);
        let ports = (0..ports)
            .map_while(|_| {
                let line = lines.next()?;
                let address = line.strip_suffix('.')?.rsplit(' ').next()?;
                let address: SocketAddr = address.parse().ok()?;
                assert!(address.ip().is_loopback(), "{line}");
                assert!(line.starts_with("Serving "), "{line}");
                Some(address.port())
            })
            .collect::<Vec<u16>>();
        Server {
            child,
            stderr,
            ports,
        }
    }

    pub(crate) fn port(&self) -> String {
        self.ports[0].to_string()
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    pub(crate) fn runs(&mut self) -> bool {
        let ended = self.child.try_wait().expect("it can be asked");
        ended.is_none()
    }

    /// All that it has complained of.
    pub(crate) fn stderr(&self) -> String {
        std::fs::read_to_string(self.stderr.path()).expect("what it says is text")
    }

    /// As `stderr`, when it has so many lines: it may write after a client has seen the end.
    pub(crate) fn says(&self, lines: usize) -> String {
        let begin = Instant::now();
        loop {
            let said = self.stderr();
            if said.matches('\n').count() >= lines {
                assert_eq!(said.lines().count(), lines, "{said}");
                return said;
            }
            assert!(begin.elapsed() < Duration::from_secs(60), "no more: {said}");
            std::thread::yield_now();
        }
    }

    /// The most memory that it ever had, where the system tells: `VmHWM`, in kB.
    pub(crate) fn peak(&self) -> Option<usize> {
        let status = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(status).ok()?;
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))?;
        peak.trim().strip_suffix(" kB")?.parse().ok()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Send something to a port, and no more; all that comes back.
pub(crate) fn asked(port: u16, request: impl AsRef<[u8]>) -> Vec<u8> {
    let stream = sent(port, request.as_ref());
    let _ = stream.shutdown(Shutdown::Write);
    to_the_end(stream)
}

/// As `asked`, but it could send more: who speaks HTTP takes one that cannot for one that is gone.
pub(crate) fn answered(port: u16, request: impl AsRef<[u8]>) -> Vec<u8> {
    to_the_end(sent(port, request.as_ref()))
}

fn sent(port: u16, request: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("the port is there");
    // The server may have had enough before all of it is sent.
    let _ = stream.write_all(request);
    stream
}

/// All that comes from a connection. One that is reset is over as well.
pub(crate) fn to_the_end(mut stream: TcpStream) -> Vec<u8> {
    let mut answer = Vec::new();
    let mut bytes = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut bytes) {
        answer.extend_from_slice(&bytes[..read]);
    }
    answer
}
