//! The examples of poetry, run as a user runs them.

#[path = "support/example.rs"]
mod example;
#[path = "../examples/poetry/netstring.rs"]
mod netstrings;
#[path = "support/poetry.rs"]
mod poetry;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use example::{Run, example, finished, run_example};
use poetry::{FASCINATION, SCIENCE, Server, answered, asked, file, netstring, to_the_end};

/// Only what is broken takes so long.
const LONG: Duration = Duration::from_secs(60);

/// The client.
fn get_poetry(args: &[&str]) -> Run {
    run_example("get-poetry", args)
}

fn transforms() -> Server {
    Server::start("transformedpoetry", 2, &[])
}

fn poems(poems: &[&str]) -> Server {
    let files: Vec<String> = poems.iter().map(|poem| file(poem)).collect();
    let args: Vec<&str> = files.iter().map(String::as_str).collect();
    Server::start("fastpoetry", poems.len(), &args)
}

/// A server of this test's own, which does something to its first connection; its port.
fn server(talk: impl FnOnce(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a port");
    let port = listener.local_addr().expect("it has an address").port();
    thread::spawn(move || talk(listener.accept().expect("a client comes").0));
    port.to_string()
}

/// A port where nobody is.
fn nowhere() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a port");
    let port = listener.local_addr().expect("it has an address").port();
    port.to_string()
}

#[track_caller]
fn shown(run: &Run, poems: &[&str]) {
    let all: String = poems.iter().map(|poem| format!("{poem}\n")).collect();
    assert_eq!(run.stdout, all, "{}", run.stderr);
}

#[test]
fn poems_have_ports_of_their_own() {
    let server = poems(&["science", "fascination"]);
    assert_eq!(asked(server.ports[0], ""), SCIENCE.as_bytes());
    assert_eq!(asked(server.ports[1], ""), FASCINATION.as_bytes());
    assert_eq!(asked(server.ports[0], ""), SCIENCE.as_bytes(), "again");
}

/// What a client says does not keep the poem from it: not its end either, which is still on its
/// way when the server has sent all.
#[test]
fn a_client_that_talks_gets_the_whole_poem() {
    let mut epic = tempfile::NamedTempFile::new().expect("there is room");
    let poem = SCIENCE.repeat(2_000);
    epic.write_all(poem.as_bytes()).expect("there is room");
    let path = epic.path().to_str().expect("it is text");
    let server = Server::start("fastpoetry", 1, &[path]);
    for _ in 0..10 {
        let came = asked(server.ports[0], vec![b'?'; 20_000]);
        assert_eq!(came.len(), poem.len());
    }
}

#[test]
fn poems_as_netstrings() {
    let server = Server::start("fastpoetry", 1, &["--netstring", &file("science")]);
    assert_eq!(asked(server.ports[0], ""), netstring(SCIENCE).as_bytes());
    let run = get_poetry(&["--netstring", "--no-transform", &server.port()]);
    shown(&run, &[SCIENCE]);
}

#[test]
fn a_slow_poem_comes_little_by_little() {
    let manner = ["--num-bytes", "7", "--delay", "3600"];
    let science = file("science");
    let args = [&manner[..], &[&science]].concat();
    let mut server = Server::start("slowpoetry", 1, &args);
    let connect = || TcpStream::connect((Ipv4Addr::LOCALHOST, server.ports[0]));
    let mut stream = connect().expect("the port is there");
    let mut bytes = [0; 7];
    stream.read_exact(&mut bytes).expect("some of it comes");
    assert_eq!(bytes, SCIENCE.as_bytes()[..7]);
    server.kill();
    assert_eq!(to_the_end(stream), b"", "no more than that had been sent");
}

#[test]
fn a_slow_poem_comes_whole_and_clients_may_leave() {
    let manner = ["--num-bytes", "20", "--delay", "0.005"];
    let science = file("science");
    let args = [&manner[..], &[&science]].concat();
    let mut server = Server::start("slowpoetry", 1, &args);
    for _ in 0..10 {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, server.ports[0])).unwrap();
        stream.read_exact(&mut [0; 20]).expect("some of it comes");
    }
    assert_eq!(asked(server.ports[0], ""), SCIENCE.as_bytes());
    assert!(server.runs());
}

