//! Codes that stand in a file's bytes, whatever item they are in: other programs may show one that no walk looks for, in
//! a comment, in an item of their own, or behind what the walk takes for the end.
//!
//! A stray is a well-formed code that is all of a value, or follows the word ISRC: what else looks like one in text is
//! most often a part of another number. Its bytes are ASCII or UTF-16.

use std::io;
use std::ops::Range;

use crate::bytes::source::ReadAt;
use crate::isrc::Isrc;
use crate::isrc::prefix::status;

/// A code with hyphens, and in front of it a word and what is between the two.
const LONGEST: usize = 48;

/// In UTF-16.
const OVERLAP: usize = 2 * LONGEST;

/// The digits at the end of a code with hyphens, of which every code has as many. One of them is found by looking at
/// every fifth byte, in UTF-16 too, where every other byte is zero.
const DIGITS: usize = 5;

const MOST_PASSED: usize = 256;

/// More are not told of.
const MOST: usize = 16;

/// The strays of a file, as its bytes pass by.
#[derive(Debug, Default)]
pub struct Strays {
    pub codes: Vec<Isrc>,
    /// What passed already: lofty comes back to many places.
    passed: Vec<Range<u64>>,
    /// The end of what passed last, and where the next byte is.
    end: Vec<u8>,
    at: u64,
}

impl Strays {
    /// These bytes are at this offset of the file.
    pub(super) fn pass(&mut self, at: u64, bytes: &[u8]) {
        let end = at + bytes.len() as u64;
        let is_here = |passed: &Range<u64>| (passed.start..=passed.end).contains(&at);
        let mut seen = 0;
        match self.passed.iter().position(is_here) {
            Some(index) => {
                let known = &mut self.passed[index];
                seen = (known.end.min(end) - at) as usize;
                known.end = known.end.max(end);
            }
            // No tag is in more pieces.
            None if self.passed.len() == MOST_PASSED => return,
            None => self.passed.push(at..end),
        }
        if seen == bytes.len() {
            return;
        }
        if seen == 0 && self.at == at {
            let seam = [&self.end, &bytes[..bytes.len().min(OVERLAP)]].concat();
            self.search(&seam);
        }
        self.search(&bytes[seen.saturating_sub(OVERLAP)..]);
        self.at = end;
        self.end.clear();
        self.end
            .extend_from_slice(&bytes[bytes.len().saturating_sub(OVERLAP)..]);
    }

    fn search(&mut self, bytes: &[u8]) {
        let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        let mut at = DIGITS - 1;
        while at < bytes.len() {
            // A digit that is alone is none of a code, and most in what is no text are.
            let is_among_digits = |unit: &usize| is_digit(at - unit) || is_digit(at + unit);
            if is_digit(at) {
                let ways = WAYS.iter().filter(|(unit, _)| is_among_digits(unit));
                let found = ways.filter_map(|way| code_at(bytes, at, *way)).next();
                let is_new = |code: &Isrc| self.codes.len() < MOST && !self.codes.contains(code);
                self.codes.extend(found.filter(is_new));
            }
            at += DIGITS;
        }
    }
}

/// The strays in all of a file but the inside of its audio, where only the ends are looked at.
pub fn strays(file: &dyn ReadAt, audio: &[Range<u64>]) -> io::Result<Vec<Isrc>> {
    const ENDS: u64 = 16 << 10;
    const BLOCK: u64 = 64 << 10;
    /// No real file has more beside its audio.
    const BUDGET: u64 = 64 << 20;
    let inner = audio
        .iter()
        .map(|range| range.start.saturating_add(ENDS)..range.end.saturating_sub(ENDS));
    let mut inner = inner.filter(|range| !range.is_empty()).peekable();
    let (mut strays, mut at, mut block) = (Strays::default(), 0, Vec::new());
    let mut left = BUDGET;
    while at < file.len() && left > 0 {
        if let Some(inside) = inner.next_if(|range| range.start <= at) {
            at = at.max(inside.end);
            continue;
        }
        let end = inner.peek().map_or(file.len(), |range| range.start.min(file.len()));
        block.resize((end - at).min(BLOCK).min(left) as usize, 0);
        let read = file.read_at(&mut block, at)?;
        if read == 0 {
            break;
        }
        strays.pass(at, &block[..read]);
        at += read as u64;
        left -= read as u64;
    }
    Ok(strays.codes)
}

/// How many bytes a letter takes, and where its upper half is, which is zero: in ASCII, and in both kinds of UTF-16.
const WAYS: [(usize, isize); 3] = [(1, 0), (2, 1), (2, -1)];

