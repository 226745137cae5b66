//! What a label or a delivery puts before the track numbers of all files of a folder.

use super::{Stem, lead};

/// Cuts what all names of a folder begin with, where it is the number of a catalogue or a UPC and a track number follows:
/// "SH001-01 Rope", "5060123456781_01_001".
pub(super) fn without_catalogue_number(stems: &mut [Stem]) {
    let first = |stem: &Stem| stem.text.split([' ', '-']).next().unwrap_or("").to_owned();
    let Some(number) = stems.first().map(first) else { return };
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let is_upc = digits == number.len() && (12..=13).contains(&digits);
    let is_of_label = digits >= 3 && number.starts_with(|letter: char| letter.is_ascii_alphabetic());
    if !is_upc && !is_of_label {
        return;
    }
    let rest = |stem: &Stem| {
        let rest = stem.text.strip_prefix(&number)?.trim_start_matches([' ', '-']);
        // Disc and track of a delivery.
        let number = |text: &str| text.parse::<u8>().ok();
        let numbers = rest.split_once(' ').map(|(disc, track)| (number(disc), number(track)));
        let text = match numbers {
            Some((Some(disc), Some(track))) => format!("{disc}-{track:02}"),
            _ => rest.to_owned(),
        };
        let lead = lead::find(&text).filter(|lead| lead.start == 0)?;
        Some(Stem { text, lead: Some(lead) })
    };
    let rests: Option<Vec<Stem>> = stems.iter().map(rest).collect();
    if let Some(rests) = rests.filter(|rests| rests.windows(2).any(|pair| pair[0].text != pair[1].text)) {
        stems.iter_mut().zip(rests).for_each(|(stem, rest)| *stem = rest);
    }
}
