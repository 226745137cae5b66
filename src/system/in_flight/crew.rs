//! How many threads work: measured, since a drive does not say how slowly it answers.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::system::in_flight::{MOST_THREADS, Threads};
use crate::system::platform;

/// How often it is asked how many threads there should be.
const PERIOD: Duration = Duration::from_millis(50);

/// More threads are of use where they wait at least this share of what they wait and compute.
const WAITING: f64 = 0.5;

/// How many threads there should be.
#[derive(Debug)]
pub(super) struct Crew {
    threads: Threads,
    pub wanted: usize,
    since: Instant,
    spent: Spent,
    /// Files a second before the last growth.
    rate_before: f64,
}

/// What threads were at.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Spent {
    pub files: usize,
    pub taken: Duration,
    /// Of that, the time in which a thread ran, and that in which it neither ran nor was ready to: a drive let it wait. The
    /// rest is that of other programs, who had the processors.
    pub run: Duration,
    pub waited: Duration,
}

impl std::ops::AddAssign for Spent {
    fn add_assign(&mut self, other: Spent) {
        self.files += other.files;
        self.taken += other.taken;
        self.run += other.run;
        self.waited += other.waited;
    }
}

/// The watch of one thread.
#[derive(Debug)]
pub(super) struct Watch {
    begun: Instant,
    run: Option<Duration>,
}

impl Watch {
    pub(super) fn start() -> Watch {
        Watch {
            begun: Instant::now(),
            run: platform::run_time(),
        }
    }

    /// Since the start, by the same thread. Whether others had the processors is asked only where the thread did not run
    /// for more than a quarter of the time: below that it waits too little to matter.
    pub(super) fn spent(self, files: usize) -> Spent {
        let taken = self.begun.elapsed();
        let run = match (self.run, platform::run_time()) {
            (Some(before), Some(after)) => after.saturating_sub(before),
            // Nobody knows.
            (_, _) => taken,
        };
        let idle = taken.saturating_sub(run);
        let waited = match idle > taken / 4 {
            true => idle.saturating_sub(newly_ready()),
            false => idle,
        };
        Spent {
            files,
            taken,
            run,
            waited,
        }
    }
}

/// For how long the thread has been ready since this was asked last. Where that is long ago, a wait looks shorter than it
/// is, once.
fn newly_ready() -> Duration {
    thread_local! {
        static BEFORE: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    }
    let Some(ready) = platform::ready_time() else {
        return Duration::ZERO;
    };
    ready.saturating_sub(BEFORE.replace(ready))
}

impl Crew {
    pub(super) fn new(threads: Threads) -> Crew {
        Crew {
            threads,
            wanted: threads.at_first(),
            since: Instant::now(),
            spent: Spent::default(),
            rate_before: 0.0,
        }
    }

    /// The system refuses more than these.
    pub(super) fn keep_to(&mut self, threads: usize) {
        self.wanted = threads;
        self.threads = Threads::Fixed(threads);
    }

    /// Takes note of files that came back. Whether a period has ended in which the threads waited little.
    pub(super) fn measure(&mut self, spent: Spent) -> bool {
        self.spent += spent;
        let now = Instant::now();
        let is_due = self.threads == Threads::Measured && now.duration_since(self.since) >= PERIOD;
        is_due && !self.judge(now)
    }

    /// Measures from now on: what was before is of other work.
    pub(super) fn restart(&mut self) {
        self.since = Instant::now();
        self.spent = Spent::default();
    }

    /// Where the threads have waited, twice as many are wanted, as long as the last doubling brought something. Whether they
    /// have.
    fn judge(&mut self, now: Instant) -> bool {
        let Spent {
            files,
            taken: _,
            run,
            waited,
        } = self.spent;
        let rate = files as f64 / now.duration_since(self.since).as_secs_f64();
        let share = waited.as_secs_f64() / (waited + run).as_secs_f64().max(1e-9);
        if share > WAITING && self.wanted < MOST_THREADS && rate > self.rate_before * 1.2 {
            self.rate_before = rate;
            self.wanted = (self.wanted * 2).min(MOST_THREADS);
        }
        self.since = now;
        self.spent = Spent::default();
        share > WAITING
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_that_wait_get_company_as_long_as_it_helps() {
        let mut crew = Crew::new(Threads::Measured);
        let first = crew.wanted;
        let mut clock = crew.since;
        let mut period = |crew: &mut Crew, files: usize, share: f64| {
            let taken = Duration::from_millis(100);
            clock += taken;
            crew.spent = Spent {
                files,
                taken: taken * 4,
                run: (taken * 4).mul_f64(1.0 - share),
                waited: (taken * 4).mul_f64(share),
            };
            crew.judge(clock);
            crew.wanted
        };
        assert_eq!(period(&mut crew, 900, 0.1), first);
        assert_eq!(period(&mut crew, 50, 0.98), first * 2);
        // The last doubling brought nothing.
        assert_eq!(period(&mut crew, 52, 0.98), first * 2);
        for _ in 0..9 {
            let files = 100 * crew.wanted;
            period(&mut crew, files, 0.98);
        }
        assert_eq!(crew.wanted, MOST_THREADS);
    }

    #[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
    #[cfg(target_os = "linux")]
    #[test]
    fn to_sleep_is_to_wait_and_to_compute_is_not() {
        let watch = Watch::start();
        std::thread::sleep(Duration::from_millis(50));
        let spent = watch.spent(1);
        assert!(spent.waited >= Duration::from_millis(45), "{spent:?}");
        let watch = Watch::start();
        let mut sum = 0u64;
        while watch.begun.elapsed() < Duration::from_millis(50) {
            sum = std::hint::black_box(sum.wrapping_mul(31).wrapping_add(7));
        }
        let spent = watch.spent(1);
        assert!(spent.waited < spent.taken / 4, "{spent:?}");
    }
}
