//! The thin program around the library: arguments in, exit status out.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::FromArgMatches as _;
use isrctag::cli::Cli;
use isrctag::database::{DatabaseError, Fault};
use isrctag::exit::Exit;

fn main() -> ExitCode {
    let exit = match isrctag::commands::run(arguments()) {
        Ok(exit) => exit,
        Err(error) if is_closed_pipe(&error) => Exit::Fine,
        Err(error) => {
            let message = format!("{error:#}");
            // Nobody listens on a closed standard error, and that is fine.
            let _closed = writeln!(
                io::stderr(),
                "isrctag: {}",
                isrctag::report::terminal::printable_lines(&message)
            );
            exit_of(&error)
        }
    };
    std::process::Termination::report(exit)
}

/// The command line; what is wrong with it, and help, end the program here.
fn arguments() -> Cli {
    let matches = isrctag::cli::command().get_matches();
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// Nothing was done, because it cannot be done or because somebody did not want to wait for it.
fn exit_of(error: &anyhow::Error) -> Exit {
    let given_up = |cause: &(dyn std::error::Error + 'static)| matches!(cause.downcast_ref::<DatabaseError>(), Some(error) if matches!(error.fault, Fault::Interrupted));
    match error.chain().any(given_up) {
        true => Exit::Interrupted,
        false => Exit::Unusable,
    }
}

/// A reader that has seen enough, such as `head`, is a normal end.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let of_io = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(of_io)
            || matches!(cause.downcast_ref::<serde_json::Error>(), Some(error) if error.io_error_kind() == Some(io::ErrorKind::BrokenPipe))
    })
}
