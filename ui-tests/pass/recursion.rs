//! Recursion needs `boxed`.

use std::rc::Rc;

use defer::prelude::*;
use ui_tests::now;

#[callback(boxed)]
fn countdown(n: u32) -> Deferred<u32> {
    if n == 0 {
        succeed(0).boxed()
    } else {
        countdown(countdown(n - 1))
    }
}

#[callback(boxed)]
async fn sum(n: u32) -> u32 {
    if n == 0 {
        0
    } else {
        sum(succeed(n - 1)).await + n
    }
}

#[callback(boxed)]
async fn checked(n: u32) -> Result<u32, String> {
    if n == 9 {
        return Err("nine".to_string());
    }
    if n == 0 {
        Ok(0)
    } else {
        Ok(checked(n - 1).await? + 1)
    }
}

#[callback(boxed_local)]
async fn local(n: u32) -> Rc<u32> {
    if n == 0 {
        Rc::new(0)
    } else {
        Rc::new(*local(n - 1).await + 1)
    }
}

#[inline_callbacks(boxed)]
fn inline(n: u32) -> u32 {
    if n == 0 {
        0
    } else {
        inline(n - 1).await + even(n).await
    }
}

#[callback(boxed)]
async fn even(n: u32) -> u32 {
    if n == 0 { 1 } else { odd(n - 1).await }
}

#[callback(boxed)]
async fn odd(n: u32) -> u32 {
    if n == 0 { 0 } else { even(n - 1).await }
}

struct Tree {
    children: Vec<Tree>,
}

impl Tree {
    #[callback(boxed)]
    async fn size(&self, start: usize) -> usize {
        let mut size = start;
        for child in &self.children {
            size = child.size(size).await;
        }
        size + 1
    }
}

fn main() {
    assert_eq!(now(countdown(succeed(3))), 0);
    assert_eq!(now(sum(4)), 10);
    assert_eq!(now(checked(4)), Ok(4));
    assert_eq!(now(checked(12)), Err("nine".to_string()));
    assert_eq!(*now(local(3)), 3);
    assert_eq!(now(inline(3)), 1);
    let leaf = || Tree { children: vec![] };
    let tree = Tree {
        children: vec![
            leaf(),
            Tree {
                children: vec![leaf()],
            },
        ],
    };
    assert_eq!(now(tree.size(succeed(0))), 4);
}
