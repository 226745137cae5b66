//! The number in a file name: "01 - Title", "1-01 Title", "A1 Title", "Track 01", "Artist - Album - 01 Title".

use super::words;

/// A number that a name seems to have, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lead {
    pub(super) number: Number,
    /// Where it begins.
    pub(super) start: usize,
    /// Where the title begins.
    pub(super) rest: usize,
    /// Whether something else than a space parts it from the title.
    pub(super) is_marked: bool,
}

/// What kind of number it is. Some are believed only where the folder bears them out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    /// "01", "1.", "(1)".
    Track { track: u32, zeros: bool },
    /// "10 Song": or a title.
    Bare(u32),
    /// "1-01".
    DiscTrack(u32, u32),
    /// "1-12", "1.12": or a title.
    BarePair(u32, u32),
    /// "101": track 1 of disc 1, or track 101, or a title.
    Hundred(u32),
    /// "A1": of a record.
    Side(char, u32),
    /// "A-01", "Artist - A1": or a title.
    BareSide(char, u32),
}

const SPACES: [char; 2] = [' ', '\u{a0}'];
const DASHES: [char; 3] = ['-', '–', '—'];

/// The first part of a name, between dashes, that begins with a number.
pub(super) fn find(text: &str) -> Option<Lead> {
    let mut leads = text
        .match_indices(" - ")
        .filter_map(|(at, dash)| lead_at(text, at + dash.len()));
    let first = lead_at(text, 0);
    if first.is_some() {
        return first;
    }
    let is_numbered = |lead: &Lead| match lead.number {
        // "Artist - 22" may be a title; "Artist - 02" not.
        Number::Track { zeros, .. } => zeros || lead.rest < text.len(),
        Number::DiscTrack(..) => true,
        Number::Bare(_) | Number::BarePair(..) | Number::Hundred(_) => lead.rest < text.len(),
        Number::Side(..) | Number::BareSide(..) => false,
    };
    let side = leads.clone().find_map(|lead| match lead.number {
        Number::Side(side, number) if lead.rest < text.len() => Some(Lead {
            number: Number::BareSide(side, number),
            ..lead
        }),
        _ => None,
    });
    leads.find(is_numbered).or(side)
}

/// The number that `text` has at `start`.
fn lead_at(text: &str, start: usize) -> Option<Lead> {
    let from = &text[start..];
    let (number, len) = bracketed(from)
        .or_else(|| counted(from))
        .or_else(|| side(from))
        .or_else(|| digits(from))?;
    let after = &from[len..];
    let (gap, is_marked) = gap(after);
    let rest = start + len + gap;
    // "7th Heaven", "3.5 Days".
    if gap == 0 && !after.is_empty() {
        return None;
    }
    let number = match number {
        Number::Bare(track) if is_marked || after.is_empty() => Number::Track { track, zeros: false },
        Number::BarePair(disc, track) if after.is_empty() && track == 0 => Number::BarePair(disc, track),
        number => number,
    };
    Some(Lead {
        number,
        start,
        rest,
        is_marked,
    })
}

/// How long what parts a number from its title is, and whether it is more than a space.
fn gap(after: &str) -> (usize, bool) {
    let is_mark = |letter: char| matches!(letter, '.' | ')' | ']' | ':' | '、' | '．') || DASHES.contains(&letter);
    let rest = after.trim_start_matches(|letter: char| SPACES.contains(&letter) || is_mark(letter) || letter == '_');
    let len = after.len() - rest.len();
    let gap = &after[..len];
    let has_space = gap.contains(SPACES) || gap.contains('_');
    let is_glued = !has_space && gap.chars().count() == 1;
    let next = rest.chars().next();
    match next {
        // "9-5", "3.14", "10:15".
        Some(next) if is_glued && next.is_ascii_digit() => (0, false),
        // "7-Eleven" and "50-50"; "01-Title" is told by its zero.
        Some(_) if is_glued && gap.starts_with(DASHES) => (len, false),
        // "7 (Seven)" begins with no mark.
        _ => (len, gap.contains(is_mark)),
    }
}

fn number(text: &str, most: usize) -> Option<(u32, usize)> {
    let len = text.bytes().take_while(u8::is_ascii_digit).count();
    (1..=most)
        .contains(&len)
        .then(|| Some((text[..len].parse().ok()?, len)))?
}

