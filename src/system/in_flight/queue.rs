//! Files on their way through threads, in batches.
//!
//! The threads are not waited for at the end: one that a drive holds for ever is given up, with the one file that it is
//! at, and the rest of its batch goes to others.

use std::collections::VecDeque;
use std::ops::{ControlFlow, Range};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use crate::system::in_flight::crew::{Crew, Spent, Watch};
use crate::system::in_flight::{Effort, Threads};
use crate::system::platform;

/// How long a thread should be at one batch: so long that handing it over costs nothing beside it, so short that
/// results show early and all threads end together.
const BATCH: Duration = Duration::from_millis(2);

/// Files of a batch as long as none has come back, so that nothing is known of the disk.
const FIRST_BATCH: usize = 8;

const LARGEST_BATCH: usize = 256;

/// How long a drive may be at one file or folder before it is given up. Tapes and disks that sleep take less.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// How often a batch that does not come back is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// What became of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came<R> {
    Back(R),
    /// The drive held it for longer than this, so that the thread was given up.
    Held(Duration),
}

/// Lets threads do `work` on `items`, each with a state of its own for each batch, and hands the results to `each`, a
/// batch at a time, in the order of the items, on the caller's thread, until it breaks off.
pub fn in_order<T, S, R, B>(
    effort: Effort<'_>,
    items: impl Iterator<Item = T>,
    state: impl Fn() -> S + Send + Sync + 'static,
    work: impl Fn(&mut S, &T) -> R + Send + Sync + 'static,
    each: impl FnMut(&[T], Vec<Came<R>>) -> ControlFlow<B>,
) -> ControlFlow<B>
where
    T: Send + Sync + 'static,
    R: Send + 'static,
{
    with_patience(PATIENCE, effort.threads, items, state, work, each)
}

fn with_patience<T, S, R, B>(
    patience: Duration,
    threads: Threads,
    items: impl Iterator<Item = T>,
    state: impl Fn() -> S + Send + Sync + 'static,
    work: impl Fn(&mut S, &T) -> R + Send + Sync + 'static,
    mut each: impl FnMut(&[T], Vec<Came<R>>) -> ControlFlow<B>,
) -> ControlFlow<B>
where
    T: Send + Sync + 'static,
    R: Send + 'static,
{
    let queue = Arc::new(Queue {
        batches: Mutex::new(Waiting {
            batches: VecDeque::new(),
            closed: false,
        }),
        changed: Condvar::new(),
        serve: Box::new(move |batch: &Batch<T, R>| batch.serve(&mut state(), &work)),
    });
    let _closed_at_the_end = Closing(&queue);
    let mut crew = Crew::new(threads);
    let mut started = 0;
    let mut items = items.fuse();
    let mut coming: VecDeque<Coming<T, R>> = VecDeque::new();
    let mut size = FIRST_BATCH;
    loop {
        while coming.len() < 2 * crew.wanted {
            let mut files = Vec::with_capacity(size);
            files.extend(items.by_ref().take(size));
            if files.is_empty() {
                break;
            }
            let all = 0..files.len();
            coming.push_back(queue.push(Arc::new(files), all, VecDeque::push_back));
            grow(&mut crew, &mut started, coming.len(), &queue);
        }
        let Some(next) = coming.pop_front() else {
            return ControlFlow::Continue(());
        };
        if started == 0 {
            // The system gives no threads.
            queue.serve_one();
        }
        let Done { results, rest, spent } = next.wait(patience);
        let Coming { batch, .. } = next;
        let from = batch.range.start;
        let files = results.len();
        if let Some(rest) = rest {
            started -= 1;
            if !rest.is_empty() {
                coming.push_front(queue.push(Arc::clone(&batch.items), rest, VecDeque::push_front));
            }
            grow(&mut crew, &mut started, coming.len() + 1, &queue);
        } else {
            // Time in which other programs had the processors says nothing of the files.
            size = next_size(files, spent.run + spent.waited);
            crew.measure(spent);
        }
        each(&batch.items[from..from + files], results)?;
    }
}

