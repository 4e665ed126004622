//! Everything that a batch can come to, for each of its keys.

use super::*;

fn tens(ids: Vec<u32>) -> HashMap<u32, u32> {
    let known = ids.into_iter().filter(|id| id % 2 == 0);
    known.map(|id| (id, id * 10)).chain([(77, 0)]).collect()
}
#[callback(batch = tens)]
fn ten(id: u32) -> Result<u32, Failure>;

#[tokio::test(start_paused = true)]
async fn a_map_that_leaves_keys_out_fails_their_calls() {
    let (one, two, three) = tokio::join!(ten(1), ten(2), ten(3));
    assert_eq!(two.unwrap(), 20);
    for (key, outcome) in [("1", one), ("3", three)] {
        let failure = outcome.unwrap_err();
        let text = "`tens` gave no answer for 2 of 3 keys: 1, 3";
        assert_eq!(failure.to_string(), text);
        let wrong = failure.check::<WrongAnswers>().unwrap();
        assert_eq!(wrong.function(), "tens");
        assert_eq!((wrong.asked(), wrong.given()), (3, 1));
        assert!(wrong.keys().contains(&key.to_string()));
    }
}

fn short(mut words: Vec<&'static str>) -> Result<Vec<usize>, Failure> {
    words.pop();
    Ok(words.into_iter().map(str::len).collect())
}
#[callback(batch = short)]
fn len(#[value] word: &'static str) -> Result<usize, Failure>;

#[tokio::test(start_paused = true)]
async fn a_list_that_is_too_short_fails_all_and_names_them() {
    let (one, two) = tokio::join!(len("one"), len("two"));
    let text = "`short` was asked for 2 keys and gave 1 answer, so nobody can tell whose \
                which is: \"one\", \"two\"";
    assert_eq!(one.unwrap_err().to_string(), text);
    assert_eq!(two.unwrap_err().to_string(), text);
    let text = "`short` was asked for 1 key and gave 0 answers, so nobody can tell whose it \
                is: \"one\"";
    assert_eq!(len("one").await.unwrap_err().to_string(), text);
}

#[derive(Clone, Debug, PartialEq)]
enum LoadError {
    Wrong(WrongAnswers),
    Down,
}
impl From<WrongAnswers> for LoadError {
    fn from(wrong: WrongAnswers) -> Self {
        LoadError::Wrong(wrong)
    }
}
impl From<std::fmt::Error> for LoadError {
    fn from(_: std::fmt::Error) -> Self {
        LoadError::Down
    }
}

#[callback]
fn long(ids: Vec<u32>) -> Vec<Result<u32, std::fmt::Error>> {
    ids.iter().chain(&ids).map(|id| Ok(*id)).collect()
}
#[callback(batch = long)]
fn one(id: u32) -> Result<u32, LoadError>;

#[tokio::test(start_paused = true)]
async fn a_list_that_is_too_long_fails_all_and_shortens_what_it_tells() {
    let all = futures::future::join_all((0..200).map(one)).await;
    for outcome in all {
        let Err(LoadError::Wrong(wrong)) = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(wrong.keys().len(), 200);
        let text = "`long` was asked for 200 keys and gave 400 answers, so nobody can tell \
                    whose which is: 0, 1, 2, 3, 4 and 195 more";
        assert_eq!(wrong.to_string(), text);
    }
}

async fn down(_: Vec<u32>) -> Result<Vec<u32>, std::fmt::Error> {
    sleep(Duration::from_millis(1)).await;
    Err(std::fmt::Error)
}
#[callback(batch = down)]
fn from_down(id: u32) -> Result<u32, LoadError>;

#[tokio::test(start_paused = true)]
async fn what_fails_as_a_whole_fails_for_every_key() {
    let (one, two) = tokio::join!(from_down(1), from_down(2));
    assert_eq!((one, two), (Err(LoadError::Down), Err(LoadError::Down)));
}

fn evens(ids: Vec<u32>) -> HashMap<u32, u32> {
    let known = ids.into_iter().filter(|id| id % 2 == 0);
    known.map(|id| (id, id)).collect()
}
#[callback(batch = evens)]
fn even(id: u32) -> u32;

#[tokio::test(start_paused = true)]
async fn where_a_call_cannot_fail_a_missing_answer_is_its_panic_and_no_others() {
    let (one, two) = tokio::join!(even(1).catch_panics(), even(2));
    assert_eq!(two, 2);
    let panicked = one.unwrap_err();
    assert_eq!(
        panicked.message(),
        Some("`evens` gave no answer for 1 of 2 keys: 1")
    );
}

fn broken(ids: Vec<u32>) -> Vec<u32> {
    assert!(ids.len() < 2, "no {ids:?}");
    ids
}
#[callback(batch = broken)]
fn breaks(id: u32) -> Result<u32, Failure>;

async fn broken_later(ids: Vec<u32>) -> Vec<u32> {
    sleep(Duration::from_millis(1)).await;
    broken(ids)
}
#[callback(batch = broken_later)]
fn breaks_later(id: u32) -> Result<u32, Failure>;

#[tokio::test(start_paused = true)]
async fn a_panic_comes_out_of_every_call_and_the_next_batch_is_as_good_as_new() {
    let at_once = tokio::join!(breaks(1).catch_panics(), breaks(2).catch_panics());
    let later = tokio::join!(
        breaks_later(1).catch_panics(),
        breaks_later(2).catch_panics()
    );
    for outcome in [at_once.0, at_once.1, later.0, later.1] {
        assert_eq!(outcome.unwrap_err().to_string(), "panicked: no [1, 2]");
    }
    assert_eq!(breaks(3).await.unwrap(), 3);
    assert_eq!(breaks_later(3).await.unwrap(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_trail_of_a_failure_names_the_call() {
    let failure = add(count(1), id_of(user(9))).await.unwrap_err();
    let hops: Vec<_> = failure.trail().hops().map(|hop| hop.name()).collect();
    assert_eq!(hops, ["user", "id_of", "add"]);
}