fn digits(text: &str) -> Option<(Number, usize)> {
    let (first, len) = number(text, 4)?;
    let has_zeros = text.starts_with('0');
    match (len, has_zeros) {
        (4, true) => {
            // "0101" is disc 1, track 1; any other four digits are a year or a title.
            let is_pair = (101..1000).contains(&first) && (1..=40).contains(&(first % 100));
            return is_pair.then_some((Number::BarePair(first / 100, first % 100), 4));
        }
        (4, false) => return None,
        (3, true) => {
            return Some((
                Number::Track {
                    track: first,
                    zeros: true,
                },
                3,
            ));
        }
        (3, false) => return Some((Number::Hundred(first), 3)),
        _ => {}
    }
    if let Some((second, second_len, mark)) = second(&text[len..])
        && second_len == 2
    {
        let zeros = text[len + 1..].starts_with('0');
        let number = match mark {
            _ if first == 0 || second == 0 => return None,
            // "4-44" and "10-15 Saturday" are titles; "1-01" is not.
            '-' | 'x' if zeros => Number::DiscTrack(first, second),
            _ => Number::BarePair(first, second),
        };
        return Some((number, len + 1 + second_len));
    }
    let number = match has_zeros {
        true => Number::Track {
            track: first,
            zeros: true,
        },
        false => Number::Bare(first),
    };
    Some((number, len))
}

/// What follows a disc's number directly: mark and digits.
fn second(text: &str) -> Option<(u32, usize, char)> {
    let mark = text.chars().next().filter(|mark| matches!(mark, '-' | '.' | 'x'))?;
    let (second, len) = number(&text[1..], 2)?;
    let ends = !text[1 + len..].starts_with(|letter: char| letter.is_alphanumeric());
    ends.then_some((second, len, mark))
}

/// "(01) Title", `[1-01] Title`, `[A1] Title`, "#1 Title".
fn bracketed(text: &str) -> Option<(Number, usize)> {
    let close = match text.chars().next()? {
        '(' => ")",
        '[' => "]",
        '#' => "",
        _ => return None,
    };
    let (number, len) = side(&text[1..]).or_else(|| digits(&text[1..]))?;
    text[1 + len..].starts_with(close).then_some(())?;
    let number = match number {
        Number::Bare(track) => Number::Track { track, zeros: false },
        Number::BarePair(disc, track) => Number::DiscTrack(disc, track),
        // "(500) Days".
        Number::Hundred(_) => return None,
        number => number,
    };
    Some((number, 1 + len + close.len()))
}

/// "Track 01", "CD1 - 01", "Disc 2 Track 3".
fn counted(text: &str) -> Option<(Number, usize)> {
    if let Some((disc, len)) = words::counted(text, words::NameWord::Disc) {
        let after = text[len..].trim_start_matches(|letter: char| SPACES.contains(&letter) || DASHES.contains(&letter));
        let at = text.len() - after.len();
        let (number, len) = words::counted(after, words::NameWord::Track)
            .map(|(track, len)| (Number::Track { track, zeros: false }, len))
            .or_else(|| digits(after))?;
        return match number {
            Number::Track { track, .. } | Number::Bare(track) if track > 0 => {
                Some((Number::DiscTrack(disc, track), at + len))
            }
            _ => None,
        };
    }
    let (track, len) = words::counted(text, words::NameWord::Track)?;
    let after = &text[len..];
    // "Track 1 of my tears".
    let is_number = after.is_empty() || gap(after).1;
    is_number.then_some((Number::Track { track, zeros: true }, len))
}

/// "A1 Title", "B02. Title", "A-01 Title", "A_1 Title".
fn side(text: &str) -> Option<(Number, usize)> {
    let side = text.chars().next().filter(|letter| matches!(letter, 'A'..='L'))?;
    let after = text[1..].trim_start_matches(['-', '_', ' ']);
    let (number, len) = number(after, 2)?;
    let at = text.len() - after.len();
    let number = match at {
        _ if !(1..=20).contains(&number) => return None,
        1 => Number::Side(side, number),
        _ => Number::BareSide(side, number),
    };
    Some((number, at + len))
}
