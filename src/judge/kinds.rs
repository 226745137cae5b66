//! What is said of each kind of finding, declared once: every report, the command line, the totals and the README's table
//! read it here. A new kind is an entry of [`Kind`], one of [`Task`], and a key of the totals (`report::summary`); the
//! compiler asks for the second and the third.

use crate::isrc::decode::Repair;
use crate::isrc::words::words;

words! {
    /// How grave a finding is, from harmless to grave.
    #[derive(Default)]
    pub enum Severity {
        #[default]
        Info = "info",
        Warning = "warning",
        Error = "error",
    }
}

/// An enum whose values each come with what is known of them.
macro_rules! declared {
    ($(#[$about:meta])* $name:ident, $info:ident: $($case:ident { $($fields:tt)* })*) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($case),* }

        impl $name {
            pub const ALL: [$name; [$($name::$case),*].len()] = [$($name::$case),*];

            pub fn info(self) -> &'static $info {
                match self { $($name::$case => { static INFO: $info = $info { $($fields)* }; &INFO })* }
            }
        }
    };
}

/// What every finding of a kind has in common.
#[derive(Debug)]
pub struct KindInfo {
    /// Its name in every report, and the argument of `--only`.
    pub word: &'static str,
    /// A shared code of one and the same recording is only information, whatever is here.
    pub severity: Severity,
    /// What it means, in the README's words.
    pub meaning: &'static str,
    /// The same in few words: help, and the tiles of the page.
    pub brief: &'static str,
    /// Goes behind a number of files.
    pub total: &'static str,
    /// The explanation that says no more than the kind does, and is not repeated for each file.
    pub usual: &'static str,
    /// In a table for people the word says all: the reason is the kind's own, or is in other columns.
    pub told_by_word: bool,
    /// The end of a run that met it is that of a failure.
    pub fails: bool,
}

declared! {
    /// What is wrong with a file, or with a code that several files carry.
    Kind, KindInfo:
    Missing {
        word: "missing",
        severity: Severity::Error,
        meaning: "no code in any place of the file",
        brief: "no code in any place",
        total: "with no code in any place",
        usual: "no code in any place",
        told_by_word: true,
        fails: false,
    }
    Malformed {
        word: "malformed",
        severity: Severity::Error,
        meaning: "a value that is not a code in its stored form. `safe`: `fix` repairs it; `guess`: it looks mistyped, and a code \
                  is only suggested; `none`: it is no code",
        brief: "not a code in its stored form",
        total: "with a value that is not a code in its stored form",
        usual: "",
        told_by_word: false,
        fails: false,
    }
    Shared {
        word: "shared",
        severity: Severity::Error,
        meaning: "two or more files carry one code. They are parted into recordings: by samples and lengths, by names, by ear; lossless files of other samples are `undecided`",
        brief: "several files on one code",
        total: "that share a code",
        usual: "",
        told_by_word: true,
        fails: false,
    }
    Split {
        word: "split",
        severity: Severity::Error,
        meaning: "one recording stands in several files with different codes (only with `--audio`)",
        brief: "one recording, several codes",
        total: "of one recording under different codes",
        usual: "",
        told_by_word: true,
        fails: false,
    }
    Conflicting {
        word: "conflicting",
        severity: Severity::Error,
        meaning: "places of one file disagree, or one place holds several codes",
        brief: "several codes in one file",
        total: "with several codes",
        usual: "",
        told_by_word: false,
        fails: false,
    }
    Misplaced {
        word: "misplaced",
        severity: Severity::Warning,
        meaning: "the code stands only where most programs do not look, or do not get (a wrong size, flag, pad byte, text encoding \
                  or data type; the reason says which); `fix --place` writes it to the standard place too, or puts right what \
                  hides it",
        brief: "where most programs do not look",
        total: "with the code only where most programs do not look",
        usual: "most programs do not look there",
        told_by_word: false,
        fails: false,
    }
    Suspicious {
        word: "suspicious",
        severity: Severity::Warning,
        meaning: "the form of a code, but a placeholder, an unlisted prefix, a year to come, designation 00000",
        brief: "hard to believe",
        total: "with a code that is hard to believe",
        usual: "",
        told_by_word: false,
        fails: false,
    }
    Unsupported {
        word: "unsupported",
        severity: Severity::Warning,
        meaning: "an audio file of a kind that this version does not read: never passed over in silence",
        brief: "a kind that is not supported yet",
        total: "of a kind that is not supported yet",
        usual: "",
        told_by_word: false,
        fails: false,
    }
    Unreadable {
        word: "unreadable",
        severity: Severity::Error,
        meaning: "the file is not what its name claims, is cut short, or cannot be opened",
        brief: "broken, or not what the name says",
        total: "not to be opened, broken, or not what the name says",
        usual: "",
        told_by_word: false,
        fails: true,
    }
}

