//! `show`: everything about the codes of single files.

use std::io::{self, Write};
use std::path::Path;

use super::each_named;
use crate::cli::LineFormat;
use crate::cli::look::show::Show;
use crate::commands::exit::Exit;
use crate::commands::{Surroundings, answer_in};
use crate::format::place::Place;
use crate::format::tags::Description;
use crate::isrc::decode::{Class, decode};
use crate::judge::shared::clock;
use crate::judge::{Kind, Severity};
use crate::report::jsonl::{file_line, write_line};
use crate::report::terminal::{Tone, printable};
use crate::scan::inspect::Inspected;

pub(in crate::commands) fn run(show: Show, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Show { files, format } = show;
    let inspection = surroundings.inspection();
    let mut out = answer_in(format);
    let exit = each_named(&files, &inspection, surroundings, |path, file| {
        match format {
            LineFormat::Jsonl => write_line(&mut out, &file_line(path, file, surroundings.this_year))?,
            LineFormat::Text => write_text(&mut out, path, file, surroundings)?,
        }
        let exits = file
            .judged
            .findings
            .iter()
            .map(|finding| match (finding.kind, finding.kind.severity()) {
                (Kind::Unreadable, _) => Exit::SomeFailed,
                (_, Severity::Error) => Exit::Findings,
                (_, Severity::Warning | Severity::Info) => Exit::Fine,
            });
        Ok(exits.max().unwrap_or(Exit::Fine))
    })?;
    out.flush()?;
    Ok(exit)
}

fn write_text(out: &mut impl Write, path: &Path, file: &Inspected, surroundings: &Surroundings) -> io::Result<()> {
    let mut row = |name: &str, value: &str| writeln!(out, "  {name:<9} {}", printable(value));
    let name = path.to_string_lossy();
    row("file", &printable(&name))?;
    for (name, value) in described(file) {
        row(name, &value)?;
    }
    for place in &file.places {
        row("place", &read_as(place, surroundings.this_year))?;
    }
    for finding in &file.judged.findings {
        let tone = Tone::of(finding.kind.severity());
        let doubt = finding
            .second_opinion
            .as_ref()
            .map(|opinion| format!(" (second opinion: {opinion})"));
        let reason = &finding.explanation;
        let word = surroundings.colour.paint(tone, finding.kind.word());
        writeln!(
            out,
            "  finding   {word}: {}{}",
            printable(reason),
            printable(&doubt.unwrap_or_default())
        )?;
    }
    Ok(())
}

/// What is known of a file, line by line.
fn described(file: &Inspected) -> Vec<(&'static str, String)> {
    let Description {
        title,
        version: _,
        artist,
        album,
        disc,
        track,
        duration,
        flac_md5,
    } = &file.description;
    let isrc = file.judged.isrc.map(|isrc| isrc.to_string());
    let lines = [
        ("format", file.format.map(|format| format.name().to_owned())),
        ("title", title.clone()),
        ("artist", artist.clone()),
        ("album", album.clone()),
        ("disc", disc.map(|disc| disc.to_string())),
        ("track", track.map(|track| track.to_string())),
        ("duration", duration.map(clock)),
        ("audio md5", flac_md5.map(|md5| format!("{md5:032x}"))),
        ("code", Some(isrc.unwrap_or_else(|| "none that is valid".to_owned()))),
    ];
    let known = lines.into_iter().filter_map(|(name, value)| Some((name, value?)));
    known.collect()
}

/// A place, what it holds, and what that is read as.
fn read_as(place: &Place, this_year: u16) -> String {
    let decoded = decode(place.code(), this_year);
    let key = place.key.as_ref().map(|key| format!(" (key {key})"));
    let becomes = match decoded.isrc {
        // With hyphens, where they are right.
        Some(_) if place.stored().is_some() && decoded.class == Class::Normalised => ": canonical".to_owned(),
        Some(_) if place.stored().is_some() => format!(": {}", decoded.class.word()),
        Some(isrc) => format!(" -> {isrc}: {}", decoded.class.word()),
        None => format!(": {}, {}", decoded.class.word(), decoded.reason.explain()),
    };
    format!("{}{} \"{}\"{becomes}", place.name, key.unwrap_or_default(), place.text)
}
