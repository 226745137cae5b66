//! How many threads work: measured, since a drive does not say how slowly it answers.

use std::time::{Duration, Instant};

use super::{MOST_THREADS, Threads, cores};
use crate::platform;

/// How often it is asked whether the processors are idle. The system counts it in hundredths of a second.
const PERIOD: Duration = Duration::from_millis(50);

/// More threads are of use where the processors are idle for at least this share of their time.
const IDLE: f64 = 0.5;

/// How many threads there should be.
#[derive(Debug)]
pub(super) struct Crew {
    threads: Threads,
    pub wanted: usize,
    since: Sample,
    files: u64,
    /// Files a second before the last growth.
    rate_before: f64,
}

/// A moment, and how long the processors had been idle until then.
#[derive(Debug)]
struct Sample {
    at: Instant,
    idle: Option<Duration>,
}

impl Sample {
    fn now() -> Sample {
        Sample {
            at: Instant::now(),
            idle: platform::idle(),
        }
    }
}

impl Crew {
    pub(super) fn new(threads: Threads) -> Crew {
        Crew {
            threads,
            wanted: threads.at_first(),
            since: Sample::now(),
            files: 0,
            rate_before: 0.0,
        }
    }

    /// The system refuses more than these.
    pub(super) fn keep_to(&mut self, threads: usize) {
        self.wanted = threads;
        self.threads = Threads::Fixed(threads);
    }

    /// Takes note of files that came back.
    pub(super) fn measure(&mut self, files: usize) {
        self.files += files as u64;
        if self.threads == Threads::Measured && self.since.at.elapsed() >= PERIOD {
            self.judge(Sample::now());
        }
    }

    /// Measures from now on: what was before is of other work.
    pub(super) fn restart(&mut self) {
        self.since = Sample::now();
        self.files = 0;
    }

    /// Where the processors have been idle, twice as many threads are wanted, as long as the last doubling brought
    /// something.
    fn judge(&mut self, now: Sample) {
        let taken = now.at.duration_since(self.since.at).as_secs_f64();
        let rate = self.files as f64 / taken;
        if let (Some(before), Some(after)) = (self.since.idle, now.idle) {
            let idle = after.saturating_sub(before).as_secs_f64() / (taken * cores() as f64);
            if idle > IDLE && self.wanted < MOST_THREADS && rate > self.rate_before * 1.2 {
                self.rate_before = rate;
                self.wanted = (self.wanted * 2).min(MOST_THREADS);
            }
        }
        self.since = now;
        self.files = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_that_wait_get_company_as_long_as_it_helps() {
        let mut crew = Crew::new(Threads::Measured);
        let first = crew.wanted;
        let mut clock = crew.since.at;
        let mut idle = Duration::ZERO;
        crew.since.idle = Some(idle);
        let mut period = |crew: &mut Crew, files: u64, share: f64| {
            let taken = Duration::from_millis(100);
            clock += taken;
            idle += taken.mul_f64(share * cores() as f64);
            crew.files = files;
            crew.judge(Sample {
                at: clock,
                idle: Some(idle),
            });
            crew.wanted
        };
        assert_eq!(period(&mut crew, 900, 0.1), first);
        assert_eq!(period(&mut crew, 50, 0.98), first * 2);
        // The last doubling brought nothing.
        assert_eq!(period(&mut crew, 52, 0.98), first * 2);
        for _ in 0..9 {
            let files = 100 * crew.wanted as u64;
            period(&mut crew, files, 0.98);
        }
        assert_eq!(crew.wanted, MOST_THREADS);
    }
}
