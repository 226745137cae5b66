//! `completions` and `man`, both made from the declarations of the command line.

use std::io::Write;

use anyhow::{Context as _, bail};
use clap_mangen::Man as Page;

use super::stdout;
use crate::cli;
use crate::cli::shell::{Completions, Man};
use crate::exit::Exit;

pub(super) fn completions(completions: Completions) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(completions.shell, &mut cli::command(), "isrctag", &mut script);
    let mut out = stdout();
    out.write_all(&script)?;
    out.flush()?;
    Ok(Exit::Fine)
}

pub(super) fn man(man: Man) -> anyhow::Result<Exit> {
    let Man { command, dir } = man;
    let mut program = cli::command().disable_help_subcommand(true);
    program.build();
    if let Some(dir) = dir {
        fs_err::create_dir_all(&dir)?;
        for page in pages(&program) {
            fs_err::write(dir.join(format!("{}.1", page_name(page))), rendered(page)?)?;
        }
        return Ok(Exit::Fine);
    }
    let wanted = std::iter::once("isrctag")
        .chain(command.iter().map(String::as_str))
        .collect::<Vec<_>>()
        .join("-");
    let Some(page) = pages(&program).into_iter().find(|page| page_name(page) == wanted) else {
        bail!(
            "there is no command {}\nhint: isrctag --help lists them",
            command.join(" ")
        );
    };
    let mut out = stdout();
    out.write_all(&rendered(page)?)?;
    out.flush()?;
    Ok(Exit::Fine)
}

/// The program and every command of it that help shows.
fn pages(command: &clap::Command) -> Vec<&clap::Command> {
    let shown = command.get_subcommands().filter(|below| !below.is_hide_set());
    std::iter::once(command).chain(shown.flat_map(pages)).collect()
}

/// The name of a command's page: `isrctag-ledger-add`.
fn page_name(command: &clap::Command) -> &str {
    command.get_display_name().unwrap_or(command.get_name())
}

fn rendered(command: &clap::Command) -> anyhow::Result<Vec<u8>> {
    let mut text = Vec::new();
    Page::new(command.clone())
        .render(&mut text)
        .with_context(|| format!("cannot write the page of {}", page_name(command)))?;
    Ok(text)
}