#[test]
fn poems_are_transformed_and_shown_in_their_order() {
    let (transforms, poems) = (transforms(), poems(&["science", "fascination"]));
    let slow = ["--num-bytes=200", "--delay=0.05", &file("alla_sera")];
    let slow = Server::start("slowpoetry", 1, &slow);
    let [science, fascination] = [0, 1].map(|place: usize| poems.ports[place].to_string());
    let run = get_poetry(&[&transforms.port(), &slow.port(), &science, &fascination]);
    let alla_sera = std::fs::read_to_string(file("alla_sera")).unwrap();
    let lower = [&alla_sera, SCIENCE, FASCINATION].map(str::to_lowercase);
    shown(&run, &lower.each_ref().map(String::as_str));
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_transform_is_chosen_by_name_or_left_out() {
    let (transforms, poems) = (transforms(), poems(&["science"]));
    let run = get_poetry(&["--transform=shout", &transforms.port(), &poems.port()]);
    shown(&run, &[&SCIENCE.to_uppercase()]);
    let run = get_poetry(&["--transform=backwards", &transforms.port(), &poems.port()]);
    let verses: Vec<&str> = SCIENCE.lines().rev().collect();
    shown(&run, &[&format!("{}\n", verses.join("\n"))]);
    let run = get_poetry(&["--no-transform", &poems.port(), &poems.port()]);
    shown(&run, &[SCIENCE, SCIENCE]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
}

#[test]
fn without_a_transform_server_poems_are_as_they_were() {
    let poems = poems(&["science", "fascination"]);
    let [science, fascination] = [0, 1].map(|place: usize| poems.ports[place].to_string());
    let run = get_poetry(&[&nowhere(), &science, &fascination]);
    shown(&run, &[SCIENCE, FASCINATION]);
    let lines: Vec<&str> = run.stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{}", run.stderr);
    for line in lines {
        let why = "get-poetry: cummingsify failed: cannot connect: ";
        assert!(line.starts_with(why), "{line}");
    }
    assert_eq!(run.code, Some(0));
}

#[test]
fn an_unknown_transform_leaves_the_poem() {
    let (transforms, poems) = (transforms(), poems(&["science"]));
    let run = get_poetry(&["--transform=limerick", &transforms.port(), &poems.port()]);
    shown(&run, &[SCIENCE]);
    assert_eq!(
        run.stderr,
        "get-poetry: limerick failed: the connection was closed without an answer\n"
    );
    let said = transforms.says(1);
    assert!(
        said.ends_with(": no such transform: \"limerick\"\n"),
        "{said}"
    );
}

#[test]
fn a_transform_that_fails_leaves_that_poem_only() {
    let (transforms, poems) = (transforms(), poems(&["science", "fascination"]));
    let [science, fascination] = [0, 1].map(|place: usize| poems.ports[place].to_string());
    let run = get_poetry(&[
        "--transform=sonnet",
        &transforms.port(),
        &fascination,
        &science,
    ]);
    assert!(run.stdout.starts_with(FASCINATION), "{}", run.stdout);
    // The quatrains and the tercets stand apart.
    let sonnet = &run.stdout[FASCINATION.len()..];
    assert_eq!(sonnet.matches("\n\n").count(), 6, "{sonnet}");
    assert!(sonnet.contains("undaunted wing?\n\nHast thou not"));
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    assert!(
        transforms
            .says(1)
            .ends_with(": a sonnet has 14 verses, not 13\n")
    );
}

/// Transform servers that go wrong in other ways.
#[test]
fn whatever_a_transform_server_does_the_poem_is_shown() {
    let answers: [(&[u8], &str); 6] = [
        (b"", "the connection was closed without an answer"),
        (b"here", "no netstring: 'h' in place of a length"),
        (b"9:half", "the connection was lost after 4 of 9 bytes"),
        (
            b"99999999999999999999:",
            "a netstring of more than 1048576 bytes",
        ),
        (b"4:poem;", "no netstring: ';' in place of the comma"),
        (b"2:\xff\xfe,", "not UTF-8"),
    ];
    let poems = poems(&["science"]);
    for (answer, why) in answers {
        let transforms = server(move |mut stream| {
            let asked = netstring(&format!("cummingsify.{SCIENCE}"));
            let mut request = vec![0; asked.len()];
            stream.read_exact(&mut request).expect("a request comes");
            stream.write_all(answer).expect("the client listens");
        });
        let run = get_poetry(&[&transforms, &poems.port()]);
        shown(&run, &[SCIENCE]);
        let said = format!("get-poetry: cummingsify failed: {why}\n");
        assert_eq!((run.code, run.stderr), (Some(0), said));
    }
}

#[test]
fn a_transform_server_that_hangs_leaves_the_poem() {
    let poems = poems(&["science"]);
    let (hold, held) = std::sync::mpsc::channel::<()>();
    let transforms = server(move |stream| {
        let _ = held.recv_timeout(LONG);
        drop(stream);
    });
    let run = get_poetry(&["--timeout=0.5", &transforms, &poems.port()]);
    drop(hold);
    shown(&run, &[SCIENCE]);
    assert_eq!(
        run.stderr,
        "get-poetry: cummingsify failed: timed out after 500ms\n"
    );
}

#[test]
fn a_poetry_server_that_hangs_keeps_no_other_poem_away() {
    let poems = poems(&["science"]);
    let (hold, held) = std::sync::mpsc::channel::<()>();
    let hangs = server(move |mut stream| {
        stream.write_all(b"Science!").expect("the client listens");
        let _ = held.recv_timeout(LONG);
    });
    let run = get_poetry(&["--timeout=0.5", "--no-transform", &hangs, &poems.port()]);
    drop(hold);
    shown(&run, &[SCIENCE]);
    let why = "timed out after 500ms";
    let said = format!("get-poetry: no poem from 127.0.0.1:{hangs}: {why}\n");
    assert_eq!((run.code, run.stderr), (Some(1), said));
}

/// A real server, which is killed when the client has had a hundred bytes of the poem.
#[test]
fn a_server_that_dies_half_way_keeps_no_other_poem_away() {
    for netstrings in [true, false] {
        let mut options = vec!["--num-bytes=100", "--delay=3600"];
        options.extend(netstrings.then_some("--netstring"));
        let path = file("science");
        options.push(&path);
        let mut slow = Server::start("slowpoetry", 1, &options);
        let dies = server(move |mut client| {
            let mut poem = TcpStream::connect((Ipv4Addr::LOCALHOST, slow.ports[0])).unwrap();
            let mut half = [0; 100];
            poem.read_exact(&mut half).expect("some of it comes");
            client.write_all(&half).expect("the client listens");
            slow.kill();
            client.write_all(&to_the_end(poem)).expect("it listens");
        });
        let mut options = vec!["--no-transform", &dies];
        options.extend(netstrings.then_some("--netstring"));
        let path = file("fascination");
        let mut other = vec![path.as_str()];
        other.extend(netstrings.then_some("--netstring"));
        let other = Server::start("fastpoetry", 1, &other);
        let port = other.port();
        options.push(&port);
        let run = get_poetry(&options);
        if netstrings {
            shown(&run, &[FASCINATION]);
            let why = "the connection was lost after 96 of 643 bytes";
            let said = format!("get-poetry: no poem from 127.0.0.1:{dies}: {why}\n");
            assert_eq!((run.code, run.stderr), (Some(1), said));
        } else {
            // Nobody can tell that this is a half.
            shown(&run, &[&SCIENCE[..100], FASCINATION]);
            assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        }
    }
}

#[test]
fn every_poem_that_comes_is_shown() {
    let (transforms, poems) = (transforms(), poems(&["science"]));
    let absent = nowhere();
    let endless = server(|mut stream| {
        let bytes = [b'a'; 4096].repeat(10_000);
        let _ = stream.write_all(&bytes);
    });
    let run = get_poetry(&[
        "--max-bytes=100000",
        &transforms.port(),
        &absent,
        &poems.port(),
        &endless,
        &poems.port(),
    ]);
    let science = SCIENCE.to_lowercase();
    shown(&run, &[&science, &science]);
    let lines: Vec<&str> = run.stderr.lines().collect();
    let [first, second] = lines[..] else {
        panic!("{}", run.stderr)
    };
    let why = format!("get-poetry: no poem from 127.0.0.1:{absent}: cannot connect: ");
    assert!(first.starts_with(&why), "{first}");
    let why = format!("get-poetry: no poem from 127.0.0.1:{endless}: more than 100000 bytes");
    assert_eq!(second, why);
    assert_eq!(run.code, Some(1));
}

#[test]
fn netstrings_that_are_none_get_no_answer() {
    let server = transforms();
    let long = format!("70000:shout.{}", "a".repeat(69_994));
    let cases: [(&[u8], &str); 12] = [
        (b"", "it left in the middle of a netstring"),
        (b"13:shout.a", "it left in the middle of a netstring"),
        (b"shout.a", "'s' in place of a length"),
        (b":", "':' in place of a length"),
        (b"-7:shout.a,", "'-' in place of a length"),
        (b"07:shout.a,", "a length that begins with 0"),
        (b"7:shout.a;", "';' in place of the comma"),
        (b"6:shout.a,", "'a' in place of the comma"),
        (b"5:shout,", "a request is NAME.POEM"),
        (b"8:shout.\xc3\x28,", "a request is UTF-8"),
        (
            b"99999999999999999999999:",
            "a netstring of more than 65548 bytes",
        ),
        (long.as_bytes(), "a netstring of more than 65548 bytes"),
    ];
    for (number, (request, why)) in cases.into_iter().enumerate() {
        assert_eq!(asked(server.ports[0], request), b"", "{why}");
        let said = server.says(number + 1);
        assert!(said.trim_end().ends_with(why), "{why}: {said}");
    }
    assert_eq!(asked(server.ports[0], "7:shout.a,"), b"1:A,");
}

#[test]
fn a_netstring_may_come_in_pieces_and_with_more_behind_it() {
    let server = transforms();
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, server.ports[0])).unwrap();
    stream.set_nodelay(true).expect("an option");
    for byte in netstring("shout.three short words").bytes() {
        stream.write_all(&[byte]).expect("the server listens");
    }
    assert_eq!(to_the_end(stream), b"17:THREE SHORT WORDS,");
    let more = [b"7:shout.a,".to_vec(), vec![b'?'; 10_000]].concat();
    assert_eq!(asked(server.ports[0], more), b"1:A,");
}

