//! `decode`: judges codes given as arguments or on standard input.

use std::io::{self, BufRead, IsTerminal as _, Write};

use serde::Serialize;

use crate::cli::LineFormat;
use crate::cli::look::decode::Decode;
use crate::commands::exit::Exit;
use crate::commands::{Surroundings, answer_in};
use crate::isrc::decode::{Class, Decoded, decode};
use crate::isrc::prefix;
use crate::report::jsonl::write_line;
use crate::report::terminal::{Colour, Tone, printable};

pub(in crate::commands) fn run(arguments: Decode, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Decode { codes, format } = arguments;
    let mut exit = Exit::Fine;
    let mut out = answer_in(format);
    let mut judge = |mut out: &mut dyn Write, input: &str| -> io::Result<()> {
        let decoded = decode(input, surroundings.this_year);
        match decoded.class {
            Class::Canonical | Class::Normalised => {}
            Class::Malformed
            | Class::Placeholder
            | Class::SuspiciousPrefix
            | Class::SuspiciousYear
            | Class::OtherIdentifier => exit = exit.max(Exit::Findings),
        }
        match format {
            LineFormat::Jsonl => write_line(&mut out, &line(input, &decoded)),
            LineFormat::Text => write_text(&mut out, input, &decoded, surroundings.colour),
        }
    };
    if codes.is_empty() {
        let typed = io::stdin().is_terminal();
        if typed {
            surroundings.talk("One code a line; an end of input (Ctrl-D) ends it.");
        }
        for line in io::stdin().lock().split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            judge(&mut out, line.strip_suffix('\r').unwrap_or(&line))?;
            if typed {
                out.flush()?;
            }
        }
    } else {
        for code in &codes {
            judge(&mut out, code)?;
        }
    }
    out.flush()?;
    Ok(exit)
}

fn line<'a>(input: &'a str, decoded: &Decoded) -> Line<'a> {
    let isrc = decoded.isrc;
    let prefix = isrc.and_then(|isrc| prefix::lookup(isrc.prefix_letters()));
    Line {
        input,
        class: decoded.class.word(),
        isrc: isrc.map(|isrc| isrc.to_string()),
        reason: decoded.reason.to_string(),
        warnings: decoded.warnings.iter().map(|warning| warning.word()).collect(),
        prefix: isrc.map(|isrc| isrc.prefix_code().to_owned()),
        territory: prefix.and_then(|prefix| prefix.territory),
        agency: prefix.and_then(|prefix| prefix.agency),
        year: isrc.map(|isrc| isrc.year_of_reference()),
        designation: isrc.map(|isrc| isrc.designation().to_owned()),
        suggestions: decoded.suggestions.iter().map(|isrc| isrc.to_string()).collect(),
    }
}

#[derive(Serialize)]
struct Line<'a> {
    input: &'a str,
    class: &'static str,
    isrc: Option<String>,
    reason: String,
    warnings: Vec<&'static str>,
    prefix: Option<String>,
    territory: Option<&'static str>,
    agency: Option<&'static str>,
    year: Option<u16>,
    designation: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<String>,
}

fn write_text(out: &mut impl Write, input: &str, decoded: &Decoded, colour: Colour) -> io::Result<()> {
    let tone = match decoded.class {
        Class::Canonical | Class::Normalised => Tone::Good,
        Class::SuspiciousPrefix | Class::SuspiciousYear => Tone::Warning,
        Class::Malformed | Class::Placeholder | Class::OtherIdentifier => Tone::Error,
    };
    let class = decoded.class.word().replace('_', " ");
    let class = colour.paint(tone, &class);
    match decoded.isrc {
        Some(isrc) if isrc.as_str() == input => writeln!(out, "{isrc}: {class}")?,
        Some(isrc) => writeln!(out, "{} -> {isrc}: {class}", printable(input))?,
        None => writeln!(out, "\"{}\": {class}", printable(input))?,
    }
    if decoded.class != Class::Canonical {
        writeln!(out, "  {}", decoded.reason.explain())?;
    }
    if let Some(isrc) = decoded.isrc {
        let allocated = match prefix::lookup(isrc.prefix_letters()) {
            Some(prefix) => {
                let territory = prefix.territory.unwrap_or("no territory");
                let agency = prefix.agency.map(|agency| format!(", {agency}")).unwrap_or_default();
                format!("{territory}{agency}")
            }
            None => "not on the list of prefixes".to_owned(),
        };
        let (prefix, year, designation) = (isrc.prefix_code(), isrc.year_of_reference(), isrc.designation());
        writeln!(
            out,
            "  prefix {prefix} ({allocated}), year {year}, designation {designation}"
        )?;
    }
    for warning in decoded.warnings.iter() {
        writeln!(out, "  note: {}", warning.explain())?;
    }
    for suggestion in &decoded.suggestions {
        writeln!(out, "  perhaps {suggestion}? A guess, to be checked")?;
    }
    Ok(())
}
