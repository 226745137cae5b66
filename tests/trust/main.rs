//! What other people may do to the program through files and folders that it is run over: nothing beyond them.
//!
//! Most of it needs a superuser, two users or a mount. Where that is not allowed the test says what it did not try.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]
#![cfg(unix)]

mod bombs;
#[path = "../common/mod.rs"]
mod common;
mod databases;
mod links;
mod locks;
mod mounts;
mod outputs;
mod planted;
mod proofs;
mod state;
mod undone;
