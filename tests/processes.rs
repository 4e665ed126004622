//! Programs: `defer_to_process`, `process_output`, `process_value`.
//!
//! They are run by `sh`, so that elsewhere than on Unix nothing is shown.
#![cfg(unix)]

use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use defer::prelude::*;
use defer::task::{
    ProcessFailed, defer_to_process, defer_to_thread, process_output, process_value,
};
use defer::{TimedOut, Unwind};

fn sh(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]).stdin(Stdio::null());
    command
}

fn failed(failure: &Failure) -> &ProcessFailed {
    failure.check::<ProcessFailed>().expect("a process failed")
}

/// A program that tells its number and then runs for ever, and the other end of a pipe that it
/// holds open.
fn endless() -> (Command, UnixStream) {
    let (reader, writer) = UnixStream::pair().unwrap();
    let mut command = sh("echo $$ >&0; exec sleep 1000000");
    command.stdin(OwnedFd::from(writer));
    (command, reader)
}

/// The number, once the program runs.
async fn number(mut pipe: UnixStream) -> (String, UnixStream) {
    let read = defer_to_thread(move || {
        let mut number = Vec::new();
        let mut byte = [0];
        while byte != *b"\n" {
            pipe.read_exact(&mut byte)?;
            number.extend(byte);
        }
        Ok::<_, Failure>((String::from_utf8(number)?.trim().to_owned(), pipe))
    });
    read.await.unwrap()
}

#[callback]
fn text(bytes: Vec<u8>) -> Result<String, Failure> {
    Ok(String::from_utf8(bytes)?)
}

#[tokio::test]
async fn output_and_status() {
    let ended = defer_to_process(sh("echo out; echo err >&2; exit 3"))
        .await
        .unwrap();
    assert_eq!(ended.status.code(), Some(3));
    assert_eq!(
        (&*ended.stdout, &*ended.stderr),
        (&b"out\n"[..], &b"err\n"[..])
    );
}

#[tokio::test]
async fn both_streams_are_read_at_once() {
    // More than any pipe holds, on each.
    let script = "dd if=/dev/zero bs=1024 count=512 2>/dev/null | tee /dev/stderr";
    let ended = defer_to_process(sh(script)).await.unwrap();
    assert!(ended.status.success());
    assert_eq!(
        (ended.stdout.len(), ended.stderr.len()),
        (512 * 1024, 512 * 1024)
    );
}

#[tokio::test]
async fn output_is_an_argument_as_any() {
    assert_eq!(
        text(process_output(sh("printf hello"))).await.unwrap(),
        "hello"
    );
    let failure = text(process_output(sh("exit 1"))).await.unwrap_err();
    assert_eq!(failed(&failure).code(), Some(1));
}

#[tokio::test]
async fn a_failure_says_what_the_program_said_last() {
    let script = "i=0; while [ $i -lt 1000 ]; do echo line $i >&2; i=$((i+1)); done; exit 3";
    let failure = process_output(sh(script)).await.unwrap_err();
    let failed = failed(&failure);
    assert_eq!((failed.program(), failed.code()), ("sh", Some(3)));
    assert!(
        failed.stderr().ends_with("line 998\nline 999"),
        "{}",
        failed.stderr()
    );
    assert!(failed.stderr().len() <= 2048);
    let said = failure.to_string();
    assert!(
        said.starts_with("`sh` ended with exit status: 3: "),
        "{said}"
    );
}

#[tokio::test]
async fn words_on_the_standard_error_are_no_failure() {
    let out = process_output(sh("echo careful >&2; echo done"))
        .await
        .unwrap();
    assert_eq!(out, b"done\n");
}

#[tokio::test]
async fn a_code_is_a_value_and_a_signal_is_not() {
    assert_eq!(process_value(sh("exit 7")).await.unwrap(), 7);
    let failure = process_value(sh("kill -9 $$")).await.unwrap_err();
    let failed = failed(&failure);
    assert_eq!(failed.code(), None);
    assert_eq!(failed.status().unwrap().signal(), Some(9));
}

#[tokio::test]
async fn what_cannot_be_started_is_a_failure() {
    let failure = defer_to_process(Command::new("/no/such/program"))
        .await
        .unwrap_err();
    assert_eq!(failed(&failure).status(), None);
    assert_eq!(
        failure.to_string(),
        "`/no/such/program` could not be started"
    );
    let cause = std::error::Error::source(failed(&failure)).unwrap();
    let cause = cause.downcast_ref::<std::io::Error>().unwrap();
    assert_eq!(cause.kind(), std::io::ErrorKind::NotFound);
}

#[tokio::test]
async fn nothing_runs_before_the_first_poll() {
    let path = std::env::temp_dir().join(format!("defer-lazy-{}", std::process::id()));
    drop(defer_to_process(sh(&format!("touch {}", path.display()))));
    assert!(!path.exists());
    let made = process_value(sh(&format!("touch {}", path.display())));
    assert_eq!(made.await.unwrap(), 0);
    assert!(path.exists());
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn cancelled_it_is_killed_and_waited_for() {
    let (command, pipe) = endless();
    let process = defer_to_process(command).start();
    let (number, _pipe) = number(pipe).await;
    let alive = || process_value(sh(&format!("kill -0 {number}")));
    assert_eq!(alive().await.unwrap(), 0);
    process.cancel();
    assert!(process.await.unwrap_err().is_cancelled());
    assert_ne!(alive().await.unwrap(), 0, "nothing is left of it");
}

/// The first poll has started it, so that the cancellation finds it running.
#[tokio::test]
async fn cancelling_stays_until_it_has_ended() {
    use std::pin::pin;
    use std::task::{Context, Waker};

    let mut process = pin!(defer_to_process(sh("exec sleep 1000000")));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(process.as_mut().poll(&mut cx).is_pending());
    assert!(matches!(
        defer::Chain::cancel(process.as_mut()),
        Unwind::Stays
    ));
    let settled = std::future::poll_fn(|cx| defer::Chain::poll_settle(process.as_mut(), cx)).await;
    assert!(settled.is_none());
}

#[tokio::test]
async fn dropped_it_is_killed() {
    let (command, pipe) = endless();
    let process = defer_to_process(command).start();
    let (_, mut pipe) = number(pipe).await;
    drop(process);
    // It ends when nobody holds the other end open any more.
    let rest = defer_to_thread(move || Ok::<_, Failure>(pipe.read_to_end(&mut Vec::new())?));
    assert_eq!(rest.await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_limit_of_time_kills_it() {
    let endless = defer_to_process(sh("exec sleep 1000000"));
    let failure = endless
        .timeout(Duration::from_secs(1000))
        .await
        .unwrap_err();
    assert!(failure.check::<TimedOut>().is_some());
}
