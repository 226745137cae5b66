//! Titles and names compared as people compare them: without case, accents and punctuation.

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A text without case, accents, punctuation and spaces. A text of nothing but punctuation keeps it.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfkd().flat_map(char::to_lowercase) {
        match letter {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'þ' => folded.push_str("th"),
            'ı' => folded.push('i'),
            '&' => folded.push_str("and"),
            // The accents of Latin, Greek and Cyrillic. Marks of other scripts tell letters apart and stay.
            '\u{300}'..='\u{36f}' => {}
            _ if letter.is_alphanumeric() || is_combining_mark(letter) => folded.push(letter),
            _ => {}
        }
    }
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

/// Whether the words of one name are all in the other: an artist with and without guests, an album and its deluxe
/// edition. A name without words touches every other.
pub fn names_touch(a: &str, b: &str) -> bool {
    let words = |name: &str| -> HashSet<String> {
        let cut =
            |letter: char| letter.is_whitespace() || matches!(letter, ',' | ';' | '/' | '&' | '(' | ')' | '[' | ']');
        name.split(cut).map(fold).filter(|word| !word.is_empty()).collect()
    };
    if fold(a) == fold(b) {
        return true;
    }
    let (a, b) = (words(a), words(b));
    a.is_subset(&b) || b.is_subset(&a)
}

/// Whether two titles cannot be of one recording: what stands before the version differs, or both have a version and
/// these differ. Additions for the listener do not count.
pub fn titles_differ(a: &str, b: &str) -> bool {
    let ((a, version_of_a), (b, version_of_b)) = (with_version(a), with_version(b));
    if fold(a) != fold(b) {
        return true;
    }
    let (a, b) = (fold(version_of_a), fold(version_of_b));
    !version_of_a.is_empty() && !version_of_b.is_empty() && a != b
}

/// Cuts "Title (Version)" and "Title - Version".
fn with_version(title: &str) -> (&str, &str) {
    let title = without_additions(title);
    let cut = ["(", "[", " - ", " – ", " — "]
        .iter()
        .filter_map(|mark| title.find(mark))
        .min();
    match cut.map(|at| title.split_at(at)) {
        Some((before, version)) if !before.trim().is_empty() => (before, version),
        _ => (title, ""),
    }
}

/// A title without what is added to it for the listener and says nothing of the recording: "(Remastered 2011)",
/// "- Bonus Track", "[feat. N. N.]". Versions, mixes and edits stay: they are other recordings.
pub fn without_additions(title: &str) -> &str {
    let mut rest = title.trim_end();
    while let Some((before, addition)) = last_addition(rest) {
        let before = before.trim_end();
        if before.is_empty() || !is_harmless(addition) {
            break;
        }
        rest = before;
    }
    rest
}

/// Cuts "Title (addition)", "Title [addition]" and "Title - addition".
fn last_addition(title: &str) -> Option<(&str, &str)> {
    for (open, close) in [('(', ')'), ('[', ']')] {
        if let Some(inner) = title.strip_suffix(close) {
            return inner.rsplit_once(open);
        }
    }
    [" - ", " – ", " — "].iter().find_map(|dash| title.rsplit_once(dash))
}

fn is_harmless(addition: &str) -> bool {
    let words: Vec<String> = addition
        .split(|letter: char| letter.is_whitespace() || matches!(letter, '.' | '/' | ',' | '-'))
        .map(fold)
        .filter(|word| !word.is_empty())
        .collect();
    let Some(first) = words.first() else {
        return false;
    };
    if matches!(first.as_str(), "feat" | "ft" | "featuring") {
        return true;
    }
    let is_year = |word: &str| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
    let is_remaster = |word: &str| word.starts_with("remaster");
    let speaks_of_remastering = words.iter().any(|word| is_remaster(word));
    let remaster_only = words.iter().all(|word| {
        is_remaster(word) || is_year(word) || matches!(word.as_str(), "digital" | "digitally" | "version" | "in" | "en")
    });
    if speaks_of_remastering && remaster_only {
        return true;
    }
    let phrase: Vec<&str> = words.iter().map(String::as_str).collect();
    matches!(
        phrase[..],
        ["explicit"]
            | ["explicit", "version"]
            | ["album", "version"]
            | ["version", "album"]
            | ["albumversion"]
            | ["bonus", "track"]
            | ["bonustrack"]
            | ["bonus"]
            | ["piste", "bonus"]
            | ["pista", "adicional"]
    )
}

/// A title with its version, which files carry in the title and lists in a column of its own.
pub fn whole_title(title: &str, version: Option<&str>) -> String {
    match version {
        Some(version) if !fold(title).contains(&fold(version)) => format!("{title} ({version})"),
        Some(_) | None => title.to_owned(),
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
        check("Ana", "Anabel", false);
        check("Ana Bob", "Ana Cid", false);
        check("", "Ana", true);
    }

    #[test]
    fn titles_differ_by_what_they_say_of_the_recording() {
        let check = |a: &str, b: &str, expected: bool| {
            assert_eq!(
                (titles_differ(a, b), titles_differ(b, a)),
                (expected, expected),
                "{a:?} {b:?}"
            );
        };
        check("Song", "SONG (Remastered)", false);
        check("Song", "Song (Radio Edit)", false);
        check("Song (Live)", "Song - Live", false);
        check("Song (Live)", "Song (Radio Edit)", true);
        check("Song", "Song 2", true);
        check("New", "Newer", true);
        check("(Intro)", "(Outro)", true);
    }

    #[test]
    fn additions_for_the_listener_are_dropped() {
        bare("Song (Remastered)", "Song");
        bare("Song - 2011 Remaster", "Song");
        bare("Song [2009 Digital Remaster] (feat. N. N.)", "Song");
        bare("Song (Remasterisé en 2011)", "Song");
        bare("Song (Remasterizado)", "Song");
        bare("Song (Album Version)", "Song");
        bare("Song [Explicit]", "Song");
        bare("Song - Bonus Track", "Song");
        bare("Song (ft. A & B)", "Song");
    }

    #[test]
    fn versions_stay() {
        bare("Song (Live)", "Song (Live)");
        bare("Song (Radio Edit)", "Song (Radio Edit)");
        bare("Song (Live) [Remastered]", "Song (Live)");
        bare("Song (Remastered Live Version)", "Song (Remastered Live Version)");
        bare("Song - Single Version", "Song - Single Version");
        bare("Song (Stereo Mix)", "Song (Stereo Mix)");
        bare("(Remastered)", "(Remastered)");
        bare("A - B", "A - B");
        bare(")", ")");
        bare("", "");
    }

    #[track_caller]
    fn bare(title: &str, expected: &str) {
        assert_eq!(without_additions(title), expected, "{title:?}");
    }
}
