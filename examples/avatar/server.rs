//! A server of avatars, and a directory with one of them: the places of the demonstration.

use std::fs;
use std::future::pending;
use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::Router;
use axum::extract::Path as Tail;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use reqwest::Url;
use tokio::net::TcpListener;
use tokio::time::sleep;

use crate::user::User;

/// Whom the demonstration looks for.
pub(crate) const USERS: [&str; 4] = ["ada", "ada", "bob", "eve"];
/// Whose file is there.
const FILED: &str = "bob";
/// Whom the server does not know.
const UNKNOWN: &str = "eve.svg";

/// Serve avatars on a port of its own, until the program ends: the address.
pub(crate) async fn start() -> io::Result<Url> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let router = Router::new().route(
        "/{file}",
        get(async |Tail(file): Tail<String>| {
            // As slow as a network is, and slower than any disk where the file is there.
            if file.starts_with(FILED) {
                pending::<()>().await;
            }
            sleep(Duration::from_millis(150)).await;
            if file == UNKNOWN {
                return Err(StatusCode::NOT_FOUND);
            }
            Ok(([(CONTENT_TYPE, "image/svg+xml")], drawing(&file)))
        }),
    );
    tokio::spawn(async { axum::serve(listener, router).await });
    Ok(Url::parse(&format!("http://{address}/")).expect("an address makes a URL"))
}

/// A picture of squares, as the name has it.
fn drawing(name: &str) -> String {
    let bits = name.bytes().fold(0x9e37_79b9_u32, |bits, byte| {
        (bits ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    let squares = (0..25).filter(|square| {
        // The right side mirrors the left one.
        let (row, column) = (square / 5, square % 5);
        let column = if column > 2 { 4 - column } else { column };
        bits >> (row * 3 + column) & 1 == 1
    });
    let squares = squares.map(|square| {
        let (x, y) = (square % 5, square / 5);
        format!("<path d=\"M{x} {y}h1v1h-1z\"/>")
    });
    let squares: String = squares.collect();
    format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 5 5\">{squares}</svg>\n")
}

/// A directory that is removed at the end.
pub(crate) struct Directory(PathBuf);

impl Directory {
    /// With the one file.
    pub(crate) fn new() -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("defer-avatar-{}", std::process::id()));
        fs::create_dir(&path)?;
        let directory = Directory(path);
        let user: User = FILED.parse().expect("it is a name");
        fs::write(directory.0.join(user.file()), drawing(FILED))?;
        Ok(directory)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // Whatever is left there, the system clears away.
        let _ = fs::remove_dir_all(&self.0);
    }
}
