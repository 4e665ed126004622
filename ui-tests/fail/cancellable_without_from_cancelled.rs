use defer::prelude::*;

#[derive(Debug)]
struct Missing;

#[callback]
async fn get(url: String) -> Result<String, Missing> {
    Ok(url)
}

fn main() {
    let (_page, _canceller) = get("a".to_string()).cancellable();
}
