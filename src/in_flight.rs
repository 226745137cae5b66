//! Work on many files at once, with results in the order of the files.
//!
//! Files go to the threads in batches. How many are in flight follows what is measured: as many threads as keep the
//! processors busy, and more, up to 64, where the threads wait for a drive that answers slowly. Invariant: results come
//! in the order of the files, whatever the number of threads.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Condvar, Mutex};
use std::thread::Scope;
use std::time::{Duration, Instant};

use crate::platform;

/// How long a thread should be at one batch: so long that handing it over costs nothing beside it, so short that
/// results show early and all threads end together.
const BATCH: Duration = Duration::from_millis(2);

/// Files of a batch as long as none has come back, so that nothing is known of the disk.
const FIRST_BATCH: usize = 8;

const LARGEST_BATCH: usize = 256;

/// The most files in flight: what a network drive serves at once.
const MOST_THREADS: usize = 64;

/// How often it is asked whether the processors are idle. The system counts it in hundredths of a second.
const PERIOD: Duration = Duration::from_millis(50);

/// More threads are of use where the processors are idle for at least this share of their time.
const IDLE: f64 = 0.5;

/// How many threads work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threads {
    /// So many, as the user said.
    Fixed(usize),
    /// As many as the drive and the processors can use.
    Measured,
}

/// With what a stage works through its files.
#[derive(Debug, Clone, Copy)]
pub struct Effort<'a> {
    pub threads: Threads,
    /// Ends the work between two files.
    pub stop: &'a AtomicBool,
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

/// Lets threads do `work` on batches of `items`, and hands the results to `each` in the order of the items, on the
/// caller's thread, until it breaks off.
pub fn in_order<T: Send, R: Send, B>(
    threads: Threads,
    items: impl Iterator<Item = T>,
    work: impl Fn(Vec<T>) -> R + Sync,
    mut each: impl FnMut(R) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let queue = Queue {
        batches: Mutex::new(Waiting::default()),
        changed: Condvar::new(),
    };
    std::thread::scope(|scope| {
        let _closed_at_the_end = Closing(&queue);
        let mut crew = Crew::new(threads);
        let mut items = items.fuse();
        let mut coming: VecDeque<Receiver<Done<R>>> = VecDeque::new();
        let mut size = FIRST_BATCH;
        loop {
            while coming.len() < 2 * crew.wanted {
                let mut files = Vec::with_capacity(size);
                files.extend(items.by_ref().take(size));
                if files.is_empty() {
                    break;
                }
                crew.grow(scope, coming.len(), || queue.serve(&work));
                coming.push_back(queue.push(files));
            }
            let Some(next) = coming.pop_front() else {
                return ControlFlow::Continue(());
            };
            let done = queue.wait(&next, &work);
            size = done.next_size();
            crew.measure(done.files);
            each(done.result)?;
        }
    })
}

/// Batches that wait for a thread.
struct Queue<T, R> {
    batches: Mutex<Waiting<T, R>>,
    changed: Condvar,
}

struct Waiting<T, R> {
    batches: VecDeque<(Vec<T>, SyncSender<Done<R>>)>,
    closed: bool,
}

impl<T, R> Default for Waiting<T, R> {
    fn default() -> Self {
        Waiting {
            batches: VecDeque::new(),
            closed: false,
        }
    }
}

/// A batch that a thread is done with.
struct Done<R> {
    result: R,
    files: usize,
    taken: Duration,
}

impl<T, R> Queue<T, R> {
    fn push(&self, files: Vec<T>) -> Receiver<Done<R>> {
        let (sender, receiver) = sync_channel(1);
        self.lock().batches.push_back((files, sender));
        self.changed.notify_one();
        receiver
    }

    /// The batch that comes next. As long as it is not there, this thread works on others.
    fn wait(&self, next: &Receiver<Done<R>>, work: impl Fn(Vec<T>) -> R) -> Done<R> {
        loop {
            if let Ok(done) = next.try_recv() {
                return done;
            }
            let batch = self.lock().batches.pop_front();
            match batch {
                Some(batch) => serve_one(batch, &work),
                None => return next.recv().expect("a batch comes back unless its thread panicked"),
            }
        }
    }

