//! The same done to many files of which all results are wanted at once, by the pool at hand; and where its threads wait
//! for a drive that answers slowly, by a wider one.
//!
//! How a drive answers is learned once for the process: what one stage has measured is known to the next.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::Threads;
use crate::system::in_flight::crew::{Crew, Spent, Watch};

/// A file that takes longer than this may be waited for.
const SLOW: Duration = Duration::from_millis(1);

/// To ask costs more than to open a file. Where the processors were not idle, it is asked again after this.
const ASKED_AGAIN: Duration = Duration::from_secs(1);

/// So many files of each thread come back before it is asked how many threads there should be.
const ROUND: usize = 4;

static WIDTH: Mutex<Option<Width>> = Mutex::new(None);

/// What is known of the threads that are of use.
struct Width {
    crew: Crew,
    /// Files have taken so long that it is worth asking whether the processors are idle.
    is_slow: bool,
    /// From when on that may be found.
    asked_from: Instant,
    /// More threads than the pool at hand has.
    wide: Option<Arc<ThreadPool>>,
}

/// From now on [`spread`] uses as many threads as are measured to be of use, unless the user said how many.
pub fn measure_for(threads: Threads) {
    *width() = (threads == Threads::Measured).then(|| Width {
        crew: Crew::new(threads),
        is_slow: false,
        asked_from: Instant::now(),
        wide: None,
    });
}

/// How many files are worth being handed over at once.
pub fn at_once() -> usize {
    width()
        .as_ref()
        .map_or_else(rayon::current_num_threads, |width| width.crew.wanted)
}

/// Does the same to each number, and gives the results in their order.
pub fn spread<R: Send>(numbers: Range<usize>, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    let mut results = Vec::with_capacity(numbers.len());
    let mut next = numbers.start;
    if let Some(width) = &mut *width()
        && width.is_slow
    {
        width.crew.restart();
    }
    while next < numbers.end {
        let (wide, end) = match &mut *width() {
            Some(width) => {
                width.widen();
                (width.wide.clone(), numbers.end.min(next + ROUND * width.crew.wanted))
            }
            None => (None, numbers.end),
        };
        let is_watched = width().as_ref().is_some_and(|width| width.is_slow);
        let one = |number| match is_watched {
            false => (work(number), None),
            true => {
                let watch = Watch::start();
                let result = work(number);
                (result, Some(watch.spent(1)))
            }
        };
        let round = || (next..end).into_par_iter().with_max_len(1).map(one).collect();
        let begun = Instant::now();
        let came: Vec<(R, Option<Spent>)> = match wide {
            Some(wide) => wide.install(round),
            None => round(),
        };
        let taken = begun.elapsed();
        let mut spent = Spent::default();
        for (result, of_one) in came {
            spent += of_one.unwrap_or_default();
            results.push(result);
        }
        if let Some(width) = &mut *width() {
            width.came(end - next, taken, spent);
        }
        next = end;
    }
    results
}

fn width() -> MutexGuard<'static, Option<Width>> {
    WIDTH.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Width {
    /// Takes note of a round, which took so long by the clock.
    fn came(&mut self, files: usize, taken: Duration, spent: Spent) {
        let of_each_thread = files.div_ceil(self.crew.wanted) as u32;
        match self.is_slow {
            true if self.crew.measure(spent) => {
                self.is_slow = false;
                self.asked_from = Instant::now() + ASKED_AGAIN;
            }
            false if taken / of_each_thread.max(1) > SLOW && Instant::now() >= self.asked_from => {
                self.is_slow = true;
                self.crew.restart();
            }
            true | false => {}
        }
    }

    fn widen(&mut self) {
        let has = match &self.wide {
            Some(wide) => wide.current_num_threads(),
            None => Threads::Measured.at_first(),
        };
        if self.crew.wanted > has {
            match ThreadPoolBuilder::new().num_threads(self.crew.wanted).build() {
                Ok(wide) => self.wide = Some(Arc::new(wide)),
                Err(_) => self.crew.keep_to(has),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_numbers() {
        let expected: Vec<usize> = (3..5000).collect();
        assert_eq!(spread(3..5000, |number| number), expected);
        measure_for(Threads::Measured);
        assert_eq!(spread(3..5000, |number| number), expected);
        let waits = |number| {
            std::thread::sleep(Duration::from_millis(5));
            number
        };
        assert_eq!(spread(3..100, waits), expected[..97]);
        measure_for(Threads::Fixed(1));
        assert_eq!(spread(0..0, |number| number), Vec::<usize>::new());
    }
}
