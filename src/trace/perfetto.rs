//! A record for viewers of traces.

use alloc::string::String;
use core::fmt::Write as _;
use core::time::Duration;

use super::record::Record;
use super::rows::json;
use super::summary::place;

/// Microseconds, which the format counts in, to the nanosecond.
fn micros(time: Duration) -> String {
    alloc::format!("{}.{:03}", time.as_micros(), time.subsec_nanos() % 1_000)
}

impl Record {
    /// As JSON in the trace event format, for [Perfetto](https://ui.perfetto.dev) and for
    /// `chrome://tracing`.
    ///
    /// Each thread is a track with the polls that ran there. Each call is an asynchronous slice
    /// of its own, from its begin to its end, with where it stands, its outcome and its slack.
    ///
    /// ```
    /// use defer::prelude::*;
    /// use defer::trace::Recorder;
    ///
    /// #[callback]
    /// fn double(n: u32) -> u32 { 2 * n }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let recorder = Recorder::start().expect("there is no other");
    /// double(1).await;
    /// let json = recorder.record().to_perfetto();
    /// assert!(json.starts_with(r#"{"displayTimeUnit":"ns","traceEvents":["#));
    /// assert!(json.contains(r#""name":"double""#));
    /// # }
    /// ```
    #[must_use]
    pub fn to_perfetto(&self) -> String {
        let mut out = String::from("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[");
        out.push_str(
            "{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":{\"name\":\"calls\"}}",
        );
        for (id, call) in self.calls().iter().enumerate() {
            let name = json(call.name());
            let _ = write!(
                out,
                ",\n{{\"ph\":\"b\",\"pid\":1,\"tid\":0,\"cat\":\"call\",\"id\":{id},\"name\":\"{name}\",\"ts\":{},\
                 \"args\":{{\"source\":\"{}\",\"outcome\":\"{}\"",
                micros(call.begin),
                json(&place(call.site)),
                call.outcome.word(),
            );
            if let Some(parent) = call.parent {
                let _ = write!(out, ",\"parent\":{parent}");
            }
            if let Some(slack) = call.slack {
                let _ = write!(out, ",\"slack_us\":{}", micros(slack));
            }
            let _ = write!(
                out,
                "}}}},\n{{\"ph\":\"e\",\"pid\":1,\"tid\":0,\"cat\":\"call\",\"id\":{id},\"name\":\"{name}\",\"ts\":{}}}",
                micros(call.end_in(self.length())),
            );
            for poll in &call.polls {
                let _ = write!(
                    out,
                    ",\n{{\"ph\":\"X\",\"pid\":1,\"tid\":{},\"cat\":\"poll\",\"name\":\"{name}\",\"ts\":{},\"dur\":{},\
                     \"args\":{{\"call\":{id}}}}}",
                    poll.thread + 1,
                    micros(poll.from),
                    micros(poll.to.saturating_sub(poll.from)),
                );
            }
        }
        out.push_str("]}\n");
        out
    }
}
