//! What a person has to do about a finding: the parts of the page.

use crate::isrc::decode::Repair;
use crate::judge::{Finding, Kind, Severity};

/// What is to be done. In the order of the page: first what one command does, last what needs nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Task {
    Repair,
    Mistyped,
    NoCode,
    Give,
    Choose,
    Split,
    Place,
    Doubt,
    Broken,
    Unsupported,
    Fine,
}

impl Task {
    pub(super) const ALL: [Task; 11] = [
        Task::Repair,
        Task::Mistyped,
        Task::NoCode,
        Task::Give,
        Task::Choose,
        Task::Split,
        Task::Place,
        Task::Doubt,
        Task::Broken,
        Task::Unsupported,
        Task::Fine,
    ];

    pub(super) fn index(self) -> usize {
        self as usize
    }

    pub(super) fn of(finding: &Finding) -> Task {
        match (finding.kind, finding.repair) {
            (Kind::Malformed, Some(Repair::Safe)) => Task::Repair,
            (Kind::Malformed, Some(Repair::Guess)) => Task::Mistyped,
            (Kind::Malformed, Some(Repair::None) | None) => Task::NoCode,
            (Kind::Missing, _) => Task::Give,
            (Kind::Conflicting, _) => Task::Choose,
            // Shared codes have a part of their own; as a finding of a file they come from no scan.
            (Kind::Split | Kind::Shared, _) => Task::Split,
            (Kind::Misplaced, _) => Task::Place,
            (Kind::Suspicious, _) => Task::Doubt,
            (Kind::Unreadable, _) => Task::Broken,
            (Kind::Unsupported, _) => Task::Unsupported,
        }
    }

    /// None for files without a finding.
    pub(super) fn kind(self) -> Option<Kind> {
        match self {
            Task::Repair | Task::Mistyped | Task::NoCode => Some(Kind::Malformed),
            Task::Give => Some(Kind::Missing),
            Task::Choose => Some(Kind::Conflicting),
            Task::Split => Some(Kind::Split),
            Task::Place => Some(Kind::Misplaced),
            Task::Doubt => Some(Kind::Suspicious),
            Task::Broken => Some(Kind::Unreadable),
            Task::Unsupported => Some(Kind::Unsupported),
            Task::Fine => None,
        }
    }

    /// The name in the page's addresses.
    pub(super) fn id(self) -> &'static str {
        match self {
            Task::Repair => "repair",
            Task::Mistyped => "mistyped",
            Task::NoCode => "not-a-code",
            Task::Give => "missing",
            Task::Choose => "conflicting",
            Task::Split => "split",
            Task::Place => "misplaced",
            Task::Doubt => "suspicious",
            Task::Broken => "unreadable",
            Task::Unsupported => "unsupported",
            Task::Fine => "fine",
        }
    }

    pub(super) fn heading(self) -> &'static str {
        match self {
            Task::Repair => "Repair these: nothing is guessed",
            Task::Mistyped => "Check these: probably mistyped",
            Task::NoCode => "Find the right code: what stands there is none",
            Task::Give => "Give these files a code",
            Task::Choose => "Choose one code: these files hold several",
            Task::Split => "Agree on one code: one recording has several",
            Task::Place => "Write the code where programs look",
            Task::Doubt => "Look again: hard to believe",
            Task::Broken => "Replace these files: broken or not what they claim",
            Task::Unsupported => "Not read yet: kinds of files to come",
            Task::Fine => "Fine",
        }
    }

    pub(super) fn advice(self) -> &'static str {
        match self {
            Task::Repair => {
                "Hyphens, spaces, lower case, labels: the code is there, only its form is not the stored one. One \
                 command repairs all of them, changes nothing else in the files, and can be undone."
            }
            Task::Mistyped => {
                "One wrong character would name another recording, so nothing is repaired here by itself. Compare \
                 with your papers, then write the code."
            }
            Task::NoCode => "Another identifier, a placeholder or a note. Find the right code, then write it.",
            Task::Give => {
                "No code stands in any place of these files. If the recordings have codes, export a table, fill it in and \
                 apply it; where another format has the code, fill carries it over; if they are yours and have none, \
                 assign the next ones of your prefix."
            }
            Task::Choose => "Which one a program shows depends on the program. Find out which is right and write it.",
            Task::Split => "The audio is the same recording. Find out which code is the right one and write it.",
            Task::Place => {
                "The code is good, but stands only where most programs do not look. It is written to the standard \
                 place too."
            }
            Task::Doubt => {
                "Well formed, and still a placeholder, an unlisted prefix or a year to come. Nothing is \
                 changed here by itself."
            }
            Task::Broken => {
                "Cut short, damaged, or named as another kind of file. Take them from a backup or the source."
            }
            Task::Unsupported => "This version does not read their codes, so nothing is known of them.",
            Task::Fine => "One valid code, where programs look.",
        }
    }

    /// The arguments of the command that does it; the roots go in the end where it works on folders.
    pub(super) fn commands(self) -> &'static [Command] {
        match self {
            Task::Repair => &[Command::OnRoots("fix")],
            Task::Mistyped | Task::NoCode => &[Command::Whole("set CODE FILE")],
            Task::Give => &[
                Command::OnRoots("export -o codes.csv"),
                Command::OnRoots("fill"),
                Command::OnRoots("assign"),
            ],
            Task::Choose | Task::Split => &[Command::Whole("set --replace CODE FILE")],
            Task::Place => &[Command::OnRoots("fix --place")],
            Task::Doubt | Task::Broken | Task::Unsupported | Task::Fine => &[],
        }
    }

    pub(super) fn columns(self) -> &'static [Column] {
        use Column::*;
        match self {
            Task::Repair => &[File, Recording, Stands, Becomes],
            Task::Mistyped => &[File, Recording, Stands, Why],
            Task::NoCode | Task::Place | Task::Doubt => &[File, Recording, Stands, Why],
            Task::Give => &[File, Opinion],
            Task::Choose | Task::Split => &[File, Recording, Why],
            Task::Broken | Task::Unsupported => &[File, Why],
            Task::Fine => &[File, Recording, Code],
        }
    }

    pub(super) fn severity(self) -> Option<Severity> {
        self.kind().map(Kind::severity)
    }
}

/// A command that a part of the page suggests, without `isrctag`.
#[derive(Debug, Clone, Copy)]
pub(super) enum Command {
    OnRoots(&'static str),
    Whole(&'static str),
}

/// A column of a part's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    File,
    Recording,
    Stands,
    Becomes,
    Code,
    Why,
    /// The recording, with what the second reader says.
    Opinion,
}

impl Column {
    pub(super) fn heading(self) -> &'static str {
        match self {
            Column::File => "File",
            Column::Recording | Column::Opinion => "Recording",
            Column::Stands => "Stands there",
            Column::Becomes => "Becomes",
            Column::Code => "Code",
            Column::Why => "Why",
        }
    }

    /// The class of its cells, which is also the name under which the script sorts by it.
    pub(super) fn class(self) -> &'static str {
        match self {
            Column::File => "f",
            Column::Recording | Column::Opinion => "t",
            Column::Stands => "v",
            Column::Becomes | Column::Code => "c",
            Column::Why => "w",
        }
    }
}
