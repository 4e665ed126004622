//! The page of the example `sms_gateway`, steered in a real browser.
//!
//! It needs `chromedriver` and the Chromium that it drives; without them it says so, and that
//! is all. What the page looked like stays in `target/screenshots`.

#[path = "support/browser.rs"]
mod browser;
#[path = "support/example.rs"]
mod example;
#[path = "support/sms.rs"]
mod sms;

use serde_json::{Value, json};
use tempfile::TempDir;

use browser::{Browser, Page};
use sms::{Carrier, Server, count, ids};

/// A gateway, whom it sends to, and where its store is.
struct World {
    carrier: Carrier,
    gateway: Server,
    dir: TempDir,
}

impl World {
    async fn new(width: usize) -> World {
        let dir = tempfile::tempdir().expect("a directory");
        let carrier = Carrier::start().await;
        let gateway = gateway(&dir, &carrier, width, "127.0.0.1:0").await;
        World {
            carrier,
            gateway,
            dir,
        }
    }

    /// Queue so many messages: the numbers of their jobs.
    async fn messages(&self, so_many: usize) -> Vec<u64> {
        let mut jobs = Vec::new();
        for n in 0..so_many {
            jobs.push(self.gateway.sms(&format!("message {n}")).await);
        }
        jobs
    }
}

async fn gateway(dir: &TempDir, carrier: &Carrier, width: usize, listen: &str) -> Server {
    let store = dir.path().join("store");
    let store = store.to_str().expect("it is text");
    let (width, carrier) = (width.to_string(), carrier.url());
    let args = ["--store", store, "--carrier", &carrier, "--width", &width];
    let patient = ["--timeout=3600000", "--grace=86400", "--listen", listen];
    Server::start(args.into_iter().chain(patient)).await
}

fn shows(id: &str, text: impl std::fmt::Display) -> String {
    format!("document.getElementById('{id}').textContent === '{text}'")
}

fn row(job: u64) -> String {
    format!("#pending tr[data-id=\"{job}\"]")
}

fn first_row(job: u64) -> String {
    format!("document.querySelector('#pending tbody tr')?.dataset.id === '{job}'")
}

#[tokio::test]
async fn a_person_steers_the_queue_on_the_page() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let page = browser.page().await;
    width_priority_cancel_and_pause(&page).await;
    texts_are_only_texts(&page).await;
    who_was_asked_and_said_no_is_not_obeyed(&page).await;
    dead_letters_are_sent_again_or_dropped(&page).await;
    the_keyboard_stays_where_it_is(&page).await;
    it_says_when_nobody_is_there(&page).await;
    it_says_when_the_gateway_was_stopped(&page).await;
    many_and_long_messages_fit(&page).await;
    page.close().await;
}

async fn width_priority_cancel_and_pause(page: &Page) {
    let world = World::new(0).await;
    let gateway = &world.gateway;
    let jobs = world.messages(6).await;
    page.open(&gateway.base).await;
    page.until(&shows("state", "paused")).await;
    page.until(&shows("count-pending", 6)).await;
    page.until(&first_row(jobs[0])).await;

    // Priority: the page has it in its new place, and so has the server.
    page.write(&format!("{} .priority", row(jobs[4])), "-3")
        .await;
    page.click(&format!("{} .set-priority", row(jobs[4]))).await;
    gateway
        .until("another order", |now| ids(now, "pending")[0] == jobs[4])
        .await;
    page.until(&first_row(jobs[4])).await;

    // Cancel.
    page.click(&format!("{} .cancel", row(jobs[1]))).await;
    let now = gateway
        .until("cancelled", |now| count(now, "cancelled") == 1)
        .await;
    assert_eq!(
        ids(&now, "pending"),
        [jobs[4], jobs[0], jobs[2], jobs[3], jobs[5]]
    );
    page.until(&format!("!document.querySelector('{}')", row(jobs[1])))
        .await;
    page.until(&shows("count-cancelled", 1)).await;

    // Width, and then with the keyboard alone.
    page.write("#width", "2").await;
    page.click("#set-width").await;
    let now = gateway
        .until("two at once", |now| count(now, "underway") == 2)
        .await;
    assert_eq!(
        (&now["state"], &now["width"]),
        (&json!("running"), &json!(2))
    );
    page.until(&shows("count-underway", 2)).await;
    page.until(&shows("state", "running")).await;
    page.write("#width", "3\u{E007}").await;
    gateway
        .until("three at once", |now| count(now, "underway") == 3)
        .await;
    page.until(&shows("count-underway", 3)).await;
    page.screenshot("sms_gateway.png").await;

    // Pause: what is underway ends, nothing begins.
    page.click("#pause").await;
    gateway
        .until("pausing", |now| now["state"] == "pausing")
        .await;
    page.until(&shows("state", "pausing")).await;
    world.carrier.let_go(5);
    let now = gateway
        .until("paused", |now| now["state"] == "paused")
        .await;
    assert_eq!((count(&now, "sent"), count(&now, "pending")), (3, 2));
    page.until(&shows("state", "paused")).await;
    page.until(&shows("count-sent", 3)).await;

    page.click("#resume").await;
    let now = gateway
        .until("all sent", |now| count(now, "sent") == 5)
        .await;
    assert_eq!(now["width"], 3);
    page.until(&shows("count-sent", 5)).await;
    page.until("document.querySelectorAll('#over tbody .sent').length === 5")
        .await;

    // The rate, and no rate.
    page.write("#rate", "7\u{E007}").await;
    gateway.until("a rate", |now| now["rate"] == 7).await;
    page.write("#rate", "\u{E007}").await;
    gateway
        .until("no rate", |now| now["rate"] == Value::Null)
        .await;
}

