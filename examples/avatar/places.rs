//! The three places where an avatar may be: fast, less fast, and slow.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use defer::prelude::*;
use reqwest::{Client, Url};

use crate::user::{Avatar, User};

/// In the order in which they are preferred, and in which they are searched.
pub(crate) const NAMES: [&str; 3] = ["cache", "files", "network"];
/// The one that nothing is written to.
pub(crate) const NETWORK: usize = 2;

pub(crate) struct Places {
    cache: Mutex<HashMap<User, Avatar>>,
    dir: PathBuf,
    client: Client,
    server: Url,
}

impl Places {
    pub(crate) fn new(dir: PathBuf, server: Url, deadline: Duration, proxies: bool) -> Self {
        // An error means that there is a provider already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent("defer-avatar")
            .timeout(deadline);
        let client = if proxies { client } else { client.no_proxy() };
        let client = client
            .build()
            .expect("the client has a provider of cryptography");
        Places {
            cache: Mutex::default(),
            dir,
            client,
            server,
        }
    }

    fn address(&self, user: &User) -> Url {
        let mut address = self.server.clone();
        if let Ok(mut path) = address.path_segments_mut() {
            path.pop_if_empty().push(&user.file());
        }
        address
    }
}

/// Look it up in memory.
#[callback]
pub(crate) fn in_cache(places: &Places, user: &User) -> Result<Avatar, Failure> {
    let cache = places.cache.lock().expect("nobody panics with the cache");
    cache.get(user).cloned().ok_or(Failure::msg("no entry"))
}

/// Read its file.
#[callback]
pub(crate) async fn in_files(places: &Places, user: &User) -> Result<Avatar, Failure> {
    let path = places.dir.join(user.file());
    let bytes = in_a_thread(move || fs::read(path)).await?;
    Avatar::new(bytes).map_err(Failure::msg)
}

/// Fetch it.
#[callback]
pub(crate) async fn in_network(places: &Places, user: &User) -> Result<Avatar, Failure> {
    let response = places.client.get(places.address(user)).send().await?;
    if !response.status().is_success() {
        return Err(Failure::msg(response.status().to_string()));
    }
    Avatar::new(response.bytes().await?.into()).map_err(Failure::msg)
}

/// Write it to the cache or to the files: the place of that number among the [`NAMES`].
#[callback]
pub(crate) async fn write_back(
    places: Arc<Places>,
    place: usize,
    user: User,
    avatar: Avatar,
) -> Result<(), Failure> {
    if place == 0 {
        let mut cache = places.cache.lock().expect("nobody panics with the cache");
        cache.insert(user, avatar);
        return Ok(());
    }
    let file = user.file();
    in_a_thread(move || {
        // Who reads the file meanwhile sees the old one, or the new one whole.
        let unfinished = places.dir.join(format!(".{file}.{}", std::process::id()));
        let written = fs::write(&unfinished, avatar.bytes());
        let moved = written.and_then(|()| fs::rename(&unfinished, places.dir.join(file)));
        if moved.is_err() {
            let _ = fs::remove_file(unfinished);
        }
        moved
    })
    .await?;
    Ok(())
}

async fn in_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .expect("reading and writing files does not panic")
}
