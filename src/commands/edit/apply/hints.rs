//! What a person can do where a list cannot be applied, as commands where there is one.

use std::path::PathBuf;

use crate::cli::lists::Apply;
use crate::cli::typed::{self, Typed};
use crate::list::matching::distrust::Distrust;
use crate::list::matching::problem::{Problem, What};
use crate::list::matching::{Match, Matching};
use crate::list::told::ListError;
use crate::list::trial::OptionsToTry;
use crate::report::advice::{Roots, shell_word, shell_words};
use crate::report::terminal::{count, printable};

/// The command as it was typed, for hints.
pub struct Command {
    list: PathBuf,
    pub roots: Roots,
    options: Vec<Typed>,
}

impl Command {
    pub fn of(arguments: &Apply) -> Command {
        let is_path = |option: &Typed| option.name == "--files-from";
        Command {
            list: arguments.manifest.clone(),
            roots: Roots {
                named: arguments.paths.clone(),
                list: arguments.walk.files_from.clone(),
            },
            options: typed::options().into_iter().filter(|option| !is_path(option)).collect(),
        }
    }

    /// The whole command with other options.
    fn with(&self, change: &[String]) -> String {
        let kept = self.options.iter().filter(|option| !change.contains(&option.name));
        let options = kept.flat_map(|option| &option.words).chain(change);
        let list = shell_words(std::slice::from_ref(&self.list));
        let words = [list, self.roots.words()].into_iter().filter(|words| !words.is_empty());
        let words: Vec<String> = words.chain(options.map(|option| shell_word(option))).collect();
        format!("isrctag apply {}", words.join(" "))
    }

    pub fn hints(&self, ways: &[OptionsToTry]) -> Option<String> {
        let hints = ways.iter().map(|way| {
            let command = self.with(&way.options);
            match way.condition {
                Some(condition) => format!("\nhint: {condition}: {command}"),
                None => format!("\nhint: {command}"),
            }
        });
        let hints: String = hints.collect();
        (!hints.is_empty()).then_some(hints)
    }
}

/// Why nothing was written, and the ways on.
pub fn stopped(matching: &Matching, mut hints: String, command: &Command, partial: bool) -> String {
    let words = match &matching.distrust {
        Some(distrust) => distrust.words(),
        None => format!(
            "{} in the list",
            count(matching.problems.len() as u64, "problem", "problems")
        ),
    };
    if matching.distrust.is_none() && !partial && matching.matched.iter().any(Match::asks) {
        let command = command.with(&["--partial".to_owned()]);
        hints.push_str(&format!("\nhint: the rows that are certain: {command}"));
    }
    if hints.is_empty() {
        hints.push_str(last_way(matching));
    }
    format!("{words}; nothing was written{hints}")
}

/// What no row finds by its number and name may be a recording of the list all the same: `fill` compares the audio.
pub fn way_to_fill(number: usize, roots: &Roots) -> String {
    let what = match number {
        1 => "1 file without a row is as long as one with a row; if it is the same recording".to_owned(),
        _ => format!(
            "{} without a row are as long as others with a row; if they are the same recordings",
            count(number as u64, "file", "files")
        ),
    };
    printable(&format!("hint: {what}: isrctag fill {}", roots.words())).into_owned()
}

/// Whether other options may make the list work.
pub fn has_ways_on(error: &ListError) -> bool {
    matches!(
        error,
        ListError::NoCodeColumn(_)
            | ListError::NoSuchHeading(_)
            | ListError::Two { .. }
            | ListError::TwoCodeColumns { .. }
            | ListError::SeveralSheets { .. }
            | ListError::NothingNamesFiles
            | ListError::Draft { .. }
    )
}

/// What a person can do about a list where no option helps.
pub fn way_of(error: &ListError) -> &'static str {
    match error {
        ListError::NoCodeColumn(_) => {
            "\nhint: head the column of codes ISRC, and one with titles or file names, and try again"
        }
        ListError::NothingNamesFiles => {
            "\nhint: add a column Title, Track or Filename; codes alone go to the files of one album in track order with \
             --in-order, where there are as many"
        }
        ListError::TwoCodeColumns { .. } | ListError::Two { .. } => {
            "\nhint: say which is meant with --columns, or take the other out of the table"
        }
        ListError::SeveralSheets { .. } => "\nhint: say which is meant with --sheet NAME",
        ListError::Draft { .. } => {
            "\nhint: wait for the final list, or take that line out if its codes are the final ones"
        }
        ListError::NoSuchHeading(_) => "\nhint: name a column as it is headed in the table, or by its letter",
        _ => "",
    }
}

/// What a person can do where no option helps.
fn last_way(matching: &Matching) -> &'static str {
    let is_of_several = |problem: &Problem| matches!(problem.what, What::SeveralAlbums { .. });
    match matching.distrust {
        Some(Distrust::Count { .. }) => {
            "\nhint: name the folder of the album that the codes are for, or add a column Title to the list"
        }
        None if matching.problems.iter().any(is_of_several) => {
            "\nhint: name the folder of one album, or add columns Album, Disc or Title to the list"
        }
        _ => "\nhint: correct these rows in the list, or choose the files that it is for, and try again",
    }
}
