//! A run that edits files: many at a time, with one journal sync for each wave of them.

use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::format::Located;
use crate::system::in_flight::{at_once, spread};
use crate::system::platform;

use super::entry::RecentFolders;
use super::journal::{Journal, JournalError, NewRun, RunId};
use super::own::Own;
use super::patience::PatienceLeft;
use super::prepare::{Hold, Prepared, Ready, busy, prepare};
use super::recover::{Recovered, recover_all};
use super::{Edited, InPlace, Options, Outcome, Planner, Request};
use crate::edit::write::commit::{Committed, commit};
use crate::edit::write::faults::{Faults, NoFaults};

/// The most edits of a wave.
const WAVE_FILES: usize = 96;

/// How many files an edit has open while its wave is in the works: the file twice, and its folder.
pub(super) const OPEN_OF_EDIT: usize = 3;

/// The most files of a wave that need no edit.
const SETTLED_FILES: usize = 1024;

/// How many files are written at the same time. Each waits for the disk most of the time, and a disk confirms many
/// writes as fast as one.
const WRITERS: usize = 16;

/// The most memory that a wave takes when it is written, about; but for a wave of one file that is heavier.
const WAVE_WEIGHT: usize = 768 * 1024;

/// How much of its files a wave saves in the journal, about, so that the disk is at work on the files soon.
const WAVE_SAVED: u64 = 8 * 1024 * 1024;

/// How many files are prepared before the size of the wave is looked at; and the first wave's edits, so that the disk
/// is soon at work. Each wave may be twice as large as the one before.
const STEP: usize = 16;

/// A run that edits files. It is recorded in the journal with its first edit.
pub struct Session {
    pub(super) journal: Journal,
    pub(super) run: NewRun,
    pub(super) options: Options,
    pub(super) faults: Box<dyn Faults>,
    /// The threads that write.
    disk: ThreadPool,
    pub(super) own: Arc<Own>,
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
            disk: _,
            own: _,
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
        let disk = ThreadPoolBuilder::new().num_threads(WRITERS).build();
        let disk = disk.map_err(|error| JournalError::Threads(io::Error::other(error)))?;
        let session = Session {
            journal,
            run: NewRun {
                command: command.to_owned(),
                undoes: None,
                id: None,
            },
            options,
            faults,
            disk,
            own: Arc::default(),
            unrecorded: None,
        };
        Ok((session, recovered))
    }

    /// Edits files and says in the order of the requests what became of each. When `stop` turns true, the wave at hand
    /// is finished and the rest is not reached.
    ///
    /// An error is the journal's, and ends the run: no file was touched by this call. Where some were, they are
    /// reported, the rest is not reached, and the error comes with the next call.
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
        let (folders, own) = (RecentFolders::default(), Arc::clone(&self.own));
        let mut preparation = Preparation {
            requests,
            planner,
            in_place: self.options.in_place,
            folders: &folders,
            own: &own,
            stop,
            next: 0,
            // Two waves are in the works, and a step.
            open: (platform::open_files() / (3 * OPEN_OF_EDIT)).max(1),
            most: STEP,
            left_over: VecDeque::new(),
            busy_ones: Vec::new(),
        };
        let mut wave = preparation.next_wave();
        while !wave.is_empty() {
            // The processor prepares the next files while the disk writes these.
            let (journaling, next) = rayon::join(|| self.commit(wave, &mut edited), || preparation.next_wave());
            if journaling? == Journaling::Broken {
                return Ok(reported(edited));
            }
            wave = next;
        }
        let busy_ones = std::mem::take(&mut preparation.busy_ones);
        // Another name of a file of this call, or another run's file.
        let mut patience = PatienceLeft::default();
        for index in busy_ones {
            let prepared = patience.wait(stop, || match preparation.one(index) {
                Prepared::Busy => None,
                prepared => Some(prepared),
            });
            let mut wave = Wave::default();
            wave.add(index, prepared.unwrap_or(Prepared::Busy));
            if self.commit(wave, &mut edited)? == Journaling::Broken {
                break;
            }
        }
        Ok(reported(edited))
    }

    /// Records the end of the run. Its number, if it edited anything.
    pub fn finish(mut self) -> Result<Option<RunId>, JournalError> {
        if let Some(error) = self.unrecorded.take() {
            return Err(error);
        }
        self.journal.finish(&self.run)?;
        Ok(self.run.id)
    }

    /// An error only while no file was written: what was written must be reported.
    fn commit(&mut self, wave: Wave, edited: &mut [Option<Edited>]) -> Result<Journaling, JournalError> {
        let Wave {
            settled,
            indices,
            ready,
            told,
            weight: _,
            saved: _,
        } = wave;
        for (index, settled) in settled {
            edited[index] = Some(settled);
        }
        let is_written = |edited: &Option<Edited>| matches!(edited, Some(edited) if edited.outcome.may_have_written());
        let results = match self.commit_all(ready) {
            Ok(results) => results,
            Err(error) if !edited.iter().any(is_written) => return Err(error),
            Err(error) => {
                self.unrecorded = Some(error);
                return Ok(Journaling::Broken);
            }
        };
        for ((index, told), result) in indices.into_iter().zip(told).zip(results) {
            edited[index] = Some(match result {
                Ok(()) => Edited {
                    outcome: Outcome::Written,
                    ..told
                },
                Err(not_written) => Edited {
                    outcome: not_written.into(),
                    located: None,
                    method: None,
                    ..told
                },
            });
        }
        Ok(match self.unrecorded {
            None => Journaling::Works,
            Some(_) => Journaling::Broken,
        })
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
            &self.own,
            &self.disk,
            self.faults.as_ref(),
        )?;
        self.unrecorded = self.unrecorded.take().or(unrecorded);
        Ok(results)
    }
}

