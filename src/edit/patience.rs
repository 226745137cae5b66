//! Waiting for files that another run holds: it lets go of them with its wave.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long a call waits altogether.
const MOST: Duration = Duration::from_secs(3);

const PAUSE: Duration = Duration::from_millis(20);

/// What is left of it.
#[derive(Debug)]
pub(super) struct PatienceLeft(Duration);

impl Default for PatienceLeft {
    fn default() -> PatienceLeft {
        PatienceLeft(MOST)
    }
}

impl PatienceLeft {
    /// What `once` gives at last; none while the file is held, and then at the end. To be called with no other file
    /// held, for which that run might wait.
    pub(super) fn wait<T>(&mut self, stop: &AtomicBool, once: impl Fn() -> Option<T>) -> Option<T> {
        loop {
            let got = once();
            if got.is_some() || self.0.is_zero() || stop.load(Ordering::Relaxed) {
                return got;
            }
            std::thread::sleep(PAUSE);
            self.0 = self.0.saturating_sub(PAUSE);
        }
    }
}
