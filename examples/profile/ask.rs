//! Asking the back ends: for many things at once, or for one.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::OnceLock;

use defer::prelude::*;
use reqwest::Client;
use tokio::sync::Semaphore;

/// So many requests are open at once, to one back end.
const AT_ONCE: usize = 32;

/// Where the back ends are, and the way there.
struct Web {
    client: Client,
    addresses: [SocketAddr; 3],
    open: [Semaphore; 3],
}

static WEB: OnceLock<Web> = OnceLock::new();

/// Ask these, from now on.
pub(crate) fn reach(addresses: [SocketAddr; 3]) {
    // An error means that there is a provider already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().user_agent("defer-profile").no_proxy();
    let client = client
        .build()
        .expect("the client has a provider of cryptography");
    let open = std::array::from_fn(|_| Semaphore::new(AT_ONCE));
    let web = Web {
        client,
        addresses,
        open,
    };
    assert!(WEB.set(web).is_ok(), "the back ends are started once");
}

/// What a back end knows of these, as JSON.
async fn get(back_end: usize, kind: &str, ids: &[u32]) -> Result<Vec<u8>, Failure> {
    let web = WEB.get().expect("the back ends have been started");
    let _open = web.open[back_end]
        .acquire()
        .await
        .expect("the semaphore is never closed");
    let ids: Vec<_> = ids.iter().map(u32::to_string).collect();
    let url = format!(
        "http://{}/{kind}?ids={}",
        web.addresses[back_end],
        ids.join(",")
    );
    let response = web.client.get(url).send().await?.error_for_status()?;
    Ok(response.bytes().await?.into())
}

/// A user, as the back end knows them.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) team: u32,
}

/// Every user has an outcome of their own: some are unknown.
async fn load_users(ids: Vec<u32>) -> Result<Vec<Result<User, Failure>>, Failure> {
    let mut known: HashMap<u32, (String, u32)> =
        serde_json::from_slice(&get(0, "users", &ids).await?)?;
    let user = |id| match known.remove(id) {
        Some((name, team)) => Ok(User { name, team }),
        None => Err(Failure::msg(format!("no user {id}"))),
    };
    Ok(ids.iter().map(user).collect())
}

async fn load_counts(ids: Vec<u32>) -> Result<HashMap<u32, u32>, Failure> {
    Ok(serde_json::from_slice(&get(1, "counts", &ids).await?)?)
}

async fn load_avatars(ids: Vec<u32>) -> Result<HashMap<u32, String>, Failure> {
    Ok(serde_json::from_slice(&get(2, "avatars", &ids).await?)?)
}

async fn load_teams(ids: Vec<u32>) -> Result<HashMap<u32, String>, Failure> {
    Ok(serde_json::from_slice(&get(0, "teams", &ids).await?)?)
}

#[callback(batch = load_users)]
pub(crate) fn user(id: u32) -> Result<User, Failure>;

#[callback(batch = load_counts)]
pub(crate) fn count(id: u32) -> Result<u32, Failure>;

#[callback(batch = load_avatars)]
pub(crate) fn avatar(id: u32) -> Result<String, Failure>;

#[callback(batch = load_teams)]
pub(crate) fn team(id: u32) -> Result<String, Failure>;

/// The one that was asked for.
fn only<T>(found: Option<T>, id: u32) -> Result<T, Failure> {
    found.ok_or_else(|| Failure::msg(format!("nothing for {id}")))
}

#[callback]
pub(crate) async fn user_alone(id: u32) -> Result<User, Failure> {
    only(load_users(vec![id]).await?.pop(), id)?
}

#[callback]
pub(crate) async fn count_alone(id: u32) -> Result<u32, Failure> {
    only(load_counts(vec![id]).await?.remove(&id), id)
}

#[callback]
pub(crate) async fn avatar_alone(id: u32) -> Result<String, Failure> {
    only(load_avatars(vec![id]).await?.remove(&id), id)
}

#[callback]
pub(crate) async fn team_alone(id: u32) -> Result<String, Failure> {
    only(load_teams(vec![id]).await?.remove(&id), id)
}