/// The stray code of which a digit is at `at`, written in this way.
fn code_at(bytes: &[u8], at: usize, (unit, above): (usize, isize)) -> Option<Isrc> {
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let is_text = |at: usize| unit == 1 || bytes.get(at.wrapping_add_signed(above)) == Some(&0);
    let mut end = at;
    while is_digit(end) && is_text(end) {
        end += unit;
    }
    // The characters in front of that, last first.
    let mut letters = (1..=LONGEST).map_while(|index| {
        let at = end.checked_sub(index * unit)?;
        let letter = bytes.get(at).copied();
        letter.filter(|_| is_text(at))
    });
    let mut code = [0; 12];
    let mut is_cut = false;
    for (index, slot) in code.iter_mut().enumerate().rev() {
        let mut letter = letters.next()?;
        let is_seam = matches!(index, 6 | 4 | 1);
        if letter == b'-' && is_seam && (is_cut || index == 6) {
            is_cut = true;
            letter = letters.next()?;
        } else if is_cut && is_seam {
            return None;
        }
        // The year and the designation; most digits of a text in Base64 end here.
        if index >= 5 && !letter.is_ascii_digit() {
            return None;
        }
        *slot = letter.to_ascii_uppercase();
    }
    let isrc = Isrc::from_bytes(code)?;
    (stands_alone(letters) && status(isrc.prefix_letters()).is_listed()).then_some(isrc)
}

/// Whether what is in front of a code, last first, is the beginning of a value, or the word ISRC.
fn stands_alone(mut before: impl Iterator<Item = u8>) -> bool {
    match before.next() {
        None | Some(b'=' | b'"' | b'>' | 0x80..) => true,
        Some(byte) if byte.is_ascii_control() => true,
        Some(byte) if byte.is_ascii_alphanumeric() => false,
        Some(_) => {
            let word = before.skip_while(|byte| !byte.is_ascii_alphanumeric());
            word.map(|byte| byte.to_ascii_uppercase()).take(3).eq(*b"CRS")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "QZES51600001";

    fn found(bytes: impl AsRef<[u8]>) -> bool {
        let bytes = bytes.as_ref().to_vec();
        let ways = [0, 1, 2, 3, 4].map(|shift| {
            let file = [&vec![0; 100 + shift], &bytes[..], b"TIT2 x"].concat();
            strays(&file, &[]).unwrap().iter().map(Isrc::as_str).eq([CODE])
        });
        assert!(ways.iter().all(|way| *way == ways[0]), "{bytes:?}");
        ways[0]
    }

    #[test]
    fn a_code_that_is_all_of_a_value_is_one() {
        for text in ["QZES51600001", "QZ-ES5-16-00001"] {
            let utf_16 = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
            assert!(found(text), "{text}");
            assert!(
                found(utf_16(u16::to_le_bytes)) && found(utf_16(u16::to_be_bytes)),
                "{text}"
            );
            for front in [
                "\0",
                "NUMBER=",
                "<a>",
                "isrc=\"",
                "ISRC: ",
                "the isrc is not known - TSRC / ",
                "\u{FEFF}",
            ] {
                assert!(found(format!("{front}{text}")), "{front}{text}");
            }
        }
    }

    #[test]
    fn what_is_a_part_of_other_text_is_none() {
        for text in [
            "AQZES51600001",
            "the same as QZES51600001",
            "QZES516000012",
            "QZES5160000",
            "QZ-ES516-00001",
            "QZES5-16-00001",
            "QZES516-00001",
            "0b7ff1a2-QZES51600001",
            "ISRC: -XQZES51600001",
            "ZZES51600001",
        ] {
            assert!(!found(text), "{text}");
        }
        // Every other byte of what is no text.
        let digits = "\u{A1}N\u{85}0000000000000000000000";
        assert!(!found([b"S", digits.as_bytes()].concat()) && !found(b"S\xA1N\x85000000000000000000000000"));
    }

    #[test]
    fn what_passes_in_pieces_is_searched_once_and_whole() {
        let mut file = vec![b'x'; 5000];
        file[2000..2013].copy_from_slice(b"=QZES51600001");
        for cut in [1990, 2001, 2006, 2012, 2013, 2020] {
            let mut strays = Strays::default();
            let pass = |strays: &mut Strays, range: Range<usize>| strays.pass(range.start as u64, &file[range]);
            pass(&mut strays, 4000..5000);
            pass(&mut strays, 0..cut);
            pass(&mut strays, 0..100);
            assert_eq!(strays.codes.len(), usize::from(cut >= 2013), "{cut}");
            pass(&mut strays, cut..cut + 1000);
            assert_eq!(strays.codes.len(), 1, "{cut}");
            strays.codes.clear();
            pass(&mut strays, 1900..2100);
            assert!(strays.codes.is_empty(), "{cut}");
            pass(&mut strays, 1900..4000);
            assert_eq!(strays.passed, [4000..5000, 0..4000]);
        }
    }

    #[test]
    fn all_but_the_inside_of_the_audio_is_searched() {
        let (len, audio, inside) = (300_000, 100_000..200_000, 116_384..183_616);
        for at in (0..len - 12).step_by(997).chain([65_530, 131_066, 250_000, len - 12]) {
            let mut file = vec![0; len];
            file[at..at + 12].copy_from_slice(CODE.as_bytes());
            let is_found = !strays(&file, std::slice::from_ref(&audio)).unwrap().is_empty();
            let is_cut = at < inside.end && at + 12 > inside.start && !inside.contains(&(at + 12));
            assert!(is_cut || is_found != inside.contains(&at), "{at}");
        }
    }
}
