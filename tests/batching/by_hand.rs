//! Made by hand, for what has a client.

use super::*;

struct Client {
    name: &'static str,
    users: Batch<u32, String>,
}

impl Client {
    fn new(name: &'static str) -> Self {
        let load = move |ids: Vec<u32>| {
            note("users", &ids);
            let named = move |id| format!("{name}'s {id}");
            defer(async move { ids.into_iter().map(named).collect::<Vec<_>>() })
        };
        Client {
            name,
            users: Batch::new(load).max(2).named("Client::users"),
        }
    }

    #[callback]
    fn user(&self, id: u32) -> Deferred<Result<String, Failure>, Batched<u32, String>> {
        assert!(!self.name.is_empty());
        self.users.get(id)
    }
}

#[tokio::test(start_paused = true)]
async fn a_method_asks_through_its_own_client() {
    let (ours, theirs) = (Client::new("ours"), Client::new("theirs"));
    #[callback]
    fn all(a: String, b: String, c: String, d: String) -> [String; 4] {
        [a, b, c, d]
    }
    let all = all(
        ours.user(1),
        ours.user(add(succeed(1), 1)),
        ours.user(3),
        theirs.user(1),
    );
    let told = all.await.unwrap();
    assert_eq!(told, ["ours's 1", "ours's 2", "ours's 3", "theirs's 1"]);
    assert_eq!(sizes(), [("users", 2), ("users", 1), ("users", 1)]);
    assert_eq!(
        format!("{:?}", ours.users),
        "Batch { named: \"Client::users\", .. }"
    );
}

#[test]
#[should_panic(expected = "a batch of at most 0 keys would never be sent")]
fn a_limit_of_0_is_refused() {
    let _ = Batch::<u32, u32>::new(|ids: Vec<u32>| ids).max(0);
}

fn function(ids: Vec<u32>) -> Vec<u32> {
    ids
}

#[test]
fn it_is_called_as_its_function_is() {
    let plan = |batch: &Batch<u32, u32>| batch.get(1).plan().to_string();
    assert_eq!(plan(&Batch::new(function)), "function\n");
    let closure = plan(&Batch::new(|ids: Vec<u32>| ids));
    assert_eq!(closure, "it_is_called_as_its_function_is\n");
}
