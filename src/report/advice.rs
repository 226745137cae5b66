//! What to do next after a scan: sentences and the commands for them, the same in every report.

use std::path::PathBuf;

use super::summary::Summary;
use super::terminal::printable;
use crate::isrc::words::count;
use crate::judge::{self, Listed, Task};

/// What was scanned.
#[derive(Debug, Clone, Default)]
pub struct Roots {
    /// The paths that the user typed.
    pub named: Vec<PathBuf>,
    /// The file that further ones are in.
    pub list: Option<PathBuf>,
    /// By which more files or fewer of them were taken: each option with its value behind a space.
    pub options: Vec<String>,
}

impl Roots {
    /// More paths than this, or longer ones, are no part of a command that a person reads.
    const MOST: usize = 3;
    const LONGEST: usize = 240;

    /// As the arguments of a command, PATH where they are not known. Many paths go into a file.
    pub fn words(&self) -> String {
        let options = self.options.iter().map(|option| match option.split_once(' ') {
            // Taken for an option of its own otherwise.
            Some((name, value)) if value.starts_with('-') => format!(" {name}={}", shell_word(value)),
            Some((name, value)) => format!(" {name} {}", shell_word(value)),
            None => format!(" {option}"),
        });
        format!("{}{}", self.paths(), options.collect::<String>())
    }

    /// Whether no path is known.
    pub fn is_empty(&self) -> bool {
        self.named.is_empty() && self.list.is_none()
    }

    fn paths(&self) -> String {
        if self.is_empty() {
            return "PATH".to_owned();
        }
        let mut words = shell_words(&self.named);
        if self.named.len() > Roots::MOST || words.len() > Roots::LONGEST {
            return "--files-from LIST".to_owned();
        }
        if let Some(list) = &self.list {
            let list = match list.as_os_str() == "-" {
                true => "LIST".to_owned(),
                false => shell_words(std::slice::from_ref(list)),
            };
            let space = if words.is_empty() { "" } else { " " };
            words = format!("{words}{space}--files-from {list}");
        }
        words
    }

    /// Each of them, for people.
    pub fn each(&self) -> impl Iterator<Item = &PathBuf> {
        self.named.iter().chain(&self.list)
    }
}

/// What the user asked of a scan, as far as advice depends on it.
#[derive(Debug, Clone)]
pub struct Asked {
    pub roots: Roots,
    pub listed: Listed,
    /// Whether files were compared by ear already.
    pub audio: bool,
    /// The name of a table for codes that is free where the user is: the last one may be filled in.
    pub table: &'static str,
}

/// Names of tables that advice gives.
pub const TABLES: [&str; 4] = ["codes.csv", "codes-2.csv", "codes-3.csv", "NAME.csv"];

/// The command that makes a page of a scan; none where it lists a part only.
pub fn as_page(asked: &Asked) -> Option<String> {
    let audio = if asked.audio { " --audio" } else { "" };
    asked
        .listed
        .is_all()
        .then(|| format!("isrctag scan{audio} -o report.html {}", asked.roots.words()))
}

/// One thing that can be done about findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextStep {
    /// For how many files, without full stop: `3 files can be repaired without guessing`.
    pub words: String,
    /// The ways to do it; never empty.
    pub ways: Vec<Way>,
}

/// A command, and when it is the right one (empty where there is no choice).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// As a POSIX shell takes it.
    pub command: String,
    pub when: &'static str,
}

impl Way {
    pub(super) fn of(way: &judge::Remedy, asked: &Asked) -> Way {
        let judge::Remedy {
            command,
            on_roots: has_roots,
            when,
        } = *way;
        match has_roots {
            true => on_roots(command, when, asked),
            false => Way {
                command: format!("isrctag {command}"),
                when,
            },
        }
    }
}

/// What can be done about the listed findings of a scan, the surest first.
pub fn next_steps(summary: &Summary, asked: &Asked) -> Vec<NextStep> {
    let summary = summary.listed(&asked.listed);
    let mut steps = Vec::new();
    for task in Task::ALL {
        let files = summary.of_task(task);
        match task.info().step {
            _ if files == 0 => {}
            Some((one, many)) if !ways(task, asked).is_empty() => {
                let in_files = count(files, "file", "files");
                let (number, subject) = match summary.values_of(task) {
                    Some(values) => (values, format!("{} in {in_files}", count(values, "value", "values"))),
                    None => (files, in_files),
                };
                steps.push(NextStep {
                    words: format!("{subject} {}", if number == 1 { one } else { many }),
                    ways: ways(task, asked),
                });
            }
            None if task == Task::Part => steps.extend(steps_for_shared(&summary, asked)),
            Some(_) | None => {}
        }
    }
    steps
}

