//! Suggestions for values that safe normalisation refuses. They are shown to a person and never applied.
//!
//! Digits read for letters and letters for digits, a four-digit year, lost zeros, a thirteenth character, characters
//! of other scripts, codes glued together or inside other text. The prefix is never exchanged for another one.

use super::Isrc;
use super::character::{is_mark, is_padding, is_separator};
use super::normalise::{Cleaned, CodeLabel, normalise};
use super::placeholder;
use super::prefix;
use super::split::split;

/// More than this helps nobody.
const MOST: usize = 8;

/// Only the beginning of a longer text is looked at.
const MOST_LETTERS: usize = 4096;

/// What a malformed text may have meant, the likeliest first; at most eight codes, none twice.
pub fn suggestions(text: &str) -> Vec<Isrc> {
    let text: String = text.chars().take(MOST_LETTERS).collect();
    let mut found = Guesses(Vec::new());
    for isrc in split(&text).unwrap_or_default() {
        found.add(isrc);
    }
    let readable: String = text
        .trim_matches(is_padding)
        .chars()
        .filter_map(read_as_ascii)
        .collect();
    if let Ok(normalised) = normalise(&readable) {
        found.add(normalised.isrc);
    }
    let cleaned = Cleaned::new(&readable);
    let value = match cleaned.unlabelled() {
        CodeLabel::Before(rest) => rest,
        // `ISRC 11234567`: if the word is no label, it is an Icelandic code.
        CodeLabel::None | CodeLabel::Ambiguous => cleaned.text.as_str(),
    };
    of_groups(&groups(value), &mut found);
    inside(&cleaned.text, &mut found);
    found.0
}

struct Guesses(Vec<Isrc>);

impl Guesses {
    fn add(&mut self, isrc: Isrc) {
        let new = self.0.len() < MOST && !self.0.contains(&isrc) && placeholder::of_code(&isrc).is_none();
        if new {
            self.0.push(isrc);
        }
    }

    fn add_if_code(&mut self, text: &[u8]) {
        code(text).into_iter().for_each(|isrc| self.add(isrc));
    }

    /// Adds what the text is with look-alikes exchanged. A prefix that comes out of it must be one that is given out.
    fn add_swapped(&mut self, text: &[u8]) {
        let swapped = swapped(text);
        let prefix_stays = text.get(..2) == swapped.get(..2);
        let is_listed = |letters: [u8; 2]| prefix::status(letters).is_listed();
        let prefix_exists = swapped.first_chunk().is_some_and(|letters| is_listed(*letters));
        if prefix_stays || prefix_exists {
            self.add_if_code(&swapped);
        }
    }
}

/// The codes that are inside other text, such as an address; nothing else is guessed.
pub fn codes_inside(text: &str) -> Vec<Isrc> {
    let text: String = text.chars().take(MOST_LETTERS).collect();
    let mut found = Guesses(Vec::new());
    inside(&Cleaned::new(&text).text, &mut found);
    found.0
}