    /// What one thread does until there is nothing more to come.
    fn serve(&self, work: impl Fn(Vec<T>) -> R) {
        let mut waiting = self.lock();
        loop {
            if let Some(batch) = waiting.batches.pop_front() {
                drop(waiting);
                serve_one(batch, &work);
                waiting = self.lock();
            } else if waiting.closed {
                return;
            } else {
                waiting = self
                    .changed
                    .wait(waiting)
                    .expect("no thread panics while it holds the queue");
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting<T, R>> {
        self.batches.lock().expect("no thread panics while it holds the queue")
    }
}

fn serve_one<T, R>((files, sender): (Vec<T>, SyncSender<Done<R>>), work: impl Fn(Vec<T>) -> R) {
    let begun = Instant::now();
    let count = files.len();
    let result = work(files);
    let taken = begun.elapsed();
    // Nobody waits for it where the caller has broken off.
    let _unheard = sender.send(Done {
        result,
        files: count,
        taken,
    });
}

/// Closes the queue however its scope is left, so that its threads end.
struct Closing<'a, T, R>(&'a Queue<T, R>);

impl<T, R> Drop for Closing<'_, T, R> {
    fn drop(&mut self) {
        let mut waiting = self.0.lock();
        waiting.closed = true;
        waiting.batches.clear();
        drop(waiting);
        self.0.changed.notify_all();
    }
}

impl<R> Done<R> {
    /// How many files the next batch should have.
    fn next_size(&self) -> usize {
        let each = self.taken.as_nanos() / self.files.max(1) as u128;
        let fitting = BATCH.as_nanos() / each.max(1);
        fitting.clamp(1, LARGEST_BATCH as u128) as usize
    }
}

/// How many threads there are, and should be.
struct Crew {
    threads: Threads,
    started: usize,
    wanted: usize,
    since: Sample,
    files: u64,
    /// Files a second before the last growth.
    rate_before: f64,
}

/// A moment, and how long the processors had been idle until then.
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
    fn new(threads: Threads) -> Crew {
        Crew {
            threads,
            started: 0,
            wanted: threads.at_first(),
            since: Sample::now(),
            files: 0,
            rate_before: 0.0,
        }
    }

    /// Starts threads beside the caller's until there are as many as are wanted, and not more than there are batches
    /// besides the one that the caller works on. The system may refuse some.
    fn grow<'scope>(
        &mut self,
        scope: &'scope Scope<'scope, '_>,
        batches: usize,
        serve: impl Fn() + Copy + Send + 'scope,
    ) {
        // Each has a folder and a file open.
        let most = (platform::open_files() / 3).max(1);
        while self.started + 1 < self.wanted.min(batches + 1).min(most) {
            let started = std::thread::Builder::new().spawn_scoped(scope, serve);
            match started {
                Ok(_) => self.started += 1,
                Err(_) => {
                    self.wanted = self.started + 1;
                    self.threads = Threads::Fixed(self.wanted);
                }
            }
        }
    }

    /// Takes note of files that came back.
    fn measure(&mut self, files: usize) {
        self.files += files as u64;
        if self.threads == Threads::Measured && self.since.at.elapsed() >= PERIOD {
            self.judge(Sample::now());
        }
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

    fn doubled(threads: Threads, work: impl Fn(u32) -> u32 + Sync) -> Vec<u32> {
        let mut results = Vec::new();
        let each = |batch: Vec<u32>| {
            results.extend(batch);
            ControlFlow::<()>::Continue(())
        };
        let work = |batch: Vec<u32>| batch.into_iter().map(&work).collect();
        let _finished = in_order(threads, 0..2000, work, each);
        results
    }

    #[test]
    fn results_come_in_order_whatever_the_threads() {
        let expected: Vec<u32> = (0..2000).map(|number| number * 2).collect();
        for threads in [Threads::Fixed(1), Threads::Fixed(7), Threads::Measured] {
            assert_eq!(doubled(threads, |number| number * 2), expected, "{threads:?}");
        }
    }

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

    #[test]
    fn whoever_breaks_off_waits_for_nothing() {
        let mut batches = 0;
        let flow = in_order(
            Threads::Fixed(4),
            0u64..,
            |batch| batch.len(),
            |_| {
                batches += 1;
                match batches {
                    3 => ControlFlow::Break("enough"),
                    _ => ControlFlow::Continue(()),
                }
            },
        );
        assert_eq!(flow, ControlFlow::Break("enough"));
    }

    #[test]
    fn a_batch_takes_about_two_milliseconds() {
        check(8, Duration::from_micros(80), 200);
        check(256, Duration::from_millis(256), 2);
        check(8, Duration::from_secs(8), 1);
        check(1, Duration::ZERO, LARGEST_BATCH);
    }

    #[track_caller]
    fn check(files: usize, taken: Duration, next: usize) {
        let done = Done {
            result: (),
            files,
            taken,
        };
        assert_eq!(done.next_size(), next);
    }
}
