//! A real browser, steered through WebDriver.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use fantoccini::wd::TimeoutConfiguration;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout};

/// Longer than any machine is busy.
const HANGS: Duration = Duration::from_secs(60);

/// A driver and its browser, which end with the test.
pub(crate) struct Browser {
    driver: Child,
    /// Read no more, and open: it may go on to write.
    _stdout: BufReader<ChildStdout>,
    port: u16,
}

impl Browser {
    /// Start the driver; `None`, said on the standard output, if there is none.
    pub(crate) async fn start() -> Option<Browser> {
        let mut driver = tokio::process::Command::new("chromedriver");
        driver.arg("--port=0").kill_on_drop(true);
        driver.stdout(Stdio::piped()).stderr(Stdio::null());
        // Browsers that a driver has started do not end with it; with its group they do.
        #[cfg(unix)]
        driver.process_group(0);
        let mut driver = match driver.spawn() {
            Ok(driver) => driver,
            Err(error) => {
                skip(&format!("chromedriver cannot be started: {error}"));
                return None;
            }
        };
        let mut stdout = BufReader::new(driver.stdout.take().expect("it is a pipe"));
        loop {
            let mut line = String::new();
            let read = stdout.read_line(&mut line).await.expect("it is text");
            assert_ne!(read, 0, "chromedriver ends without a port");
            let port = line.split("successfully on port ").nth(1);
            if let Some(port) = port {
                let port = port.trim().trim_end_matches('.').parse();
                return Some(Browser {
                    driver,
                    _stdout: stdout,
                    port: port.expect("a port is a number"),
                });
            }
        }
    }

    /// A window of a new browser.
    pub(crate) async fn page(&self) -> Page {
        let args = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--no-proxy-server",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1200,1000",
        ];
        let options = json!({"goog:chromeOptions": {"args": args}});
        let Value::Object(options) = options else {
            unreachable!("it is written as one")
        };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(options)
            .connect(&format!("http://127.0.0.1:{}", self.port))
            .await
            .expect("chromedriver starts its browser");
        let timeouts = TimeoutConfiguration::new(Some(HANGS), Some(HANGS), Some(Duration::ZERO));
        client
            .update_timeouts(timeouts)
            .await
            .expect("they are set");
        Page(client)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(pid) = self.driver.id() {
            let group = format!("-{pid}");
            let _ = Command::new("kill")
                .args(["-s", "KILL", "--", &group])
                .status();
        }
    }
}

/// What somebody looks at.
pub(crate) struct Page(Client);

impl Page {
    pub(crate) async fn open(&self, url: &str) {
        self.0.goto(url).await.expect("it opens");
    }

    /// What this expression is.
    pub(crate) async fn eval(&self, what: &str) -> Value {
        let value = self.0.execute(&format!("return {what};"), Vec::new()).await;
        value.unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    /// Wait until this expression is true.
    pub(crate) async fn until(&self, what: &str) {
        let look = format!(
            "const done = arguments[0];
             const look = () => {{ if ({what}) done(true); else setTimeout(look, 20); }};
             look();"
        );
        if let Err(error) = self.0.execute_async(&look, Vec::new()).await {
            let shown = self.eval("document.body.innerText").await;
            panic!("{what}: {error}\n{}", shown.as_str().unwrap_or_default());
        }
    }

    /// Click on what there is one of.
    pub(crate) async fn click(&self, css: &str) {
        // A row may be moved between the look and the click: then it is looked for again.
        for _ in 0..20 {
            let element = self.0.wait().at_most(HANGS).for_element(Locator::Css(css));
            let element = element
                .await
                .unwrap_or_else(|error| panic!("{css}: {error}"));
            match element.click().await {
                Ok(()) => return,
                Err(error) if error.is_stale_element_reference() => (),
                Err(error) => panic!("{css}: {error}"),
            }
        }
        panic!("{css} is never still");
    }

    /// Write this in place of what is there.
    pub(crate) async fn write(&self, css: &str, text: &str) {
        let element = self.0.wait().at_most(HANGS).for_element(Locator::Css(css));
        let element = element
            .await
            .unwrap_or_else(|error| panic!("{css}: {error}"));
        let select = format!("document.querySelector('{css}').select()");
        self.eval(&select).await;
        element
            .send_keys("\u{E003}")
            .await
            .expect("it can be deleted");
        element.send_keys(text).await.expect("it can be written");
    }

    pub(crate) async fn focus(&self, css: &str) {
        self.eval(&format!("document.querySelector('{css}').focus()"))
            .await;
    }

    /// Press a key where the keyboard is.
    pub(crate) async fn press(&self, key: &str) {
        let element = self
            .0
            .active_element()
            .await
            .expect("something has the focus");
        element.send_keys(key).await.expect("it takes keys");
    }

    pub(crate) async fn size(&self, width: u32, height: u32) {
        let sized = self.0.set_window_size(width, height).await;
        sized.expect("a window can be made smaller");
    }

    /// Keep what it looks like in `target/screenshots`.
    pub(crate) async fn screenshot(&self, name: &str) {
        let picture = self.0.screenshot().await.expect("it can be seen");
        // The test is in `target/debug/deps`.
        let target: PathBuf = std::env::current_exe().expect("a test has a path");
        let target = target
            .ancestors()
            .nth(3)
            .expect("it is in three directories");
        let dir = target.join("screenshots");
        fs::create_dir_all(&dir).expect("a directory");
        fs::write(dir.join(name), picture).expect("a file");
    }

    pub(crate) async fn close(self) {
        self.0.close().await.expect("it closes");
    }
}

fn skip(why: &str) {
    // Past what the test harness holds back.
    let _ = writeln!(std::io::stdout(), "SKIPPED: {why}");
}
