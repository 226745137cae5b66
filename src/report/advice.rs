//! What to do next after a scan: sentences and the commands for them, the same in every report.

use std::path::PathBuf;

use super::summary::Summary;
use super::terminal::{printable, thousands};
use crate::judge::Kind;

/// What the user asked of a scan, as far as advice depends on it.
#[derive(Debug, Clone)]
pub struct Asked {
    pub roots: Vec<PathBuf>,
    /// The kinds of findings that are listed.
    pub kinds: Vec<Kind>,
    /// Whether files were compared by ear already.
    pub audio: bool,
}

/// The command that makes a page of a scan; none where it would be longer than a line, or lists a part only.
pub fn as_page(asked: &Asked) -> Option<String> {
    const MOST_ROOTS: usize = 4;
    let audio = if asked.audio { " --audio" } else { "" };
    (asked.kinds == Kind::ALL && asked.roots.len() <= MOST_ROOTS)
        .then(|| format!("isrctag scan{audio} -o report.html {}", shell_words(&asked.roots)))
}

/// One thing that can be done about findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
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

/// What can be done about the listed findings of a scan, the surest first.
pub fn next_steps(summary: &Summary, asked: &Asked) -> Vec<Step> {
    let roots = shell_words(&asked.roots);
    let on_roots = |command: &str, when| Way {
        command: format!("isrctag {command} {roots}"),
        when,
    };
    let on_files = |command: &str| Way {
        command: format!("isrctag {command}"),
        when: "",
    };
    let undecided = summary
        .shared_codes
        .saturating_sub(summary.same_recordings + summary.different_recordings);
    let steps = [
        (
            Kind::Malformed,
            summary.repairable,
            "file can be repaired without guessing",
            "files can be repaired without guessing",
            vec![on_roots("fix", "")],
        ),
        (
            Kind::Misplaced,
            summary.misplaced,
            "file has its code only where most programs do not look",
            "files have their code only where most programs do not look",
            vec![on_roots("fix --place", "")],
        ),
        (
            Kind::Missing,
            summary.missing,
            "file has no code",
            "files have no code",
            vec![
                on_roots("export -o codes.csv", "a table to fill in, then apply"),
                on_roots("fill", "where another format of the recording has one"),
                on_roots("assign", "from your own prefix"),
            ],
        ),
        (
            Kind::Malformed,
            summary.malformed.saturating_sub(summary.repairable),
            "file holds a value that cannot be repaired without guessing",
            "files hold a value that cannot be repaired without guessing",
            vec![on_roots("scan --only malformed", "")],
        ),
        (
            Kind::Conflicting,
            summary.conflicting,
            "file holds several codes: keep the right one",
            "files hold several codes: keep the right one",
            vec![on_files("set --replace CODE FILE")],
        ),
        (
            Kind::Shared,
            summary.different_recordings,
            "code names different recordings: keep it on one of them",
            "codes name different recordings: keep each on one of them",
            vec![on_files("set --replace CODE FILE")],
        ),
        (
            Kind::Shared,
            undecided,
            "code is shared by one recording or by several",
            "codes are shared by one recording or by several",
            match asked.audio {
                // What the ear leaves open is left to people.
                true => vec![Way {
                    when: "after listening, where they are several",
                    ..on_files("set --replace CODE FILE")
                }],
                false => vec![on_roots("scan --audio", "")],
            },
        ),
        (
            Kind::Split,
            summary.split,
            "file holds one of several codes of its recording: agree on one",
            "files hold one of several codes of their recording: agree on one",
            vec![on_files("set --replace CODE FILE")],
        ),
        (
            Kind::Unreadable,
            summary.unreadable,
            "file cannot be read, or is not what it claims to be",
            "files cannot be read, or are not what they claim to be",
            vec![on_roots("scan --only unreadable", "")],
        ),
    ];
    let is_due = |number: u64, kind: &Kind| number > 0 && asked.kinds.contains(kind);
    let due = steps.into_iter().filter(|(kind, number, ..)| is_due(*number, kind));
    due.map(|(_, number, one, many, ways)| Step {
        words: format!("{} {}", thousands(number), if number == 1 { one } else { many }),
        ways,
    })
    .collect()
}

