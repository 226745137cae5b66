//! Work on many files at once, with results in the order of the files.
//!
//! How many files are in flight follows what is measured: as many threads as keep the processors busy, and more, up to
//! 64, where the threads wait for a drive that answers slowly. Invariant: results come in the order of the files,
//! whatever the number of threads.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

mod crew;
mod queue;
mod spread;

pub use queue::{Came, PATIENCE, in_order};
pub use spread::{at_once, measure_for, spread};

/// The most files in flight: what a network drive serves at once.
const MOST_THREADS: usize = 64;

/// How many threads work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threads {
    /// So many, as the user said.
    Fixed(usize),
    /// As many as the drive and the processors can use.
    Measured,
}

/// What is said of a file or folder that its drive has been at for so long that it was given up.
pub fn held(patience: Duration) -> io::Error {
    let reason = format!("the drive has not answered for {} seconds", patience.as_secs());
    io::Error::new(io::ErrorKind::TimedOut, reason)
}

/// With what a stage works through its files.
#[derive(Debug, Clone, Copy)]
pub struct Effort<'a> {
    pub threads: Threads,
    /// Ends the work between two files.
    pub stop: &'a Arc<AtomicBool>,
}

impl Threads {
    /// How many there are before anything was measured. More than cores, since a cold disk is slower than any parser.
    pub fn at_first(self) -> usize {
        match self {
            Threads::Fixed(threads) => threads.max(1),
            Threads::Measured => (cores() * 2).clamp(4, MOST_THREADS),
        }
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}
