//! What `show` says of a file: everything about its codes.

use std::path::Path;

use serde::Serialize;

use super::Answer;
use crate::format::place::Place;
use crate::format::tags::Description;
use crate::isrc::decode::{Class, decode};
use crate::judge::shared::clock;
use crate::report::jsonl::file_line;
use crate::report::terminal::{Colour, Tone, printable};
use crate::scan::inspect::Inspected;

/// A file that was looked at.
pub struct Shown<'a> {
    pub path: &'a Path,
    pub file: &'a Inspected,
    pub this_year: u16,
}

impl Answer for Shown<'_> {
    fn text(&self, colour: Colour) -> String {
        let Shown { path, file, this_year } = self;
        let row = |name: &str, value: &str| format!("  {name:<9} {}", printable(value));
        let name = path.to_string_lossy();
        let mut lines = vec![row("file", &printable(&name))];
        lines.extend(described(file).into_iter().map(|(name, value)| row(name, &value)));
        let places = file.places.iter();
        lines.extend(places.map(|place| row("place", &read_as(place, *this_year))));
        lines.extend(file.judged.findings.iter().map(|finding| {
            let doubt = finding
                .second_opinion
                .as_ref()
                .map(|opinion| format!(" (second opinion: {opinion})"));
            let word = colour.paint(Tone::of(finding.kind.severity()), finding.kind.word());
            let reason = printable(&finding.explanation);
            format!("  finding   {word}: {reason}{}", printable(&doubt.unwrap_or_default()))
        }));
        lines.join("\n")
    }

    fn object(&self) -> impl Serialize {
        file_line(self.path, self.file, self.this_year)
    }
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
        flac_layout: _,
        medium: _,
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