impl Kind {
    pub fn word(self) -> &'static str {
        self.info().word
    }

    pub fn severity(self) -> Severity {
        self.info().severity
    }
}

/// What a person can do about findings of one sort.
#[derive(Debug)]
pub struct TaskInfo {
    /// None for files without a finding.
    pub kind: Option<Kind>,
    /// The argument of `--only` that lists its findings and no others.
    pub selector: &'static str,
    /// The heading of its part of the page.
    pub heading: &'static str,
    /// Below the heading.
    pub advice: &'static str,
    /// Behind the kind's word, over the files of one folder. Empty where each reason is a heading of its own.
    pub line: &'static str,
    /// What goes behind a number of files or values, if something can be done: for one, for many.
    pub step: Option<(&'static str, &'static str)>,
    /// The commands that do it.
    pub ways: &'static [Remedy],
    /// Whether a step leads to the list of the findings first, since each needs a decision of its own.
    pub is_listed_first: bool,
    /// Of its table on the page.
    pub columns: &'static [PageColumn],
}

/// A command, without the program's name.
#[derive(Debug, Clone, Copy)]
pub struct Remedy {
    pub command: &'static str,
    /// Whether the scanned paths follow it.
    pub on_roots: bool,
    /// When it is the right one, where there is a choice.
    pub when: &'static str,
}

const fn on_roots(command: &'static str, when: &'static str) -> Remedy {
    Remedy {
        command,
        on_roots: true,
        when,
    }
}

const SET: &[Remedy] = &[Remedy {
    command: "set CODE FILE",
    on_roots: false,
    when: "",
}];
const SET_REPLACE: &[Remedy] = &[Remedy {
    command: "set --replace CODE FILE",
    on_roots: false,
    when: "",
}];

/// A column of a table on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageColumn {
    File,
    Recording,
    Stands,
    Becomes,
    Code,
    Why,
    /// The recording, with what the second reader says.
    Opinion,
}

