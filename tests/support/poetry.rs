//! The programs of poetry, running, and the poems that they have.
#![allow(dead_code, reason = "no test uses all of it")]

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

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
    stderr: File,
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
        let stderr = tempfile::tempfile().expect("there is room for a file");
        let handed = stderr.try_clone().expect("a file can be had twice");
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
    pub(crate) fn stderr(&mut self) -> String {
        let mut text = String::new();
        let read = self.stderr.seek(SeekFrom::Start(0));
        let read = read.and_then(|_| self.stderr.read_to_string(&mut text));
        read.expect("what it says is text");
        text
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

/// Send something to a port; all that comes back. A connection that is reset is over as well.
pub(crate) fn asked(port: u16, request: impl AsRef<[u8]>) -> Vec<u8> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("the port is there");
    // The server may have had enough before all of it is sent.
    let _ = stream.write_all(request.as_ref());
    let _ = stream.shutdown(Shutdown::Write);
    to_the_end(stream)
}

/// All that comes from a connection.
pub(crate) fn to_the_end(mut stream: TcpStream) -> Vec<u8> {
    let mut answer = Vec::new();
    let mut bytes = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut bytes) {
        answer.extend_from_slice(&bytes[..read]);
    }
    answer
}
