//! The words in names that count or that tell of a format. They are data, see `names.tsv`.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use super::super::fold::fold;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum NameWord {
    Track,
    Disc,
    /// A part of a set: "volume".
    Part,
    /// A side of a record.
    Side,
    /// A number in words: "one", "II".
    Number,
    /// What a folder of one format is called.
    Format,
    /// How far the studio's work has come: "master", "final".
    Stage,
    /// What stands for an artist where there are many: "Various Artists".
    Nobody,
}

/// By kind and folded word; the number of those that are one.
static WORDS: LazyLock<HashMap<(NameWord, String), u32>> = LazyLock::new(|| {
    let rows = include_str!("../names.tsv")
        .lines()
        .filter(|row| !row.starts_with('#'))
        .skip(1);
    let entry = |row: &str| {
        let mut cells = row.split('\t');
        let word = fold(cells.next()?);
        let kind = kind_of(cells.next()?)?;
        Some(((kind, word), cells.next()?.parse().unwrap_or(0)))
    };
    rows.filter_map(entry).collect()
});

fn kind_of(word: &str) -> Option<NameWord> {
    match word {
        "track" => Some(NameWord::Track),
        "disc" => Some(NameWord::Disc),
        "part" => Some(NameWord::Part),
        "side" => Some(NameWord::Side),
        "number" => Some(NameWord::Number),
        "format" => Some(NameWord::Format),
        "studio" => Some(NameWord::Stage),
        "nobody" => Some(NameWord::Nobody),
        _ => None,
    }
}

pub(super) fn is(kind: NameWord, word: &str) -> bool {
    WORDS.contains_key(&(kind, fold(word)))
}

/// The number that `text` begins with after a word of this kind, and where it ends: "Track 01", "CD1", "Disc Two".
pub(super) fn counted(text: &str, kind: NameWord) -> Option<(u32, usize)> {
    let is_gap = |letter: char| matches!(letter, ' ' | '_' | '-' | '.' | '#' | '\u{a0}');
    let word_len: usize = text
        .chars()
        .take_while(|letter| letter.is_alphabetic())
        .map(char::len_utf8)
        .sum();
    let (mut word, mut rest) = text.split_at(word_len);
    // "Audio Track 01" has two words.
    if let Some(second) = rest.strip_prefix(' ') {
        let len: usize = second
            .chars()
            .take_while(|letter| letter.is_alphabetic())
            .map(char::len_utf8)
            .sum();
        if len > 0 && is(kind, &text[..word_len + 1 + len]) {
            (word, rest) = text.split_at(word_len + 1 + len);
        }
    }
    if word.is_empty() || !is(kind, word) {
        return None;
    }
    let after = rest.trim_start_matches(is_gap);
    let at = text.len() - after.len();
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=3).contains(&digits) {
        let ends = !after[digits..].starts_with(char::is_alphabetic);
        return ends.then(|| Some((after[..digits].parse().ok()?, at + digits)))?;
    }
    let len: usize = after
        .chars()
        .take_while(|letter| letter.is_alphabetic())
        .map(char::len_utf8)
        .sum();
    let number = number(&after[..len])?;
    (at > word_len).then_some((number, at + len))
}

/// The number that a word is: "two", "II".
pub fn number(word: &str) -> Option<u32> {
    WORDS.get(&(NameWord::Number, fold(word))).copied()
}

/// The number of a folder that is called a part of a set and nothing else: "Vol. 2".
pub fn part_of_set(name: &str) -> Option<u32> {
    counted(name, NameWord::Part)
        .filter(|(_, len)| *len == name.len())
        .map(|(part, _)| part)
}

/// Whether a word is that of a part of a set, "volume", without its number.
pub fn is_part_of_set(word: &str) -> bool {
    is(NameWord::Part, word)
}

/// The letter of a folder that is called a side of a record and nothing else: "Side B".
pub fn side_of_folder(name: &str) -> Option<char> {
    let (word, letter) = name.split_once([' ', '_'])?;
    let is_letter = letter.len() == 1 && letter.bytes().all(|letter| letter.is_ascii_alphabetic());
    (is_letter && is(NameWord::Side, word)).then(|| letter.to_ascii_uppercase().chars().next())?
}

/// Whether a name says nothing but how far the work has come, formats and dates: "2024-05 final", "WAV upload".
pub fn is_of_work(name: &str) -> bool {
    let mut words = name
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.all(|word| {
        word.bytes().all(|letter| letter.is_ascii_digit()) || is(NameWord::Stage, word) || is(NameWord::Format, word)
    })
}

/// Whether a title only counts: "Track 01". Such titles are equal on every album.
pub fn is_placeholder(title: &str) -> bool {
    let title = title.trim();
    counted(title, NameWord::Track).is_some_and(|(_, len)| len == title.len()) || is(NameWord::Track, title)
}

/// A name without the bits, rates and stages at its end: "Title_MASTER_24-48", "Title (16bit 44.1kHz)".
pub(super) fn without_technical(name: &str) -> &str {
    let mut rest = name.trim_end();
    let mut has_technical = false;
    loop {
        let cut = match rest.strip_suffix([')', ']']) {
            Some(inner) => inner.rfind(['(', '[']).map(|at| (at, &rest[at + 1..inner.len()])),
            None => rest.rfind([' ', '_']).map(|at| (at, &rest[at + 1..])),
        };
        let Some((at, part)) = cut else { return rest };
        let is_stage = has_technical && is(NameWord::Stage, part);
        // "4 44" and "Summer 24" are titles.
        let is_lone_number = !has_technical && part.len() < 3 && part.bytes().all(|letter| letter.is_ascii_digit());
        let is_known = is_stage || (!is_lone_number && parts(part).all(is_technical));
        if rest[..at].trim().is_empty() || part.is_empty() || !is_known {
            return rest;
        }
        has_technical = true;
        rest = rest[..at].trim_end_matches([' ', '-', '_', '–']);
    }
}

/// Whether a text says nothing but formats, bits and rates.
pub(super) fn all_are_formats(text: &str) -> bool {
    is(NameWord::Format, text) || parts(text).all(|part| is(NameWord::Format, part) || is_technical(part))
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '_', '-', '/', ',', ';', '–'])
        .filter(|part| !part.is_empty())
}

/// Bits and rates: "24bit", "44.1kHz", "24-96" in its parts.
fn is_technical(part: &str) -> bool {
    let part = part.to_ascii_lowercase();
    let unit = ["bits", "bit", "b", "khz", "hz", "kbps", "kbit", "k"]
        .into_iter()
        .find_map(|unit| {
            let number: f64 = part.strip_suffix(unit)?.parse().ok()?;
            // "432Hz" is the pitch of a version.
            (unit != "hz" || number >= 8000.0).then_some(())
        });
    let is_known = |bits: &str| {
        [
            "16", "24", "32", "44", "44.1", "48", "88", "88.2", "96", "176", "176.4", "192", "44100", "48000", "88200",
            "96000", "1644", "2444", "2448", "2488", "2496", "24192",
        ]
        .contains(&bits)
    };
    unit.is_some() || matches!(part.as_str(), "bit" | "bits" | "khz" | "hz") || is_known(&part)
}

/// Whether there are several titles, all with one stage of the work behind them, and each another without it.
pub(super) fn end_in_one_stage<'a>(titles: impl Iterator<Item = &'a str>) -> bool {
    let (mut whole, mut cut) = (BTreeSet::new(), BTreeSet::new());
    let mut stages = BTreeSet::new();
    for title in titles {
        let (before, stage) = split_stage(title);
        whole.insert(title);
        cut.insert(before);
        stages.insert(stage);
    }
    stages.len() == 1 && !stages.contains(&None) && whole.len() > 1 && whole.len() == cut.len()
}

/// A title without the stage of the work and the take behind it, "Rope final mix v3", and the last word for a stage.
pub(super) fn split_stage(title: &str) -> (&str, Option<String>) {
    let is_take = |word: &str| {
        let number = word.strip_prefix(['v', 'V']).unwrap_or(word);
        let is_number = !number.is_empty() && number.bytes().all(|letter| letter.is_ascii_digit());
        is_number || word.eq_ignore_ascii_case("mix")
    };
    let (mut rest, mut before, mut stage) = (title, title, None);
    while let Some((shorter, last)) = last_word(rest).filter(|(shorter, _)| !shorter.trim().is_empty()) {
        if is(NameWord::Stage, last) {
            stage.get_or_insert_with(|| fold(last));
            before = shorter;
        } else if !is_take(last) {
            break;
        }
        rest = shorter;
    }
    (before, stage)
}

fn last_word(title: &str) -> Option<(&str, &str)> {
    let end = title.trim_end_matches([')', ']', ' ']);
    let at = end.rfind([' ', '_', '-', '(', '['])?;
    Some((
        end[..at].trim_end_matches([' ', '-', '–', '_', '(', '[']),
        &end[at + 1..],
    ))
}
