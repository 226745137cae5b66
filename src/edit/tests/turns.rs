//! Keeps tests that start processes apart from the others: between fork and exec a child holds every open file of ours,
//! and with it the locks that another test has just given back.

use std::cell::Cell;
use std::sync::{Condvar, Mutex, PoisonError};

struct Turns {
    alive: usize,
    somebody_is_alone: bool,
}

static TURNS: Mutex<Turns> = Mutex::new(Turns {
    alive: 0,
    somebody_is_alone: false,
});

static CHANGED: Condvar = Condvar::new();

thread_local! {
    /// How many guards this thread holds: one that holds any never waits for more.
    static HELD: Cell<usize> = const { Cell::new(0) };
}

/// That a laboratory is in use.
pub(super) struct Alive(());

pub(super) fn alive() -> Alive {
    let mut turns = TURNS.lock().unwrap_or_else(PoisonError::into_inner);
    while turns.somebody_is_alone && HELD.get() == 0 {
        turns = CHANGED.wait(turns).unwrap_or_else(PoisonError::into_inner);
    }
    turns.alive += 1;
    HELD.set(HELD.get() + 1);
    Alive(())
}

impl Drop for Alive {
    fn drop(&mut self) {
        TURNS.lock().unwrap_or_else(PoisonError::into_inner).alive -= 1;
        HELD.set(HELD.get() - 1);
        CHANGED.notify_all();
    }
}

/// That no laboratory is in use but those of this thread.
pub(super) struct Alone(());

pub(super) fn alone() -> Alone {
    let mut turns = TURNS.lock().unwrap_or_else(PoisonError::into_inner);
    assert_eq!(HELD.get(), 0, "be alone first, then make a laboratory");
    while turns.somebody_is_alone || turns.alive > 0 {
        turns = CHANGED.wait(turns).unwrap_or_else(PoisonError::into_inner);
    }
    turns.somebody_is_alone = true;
    HELD.set(1);
    Alone(())
}

impl Drop for Alone {
    fn drop(&mut self) {
        TURNS.lock().unwrap_or_else(PoisonError::into_inner).somebody_is_alone = false;
        HELD.set(HELD.get() - 1);
        CHANGED.notify_all();
    }
}