/// Starts threads until there are as many as are wanted, and not more than there are batches. The system may refuse some.
fn grow<T, R>(crew: &mut Crew, started: &mut usize, batches: usize, queue: &Arc<Queue<T, R>>)
where
    T: Send + Sync + 'static,
    R: Send + 'static,
{
    // Each has a folder and a file open.
    let most = (platform::open_files() / 3).max(1);
    // The caller's thread walks and tells: with it there are as many as are wanted.
    while *started < (crew.wanted - 1).max(1).min(batches).min(most) {
        let queue = Arc::clone(queue);
        match std::thread::Builder::new().spawn(move || queue.serve()) {
            Ok(_) => *started += 1,
            Err(_) => return crew.keep_to((*started).max(1)),
        }
    }
}

/// Files that one thread works on, one after the other.
struct Batch<T, R> {
    items: Arc<Vec<T>>,
    /// Which of the items.
    range: Range<usize>,
    at: Mutex<At<R>>,
}

/// How far a thread is with a batch.
struct At<R> {
    results: Vec<R>,
    /// When the thread took up the file that it is at; none before the first.
    since: Option<Instant>,
    /// Nobody waits for the thread any more.
    given_up: bool,
}

impl<T, R> Batch<T, R> {
    fn serve<S>(&self, state: &mut S, work: impl Fn(&mut S, &T) -> R) {
        self.at().since = Some(Instant::now());
        for item in &self.items[self.range.clone()] {
            let result = work(state, item);
            let mut at = self.at();
            if at.given_up {
                return;
            }
            at.results.push(result);
            at.since = Some(Instant::now());
        }
    }

    fn at(&self) -> MutexGuard<'_, At<R>> {
        self.at.lock().expect("no thread panics while it holds the results")
    }

    /// The results so far and one more, that the drive holds, if it does so for too long; and what is left.
    fn give_up(&self, patience: Duration) -> Option<(Vec<Came<R>>, Range<usize>)> {
        let mut at = self.at();
        if at.results.len() == self.range.len() || at.since?.elapsed() < patience {
            return None;
        }
        at.given_up = true;
        let mut results: Vec<Came<R>> = at.results.drain(..).map(Came::Back).collect();
        results.push(Came::Held(patience));
        let rest = self.range.start + results.len()..self.range.end;
        Some((results, rest))
    }
}

/// A batch that will come back.
struct Coming<T, R> {
    batch: Arc<Batch<T, R>>,
    done: Receiver<Spent>,
}

/// A batch that came back.
struct Done<R> {
    results: Vec<Came<R>>,
    /// What is left of it, where its thread was given up.
    rest: Option<Range<usize>>,
    spent: Spent,
}

impl<T, R> Coming<T, R> {
    fn wait(&self, patience: Duration) -> Done<R> {
        loop {
            match self.done.recv_timeout(LOOK.min(patience)) {
                Ok(spent) => {
                    let results = std::mem::take(&mut self.batch.at().results);
                    return Done {
                        results: results.into_iter().map(Came::Back).collect(),
                        rest: None,
                        spent,
                    };
                }
                Err(RecvTimeoutError::Timeout) => {
                    if let Some((results, rest)) = self.batch.give_up(patience) {
                        return Done {
                            results,
                            rest: Some(rest),
                            spent: Spent::default(),
                        };
                    }
                }
                Err(RecvTimeoutError::Disconnected) => panic!("a thread panicked at a file"),
            }
        }
    }
}

/// Batches that wait for a thread.
struct Queue<T, R> {
    batches: Mutex<Waiting<T, R>>,
    changed: Condvar,
    serve: Serve<T, R>,
}

type Push<T, R> = fn(&mut VecDeque<Order<T, R>>, Order<T, R>);

type Serve<T, R> = Box<dyn Fn(&Batch<T, R>) + Send + Sync>;

struct Waiting<T, R> {
    batches: VecDeque<Order<T, R>>,
    closed: bool,
}

/// A batch that waits, and where it is said that it is done.
struct Order<T, R> {
    batch: Arc<Batch<T, R>>,
    done: SyncSender<Spent>,
}

impl<T, R> Queue<T, R> {
    /// Adds a batch, by [`VecDeque::push_back`], or by [`VecDeque::push_front`] as the next one.
    fn push(&self, items: Arc<Vec<T>>, range: Range<usize>, push: Push<T, R>) -> Coming<T, R> {
        let (order, coming) = Order::of(items, range);
        push(&mut self.lock().batches, order);
        self.changed.notify_one();
        coming
    }

