//! Waiting for a database that another process holds.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rusqlite::ErrorCode;

/// How long to wait for another run's transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    Minute,
    Moment,
}

impl Patience {
    /// Whether to try again, asked for the so manieth time.
    pub(super) fn again(self) -> fn(i32) -> bool {
        match self {
            Patience::Minute => wait::<60>,
            Patience::Moment => wait::<2>,
        }
    }
}

static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// From now on whoever waits for a database gives up soon after this turns true.
pub fn give_up_when(stop: &Arc<AtomicBool>) {
    // The first one stays, and is the program's.
    let _set = STOP.set(Arc::clone(stop));
}

pub(super) fn is_stopped() -> bool {
    STOP.get().is_some_and(|stop| stop.load(Ordering::Relaxed))
}

/// How long one waits although the run is to end: what it has done is still to be written down.
const LAST_PATIENCE: Duration = Duration::from_secs(1);

/// SQLite's question, asked for the `count`th time: whether to try again.
fn wait<const SECONDS: u64>(count: i32) -> bool {
    const LONGEST: u64 = 25;
    let count = u64::try_from(count).unwrap_or(0);
    // The pauses grow by a millisecond each.
    let waited = match count {
        0..LONGEST => count * (count + 1) / 2,
        _ => LONGEST * (LONGEST + 1) / 2 + (count - LONGEST) * LONGEST,
    };
    let waited = Duration::from_millis(waited);
    if waited >= Duration::from_secs(SECONDS) || is_stopped() && waited >= LAST_PATIENCE {
        return false;
    }
    std::thread::sleep(Duration::from_millis((count + 1).min(LONGEST)));
    true
}

/// Changing the journal mode does not wait for other processes by itself.
pub(super) fn patiently(patience: Patience, mut work: impl FnMut() -> rusqlite::Result<()>) -> rusqlite::Result<()> {
    let again = patience.again();
    let mut count = 0;
    loop {
        match work() {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && again(count) => count += 1,
            result => return result,
        }
    }
}
