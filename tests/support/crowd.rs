//! Many connections to a server at once, some of them good and some bad.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::serving::{LONG, most_open_files};

/// How many there are at once, if the system lets a process have so many sockets.
pub(crate) fn connections() -> usize {
    2000.min(most_open_files().saturating_sub(100))
}

/// Let so many clients connect, each with its number, and do what they do, all at once.
///
/// The connections that they give back are still there: none is closed before all are done.
pub(crate) async fn crowd<F>(
    address: SocketAddr,
    clients: usize,
    client: impl Fn(usize, TcpStream) -> F + Clone + Send + 'static,
) -> Vec<TcpStream>
where
    F: Future<Output = TcpStream> + Send,
{
    // The queue of a listener is not endless.
    let turns = Arc::new(Semaphore::new(100));
    let mut all = JoinSet::new();
    for number in 0..clients {
        let (turns, client) = (turns.clone(), client.clone());
        all.spawn(async move {
            let turn = turns.acquire().await.expect("it is not closed");
            let stream = TcpStream::connect(address).await.expect("it listens");
            drop(turn);
            client(number, stream).await
        });
    }
    let all = timeout(LONG, all.join_all()).await;
    all.expect("it serves them")
}
