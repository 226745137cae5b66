//! What to do next after a scan: sentences and the commands for them, the same in every report.

use std::fmt;
use std::path::PathBuf;

use super::summary::Summary;
use super::terminal::{printable, thousands};

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

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.words)?;
        for Way { command, when } in &self.ways {
            match when.is_empty() {
                true => write!(f, " {command}")?,
                false => write!(f, "\n  {command}  ({when})")?,
            }
        }
        Ok(())
    }
}

/// What the program can do about the findings of a scan of `roots`, the surest first.
pub fn next_steps(summary: &Summary, roots: &[PathBuf]) -> Vec<Step> {
    let roots = shell_words(roots);
    let way = |command: &str, when| Way {
        command: format!("isrctag {command} {roots}"),
        when,
    };
    let files = |number, words: (&str, &str)| {
        let noun = if number == 1 { words.0 } else { words.1 };
        format!("{} {noun}", thousands(number))
    };
    let steps = [
        (
            summary.repairable,
            (
                "file can be repaired without guessing",
                "files can be repaired without guessing",
            ),
            vec![way("fix", "")],
        ),
        (
            summary.misplaced,
            (
                "file has its code only where most programs do not look",
                "files have their code only where most programs do not look",
            ),
            vec![way("fix --place", "")],
        ),
        (
            summary.missing,
            ("file has no code", "files have no code"),
            vec![
                way("apply LIST.csv", "from a list of codes"),
                way("assign", "from your own prefix"),
            ],
        ),
    ];
    let due = steps.into_iter().filter(|(number, ..)| *number > 0);
    due.map(|(number, words, ways)| Step {
        words: files(number, words),
        ways,
    })
    .collect()
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

    #[test]
    fn a_clean_library_needs_no_step() {
        let clean = Summary {
            files: 12,
            with_code: 12,
            ..Summary::default()
        };
        assert_eq!(next_steps(&clean, &[PathBuf::from("Music")]), []);
    }

    #[test]
    fn every_step_names_the_number_and_the_command() {
        let summary = Summary {
            files: 9,
            repairable: 3,
            misplaced: 1,
            missing: 2,
            ..Summary::default()
        };
        let steps = next_steps(&summary, &[PathBuf::from("My Music")]);
        let lines: Vec<String> = steps.iter().map(Step::to_string).collect();
        assert_eq!(
            lines,
            [
                "3 files can be repaired without guessing: isrctag fix 'My Music'",
                "1 file has its code only where most programs do not look: isrctag fix --place 'My Music'",
                "2 files have no code:\n  isrctag apply LIST.csv 'My Music'  (from a list of codes)\n  \
                 isrctag assign 'My Music'  (from your own prefix)",
            ]
        );
    }

    #[test]
    fn names_with_quotes_stay_one_word() {
        assert_eq!(shell_words(&[PathBuf::from("it's")]), r"'it'\''s'");
        assert_eq!(shell_words(&[PathBuf::from("a/b-1.flac")]), "a/b-1.flac");
    }
}