/// The commands for a task.
fn ways(task: Task, asked: &Asked) -> Vec<Way> {
    let are_listed = asked.listed.is_only(task);
    match task.info().is_listed_first && !are_listed {
        true => vec![on_roots(&format!("scan --only {}", task.info().selector), "", asked)],
        false => task.info().ways.iter().map(|way| Way::of(way, asked)).collect(),
    }
}

fn on_roots(command: &str, when: &'static str, asked: &Asked) -> Way {
    Way {
        command: format!(
            "isrctag {} {}",
            command.replace(TABLES[0], asked.table),
            asked.roots.words()
        ),
        when,
    }
}

fn steps_for_shared(summary: &Summary, asked: &Asked) -> impl Iterator<Item = NextStep> {
    let undecided = summary
        .shared_codes
        .saturating_sub(summary.same_recordings + summary.different_recordings);
    let replace = || ways(Task::Part, asked);
    let listen = match asked.audio {
        // What the ear leaves open is left to people.
        true => replace()
            .into_iter()
            .map(|way| Way {
                when: "after listening, where they are several",
                ..way
            })
            .collect(),
        false => vec![on_roots("scan --audio", "", asked)],
    };
    let steps = [
        (
            summary.different_recordings,
            "code names different recordings: keep it on one of them",
            "codes name different recordings: keep each on one of them",
            replace(),
        ),
        (
            undecided,
            "code is shared by one recording or by several",
            "codes are shared by one recording or by several",
            listen,
        ),
    ];
    let due = steps.into_iter().filter(|(number, ..)| *number > 0);
    due.map(|(number, one, many, ways)| NextStep {
        words: count(number, one, many),
        ways,
    })
}

/// What a scan was asked to list, as a sentence without full stop; none where that is everything.
pub fn left_out(asked: &Asked) -> Option<String> {
    let words = |words: &[String]| match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => words.concat(),
    };
    let are = |words: &[String]| if words.len() == 1 { "is" } else { "are" };
    if asked.listed.is_all() {
        return None;
    }
    let (listed, left) = asked.listed.words();
    Some(match listed.len() {
        0 => "Nothing is listed".to_owned(),
        few if few <= left.len() => format!("Only {} {} listed", words(&listed), are(&listed)),
        _ => format!("All but {} are listed", words(&left)),
    })
}