async fn texts_are_only_texts(page: &Page) {
    let world = World::new(0).await;
    page.open(&world.gateway.base).await;
    page.until(&shows("state", "paused")).await;
    let nasty = "<img src=x onerror=\"document.title='taken'\"><b>bold</b> & 'quoted' </script>";
    page.write("#number", "+49 151 2345678").await;
    page.write("#text", nasty).await;
    page.click("#send").await;
    let now = world
        .gateway
        .until("queued", |now| count(now, "pending") == 1)
        .await;
    assert_eq!(now["pending"][0]["text"], nasty);
    page.until("document.querySelector('#pending td.text')")
        .await;
    let shown = page
        .eval("document.querySelector('#pending td.text').textContent")
        .await;
    assert_eq!(shown, nasty);
    let made = page
        .eval("document.querySelectorAll('table img, table b').length")
        .await;
    assert_eq!(made, 0);
    assert_eq!(page.eval("document.title").await, "SMS gateway");

    // What is wrong is said in the gateway's words.
    page.write("#number", "12").await;
    page.write("#text", "to nobody").await;
    page.click("#send").await;
    page.until("document.getElementById('said').textContent.includes('7 to 15 digits')")
        .await;
    assert_eq!(
        page.eval("document.getElementById('text').value").await,
        "to nobody"
    );
}

async fn who_was_asked_and_said_no_is_not_obeyed(page: &Page) {
    let world = World::new(1).await;
    let gateway = &world.gateway;
    world.messages(3).await;
    page.open(&gateway.base).await;
    page.until(&shows("count-underway", 1)).await;
    for danger in ["#stop", "#clear", "#underway .give-up"] {
        page.click(danger).await;
        page.until("document.getElementById('sure').open").await;
        // "No" is where the keyboard is.
        page.press("\u{E007}").await;
        page.until("!document.getElementById('sure').open").await;
    }
    let now = gateway.get("/jobs").await;
    assert_eq!(now["state"], "running");
    assert_eq!((count(&now, "underway"), count(&now, "pending")), (1, 2));

    page.click("#underway .give-up").await;
    page.click("#sure-yes").await;
    gateway
        .until("given up", |now| count(now, "cancelled") == 1)
        .await;
    page.until("!document.getElementById('sure').open").await;
    page.click("#clear").await;
    page.click("#sure-yes").await;
    gateway
        .until("cleared", |now| count(now, "pending") == 0)
        .await;
}

async fn dead_letters_are_sent_again_or_dropped(page: &Page) {
    let world = World::new(1).await;
    let gateway = &world.gateway;
    world.carrier.answer([422, 404]);
    world.carrier.let_go(2);
    let jobs = world.messages(2).await;
    page.open(&gateway.base).await;
    page.until(&shows("count-dead", 2)).await;
    let letter = |job| format!("#dead tr[data-id=\"{job}\"]");
    page.until("document.querySelectorAll('#dead tbody tr').length === 2")
        .await;
    let why = format!(
        "document.querySelector('{} .error').textContent",
        letter(jobs[0])
    );
    let why = page.eval(&why).await;
    assert_eq!(why, "the carrier refused it: as the test wants");

    page.click(&format!("{} .drop", letter(jobs[1]))).await;
    gateway
        .until("dropped", |now| count(now, "dead") == 1)
        .await;
    world.carrier.let_go(1);
    page.click(&format!("{} .revive", letter(jobs[0]))).await;
    let now = gateway
        .until("sent after all", |now| count(now, "sent") == 1)
        .await;
    assert_eq!(now["over"][0]["text"], "message 0");
    gateway
        .until("none left", |now| count(now, "dead") == 0)
        .await;
    page.until("document.getElementById('dead-section').hidden")
        .await;
}

