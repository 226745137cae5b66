//! `completions` and `man`, both made from the declarations of the command line.

use std::io::Write;

use anyhow::{Context as _, bail};
use clap_mangen::Man as Page;
use clap_mangen::roff::{Roff, bold, roman};

use super::output::Output;
use super::stdout;
use crate::cli;
use crate::cli::examples;
use crate::cli::manual::{CHANGED, ENVIRONMENT, FILES};
use crate::cli::shell::{Completions, Man};
use crate::commands::exit::Exit;

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
            let (written, mut file) = Output::create(&dir.join(format!("{}.1", page_name(page))), &[])?;
            file.write_all(&rendered(page)?)?;
            written.put()?;
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
    render(command, &mut text).with_context(|| format!("cannot write the page of {}", page_name(command)))?;
    Ok(text)
}

/// The sections of man-pages(7), of which the generator knows those that a declaration holds.
fn render(command: &clap::Command, out: &mut Vec<u8>) -> std::io::Result<()> {
    // The short help hides some options, and a page is to tell of them all.
    let whole = command.clone().mut_args(|argument| argument.hide_short_help(false));
    let page = Page::new(whole)
        .date(CHANGED)
        .source(concat!("isrctag ", env!("CARGO_PKG_VERSION")));
    page.render_title(out)?;
    page.render_name_section(out)?;
    page.render_synopsis_section(out)?;
    page.render_description_section(out)?;
    page.render_options_section(out)?;
    if command.has_subcommands() {
        page.render_subcommands_section(out)?;
    }
    let mut own = Roff::new();
    own.control("SH", ["EXIT STATUS"]);
    for exit in Exit::ALL {
        listed(&mut own, &(exit as u8).to_string(), exit.meaning());
    }
    own.control("SH", ["ENVIRONMENT"]);
    ENVIRONMENT
        .iter()
        .for_each(|(name, meaning)| listed(&mut own, name, meaning));
    own.control("SH", ["FILES"]);
    FILES.iter().for_each(|(name, meaning)| listed(&mut own, name, meaning));
    own.control("SH", ["EXAMPLES"]);
    let words = page_name(command).split('-').skip(1).collect::<Vec<_>>().join(" ");
    for (what, line) in examples::of(&words) {
        own.control("PP", []);
        own.text([roman(format!("{what}:"))]);
        own.control("PP", []);
        own.control("RS", ["4"]);
        own.control("EX", []);
        own.text([roman(line)]);
        own.control("EE", []);
        own.control("RE", []);
    }
    if page_name(command) != "isrctag" {
        own.control("SH", ["SEE ALSO"]);
        own.text([bold("isrctag"), roman("(1)")]);
    }
    own.to_writer(out)
}

/// An item of a tagged list, as one sentence.
fn listed(page: &mut Roff, name: &str, meaning: &str) {
    page.control("TP", []);
    page.text([bold(name)]);
    page.text([roman(format!("{meaning}."))]);
}
