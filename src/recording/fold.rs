//! Titles and names compared as people compare them: without case, accents and punctuation.

use super::names;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A text without case, accents, punctuation and spaces; two numbers keep a space between them. A text of nothing but
/// punctuation keeps it.
pub fn fold(text: &str) -> String {
    let mut folding = Folding {
        folded: String::with_capacity(text.len()),
        is_behind_mark: false,
    };
    let mut rest = text;
    while !rest.is_empty() {
        // What Unicode has to say of a letter costs ten times as much, and most letters are of this kind.
        let (ascii, others) = rest.split_at(rest.find(|letter: char| !letter.is_ascii()).unwrap_or(rest.len()));
        folding.add_ascii(ascii.as_bytes());
        // No letter of ASCII is put in another order or joined with what stands before it.
        let (others, behind) = others.split_at(others.find(|letter: char| letter.is_ascii()).unwrap_or(others.len()));
        folding.add_others(others);
        rest = behind;
    }
    let mut folded = folding.folded;
    if folded.is_empty() {
        // "???" and "..." are titles too.
        folded.extend(
            text.nfkc()
                .flat_map(char::to_lowercase)
                .filter(|letter| !letter.is_whitespace()),
        );
    }
    folded
}

struct Folding {
    folded: String,
    /// Whether something was left out behind the last letter.
    is_behind_mark: bool,
}

impl Folding {
    fn add(&mut self, letter: char) {
        let is_next_number = self.is_behind_mark && letter.is_ascii_digit();
        // "1.11" is not "11.1".
        if is_next_number && self.folded.ends_with(|last: char| last.is_ascii_digit()) {
            self.folded.push(' ');
        }
        self.folded.push(letter);
        self.is_behind_mark = false;
    }

    fn add_word(&mut self, word: &str) {
        self.folded.push_str(word);
        self.is_behind_mark = false;
    }

    fn add_ascii(&mut self, text: &[u8]) {
        for (at, letter) in text.iter().enumerate() {
            match letter {
                b'&' => self.add_word("and"),
                b'+' => self.add_word("plus"),
                b'%' => self.add_word("percent"),
                b'#' if is_note(&text[..at]) => self.add_word("sharp"),
                b',' if is_in_number(text, at) => {}
                _ if letter.is_ascii_alphanumeric() => self.add(char::from(letter.to_ascii_lowercase())),
                _ => self.is_behind_mark = true,
            }
        }
    }

    fn add_others(&mut self, text: &str) {
        for letter in text.nfkd().flat_map(char::to_lowercase) {
            match letter {
                'ß' => self.add_word("ss"),
                'æ' => self.add_word("ae"),
                'œ' => self.add_word("oe"),
                'ø' => self.add('o'),
                'ł' => self.add('l'),
                'đ' | 'ð' => self.add('d'),
                'þ' => self.add_word("th"),
                'ı' => self.add('i'),
                '&' => self.add_word("and"),
                '♯' => self.add_word("sharp"),
                '♭' => self.add_word("flat"),
                '♮' => self.add_word("natural"),
                '−' => self.add_word("minus"),
                '+' => self.add_word("plus"),
                '%' => self.add_word("percent"),
                // The accents of Latin, Greek and Cyrillic. Marks of other scripts tell letters apart and stay.
                '\u{300}'..='\u{36f}' => {}
                _ if letter.is_alphanumeric() || is_combining_mark(letter) => self.add(letter),
                _ => self.is_behind_mark = true,
            }
        }
    }
}

/// Whether a comma stands before thousands: "1,000" is one number.
fn is_in_number(text: &[u8], comma: usize) -> bool {
    let is_digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
    comma > 0 && is_digit(comma - 1) && (comma + 1..comma + 4).all(is_digit) && !is_digit(comma + 4)
}

/// Whether a text ends with the name of a note, which a sign behind it raises: "Prelude in C".
fn is_note(before: &[u8]) -> bool {
    match before {
        [.., other, note] => is_note(&[*note]) && !other.is_ascii_alphanumeric(),
        [note] => matches!(note.to_ascii_lowercase(), b'a'..=b'h'),
        [] => false,
    }
}