/// The status of an answer in HTTP, and its body.
fn http(port: u16, request: &str) -> (u16, String) {
    let answer = String::from_utf8(answered(port, request)).expect("it is text");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    (status.unwrap_or(0), body.to_string())
}

fn post(port: u16, path: &str, poem: &str) -> (u16, String) {
    let length = poem.len();
    let head = format!("POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: {length}");
    http(port, &format!("{head}\r\n\r\n{poem}"))
}

#[test]
fn one_service_speaks_two_protocols() {
    let server = transforms();
    let [netstrings, in_http] = server.ports[..] else {
        panic!("two ports")
    };
    assert_eq!(asked(netstrings, "7:shout.a,"), b"1:A,");
    assert_eq!(post(in_http, "/shout", "a"), (200, "A".to_string()));
    assert_eq!(
        post(in_http, "/alphabet", "c\n\nb\na"),
        (200, "a\nb\nc\n".to_string())
    );
    // It counts what comes either way.
    let names = http(in_http, "GET / HTTP/1.0\r\n\r\n");
    let counts = "cummingsify 0\nshout 2\nbackwards 0\nalphabet 1\nsonnet 0\n";
    assert_eq!(names, (200, counts.to_string()));
}

#[test]
fn http_tells_what_was_wrong() {
    let server = transforms();
    let port = server.ports[1];
    let unknown = "no such transform: \"limerick\"\n".to_string();
    assert_eq!(post(port, "/limerick", "a"), (404, unknown));
    let short = "a sonnet has 14 verses, not 1\n".to_string();
    assert_eq!(post(port, "/sonnet", "a\nb\nc"), (422, short));
    // Each of these letters takes three bytes in upper case instead of two.
    let grows = "\u{0390}".repeat(30_000);
    let longer = "it would have more than 65536 bytes\n".to_string();
    assert_eq!(post(port, "/shout", &grows), (422, longer));
    assert_eq!(post(port, "/shout", &"a".repeat(65_537)).0, 413);
    assert_eq!(post(port, "/shout", &"a".repeat(65_536)).0, 200);
    let huge = "POST /shout HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999\r\n\r\n";
    let declared = "a poem of more than 65536 bytes\n".to_string();
    assert_eq!(http(port, huge), (413, declared));
    assert_eq!(http(port, "GET /shout HTTP/1.0\r\n\r\n").0, 405);
    assert_eq!(http(port, "poem\r\n\r\n").0, 400);
    let latin1 = [
        b"POST /shout HTTP/1.0\r\ncontent-length: 1\r\n\r\n".as_slice(),
        b"\xff",
    ];
    let answer = answered(port, latin1.concat());
    assert!(answer.starts_with(b"HTTP/1.0 400 "));
}