declared! {
    /// What is to be done. In the order of the page: first what one command does, last what needs nothing.
    Task, TaskInfo:
    Repair {
        kind: Some(Kind::Malformed),
        selector: "malformed:safe",
        heading: "Repair these: nothing is guessed",
        advice: "Hyphens, spaces, lower case, labels: the code is there, only not in its stored form. One command repairs all of \
                 them, changes nothing else in the files, and can be taken back.",
        line: "can be repaired",
        step: Some(("can be repaired", "can be repaired")),
        ways: &[on_roots("fix", "")],
        is_listed_first: false,
        columns: &[PageColumn::File, PageColumn::Recording, PageColumn::Stands, PageColumn::Becomes],
    }
    Place {
        kind: Some(Kind::Misplaced),
        selector: "misplaced",
        heading: "Write the code where programs look",
        advice: "The code is good, but stands only where most programs do not look. It is written to the standard place too.",
        line: "only where most programs do not look",
        step: Some((
            "has its code only where most programs do not look",
            "have their code only where most programs do not look",
        )),
        ways: &[on_roots("fix --place", "")],
        is_listed_first: false,
        columns: &[PageColumn::File, PageColumn::Recording, PageColumn::Stands, PageColumn::Why],
    }
    Mistyped {
        kind: Some(Kind::Malformed),
        selector: "malformed:guess",
        heading: "Check these: probably mistyped",
        advice: "One wrong character would name another recording, so nothing is repaired here by itself. Compare with your \
                 papers, then write the code.",
        line: "looks mistyped: check, then",
        step: Some(("looks mistyped", "look mistyped")),
        ways: SET,
        is_listed_first: true,
        columns: &[PageColumn::File, PageColumn::Recording, PageColumn::Stands, PageColumn::Why],
    }
    NoCode {
        kind: Some(Kind::Malformed),
        selector: "malformed:none",
        heading: "Find the right code: what stands there is none",
        advice: "Another identifier, a placeholder or a note. Find the right code, then write it.",
        line: "not a code: find the right one, then",
        step: Some(("is not a code", "are not codes")),
        ways: SET,
        is_listed_first: true,
        columns: &[PageColumn::File, PageColumn::Recording, PageColumn::Stands, PageColumn::Why],
    }
    Give {
        kind: Some(Kind::Missing),
        selector: "missing",
        heading: "Give these files a code",
        advice: "There is no code in any place of these files. If the recordings have codes, export a table, fill it in and apply \
                 it; where another format has the code, fill carries it over; if they are yours and have none, assign the next \
                 ones of your prefix.",
        line: "no code in any place",
        step: Some(("has no code in any place", "have no code in any place")),
        ways: &[
            on_roots("export -o codes.csv", "a table to fill in, then apply"),
            on_roots("fill", "where another format of the recording has one"),
            on_roots("assign", "from your own prefix"),
        ],
        is_listed_first: false,
        columns: &[PageColumn::File, PageColumn::Opinion],
    }
    Choose {
        kind: Some(Kind::Conflicting),
        selector: "conflicting",
        heading: "Choose one code: these files hold several",
        advice: "Which one a program shows depends on the program. Find out which is right and write it.",
        line: "several codes in one file: keep the right one",
        step: Some(("holds several codes: keep the right one", "hold several codes: keep the right one")),
        ways: SET_REPLACE,
        is_listed_first: false,
        columns: &[PageColumn::File, PageColumn::Recording, PageColumn::Why],
    }
    Part {
        kind: Some(Kind::Shared),
        selector: "shared",
        heading: "Codes that several files share",
        advice: "One code names one recording. The same recording in several files (the FLAC and the MP3) rightly has one code; \
                 different recordings each need their own.",
        line: "one code on several files",
        // How many need something depends on the verdict on each code.
        step: None,
        ways: SET_REPLACE,
        is_listed_first: false,
        columns: &[PageColumn::File, PageColumn::Recording, PageColumn::Why],
    }
    Agree {
        kind: Some(Kind::Split),
        selector: "split",
        heading: "Agree on one code: one recording has several",
        advice: "The audio is the same recording. Find out which code is the right one and write it.",
        line: "one recording under different codes, which should have one",
        step: Some((
            "holds one of several codes of its recording: agree on one",
            "hold one of several codes of their recording: agree on one",
        )),
        ways: SET_REPLACE,
        is_listed_first: false,
        columns: &[PageColumn::File, PageColumn::Recording, PageColumn::Why],
    }
    Doubt {
        kind: Some(Kind::Suspicious),
        selector: "suspicious",
        heading: "Look again: hard to believe",
        advice: "The form of a code, and still a placeholder, an unlisted prefix or a year to come. Nothing is changed here by \
                 itself.",
        line: "hard to believe",
        step: None,
        ways: &[],
        is_listed_first: false,
        columns: &[PageColumn::File, PageColumn::Recording, PageColumn::Stands, PageColumn::Why],
    }
    Replace {
        kind: Some(Kind::Unreadable),
        selector: "unreadable",
        heading: "Replace these files: broken, or not what they claim",
        advice: "Cut short, damaged, or named as another kind of file. Take them from a backup or the source.",
        line: "cannot be opened, is not whole, or is not what its name claims",
        step: Some((
            "cannot be read, or is not what its name claims",
            "cannot be read, or are not what their names claim",
        )),
        ways: &[],
        is_listed_first: true,
        columns: &[PageColumn::File, PageColumn::Why],
    }
    Wait {
        kind: Some(Kind::Unsupported),
        selector: "unsupported",
        heading: "Not supported yet: kinds of files to come",
        advice: "This version does not read their codes, so nothing is known of them.",
        line: "",
        step: None,
        ways: &[],
        is_listed_first: false,
        columns: &[PageColumn::File, PageColumn::Why],
    }
    Fine {
        kind: None,
        selector: "fine",
        heading: "Fine",
        advice: "One valid code, where programs look.",
        line: "one valid code, where programs look",
        step: None,
        ways: &[],
        is_listed_first: false,
        columns: &[PageColumn::File, PageColumn::Recording, PageColumn::Code],
    }
}

impl Task {
    /// The task for a finding.
    pub fn of(kind: Kind, repair: Option<Repair>) -> Task {
        match (kind, repair) {
            (Kind::Malformed, Some(Repair::Safe)) => Task::Repair,
            (Kind::Malformed, Some(Repair::Guess)) => Task::Mistyped,
            (Kind::Malformed, Some(Repair::None) | None) => Task::NoCode,
            (Kind::Missing, _) => Task::Give,
            (Kind::Conflicting, _) => Task::Choose,
            (Kind::Shared, _) => Task::Part,
            (Kind::Split, _) => Task::Agree,
            (Kind::Misplaced, _) => Task::Place,
            (Kind::Suspicious, _) => Task::Doubt,
            (Kind::Unreadable, _) => Task::Replace,
            (Kind::Unsupported, _) => Task::Wait,
        }
    }

    /// Its number in [`Task::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }
}