/// What a scan found and was not asked to list, as a sentence without full stop; none where nothing is left out.
pub fn left_out(summary: &Summary, asked: &Asked) -> Option<String> {
    let (listed, left): (Vec<Kind>, Vec<Kind>) = Kind::ALL.iter().partition(|kind| asked.kinds.contains(kind));
    let findings: u64 = left.iter().map(|kind| summary.of(*kind)).sum();
    let words = |kinds: &[Kind]| {
        let words: Vec<&str> = kinds.iter().map(|kind| kind.word()).collect();
        match words.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
            _ => words.concat(),
        }
    };
    let are = |kinds: &[Kind]| if kinds.len() == 1 { "is" } else { "are" };
    let numbers = match findings {
        0 => return None,
        1 => "1 other finding is left out".to_owned(),
        _ => format!("{} other findings are left out", thousands(findings)),
    };
    Some(match listed.len() {
        0 => format!("Nothing is listed; {numbers}"),
        few if few <= left.len() => format!("Only {} {} listed; {numbers}", words(&listed), are(&listed)),
        _ => format!("All but {} are listed; {numbers}", words(&left)),
    })
}

/// Paths as a POSIX shell takes them.
pub fn shell_words(paths: &[PathBuf]) -> String {
    let words = paths.iter().map(|path| {
        let text = path.to_string_lossy();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+,:@%".contains(&byte) || byte >= 0x80;
        let text = printable(&text);
        match !text.is_empty() && text.bytes().all(plain) {
            true => text.into_owned(),
            false => format!("'{}'", text.replace('\'', "'\\''")),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(kinds: &[Kind]) -> Asked {
        Asked {
            roots: vec![PathBuf::from("My Music")],
            kinds: kinds.to_vec(),
            audio: false,
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
        assert_eq!(next_steps(&clean, &asked(&Kind::ALL)), []);
        assert!(clean.is_fine());
    }

    #[test]
    fn every_kind_of_finding_gets_its_number_and_its_command() {
        let summary = Summary {
            files: 9,
            repairable: 3,
            malformed: 5,
            misplaced: 1,
            missing: 2,
            conflicting: 1,
            shared_codes: 4,
            same_recordings: 1,
            different_recordings: 2,
            unreadable: 1,
            ..Summary::default()
        };
        assert_eq!(
            lines(&summary, &asked(&Kind::ALL)),
            [
                "3 files can be repaired without guessing: isrctag fix 'My Music'",
                "1 file has its code only where most programs do not look: isrctag fix --place 'My Music'",
                "2 files have no code: isrctag export -o codes.csv 'My Music' | isrctag fill 'My Music' | \
                 isrctag assign 'My Music'",
                "2 files hold a value that cannot be repaired without guessing: isrctag scan --only malformed 'My Music'",
                "1 file holds several codes: keep the right one: isrctag set --replace CODE FILE",
                "2 codes name different recordings: keep each on one of them: isrctag set --replace CODE FILE",
                "1 code is shared by one recording or by several: isrctag scan --audio 'My Music'",
                "1 file cannot be read, or is not what it claims to be: isrctag scan --only unreadable 'My Music'",
            ]
        );
    }

    #[test]
    fn what_is_not_listed_gets_no_step_but_is_counted() {
        let summary = Summary {
            missing: 2,
            malformed: 5,
            repairable: 5,
            suspicious: 1,
            ..Summary::default()
        };
        let only = asked(&[Kind::Missing]);
        assert_eq!(next_steps(&summary, &only).len(), 1);
        let told = left_out(&summary, &only);
        assert_eq!(
            told.as_deref(),
            Some("Only missing is listed; 6 other findings are left out")
        );
        let ignored: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| *kind != Kind::Suspicious).collect();
        let told = left_out(&summary, &asked(&ignored));
        assert_eq!(
            told.as_deref(),
            Some("All but suspicious are listed; 1 other finding is left out")
        );
        assert_eq!(left_out(&summary, &asked(&Kind::ALL)), None);
    }

    #[test]
    fn names_with_quotes_stay_one_word() {
        assert_eq!(shell_words(&[PathBuf::from("it's")]), r"'it'\''s'");
        assert_eq!(shell_words(&[PathBuf::from("a/b-1.flac")]), "a/b-1.flac");
    }
}
