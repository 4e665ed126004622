/work/main/defer-core/target/debug/deps/defer_core-65087dea1ab03091.d: src/lib.rs src/arg.rs src/boxed.rs src/call.rs src/chain.rs src/deferred.rs src/join.rs src/kind.rs src/plan.rs src/source.rs

/work/main/defer-core/target/debug/deps/libdefer_core-65087dea1ab03091.rmeta: src/lib.rs src/arg.rs src/boxed.rs src/call.rs src/chain.rs src/deferred.rs src/join.rs src/kind.rs src/plan.rs src/source.rs

src/lib.rs:
src/arg.rs:
src/boxed.rs:
src/call.rs:
src/chain.rs:
src/deferred.rs:
src/join.rs:
src/kind.rs:
src/plan.rs:
src/source.rs:
