//! What `decode` says of a code.

use serde::Serialize;

use super::Answer;
use crate::isrc::decode::{Class, Decoded};
use crate::isrc::prefix;
use crate::report::terminal::{Colour, Tone, printable};

/// A code as it was given, and what it is.
pub struct Judgement<'a> {
    pub input: &'a str,
    pub decoded: &'a Decoded,
}

impl Answer for Judgement<'_> {
    fn text(&self, colour: Colour) -> String {
        let Judgement { input, decoded } = self;
        let tone = match decoded.class {
            Class::Canonical | Class::Normalised => Tone::Good,
            Class::SuspiciousPrefix | Class::SuspiciousYear => Tone::Warning,
            Class::Malformed | Class::Placeholder | Class::OtherIdentifier => Tone::Error,
        };
        let class = decoded.class.word().replace('_', " ");
        let class = colour.paint(tone, &class);
        let mut lines = vec![match decoded.isrc {
            Some(isrc) if isrc.as_str() == *input => format!("{isrc}: {class}"),
            Some(isrc) => format!("{} -> {isrc}: {class}", printable(input)),
            None => format!("\"{}\": {class}", printable(input)),
        }];
        if decoded.class != Class::Canonical {
            lines.push(format!("  {}", decoded.reason.explain()));
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
            lines.push(format!(
                "  prefix {prefix} ({allocated}), year {year}, designation {designation}"
            ));
        }
        let warnings = decoded.warnings.iter();
        lines.extend(warnings.map(|warning| format!("  note: {}", warning.explain())));
        let suggestions = decoded.suggestions.iter();
        lines.extend(suggestions.map(|suggestion| format!("  perhaps {suggestion}? A guess, to be checked")));
        lines.join("\n")
    }

    fn object(&self) -> impl Serialize {
        let Judgement { input, decoded } = self;
        let isrc = decoded.isrc;
        let prefix = isrc.and_then(|isrc| prefix::lookup(isrc.prefix_letters()));
        DecodedLine {
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
}

#[derive(Serialize)]
struct DecodedLine<'a> {
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
