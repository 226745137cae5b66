//! A run that edits files: many at a time, with one journal sync for each wave of them.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::commit::{Committed, commit};
use super::faults::{Faults, NoFaults};
use super::journal::{Journal, JournalError, NewRun, RunId};
use super::prepare::{Hold, Prepared, Ready, Told, busy, prepare};
use super::recover::{Recovered, recover_all};
use super::{Edited, Options, Outcome, Planner, Request};

/// The most files of a wave. Each holds a file open, and some systems grant 256 to a process.
const WAVE_FILES: usize = 128;

/// The most memory that waits for a wave, about.
const WAVE_WEIGHT: usize = 2 * 1024 * 1024;

/// How many files are prepared before the size of the wave is looked at.
const STEP: usize = 32;

/// How long a call waits altogether for files that another run holds.
const PATIENCE: Duration = Duration::from_secs(3);

/// A run that edits files. It is recorded in the journal with its first edit.
pub struct Session {
    pub(super) journal: Journal,
    pub(super) run: NewRun,
    pub(super) options: Options,
    pub(super) faults: Box<dyn Faults>,
    /// An error of the journal that came after files were written.
    unrecorded: Option<JournalError>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Session {
            journal: _,
            run,
            options,
            faults: _,
            unrecorded: _,
        } = self;
        write!(f, "Session({run:?}, {options:?})")
    }
}

impl Session {
    /// Opens the journal in the state folder and settles what interrupted runs left. `command` is what `log` shows.
    pub fn open(
        state_folder: &Path,
        options: Options,
        command: &str,
    ) -> Result<(Session, Vec<Recovered>), JournalError> {
        Session::open_with(state_folder, options, command, Box::new(NoFaults))
    }

    pub(super) fn open_with(
        state_folder: &Path,
        options: Options,
        command: &str,
        faults: Box<dyn Faults>,
    ) -> Result<(Session, Vec<Recovered>), JournalError> {
        let mut journal = Journal::open(state_folder)?;
        let recovered = recover_all(&mut journal, faults.as_ref())?;
        let session = Session {
            journal,
            run: NewRun {
                command: command.to_owned(),
                undoes: None,
                id: None,
            },
            options,
            faults,
            unrecorded: None,
        };
        Ok((session, recovered))
    }

    /// Edits files and says in the order of the requests what became of each. When `stop` turns true, the wave at hand
    /// is finished and the rest is not reached.
    ///
    /// An error is the journal's, and ends the run: what was not reported on was not touched by this call, or its
    /// intent is in the journal.
    pub fn edit(
        &mut self,
        requests: &[Request],
        planner: Planner,
        stop: &AtomicBool,
    ) -> Result<Vec<Edited>, JournalError> {
        if let Some(error) = self.unrecorded.take() {
            return Err(error);
        }
        let mut edited: Vec<Option<Edited>> = requests.iter().map(|_| None).collect();
        let mut wave = Wave::default();
        let mut busy_ones = Vec::new();
        let in_place = self.options.in_place;
        for (number, step) in requests.chunks(STEP).enumerate() {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let first = number * STEP;
            let prepare_one = |(index, request): (usize, &Request)| {
                prepare(
                    &request.path,
                    &|located| planner(first + index, located),
                    in_place,
                    Hold::Lock,
                )
            };
            let prepared: Vec<Prepared> = step.par_iter().enumerate().map(prepare_one).collect();
            for (index, prepared) in prepared.into_iter().enumerate() {
                match prepared {
                    Prepared::Ready(ready, told) => wave.add(first + index, *ready, told),
                    Prepared::Settled(settled) => edited[first + index] = Some(*settled),
                    Prepared::Busy => busy_ones.push(first + index),
                }
            }
            if wave.is_full() {
                self.commit(&mut wave, &mut edited)?;
            }
        }
        self.commit(&mut wave, &mut edited)?;
        // Another name of a file of this call, or another run's file: that run lets go of it with its wave.
        let patience_ends = Instant::now() + PATIENCE;
        for index in busy_ones {
            let once = || {
                prepare(
                    &requests[index].path,
                    &|located| planner(index, located),
                    in_place,
                    Hold::Lock,
                )
            };
            match patiently(once, patience_ends, stop) {
                Prepared::Ready(ready, told) => wave.add(index, *ready, told),
                Prepared::Settled(settled) => edited[index] = Some(*settled),
                Prepared::Busy => edited[index] = Some(busy()),
            }
            self.commit(&mut wave, &mut edited)?;
        }
        Ok(edited
            .into_iter()
            .map(|edited| edited.unwrap_or_else(not_reached))
            .collect())
    }

    /// Records the end of the run. Its number, if it edited anything.
    pub fn finish(mut self) -> Result<Option<RunId>, JournalError> {
        if let Some(error) = self.unrecorded.take() {
            return Err(error);
        }
        self.journal.finish(&self.run)?;
        Ok(self.run.id)
    }

    fn commit(&mut self, wave: &mut Wave, edited: &mut [Option<Edited>]) -> Result<(), JournalError> {
        let Wave {
            indices,
            ready,
            told,
            weight: _,
        } = std::mem::take(wave);
        let results = self.commit_all(ready)?;
        for ((index, told), result) in indices.into_iter().zip(told).zip(results) {
            let Told { steps, located } = told;
            edited[index] = Some(match result {
                Ok(()) => Edited {
                    outcome: Outcome::Written,
                    steps,
                    located: Some(located),
                    pieces: None,
                },
                Err(not_written) => Edited {
                    outcome: not_written.into(),
                    steps,
                    located: None,
                    pieces: None,
                },
            });
        }
        Ok(())
    }

    pub(super) fn commit_all(&mut self, ready: Vec<Ready>) -> Result<Vec<Result<(), super::NotWritten>>, JournalError> {
        if ready.is_empty() {
            return Ok(Vec::new());
        }
        let Committed { results, unrecorded } = commit(
            &mut self.journal,
            &mut self.run,
            ready,
            self.options.times,
            self.faults.as_ref(),
        )?;
        self.unrecorded = self.unrecorded.take().or(unrecorded);
        Ok(results)
    }
}

/// Proved edits that are committed together.
#[derive(Debug, Default)]
struct Wave {
    indices: Vec<usize>,
    ready: Vec<Ready>,
    told: Vec<Told>,
    weight: usize,
}

impl Wave {
    fn add(&mut self, index: usize, ready: Ready, told: Told) {
        self.weight += ready.weight();
        self.indices.push(index);
        self.ready.push(ready);
        self.told.push(told);
    }

    fn is_full(&self) -> bool {
        self.ready.len() + STEP > WAVE_FILES || self.weight > WAVE_WEIGHT
    }
}

fn patiently(once: impl Fn() -> Prepared, until: Instant, stop: &AtomicBool) -> Prepared {
    loop {
        match once() {
            Prepared::Busy if Instant::now() < until && !stop.load(Ordering::Relaxed) => {
                std::thread::sleep(Duration::from_millis(20));
            }
            prepared => return prepared,
        }
    }
}

fn not_reached() -> Edited {
    Edited {
        outcome: Outcome::NotReached,
        steps: Vec::new(),
        located: None,
        pieces: None,
    }
}