    /// What one thread does until there is nothing more to come.
    fn serve(&self) {
        let mut waiting = self.lock();
        loop {
            if let Some(order) = waiting.batches.pop_front() {
                drop(waiting);
                if !self.carry_out(order) {
                    return;
                }
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

    fn serve_one(&self) {
        let order = self.lock().batches.pop_front();
        if let Some(order) = order {
            self.carry_out(order);
        }
    }

    /// Whether somebody still waits for this thread.
    fn carry_out(&self, Order { batch, done }: Order<T, R>) -> bool {
        let watch = Watch::start();
        (self.serve)(&batch);
        let is_waited_for = !batch.at().given_up;
        // Nobody waits for it where the caller has broken off.
        let _unheard = done.send(watch.spent(batch.range.len()));
        is_waited_for
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<T, R>> {
        self.batches.lock().expect("no thread panics while it holds the queue")
    }
}

impl<T, R> Order<T, R> {
    fn of(items: Arc<Vec<T>>, range: Range<usize>) -> (Order<T, R>, Coming<T, R>) {
        let (sender, done) = sync_channel(1);
        let batch = Arc::new(Batch {
            at: Mutex::new(At {
                results: Vec::with_capacity(range.len()),
                since: None,
                given_up: false,
            }),
            items,
            range,
        });
        let order = Order {
            batch: Arc::clone(&batch),
            done: sender,
        };
        (order, Coming { batch, done })
    }
}

/// Closes the queue however its caller is left, so that its threads end.
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

/// How many files the batch should have that follows one of so many files, which took so long.
fn next_size(files: usize, taken: Duration) -> usize {
    let each = taken.as_nanos() / files.max(1) as u128;
    let fitting = BATCH.as_nanos() / each.max(1);
    fitting.clamp(1, LARGEST_BATCH as u128) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doubled(threads: Threads) -> Vec<u32> {
        let mut results = Vec::new();
        let each = |items: &[u32], batch: Vec<Came<u32>>| {
            assert_eq!(items.len(), batch.len());
            for (item, came) in items.iter().zip(batch) {
                assert_eq!(came, Came::Back(item * 2));
                results.push(item * 2);
            }
            ControlFlow::<()>::Continue(())
        };
        let double = |(): &mut (), number: &u32| number * 2;
        let _finished = with_patience(PATIENCE, threads, 0..2000, || (), double, each);
        results
    }

    #[test]
    fn results_come_in_order_whatever_the_threads() {
        let expected: Vec<u32> = (0..2000).map(|number| number * 2).collect();
        for threads in [Threads::Fixed(1), Threads::Fixed(7), Threads::Measured] {
            assert_eq!(doubled(threads), expected, "{threads:?}");
        }
    }

    #[test]
    fn whoever_breaks_off_waits_for_nothing() {
        let mut batches = 0;
        let flow = with_patience(
            PATIENCE,
            Threads::Fixed(4),
            0u64..,
            || (),
            |(), number| *number,
            |_, _| {
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
    fn a_file_that_the_drive_holds_is_given_up_and_the_others_go_on() {
        for threads in [1, 4] {
            let held: &[u32] = &[3, 4, 500];
            let (never, waits) = sync_channel::<()>(0);
            let waits = Mutex::new(waits);
            let patience = Duration::from_millis(30);
            let work = move |(): &mut (), number: &u32| {
                if held.contains(number) {
                    let _for_ever = waits.lock().map(|waits| waits.recv());
                }
                *number
            };
            let mut came = Vec::new();
            let each = |items: &[u32], batch: Vec<Came<u32>>| {
                came.extend(items.iter().copied().zip(batch));
                ControlFlow::<()>::Continue(())
            };
            let _finished = with_patience(patience, Threads::Fixed(threads), 0..1000, || (), work, each);
            let expected = (0..1000).map(|number| match held.contains(&number) {
                true => (number, Came::Held(patience)),
                false => (number, Came::Back(number)),
            });
            assert_eq!(came, expected.collect::<Vec<_>>(), "{threads} threads");
            drop(never);
        }
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
        assert_eq!(next_size(files, taken), next);
    }
}
