//! The thin program around the library: arguments in, exit status out.

use std::io;
use std::process::ExitCode;

use clap::FromArgMatches as _;
use isrctag::internals::{Cli, Exit, exit_of, printable_lines};

fn main() -> ExitCode {
    let exit = match arguments().map(isrctag::internals::run) {
        Err(exit) => exit,
        Ok(Ok(exit)) => exit,
        Ok(Err(error)) if is_closed_pipe(&error) => Exit::Fine,
        Ok(Err(error)) => {
            tell(&format!("isrctag: {error:#}"));
            exit_of(&error)
        }
    };
    std::process::Termination::report(exit)
}

/// The command line, unless it asks for help or is wrong: then this is the answer.
fn arguments() -> Result<Cli, Exit> {
    if std::env::args_os().len() == 1
        && let Some(first) = isrctag::internals::where_to_begin()
    {
        tell(&first);
        return Err(Exit::Unusable);
    }
    let cli = isrctag::internals::command()
        .try_get_matches()
        .and_then(|matches| Cli::from_arg_matches(&matches));
    cli.map_err(|error| {
        if error.use_stderr() {
            // It repeats arguments, which may come from a file's name. Words for errors and hints are those of all others.
            let message = error.render().to_string();
            let message = message
                .strip_prefix("error: ")
                .map_or(message.clone(), |rest| format!("isrctag: {rest}"));
            let meant = isrctag::internals::what_was_meant(&error).map(|meant| format!("\nhint: {meant}"));
            tell(&(message.trim_end().replace("\n  tip: ", "\nhint: ") + &meant.unwrap_or_default()));
            return Exit::Unusable;
        }
        // Nobody listens on a closed standard output, and that is fine.
        let _closed = isrctag::internals::show_help(&error);
        Exit::Fine
    })
}

/// Says on standard error why nothing comes of this.
fn tell(message: &str) {
    // Nobody listens on a closed standard error, and that is fine.
    let _closed = isrctag::internals::tell(&printable_lines(message.trim_end()));
}

/// A reader that has seen enough, such as `head`, is a normal end.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let of_io = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(of_io)
            || matches!(cause.downcast_ref::<serde_json::Error>(), Some(error) if error.io_error_kind() == Some(io::ErrorKind::BrokenPipe))
    })
}
