//! What the compiler tells the users of `defer-flow`: see `tests/`.
