//! What a person can do where a list cannot be applied, as commands where there is one.

use std::path::PathBuf;

use crate::cli::lists::Apply;
use crate::cli::typed::{self, TypedOption};
use crate::isrc::words::count;
use crate::list::matching::{Match, Matching};
use crate::list::trial::OptionsToTry;
use crate::report::advice::{Roots, shell_word, shell_words};
use crate::report::terminal::printable;

/// The command as it was typed, for hints.
pub struct ApplyCommand {
    list: PathBuf,
    pub roots: Roots,
    options: Vec<TypedOption>,
}

impl ApplyCommand {
    pub fn of(arguments: &Apply) -> ApplyCommand {
        let is_path = |option: &TypedOption| option.name == "--files-from";
        ApplyCommand {
            list: arguments.manifest.clone(),
            roots: Roots {
                named: arguments.paths.clone(),
                list: arguments.walk.files_from.clone(),
                // They are among all that were typed.
                options: Vec::new(),
            },
            options: typed::options().into_iter().filter(|option| !is_path(option)).collect(),
        }
    }

    /// The whole command with other options.
    fn with(&self, change: &[String]) -> String {
        let kept = self.options.iter().filter(|option| !change.contains(&option.name));
        let options = kept.flat_map(|option| &option.words).chain(change);
        let list = shell_words(std::slice::from_ref(&self.list));
        let roots = (!self.roots.is_empty()).then(|| self.roots.words());
        let words: Vec<String> = std::iter::once(list)
            .chain(roots)
            .chain(options.map(|option| shell_word(option)))
            .collect();
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
pub fn stopped(matching: &Matching, mut hints: String, command: &ApplyCommand, partial: bool) -> String {
    let words = match &matching.distrust {
        Some(distrust) => distrust.to_string(),
        None => format!(
            "{} in the list",
            count(matching.problems.len() as u64, "problem", "problems")
        ),
    };
    let has_certain = matching.distrust.is_none() && !partial && matching.matched.iter().any(Match::asks);
    if hints.is_empty() && (!has_certain || matching.is_of_several()) {
        hints.push_str(matching.last_way());
    }
    if has_certain {
        let command = command.with(&["--partial".to_owned()]);
        hints.push_str(&format!("\nhint: the rows that are certain: {command}"));
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