/// The pictures and signs of a text that are no letters, in their order. Where two titles have some, these tell them
/// apart; what only one has, a list or a file name may have lost.
pub(super) fn signs(text: &str) -> String {
    let is_sign = |letter: &char| {
        matches!(letter, '\u{2190}'..='\u{2211}' | '\u{2213}'..='\u{23ff}' | '\u{25a0}'..='\u{266c}'
            | '\u{2670}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
    };
    let one_heart = |letter| if letter == '❤' { '♥' } else { letter };
    match text.is_ascii() {
        true => String::new(),
        false => text.chars().filter(is_sign).map(one_heart).collect(),
    }
}

/// Whether two titles have signs, and not the same: "Prelude 🌊" and "Prelude 🔥".
pub(super) fn are_other_signs(a: &str, b: &str) -> bool {
    a != b && !a.is_empty() && !b.is_empty()
}

/// A name as it is compared, read once for all comparisons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    words: Vec<String>,
}

impl Name {
    pub fn of(name: &str) -> Name {
        let cut =
            |letter: char| letter.is_whitespace() || matches!(letter, ',' | ';' | '/' | '&' | '(' | ')' | '[' | ']');
        Name {
            words: name.split(cut).map(fold).filter(|word| !word.is_empty()).collect(),
        }
    }

    /// Whether the words of one name are all in the other: an artist with and without guests, an album and its deluxe
    /// edition; but no second volume, which a number tells. A name without words touches every other.
    pub fn touches(&self, other: &Name) -> bool {
        let goes_on = |few: &[String], many: &[String]| {
            let mut more = many.iter().filter(|word| !few.contains(word));
            is_all_of(few, many) && (few.is_empty() || !more.any(|word| volume_of(word).is_some()))
        };
        let (a, b) = (&self.words, &other.words);
        goes_on(a, b) || goes_on(b, a) || a.concat() == b.concat()
    }
}

/// Whether the words of one text are all in another.
pub(super) fn is_all_of(few: &[String], many: &[String]) -> bool {
    few.iter().all(|word| many.contains(word))
}

/// [`Name::touches`], for a single comparison.
pub fn names_touch(a: &str, b: &str) -> bool {
    a == b || Name::of(a).touches(&Name::of(b))
}

/// Whether two credits are of one artist, with and without those whom a word or a mark joins: "Ana" and "Ana feat. Bob".
pub fn names_join(a: &str, b: &str) -> bool {
    const JOINERS: [&str; 17] = [
        "feat",
        "ft",
        "featuring",
        "and",
        "with",
        "x",
        "vs",
        "und",
        "et",
        "y",
        "e",
        "con",
        "mit",
        "avec",
        "presents",
        "the",
        "his",
    ];
    let people = |credit: &str| -> Vec<String> {
        let mut people = vec![String::new()];
        for part in credit.split([',', ';', '/', '&', '+', '(', ')', '[', ']']) {
            for word in part.split_whitespace().map(fold) {
                match JOINERS.contains(&word.as_str()) {
                    true => people.push(String::new()),
                    false => people.last_mut().expect("there is one").push_str(&word),
                }
            }
            people.push(String::new());
        }
        people.retain(|person| !person.is_empty());
        people
    };
    let (one, other) = (people(a), people(b));
    fold(a) == fold(b) || is_all_of(&one, &other) || is_all_of(&other, &one)
}

/// Whether a full name ends with the other: "Ludwig van Beethoven" and "Beethoven". So do those of two people of one family.
pub fn is_surname(a: &str, b: &str) -> bool {
    let words = |name: &str| name.split_whitespace().map(fold).collect::<Vec<_>>();
    let (a, b) = (words(a), words(b));
    !a.is_empty() && !b.is_empty() && (a.ends_with(&b) || b.ends_with(&a))
}

/// Whether two names are one but for the number of a volume, which one may leave out: "Album", "Album II", "Album, Vol. 3".
/// "Album copy 2" says how far the work has come.
pub fn is_other_volume(a: &str, b: &str) -> bool {
    let (a, b) = (Name::of(a).words, Name::of(b).words);
    let shared = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let volume = |rest: &[String]| match rest {
        [] => Some(None),
        [number] => volume_of(number).map(Some),
        [word, number] if names::is_part_of_set(word) => volume_of(number).map(Some),
        _ => None,
    };
    let volumes = volume(&a[shared..]).zip(volume(&b[shared..]));
    shared > 0 && volumes.is_some_and(|(a, b)| a != b)
}

