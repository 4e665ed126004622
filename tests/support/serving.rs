//! A server example as a process, and requests to it.
#![allow(dead_code, reason = "no test uses all of it")]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use super::example::example;

/// Longer than any machine is busy.
pub(crate) const LONG: Duration = Duration::from_secs(100);

/// A server that is stopped at the end. Its first line ends with its address, as a URL.
pub(crate) struct Serving {
    child: Child,
    pub(crate) address: SocketAddr,
    says: Receiver<String>,
    messages: PathBuf,
    _dir: tempfile::TempDir,
}

impl Serving {
    /// Start the example of this name.
    pub(crate) fn start(name: &str, args: &[&str]) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        // A file, and no pipe: it is never full.
        let messages = dir.path().join("messages");
        let file = File::create(&messages).expect("the directory is there");
        let mut program = example(name);
        program.args(args).stdout(Stdio::piped()).stderr(file);
        let mut child = program.spawn().expect("the program starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut first = String::new();
        stdout.read_line(&mut first).expect("it is text");
        let address = first.trim_end().split_once("http://");
        let address = address.and_then(|(_, address)| address.parse().ok());
        let Some(address) = address else {
            panic!(
                "{first:?} is no address; {:?}",
                fs::read_to_string(messages)
            )
        };
        // A server never waits until somebody reads what it says.
        let (lines, says) = channel();
        thread::spawn(move || {
            for line in stdout.lines() {
                let line = line.expect("it is text");
                if lines.send(line).is_err() {
                    return;
                }
            }
        });
        Serving {
            child,
            address,
            says,
            messages,
            _dir: dir,
        }
    }

    /// What it has said so far beside its answers.
    pub(crate) fn messages(&self) -> String {
        fs::read_to_string(&self.messages).expect("it is text")
    }

    /// The next line that it says which begins so, without its beginning.
    pub(crate) fn says(&self, beginning: &str) -> String {
        loop {
            let line = self.says.recv_timeout(LONG).expect("it says more");
            if let Some(rest) = line.strip_prefix(beginning) {
                return rest.to_owned();
            }
        }
    }

    /// What Ctrl-C does.
    pub(crate) fn interrupt(&self) {
        let kill = format!("kill -INT {}", self.child.id());
        let killed = Command::new("sh").args(["-c", &kill]).status();
        assert!(killed.expect("sh is there").success());
    }

    /// Wait until it has ended: with what code.
    pub(crate) fn ends(&mut self) -> Option<i32> {
        let status = self.child.wait().expect("it was started here");
        status.code()
    }

    /// The most memory that it has had so far, in bytes, where the system tells.
    pub(crate) fn peak(&self) -> Option<u64> {
        peak(self.child.id())
    }

    /// Whether it is still there.
    pub(crate) fn is_alive(&mut self) -> bool {
        let ended = self.child.try_wait().expect("it was started here");
        ended.is_none()
    }

    /// Send this and read until the server hangs up: the status and the body.
    pub(crate) fn ask(&self, request: &[u8]) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_read_timeout(Some(LONG)).expect("it is not zero");
        stream.write_all(request).expect("it listens");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let answer = String::from_utf8(answer).expect("it is text");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        (status.expect("a status"), body.to_owned())
    }

    /// Ask for a page.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        let head = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        self.ask(head.as_bytes())
    }

    /// Send JSON, or what should be JSON.
    pub(crate) fn post(&self, path: &str, body: &str) -> (u16, String) {
        let length = body.len();
        self.ask(
            format!(
                "POST {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\
                 content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
            )
            .as_bytes(),
        )
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The most memory that this process has had so far, in bytes, where the system tells.
pub(crate) fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// How many files this process and a server of its may have open, each.
pub(crate) fn most_open_files() -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().nth(3));
    // Where it is not told: what systems have that are careful.
    soft.and_then(|soft| soft.parse().ok()).unwrap_or(256)
}