async fn the_keyboard_stays_where_it_is(page: &Page) {
    let world = World::new(0).await;
    let gateway = &world.gateway;
    let jobs = world.messages(4).await;
    page.open(&gateway.base).await;
    page.until(&first_row(jobs[0])).await;
    // Somebody is writing a priority while the queue goes on.
    let input = format!("{} .priority", row(jobs[2]));
    page.write(&input, "12").await;
    let is_there = format!("document.activeElement === document.querySelector('{input}')");
    gateway
        .patch(&format!("/jobs/{}", jobs[2]), json!({"priority": -5}))
        .await;
    page.until(&first_row(jobs[2])).await;
    page.until(&is_there).await;
    assert_eq!(
        page.eval(&format!("document.querySelector('{input}').value"))
            .await,
        "12"
    );
    page.press("\u{E007}").await;
    let last = |now: &Value| ids(now, "pending").last() == Some(&jobs[2]);
    gateway.until("it is the last", last).await;
    // The page hears of it in its own time.
    let shown = "document.querySelector('#pending tbody tr:last-child')?.dataset.id";
    page.until(&format!("{shown} === '{}'", jobs[2])).await;
    page.until(&is_there).await;

    // The row goes: the keyboard goes to the one in its place, not to the top of the page.
    let button = |job| format!("{} .cancel", row(job));
    page.focus(&button(jobs[1])).await;
    page.press("\u{E007}").await;
    let next = button(jobs[3]);
    page.until(&format!(
        "document.activeElement === document.querySelector('{next}')"
    ))
    .await;

    // Everything can be reached by its label.
    let unlabelled = "Array.from(document.querySelectorAll('input, textarea, button')).filter(\
        e => !e.getAttribute('aria-label') && !e.labels?.length && !e.textContent.trim()).length";
    assert_eq!(page.eval(unlabelled).await, 0);
}

async fn it_says_when_nobody_is_there(page: &Page) {
    let mut world = World::new(0).await;
    world.messages(2).await;
    page.open(&world.gateway.base).await;
    page.until(&shows("count-pending", 2)).await;
    let listen = world.gateway.base.trim_start_matches("http://").to_string();
    world.gateway.kill().await;
    let lost = "document.getElementById('lost')";
    page.until(&format!(
        "!{lost}.hidden && {lost}.textContent.includes('No connection')"
    ))
    .await;
    page.screenshot("sms_gateway_lost.png").await;
    page.click("#pause").await;
    page.until("document.getElementById('said').textContent.includes('cannot be reached')")
        .await;

    world.gateway = gateway(&world.dir, &world.carrier, 0, &listen).await;
    world.messages(1).await;
    page.until(&format!("{lost}.hidden")).await;
    page.until(&shows("count-pending", 3)).await;
}

async fn it_says_when_the_gateway_was_stopped(page: &Page) {
    let world = World::new(1).await;
    world.messages(2).await;
    page.open(&world.gateway.base).await;
    page.until(&shows("count-underway", 1)).await;
    page.click("#stop").await;
    page.click("#sure-yes").await;
    page.until(&shows("state", "stopping")).await;
    world.carrier.let_go(1);
    let (status, said) = world.gateway.ended().await;
    assert_eq!(status.code(), Some(0), "{said}");
    page.until(&shows("state", "stopped")).await;
    page.until("document.getElementById('lost').textContent.includes('has stopped')")
        .await;
}

async fn many_and_long_messages_fit(page: &Page) {
    let world = World::new(0).await;
    world.messages(299).await;
    let long = "Pneumonoultramicroscopicsilicovolcanoconiosis".repeat(30);
    let body = json!({"number": "+49 151 2345678", "text": long, "priority": -1});
    world
        .gateway
        .ask(reqwest::Method::POST, "/sms", Some(body))
        .await
        .good();
    page.open(&world.gateway.base).await;
    page.until(&shows("count-pending", 300)).await;
    page.until("document.getElementById('of-pending').textContent.includes('of 300')")
        .await;
    page.screenshot("sms_gateway_many.png").await;
    let fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth";
    assert_eq!(page.eval(fits).await, true);
    page.size(390, 800).await;
    page.until("document.documentElement.clientWidth < 520")
        .await;
    assert_eq!(page.eval(fits).await, true);
    page.screenshot("sms_gateway_narrow.png").await;
}
