//! How a run ends, from best to worst. A run ends with its worst.

use std::process::{ExitCode, Termination};

use crate::edit::Outcome;

/// The exit status of the program; the numbers are the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Exit {
    /// Nothing to complain about, all done.
    #[default]
    Fine = 0,
    /// Findings remain, or the question has the answer "no".
    Findings = 1,
    /// Wrong usage, or an input that cannot be used. Nothing was changed.
    Unusable = 2,
    /// At least one file could not be read or edited; the rest was done.
    SomeFailed = 3,
    /// Ctrl-C. Everything is consistent.
    Interrupted = 130,
}

impl Exit {
    /// What an edit comes to.
    pub(super) fn of(outcome: &Outcome) -> Exit {
        match outcome {
            Outcome::Refused(_) | Outcome::Failed(_) => Exit::SomeFailed,
            Outcome::Written | Outcome::Planned | Outcome::Unchanged | Outcome::PassedOver | Outcome::NotReached => {
                Exit::Fine
            }
        }
    }

    pub const ALL: [Exit; 5] = [
        Exit::Fine,
        Exit::Findings,
        Exit::Unusable,
        Exit::SomeFailed,
        Exit::Interrupted,
    ];

    /// A sentence for help and manual pages, without full stop.
    pub fn meaning(self) -> &'static str {
        match self {
            Exit::Fine => "Nothing to complain about, all done",
            Exit::Findings => "Findings remain (warnings count with --strict), or the question has the answer \"no\"",
            Exit::Unusable => "Wrong usage, or an input that cannot be used; nothing was changed",
            Exit::SomeFailed => "At least one file could not be read or edited; the rest was done",
            Exit::Interrupted => "Interrupted; everything is consistent",
        }
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}