#[test]
fn clients_that_take_too_long_are_left() {
    let server = Server::start("transformedpoetry", 2, &["--timeout=0.3"]);
    for port in [server.ports[0], server.ports[1]] {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream.write_all(b"9").expect("the server listens");
        assert_eq!(to_the_end(stream), b"");
    }
    let said = server.says(1);
    assert!(said.ends_with(": it took too much time\n"), "{said}");
}

#[test]
fn a_synchronous_client() {
    let server = transforms();
    let transform = |args: &[&str]| {
        let child = example("transform-test")
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = child.expect("the program starts");
        let mut stdin = child.stdin.take().expect("it is piped");
        // With wrong arguments it does not read.
        let _ = stdin.write_all(SCIENCE.as_bytes());
        drop(stdin);
        finished(child.wait_with_output().expect("it ends"))
    };
    let run = transform(&[&server.port()]);
    assert_eq!((run.code, run.stdout), (Some(0), SCIENCE.to_lowercase()));
    let run = transform(&[&server.port(), "limerick"]);
    let closed = "transform-test: the connection was closed without an answer\n";
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    assert_eq!(run.stderr, closed);
    let run = transform(&[&nowhere()]);
    assert!(
        run.stderr
            .starts_with("transform-test: cannot connect: Connection refused"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_cannot_be_served_is_said() {
    let run = run_example("fastpoetry", ["no-such-poem.txt"]);
    assert_eq!(run.code, Some(1));
    let why = "fastpoetry: cannot read no-such-poem.txt: ";
    assert!(run.stderr.starts_with(why), "{}", run.stderr);

    let taken = poems(&["science"]);
    let science = file("science");
    for (program, poem) in [
        ("fastpoetry", Some(science.as_str())),
        ("slowpoetry", Some(&science)),
        ("transformedpoetry", None),
    ] {
        let port = format!("--port={}", taken.port());
        let run = run_example(program, [&port].into_iter().map(String::as_str).chain(poem));
        let why = format!("{program}: cannot listen on 127.0.0.1:{}: ", taken.port());
        assert!(run.stderr.starts_with(&why), "{}", run.stderr);
        assert_eq!(run.code, Some(1));
    }
}

const PROGRAMS: [&str; 5] = [
    "fastpoetry",
    "slowpoetry",
    "transformedpoetry",
    "get-poetry",
    "transform-test",
];

#[test]
fn bad_arguments_give_a_usage_line_and_exit_code_2() {
    let cases: [&[&str]; 28] = [
        &["fastpoetry"],
        &["fastpoetry", "--bogus"],
        &["fastpoetry", "--port", "65536", "a"],
        &["fastpoetry", "--port", "65535", "a", "b"],
        &["fastpoetry", "--iface", "here", "a"],
        &["fastpoetry", "--connections", "0", "a"],
        &["fastpoetry", "--timeout", "0", "a"],
        &["slowpoetry"],
        &["slowpoetry", "a", "b"],
        &["slowpoetry", "--num-bytes", "0", "a"],
        &["slowpoetry", "--num-bytes", "-1", "a"],
        &["slowpoetry", "--delay", "NaN", "a"],
        &["slowpoetry", "--delay", "-1", "a"],
        &["slowpoetry", "--delay", "1e9", "a"],
        &["transformedpoetry", "a"],
        &["transformedpoetry", "--http-port", "a"],
        &["transformedpoetry", "--max-bytes", "0"],
        &["transformedpoetry", "--timeout"],
        &["get-poetry"],
        &["get-poetry", "1"],
        &["get-poetry", "1", "0"],
        &["get-poetry", "1", ":2"],
        &["get-poetry", "--no-transform"],
        &["get-poetry", "--transform", "a.b", "1", "2"],
        &["get-poetry", "--netstring=yes", "1", "2"],
        &["transform-test"],
        &["transform-test", "1", "a", "b"],
        &["transform-test", "1", ""],
    ];
    for args in cases {
        let (program, rest) = args.split_first().expect("a program");
        let run = run_example(program, rest);
        assert_eq!(run.code, Some(2), "{args:?}");
        assert_eq!(run.stdout, "", "{args:?}");
        let lines: Vec<_> = run.stderr.lines().collect();
        let [problem, usage] = lines[..] else {
            panic!("{args:?}: {}", run.stderr)
        };
        let named = format!("{program}: ");
        assert!(problem.starts_with(&named), "{args:?}: {problem}");
        let named = format!("usage: {program} ");
        assert!(usage.starts_with(&named), "{args:?}: {usage}");
    }
}

#[test]
fn help_is_what_was_asked_for() {
    for program in PROGRAMS {
        for arg in ["--help", "-h"] {
            let run = run_example(program, [arg]);
            assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
            assert!(run.stdout.contains(&format!("usage: {program} [")));
            assert!(run.stdout.contains("exit code: "));
        }
    }
}

/// The README of the folder tells of every program, and of every poem.
#[test]
fn the_readme_of_the_folder_leaves_nothing_out() {
    let readme = include_str!("../examples/poetry/README.md");
    for program in PROGRAMS {
        assert!(readme.contains(&format!("`{program}`")), "{program}");
    }
    let poems = format!("{}/examples/poetry/poems", env!("CARGO_MANIFEST_DIR"));
    let mut found = 0;
    for poem in std::fs::read_dir(poems).expect("there are poems") {
        let path = poem.expect("it has a name").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap();
        let poem = std::fs::read_to_string(&path).expect("it is text");
        let (title, poet) = (poem.lines().next(), poem.lines().last());
        let row = format!("| `{name}` | {} | {} |", title.unwrap(), poet.unwrap());
        assert!(readme.contains(&row), "{row}");
        found += 1;
    }
    assert_eq!(found, 4);
}

mod codec {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::netstrings::{Decoder, Malformed, encode};

    /// Feed it piece by piece: the string, and how many bytes had gone in by then.
    fn fed(
        decoder: &mut Decoder,
        bytes: &[u8],
        cuts: &[usize],
    ) -> Result<Option<(Vec<u8>, usize)>, Malformed> {
        let mut places: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
        places.extend([0, bytes.len()]);
        places.sort_unstable();
        for pair in places.windows(2) {
            if let Some(string) = decoder.feed(&bytes[pair[0]..pair[1]])? {
                return Ok(Some((string, pair[1])));
            }
        }
        Ok(None)
    }

    /// What a netstring is, said in the other way: by looking at all of it.
    fn whole(bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
        let colon = bytes.iter().position(|byte| *byte == b':')?;
        let (digits, rest) = (&bytes[..colon], &bytes[colon + 1..]);
        let text = std::str::from_utf8(digits).ok()?;
        let canonical = text
            .parse::<u128>()
            .ok()
            .filter(|n| n.to_string() == text)?;
        let length = usize::try_from(canonical).ok().filter(|n| *n <= limit)?;
        (rest.get(length) == Some(&b',')).then(|| rest[..length].to_vec())
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(
            string in vec(any::<u8>(), 0..400),
            cuts in vec(any::<usize>(), 0..20),
            more in vec(any::<u8>(), 0..20),
        ) {
            let mut bytes = encode(&string);
            let end = bytes.len();
            bytes.extend(more);
            let (found, fed) = fed(&mut Decoder::new(string.len()), &bytes, &cuts).unwrap().unwrap();
            prop_assert_eq!(found, string);
            prop_assert!(fed >= end);
        }

        #[test]
        fn a_part_of_it_is_nothing(string in vec(any::<u8>(), 0..400), cut in any::<usize>()) {
            let bytes = encode(&string);
            let mut decoder = Decoder::new(400);
            prop_assert_eq!(decoder.feed(&bytes[..cut % bytes.len()]), Ok(None));
            let (received, of) = decoder.progress();
            prop_assert!(received <= string.len());
            prop_assert!(of.is_none_or(|of| of == string.len()));
        }

        #[test]
        fn a_limit_holds(string in vec(any::<u8>(), 1..400), less in 1_usize..400) {
            let limit = string.len().saturating_sub(less);
            let mut decoder = Decoder::new(limit);
            prop_assert_eq!(decoder.feed(&encode(&string)), Err(Malformed::TooLong { limit }));
            prop_assert_eq!(decoder.progress(), (0, None));
        }

        /// A length of any number of digits is refused before its end, and takes no memory.
        #[test]
        fn huge_lengths_are_refused(digits in "[1-9][0-9]{3,60}") {
            let outcome = Decoder::new(999).feed(digits.as_bytes());
            prop_assert_eq!(outcome, Err(Malformed::TooLong { limit: 999 }));
        }

        /// Bytes that are mostly of the kind that netstrings have.
        #[test]
        fn it_takes_what_is_a_netstring_and_nothing_else(
            bytes in vec(prop_oneof![b'0'..=b'9', Just(b':'), Just(b','), any::<u8>()], 0..40),
            cuts in vec(any::<usize>(), 0..10),
            limit in 0_usize..60,
        ) {
            let found = fed(&mut Decoder::new(limit), &bytes, &cuts);
            let found = found.ok().flatten().map(|(string, _)| string);
            prop_assert_eq!(found, whole(&bytes, limit));
        }
    }
}