/// The number of a volume: "2", "II", "Two"; no year, and no single letter.
fn volume_of(word: &str) -> Option<u32> {
    match word.bytes().all(|letter| letter.is_ascii_digit()) {
        true => word.parse().ok().filter(|_| word.len() < 4),
        false => names::number(word).filter(|_| word.len() > 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_punctuation_do_not_count() {
        check("Café del Mar!", "CAFE DEL MAR");
        check("Cafe\u{301}", "Café");
        check("Don't Stop", "Dont stop");
        check("Rock & Roll", "Rock and Roll");
        check("Straße", "STRASSE");
        check("Ænima", "aenima");
        check("Björk", "BJORK");
        check("Søster", "Soster");
        check("А\u{306}", "а");
        check("ﬁre", "Fire");
        check("ＡＢＣ", "abc");
        check("...", " . . . ");
    }

    #[track_caller]
    fn check(a: &str, b: &str) {
        assert_eq!(fold(a), fold(b), "{a:?} {b:?}");
    }

    #[test]
    fn signs_that_tell_titles_apart_count() {
        check("Prelude in C#", "Prelude in C♯");
        check("F# minor", "F sharp minor");
        check("D♭ major", "D-flat major");
        check("Track #1", "Track 1");
        check("100%", "100 Percent");
        check("A+", "A Plus");
        check("Op. 1/11", "Op. 1, 11");
        check("1,000 Miles", "1000 miles");
        check("24.12.", "24/12");
        check("1‐2‐3", "1-2-3");
        check("1914–1918", "1914-1918");
        check("4：44", "4:44");
        check("１‐２", "1-2");
        check("100％", "100%");
        differ("Prelude in C#", "Prelude in C");
        differ("Prelude in C#", "Prelude in C♭");
        differ("D♭ major", "D major");
        differ("A+", "A-");
        differ("1+1", "1-1");
        differ("Study 1.1", "Study 11");
        differ("1.11", "11.1");
        differ("Op. 1/11", "Op. 11/1");
        differ("Study 11–1", "Study 1–11");
        assert_eq!(signs("Prelude 🌊 ☀\u{fe0f} ❤ −"), "🌊☀♥");
    }

    #[test]
    fn letters_of_ascii_are_folded_as_unicode_says() {
        let all: String = (0..128).map(char::from).collect();
        for text in all
            .split_inclusive(|_| true)
            .chain([&all[..], "Rock & Roll 2", "!? ", ""])
        {
            // The short accent makes it no ASCII, and folds to nothing.
            let long = fold(&format!("{text}\u{306}"));
            let is_mark = fold(text).chars().all(|letter| !letter.is_alphanumeric());
            assert!(fold(text) == long || is_mark, "{text:?}");
        }
    }

    #[test]
    fn what_makes_another_title_counts() {
        differ("Song", "Song 2");
        differ("Song", "Song (Live)");
        differ("か", "が");
        differ("???", "!!!");
        differ("กา", "กี");
    }

    #[track_caller]
    fn differ(a: &str, b: &str) {
        assert_ne!(fold(a), fold(b), "{a:?} {b:?}");
    }

    #[test]
    fn guests_are_joined_to_a_name_and_longer_names_are_not() {
        let check = |a: &str, b: &str, expected: bool| {
            let found = (names_join(a, b), names_join(b, a));
            assert_eq!(found, (expected, expected), "{a:?} {b:?}");
        };
        check("Ana", "ana", true);
        check("Ana", "Ana feat. Bob", true);
        check("Ana", "Ana (feat. Bob Cid)", true);
        check("Ana & Bob", "Bob; Ana", true);
        check("Bob Marley", "Bob Marley & The Wailers", true);
        check("The Beatles", "Beatles", true);
        check("Reef, Ana", "Reef,Ana", true);
        check("", "Ana", true);
        check("Prince", "Prince Royce", false);
        check("Ana", "Bob", false);
    }

    #[test]
    fn names_with_and_without_guests_touch() {
        let check = |a: &str, b: &str, expected: bool| {
            assert_eq!(
                (names_touch(a, b), names_touch(b, a)),
                (expected, expected),
                "{a:?} {b:?}"
            );
        };
        check("Ana", "ana", true);
        check("Ana", "Ana feat. Bob", true);
        check("Bob", "Ana & Bob", true);
        check("A-ha", "Aha", true);
        check("Album", "Album (Deluxe Edition)", true);
        check("Album", "Album (2019)", true);
        check("Album", "Album (25th Anniversary)", true);
        check("Album", "Album 2", false);
        check("Album", "Album, Vol. 2", false);
        check("Album", "Album II", false);
        check("Album", "Album Two", false);
        check("Ana", "Anabel", false);
        check("Ana Bob", "Ana Cid", false);
        check("", "Ana", true);
    }
}