/// Whether more can be journaled. Without that nothing more may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Journaling {
    Works,
    Broken,
}

/// Prepares requests, a wave at a time.
struct Preparation<'a> {
    requests: &'a [Request],
    planner: Planner<'a>,
    in_place: InPlace,
    folders: &'a RecentFolders,
    own: &'a Own,
    stop: &'a AtomicBool,
    /// How many edits may be in a wave, and files in a step, so that all can be open at once.
    open: usize,
    /// The first request that is not prepared.
    next: usize,
    /// The most edits of the next wave.
    most: usize,
    /// Prepared, but too much for the last wave.
    left_over: VecDeque<(usize, Prepared)>,
    busy_ones: Vec<usize>,
}

impl Preparation<'_> {
    fn next_wave(&mut self) -> Wave {
        let mut wave = Wave::default();
        while !wave.is_full(self.most.min(self.open)) && !self.stop.load(Ordering::Relaxed) {
            match self.left_over.pop_front() {
                Some((index, Prepared::Busy)) => self.busy_ones.push(index),
                Some((index, prepared)) => wave.add(index, prepared),
                None if self.next < self.requests.len() => self.prepare_some(),
                None => break,
            }
        }
        self.most = WAVE_FILES.min(self.most * 2);
        wave
    }

    fn prepare_some(&mut self) {
        let first = self.next;
        let step = STEP.max(at_once()).min(self.open);
        self.next = self.requests.len().min(first + step);
        let prepared = spread(first..self.next, |index| self.one(index));
        self.left_over.extend((first..).zip(prepared));
    }

    fn one(&self, index: usize) -> Prepared {
        let plan = |located: &Located| (self.planner)(index, located);
        prepare(
            &self.requests[index],
            &plan,
            self.in_place,
            Hold::Lock,
            self.folders,
            self.own,
        )
    }
}

/// Files whose fate is decided together: proved edits, and what needs none.
#[derive(Debug, Default)]
struct Wave {
    settled: Vec<(usize, Edited)>,
    indices: Vec<usize>,
    ready: Vec<Ready>,
    told: Vec<Edited>,
    weight: usize,
    saved: u64,
}

impl Wave {
    fn add(&mut self, index: usize, prepared: Prepared) {
        match prepared {
            Prepared::Ready(ready) => {
                let (ready, told) = *ready;
                self.weight += ready.weight();
                self.saved += ready.saved();
                self.indices.push(index);
                self.ready.push(ready);
                self.told.push(told);
            }
            Prepared::Settled(settled) => self.settled.push((index, *settled)),
            Prepared::Busy => self.settled.push((index, busy())),
        }
    }

    fn is_empty(&self) -> bool {
        self.settled.is_empty() && self.ready.is_empty()
    }

    fn is_full(&self, most: usize) -> bool {
        self.ready.len() >= most
            || self.weight > WAVE_WEIGHT
            || self.saved > WAVE_SAVED
            || self.settled.len() > SETTLED_FILES
    }
}

fn reported(edited: Vec<Option<Edited>>) -> Vec<Edited> {
    edited
        .into_iter()
        .map(|edited| edited.unwrap_or_else(|| Edited::ended(Outcome::NotReached, None)))
        .collect()
}