/// Paths as a POSIX shell takes them, none of them like an option.
pub fn shell_words(paths: &[PathBuf]) -> String {
    let words = paths.iter().map(|path| match path.to_str() {
        Some(text) if text.starts_with('-') && text == printable(text) => shell_word(&format!("./{text}")),
        Some(text) if text == printable(text) => shell_word(text),
        // It cannot be typed as it is shown.
        Some(_) | None => "PATH".to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// One word as a POSIX shell takes it.
pub fn shell_word(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+,:=@%".contains(&byte) || byte >= 0x80;
    let text = printable(text);
    match !text.is_empty() && text.bytes().all(plain) {
        true => text.into_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isrc::decode::Repair;
    use crate::judge::Selector;
    use crate::report::summary::tests::malformed;

    fn asked(only: &[&str], ignore: &[&str]) -> Asked {
        let selectors = |words: &[&str]| -> Vec<Selector> { words.iter().map(|word| word.parse().unwrap()).collect() };
        Asked {
            roots: Roots {
                named: vec![PathBuf::from("My Music")],
                ..Roots::default()
            },
            listed: Listed::of(&selectors(only), &selectors(ignore)),
            audio: false,
            table: TABLES[0],
        }
    }

    fn lines(summary: &Summary, asked: &Asked) -> Vec<String> {
        let lines = next_steps(summary, asked).into_iter().map(|step| {
            let ways: Vec<String> = step.ways.into_iter().map(|way| way.command).collect();
            format!("{}: {}", step.words, ways.join(" | "))
        });
        lines.collect()
    }

    #[test]
    fn a_clean_library_needs_no_step() {
        let clean = Summary {
            files: 12,
            with_code: 12,
            shared_codes: 3,
            shared_files: 6,
            same_recordings: 3,
            ..Summary::default()
        };
        assert_eq!(next_steps(&clean, &asked(&[], &[])), []);
        assert!(clean.is_fine());
    }

    #[test]
    fn every_kind_of_finding_gets_its_number_and_its_command() {
        let mut summary = Summary {
            misplaced: 1,
            missing: 2,
            conflicting: 1,
            shared_codes: 4,
            shared_files: 8,
            same_recordings: 1,
            different_recordings: 2,
            unreadable: 1,
            ..Summary::default()
        };
        malformed(&mut summary, 3, &[Repair::Safe, Repair::Safe]);
        malformed(&mut summary, 1, &[Repair::Guess]);
        malformed(&mut summary, 2, &[Repair::None]);
        assert_eq!(
            lines(&summary, &asked(&[], &[])),
            [
                "6 values in 3 files can be repaired: isrctag fix 'My Music'",
                "1 file has its code only where most programs do not look: isrctag fix --place 'My Music'",
                "1 value in 1 file looks mistyped: isrctag scan --only malformed:guess 'My Music'",
                "2 values in 2 files are not codes: isrctag scan --only malformed:none 'My Music'",
                "2 files have no code in any place: isrctag export -o codes.csv 'My Music' | isrctag fill 'My Music' | \
                 isrctag assign 'My Music'",
                "1 file holds several codes: keep the right one: isrctag set --replace CODE FILE",
                "2 codes name different recordings: keep each on one of them: isrctag set --replace CODE FILE",
                "1 code is shared by one recording or by several: isrctag scan --audio 'My Music'",
                "1 file cannot be read, or is not what its name claims: isrctag scan --only unreadable 'My Music'",
            ]
        );
        assert_eq!(
            lines(&summary, &asked(&["malformed:guess", "unreadable"], &[])),
            [
                "1 value in 1 file looks mistyped: isrctag scan --only malformed:guess 'My Music'",
                "1 file cannot be read, or is not what its name claims: isrctag scan --only unreadable 'My Music'",
            ]
        );
    }

    #[test]
    fn a_list_is_not_advised_to_whoever_looks_at_it() {
        let mut summary = Summary {
            unreadable: 1,
            ..Summary::default()
        };
        malformed(&mut summary, 1, &[Repair::Guess]);
        assert_eq!(
            lines(&summary, &asked(&["malformed:guess"], &[])),
            ["1 value in 1 file looks mistyped: isrctag set CODE FILE"]
        );
        assert_eq!(lines(&summary, &asked(&["unreadable"], &[])), [""; 0]);
    }

    #[test]
    fn what_is_not_listed_is_named_and_not_counted() {
        let told = |only, ignore| left_out(&asked(only, ignore));
        assert_eq!(told(&["missing"], &[]).as_deref(), Some("Only missing is listed"));
        assert_eq!(
            told(&["malformed:guess"], &[]).as_deref(),
            Some("Only malformed:guess is listed")
        );
        assert_eq!(
            told(&[], &["suspicious"]).as_deref(),
            Some("All but suspicious are listed")
        );
        assert_eq!(told(&[], &[]), None);
    }

    #[test]
    fn names_with_quotes_stay_one_word() {
        assert_eq!(shell_words(&[PathBuf::from("it's")]), r"'it'\''s'");
        assert_eq!(shell_words(&[PathBuf::from("a/b-1.flac")]), "a/b-1.flac");
    }

    #[test]
    fn a_command_repeats_three_paths_at_most() {
        let words = |named: &[&str], list: Option<&str>| {
            let named = named.iter().map(PathBuf::from).collect();
            let list = list.map(PathBuf::from);
            let options = Vec::new();
            Roots { named, list, options }.words()
        };
        assert_eq!(words(&["a", "b c", "-d"], None), "a 'b c' ./-d");
        assert_eq!(words(&["a", "b", "c", "d"], None), "--files-from LIST");
        assert_eq!(words(&["x".repeat(300).as_str()], None), "--files-from LIST");
        assert_eq!(words(&["a"], Some("my list")), "a --files-from 'my list'");
        assert_eq!(words(&[], Some("-")), "--files-from LIST");
        assert_eq!(words(&[], None), "PATH");
    }
}
