//! Values that are where a code belongs but name no recording: empty, null words, templates, documentation examples.
//!
//! These come before every other judgement: `000000000000` also passes the check digit of a UPC.

use super::Isrc;
use super::character::{is_mark, is_separator};
use super::normalise::{Cleaned, CodeLabel};
use super::words::words;

words! {
    /// What kind of placeholder a value is.
    pub enum Placeholder {
        /// Nothing, or only white space and NUL.
        Empty = "empty": "the value is empty",
        /// `XXXXXXXXXXXX`, `000000000000`
        AllSameChar = "all_same_char": "it is one character repeated",
        /// `123456789012`, `ABCDEFGHIJKL`
        Sequence = "sequence": "it only counts up",
        /// `CC-XXX-YY-NNNNN` and half-filled forms of it.
        Template = "template": "it is a template that was never filled in",
        /// A prefix code that agencies use in their documentation.
        ExamplePrefix = "example_prefix": "its prefix is kept for examples in documentation",
        /// `none`, `N/A`, `-`, or only the label.
        NullWord = "null_word": "it only says that there is no code",
    }
}

/// Prefix codes of the agencies' documentation. The letters AA as a whole are given to nobody.
const EXAMPLE_PREFIXES: [&[u8]; 3] = [b"AA", b"USS1Z", b"JPRJ0"];

/// Words for "no code", in upper case and without punctuation.
const NULL_WORDS: &str = "\
    0 AUCUN BLANK CODE DEFAULT DUMMY EMPTY EXAMPLE FALSE FEHLT INVALID KEIN KEINE KEINER MISSING NA NAN NIL \
    NINGUNO NO NOCODE NOISRC NOISRCCODE NOISRCYET NONE NOTAPPLICABLE NOTASSIGNED NOTAVAILABLE NOTFOUND NOTKNOWN \
    NOTSET NOTYET NOTYETASSIGNED NULL NV OHNE PENDING PLACEHOLDER SINCODIGO TBA TBC TBD TEST TOBEADDED \
    TOBEANNOUNCED TOBEASSIGNED TOBECONFIRMED TOBEDETERMINED TODO UNAVAILABLE UNASSIGNED UNBEKANNT UNDEF \
    UNDEFINED UNKNOWN UNSET UNSPECIFIED VOID X";

/// Whether a well-formed code is a placeholder.
pub fn of_code(isrc: &Isrc) -> Option<Placeholder> {
    let code = isrc.as_bytes();
    if EXAMPLE_PREFIXES.iter().any(|prefix| code.starts_with(prefix)) {
        return Some(Placeholder::ExamplePrefix);
    }
    is_filled_template(code).then_some(Placeholder::Template)
}

/// Whether a text that is no code is a placeholder.
pub fn of_text(text: &str) -> Option<Placeholder> {
    let cleaned = Cleaned::new(text);
    if cleaned.text.is_empty() {
        return Some(Placeholder::Empty);
    }
    let value = match cleaned.unlabelled() {
        CodeLabel::Before(rest) => rest,
        CodeLabel::None | CodeLabel::Ambiguous => cleaned.text.as_str(),
    };
    // The longest template has twelve characters and a separator between any two, the longest word fewer.
    let compact: Vec<char> = value
        .chars()
        .filter(|letter| !is_separator(*letter) && !is_mark(*letter))
        .take(MOST_LETTERS + 1)
        .collect();
    if compact.len() > MOST_LETTERS {
        return None;
    }
    let word: String = compact.iter().filter(|letter| letter.is_alphanumeric()).collect();
    // Only punctuation: `-`, `?`, `...`, a lone label.
    if word.is_empty() {
        let letters: Vec<char> = value.chars().take(MOST_LETTERS).collect();
        let repeated = letters.len() >= 12 && all_same(&letters);
        return Some(if repeated {
            Placeholder::AllSameChar
        } else {
            Placeholder::NullWord
        });
    }
    if NULL_WORDS.split(' ').any(|null| null == word) {
        return Some(Placeholder::NullWord);
    }
    if compact.len() > 1 && all_same(&compact) {
        return Some(Placeholder::AllSameChar);
    }
    if counts_up(&compact) {
        return Some(Placeholder::Sequence);
    }
    is_template(&compact).then_some(Placeholder::Template)
}

const MOST_LETTERS: usize = 32;

fn all_same<T: PartialEq>(items: &[T]) -> bool {
    items.windows(2).all(|pair| pair[0] == pair[1])
}

/// Digits or letters in their order, from anywhere on; 0 follows 9, as on a keyboard.
fn counts_up(compact: &[char]) -> bool {
    let follows = |pair: &[char]| match (pair[0], pair[1]) {
        ('9', '0') => true,
        (first, second) => first.is_ascii_alphanumeric() && second as u32 == first as u32 + 1,
    };
    compact.len() >= 5 && compact.windows(2).all(follows)
}

fn is_template(compact: &[char]) -> bool {
    let mut code = [0; 12];
    if compact.len() == code.len() {
        for (slot, letter) in code.iter_mut().zip(compact) {
            *slot = u8::try_from(*letter).unwrap_or(0);
        }
        if is_filled_template(&code) || is_letter_template(&code) {
            return true;
        }
    }
    // `CC-XXX-YY-NNNN` and other lengths: nothing but repeated letters, in several runs.
    let runs = compact.chunk_by(|first, second| first == second);
    let only_runs = runs.clone().all(|run| run.len() > 1 && run[0].is_ascii_uppercase());
    only_runs && compact.len() >= 10 && runs.count() >= 3
}

/// A template whose numbers were filled in with one digit: `QZXXX9999999`, `XXXXX0000000`, `US0000000000`,
/// or by counting: `USXXX1234567`, `US1234567890`.
fn is_filled_template(code: &[u8; 12]) -> bool {
    let (registrant, digits) = (&code[2..5], &code[5..]);
    let named_in_templates = matches!(registrant, b"XXX" | b"000") || all_same(&code[..5]) || all_same(&code[2..]);
    let counted = &code[2..] == b"1234567890";
    counted || named_in_templates && (all_same(digits) || digits == b"1234567")
}

/// A template with letters where digits belong: `CCXXXYYNNNNN`, `GBXXXYYNNNNN`, `USRC124XXXXX`, `USRC1YY00001`.
fn is_letter_template(code: &[u8; 12]) -> bool {
    let (year, designation) = (&code[5..7], &code[7..]);
    // O, I, S, B and L are not among these: they are read for digits.
    let stands_for_digit = |letter: &u8| b"XYNDZJACMKQR#?*".contains(letter);
    let lettered = |part: &[u8]| all_same(part) && part.iter().all(stands_for_digit);
    let numbered = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    let lettered_year = lettered(year) && (lettered(designation) || numbered(designation));
    let lettered_designation = lettered(designation) && (lettered(year) || numbered(year));
    lettered_year || lettered_designation
}