/// The runs of letters and digits between separators. Empty if anything else is in the value.
fn groups(value: &str) -> Vec<Vec<u8>> {
    let is_between = |letter| is_separator(letter) || is_mark(letter);
    let groups: Vec<&str> = value.split(is_between).filter(|group| !group.is_empty()).collect();
    if !groups
        .iter()
        .all(|group| group.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    {
        return Vec::new();
    }
    groups.into_iter().map(|group| group.as_bytes().to_vec()).collect()
}

fn of_groups(groups: &[Vec<u8>], found: &mut Guesses) {
    let letters = groups.concat();
    let lengths: Vec<usize> = groups.iter().map(Vec::len).collect();
    match letters.len() {
        8..=11 => {
            // Leading zeros of the designation, as spreadsheets lose them.
            let cut_in_parts = matches!(lengths.as_slice(), [2, 3, 2, _] | [5, 2, _] | [2, 3, _] | [_]);
            if cut_in_parts {
                let (front, designation) = letters.split_at(7);
                let zeros = vec![b'0'; 12 - letters.len()];
                let padded = [front, &zeros, designation].concat();
                // Nobody gives 00000 out, so the digits that are missing are others.
                if !padded.ends_with(b"00000") {
                    found.add_if_code(&padded);
                    found.add_swapped(&padded);
                }
            }
        }
        12 => {
            found.add_if_code(&letters);
            found.add_swapped(&letters);
        }
        13.. => {
            without_century(&letters, found);
            // A thirteenth character, or a suffix behind a separator.
            let mut end = 0;
            let suffixed = lengths.iter().any(|length| {
                end += length;
                end == 12
            });
            if letters.len() == 13 || suffixed {
                found.add_if_code(&letters[..12]);
            }
            let several = letters.len() % 12 == 0 && letters.chunks(12).all(|letters| code(letters).is_some());
            if several {
                letters.chunks(12).for_each(|letters| found.add_if_code(letters));
            }
        }
        _ => {}
    }
}

/// `US-RC1-1976-07839`: four digits where the year of reference has two.
fn without_century(letters: &[u8], found: &mut Guesses) {
    let Some((prefix_code, [c1, c2, rest @ ..])) = letters.split_at_checked(5) else {
        return;
    };
    let Some(isrc) = code(&[prefix_code, rest].concat()) else {
        return;
    };
    if isrc.year_of_reference().to_string().as_bytes().starts_with(&[*c1, *c2]) {
        found.add(isrc);
    }
}

fn code(text: &[u8]) -> Option<Isrc> {
    text.try_into().ok().and_then(Isrc::from_bytes)
}

/// Digits that were read for letters and letters that were read for digits, exchanged where only the other can be.
fn swapped(letters: &[u8]) -> Vec<u8> {
    let letter_for = |byte| match byte {
        b'0' => b'O',
        b'1' => b'I',
        b'5' => b'S',
        b'8' => b'B',
        other => other,
    };
    let digit_for = |byte| match byte {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        b'S' => b'5',
        b'B' => b'8',
        other => other,
    };
    let swap = |(place, byte): (usize, &u8)| match place {
        0..2 => letter_for(*byte),
        2..5 => *byte,
        _ => digit_for(*byte),
    };
    letters.iter().enumerate().map(swap).collect()
}

/// Codes in the middle of other text: twelve characters, perhaps cut between the parts, that no letter or digit
/// touches.
fn inside(text: &str, found: &mut Guesses) {
    let letters: Vec<char> = text.chars().collect();
    for start in 0..letters.len() {
        let begins_word = start == 0 || !letters[start - 1].is_alphanumeric();
        let behind_label = start >= 4 && letters[start - 4..start] == ['I', 'S', 'R', 'C'];
        let may_begin = begins_word || behind_label;
        if let Some(isrc) = may_begin.then(|| code_at(&letters[start..])).flatten() {
            found.add(isrc);
        }
    }
}

fn code_at(letters: &[char]) -> Option<Isrc> {
    let mut code = [0; 12];
    let mut filled = 0;
    let mut cut = false;
    let mut rest = letters.iter();
    while filled < code.len() {
        let letter = *rest.next()?;
        if letter.is_ascii_alphanumeric() {
            code[filled] = u8::try_from(letter).ok()?;
            filled += 1;
            cut = false;
        } else {
            let may_cut = !cut && matches!(filled, 2 | 5 | 7) && (is_separator(letter) || is_mark(letter));
            if !may_cut {
                return None;
            }
            cut = true;
        }
    }
    let stands_alone = rest.next().is_none_or(|letter| !letter.is_alphanumeric());
    if stands_alone { Isrc::from_bytes(code) } else { None }
}

/// The ASCII character that a character of another script is drawn like or counts as; None for one that is not drawn.
fn read_as_ascii(letter: char) -> Option<char> {
    // Upper and lower case that look like Latin letters, from Greek and Cyrillic.
    const GREEK: (&str, &str) = ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹΪΫονρ", "ABEZHIKMNOPTYXCIYOVP");
    const CYRILLIC: (&str, &str) = ("АВЕКМНОРСТХЅІЈҮаеорсухѕіј", "ABEKMHOPCTXSIJYAEOPCYXSIJ");
    // Zeros of scripts whose ten digits are in a row.
    const ZEROS: [char; 8] = ['٠', '۰', '०', '০', '๐', '߀', '\u{1D7CE}', '\u{1D7F6}'];
    if letter.is_ascii() {
        return Some(letter);
    }
    if is_padding(letter) && !letter.is_whitespace() {
        return None;
    }
    let drawn_alike = [GREEK, CYRILLIC]
        .into_iter()
        .find_map(|(theirs, ours)| theirs.chars().zip(ours.chars()).find(|(theirs, _)| *theirs == letter));
    if let Some((_, ours)) = drawn_alike {
        return Some(ours);
    }
    let value_in_row = ZEROS.iter().find_map(|zero| {
        let value = (letter as u32).checked_sub(*zero as u32)?;
        char::from_digit(value, 10)
    });
    Some(value_in_row.unwrap_or(match letter {
        '⁰' | '₀' => '0',
        '¹' | '₁' => '1',
        '²' | '₂' => '2',
        '³' | '₃' => '3',
        '⁴'..='⁹' => char::from_digit(letter as u32 - '⁰' as u32, 10).unwrap_or(letter),
        '₄'..='₉' => char::from_digit(letter as u32 - '₀' as u32, 10).unwrap_or(letter),
        'ı' => 'I',
        'ſ' => 'S',
        'K' => 'K',
        other => other,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_digits_that_look_alike_are_exchanged() {
        check("USRC1760783O", "USRC17607830");
        check("USRC1I607839", "USRC11607839");
        check("U5RC17607839", "USRC17607839");
        check("QZES5O60000l", "QZES50600001");
        check("8R-ABC-24-00001", "BRABC2400001");
        check("8Q-ABC-24-00001", ""); // BQ is not given out.
    }

    #[test]
    fn lengths_are_mended() {
        check("US-RC1-1976-07839", "USRC17607839");
        check("US-RC1-1924-07839", "");
        check("USRC1201207839", "USRC11207839");
        check("US-RC1-76-783", "USRC17600783");
        check("USRC1760783", "USRC17600783");
        check("USRC17607839A", "USRC17607839");
        check("US-RC1-76-07839-A", "USRC17607839");
        check("QZES5160000", "");
        check("USRC1.76078.39", "USRC17607839");
    }

    #[test]
    fn codes_are_dug_out_of_text() {
        check("USRC17607839 (remastered)", "USRC17607839");
        check("TuneCore:isrc:AUWB21013009", "AUWB21013009");
        check("https://example.org/isrc/USRC17607839", "USRC17607839");
        check("Code ISRCUSRC17607839!", "USRC17607839");
        check("ISRC=\"US-RC1-76-07839\"", "USRC17607839");
        check("QMEZE1737583USAHB1000652", "QMEZE1737583 USAHB1000652");
        check("USRC17607839;GBEMI0300013", "USRC17607839 GBEMI0300013");
        check("ISRC 11234567", "ISRC11234567");
        check("Hello World!", "");
        check("5901234123457", "");
    }

    #[test]
    fn other_scripts_are_read_as_latin() {
        check("USRC1760783\u{669}", "USRC17607839");
        check("USRC\u{B9}7607839", "USRC17607839");
        check("USR\u{421}17607839", "USRC17607839");
        check("USRC1\u{200B}7607839", "USRC17607839");
        check("U\u{17F}RC17607839", "USRC17607839");
    }

    #[test]
    fn there_are_never_more_than_eight() {
        let text: String = (0..5000).map(|n| format!("USRC1{:07} ! ", n + 2_400_001)).collect();
        assert_eq!(suggestions(&text).len(), MOST);
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let codes: Vec<String> = suggestions(text).iter().map(Isrc::to_string).collect();
        assert_eq!(codes.join(" "), expected, "{text:?}");
    }
}
