//! The command as it was typed, so that a hint can be a whole command.

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches};

/// An option as it was typed: its long name, and its words.
#[derive(Debug, Clone)]
pub struct TypedOption {
    pub name: String,
    pub words: Vec<String>,
}

/// The options of this run's subcommand that were typed, in the order of its help.
pub fn options() -> Vec<TypedOption> {
    let mut command = super::command();
    command.build();
    let matches = command.clone().try_get_matches_from(std::env::args_os()).ok();
    let Some((name, matches)) = matches.as_ref().and_then(ArgMatches::subcommand) else {
        return Vec::new();
    };
    let arguments = command
        .find_subcommand(name)
        .into_iter()
        .flat_map(clap::Command::get_arguments);
    arguments.filter_map(|argument| option(argument, matches)).collect()
}

fn option(argument: &Arg, matches: &ArgMatches) -> Option<TypedOption> {
    let (id, long) = (argument.get_id().as_str(), argument.get_long()?);
    if matches.value_source(id) != Some(ValueSource::CommandLine) {
        return None;
    }
    let name = format!("--{long}");
    let shown = argument.get_short().map_or(name.clone(), |short| format!("-{short}"));
    let words = match argument.get_action().takes_values() {
        false => vec![shown],
        true => {
            let values = matches.get_raw(id)?.map(|value| value.to_string_lossy().into_owned());
            values
                .flat_map(|value| match value.starts_with('-') {
                    // Taken for an option of its own otherwise.
                    true => vec![format!("{name}={value}")],
                    false => vec![shown.clone(), value],
                })
                .collect()
        }
    };
    Some(TypedOption { name, words })
}
