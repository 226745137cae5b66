//! How near two titles are to each other where they are not the same: typing errors, names that were cut, an artist in
//! front, another script.

use unicode_normalization::UnicodeNormalization as _;

use super::{Titles, compare, has_version, have_other_guests, split, without_additions};
use crate::recording::fold::{are_other_signs, fold, names_touch, signs};
use crate::recording::names;

/// What a title says of a file that something else found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    Same,
    /// The same in other words: a typing error, a name that was cut, an artist in front.
    Alike,
    /// A version word is on one side only.
    OneSided,
    /// Nobody can compare them: one is in another script.
    OtherScript,
    /// They share a word that means something.
    SharesWords,
    Different,
}

/// `artists` are those who may stand in front of a title.
pub fn fit(wanted: &str, found: &str, artists: &[&str]) -> Fit {
    match compare(wanted, found) {
        Titles::Same => Fit::Same,
        Titles::OneSided(_) => Fit::OneSided,
        Titles::Different => different(wanted, found, artists),
    }
}

fn different(wanted: &str, found: &str, artists: &[&str]) -> Fit {
    if has_version(wanted) != has_version(found) {
        let bare = |title| fold(split(title).0);
        if bare(wanted) == bare(found) {
            return Fit::OneSided;
        }
    }
    // "Artist - Title", as file names and lists without a column of artists have it.
    for (a, b) in [(wanted, found), (found, wanted)] {
        if let Some((first, rest)) = a.split_once(" - ")
            && artists.iter().any(|artist| names_touch(artist, first))
            && compare(rest, b) == Titles::Same
        {
            return Fit::Alike;
        }
    }
    let (a, b) = (words(wanted), words(found));
    let is_latin = |words: &[String]| {
        words
            .iter()
            .flat_map(|word| word.chars())
            .any(|letter| letter.is_ascii_alphabetic())
    };
    if a.is_empty() || b.is_empty() || is_latin(&a) != is_latin(&b) {
        return Fit::OtherScript;
    }
    if have_other_guests(wanted, found) || are_other_signs(&signs(wanted), &signs(found)) {
        return Fit::SharesWords;
    }
    // A remixer's name is not spelt in two ways: "Bobby Remix", "Robby Remix".
    let additions = split(wanted).1.zip(split(found).1);
    let is_other_version = has_version(wanted) != has_version(found)
        || additions.is_some_and(|(a, b)| has_version(a) && fold(a) != fold(b));
    if !is_other_version
        && !count_apart(&a, &b)
        && (spelt_alike(&a, &b) || is_cut(wanted, found) || differ_in_umlauts(wanted, found))
    {
        return Fit::Alike;
    }
    let shares = a.iter().any(|word| word.chars().count() > 3 && b.contains(word));
    match shares {
        true => Fit::SharesWords,
        false => Fit::Different,
    }
}

/// The words that make a title; articles do not.
fn words(title: &str) -> Vec<String> {
    const ARTICLES: [&str; 16] = [
        "the", "a", "an", "der", "die", "das", "le", "la", "les", "l", "el", "los", "las", "il", "lo", "o",
    ];
    let cut = |letter: char| !letter.is_alphanumeric() && !"'#♯♭♮+−%".contains(letter);
    let words = without_additions(title).split(cut);
    let words = words
        .map(fold)
        .filter(|word| !word.is_empty() && !ARTICLES.contains(&word.as_str()));
    words.map(|word| spelt_out(&word).unwrap_or(word)).collect()
}

/// A number as it is counted ("01", "II", "Two"), and a word that is mostly cut: "Pt.", "Nr.".
fn spelt_out(word: &str) -> Option<String> {
    let number = || word.parse::<u32>().ok().or_else(|| names::number(word));
    let whole = match word {
        "pt" => "part",
        "nr" | "number" => "no",
        "vol" => "volume",
        _ => return number().map(|number| number.to_string()),
    };
    Some(whole.to_owned())
}

/// Whether two titles have another number in the same place: "Variation XVII" and "Variation XVIII", "No. 1" and "No. 10".
fn count_apart(a: &[String], b: &[String]) -> bool {
    let is_number = |word: &String| {
        word.bytes().all(|letter| letter.is_ascii_digit()) || word.bytes().all(|letter| b"ivxl".contains(&letter))
    };
    a.iter().zip(b).any(|(a, b)| a != b && is_number(a) && is_number(b))
}

/// Whether two titles are one but for typing errors. What is short, a number among them, must be the same: one letter
/// makes "Lose" of "Love", two make "Thursday" of "Tuesday".
fn spelt_alike(a: &[String], b: &[String]) -> bool {
    let alike = |(a, b): (&String, &String)| {
        let longest = a.chars().count().max(b.chars().count());
        let has_digit = |word: &str| word.bytes().any(|byte| byte.is_ascii_digit());
        let errors = match longest {
            0..=4 => 0,
            _ if has_digit(a) || has_digit(b) => 0,
            5..=9 => 1,
            _ => 2,
        };
        a == b || strsim::osa_distance(a, b) <= errors
    };
    a.concat() == b.concat() || (a.len() == b.len() && a.iter().zip(b).all(alike))
}

/// Whether one title has two letters where the other has an umlaut: "Tuer" for "Tür".
fn differ_in_umlauts(a: &str, b: &str) -> bool {
    let spelt_out = |title: &str| {
        let spelt: String = title.nfc().flat_map(char::to_lowercase).collect();
        words(&spelt.replace('ä', "ae").replace('ö', "oe").replace('ü', "ue"))
    };
    let (plain_a, plain_b) = (words(a), words(b));
    spelt_alike(&plain_a, &spelt_out(b)) || spelt_alike(&spelt_out(a), &plain_b)
}

/// Whether one title is the other, cut where a file system or a program allows no more.
fn is_cut(a: &str, b: &str) -> bool {
    const SHORTEST: usize = 16;
    let (a, b) = (fold(a), fold(b));
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    short.chars().count() >= SHORTEST && long.starts_with(&short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_stand_to_each_other_as_people_see_them() {
        check("Low Water", "Low Water (Original Mix)", Fit::Same);
        check("Tidewater", "Tidewater (feat. Ola Brandt)", Fit::Same);
        check("Low Watr", "Low Water", Fit::Alike);
        check("The Rope", "Rope", Fit::Alike);
        check("Maren Holt - Low Water", "Low Water", Fit::Alike);
        check("Träume", "Traeume", Fit::Alike);
        check("Gruene Tuer", "Grüne Tür", Fit::Alike);
        check("Fuer dich", "Fu\u{308}r dich", Fit::Alike);
        check("Tür", "Tour", Fit::Different);
        check("Loop 01", "Loop 1", Fit::Alike);
        check("Suite, Pt. II", "Suite Part Two", Fit::Alike);
        check("Suite (Pt. 1)", "Suite (Part 1)", Fit::Alike);
        check("Étude No. 1", "Etude Nr. 1", Fit::Alike);
        check("Loop 01", "Loop 10", Fit::SharesWords);
        check("Suite (Pt. II)", "Suite (Part 1)", Fit::SharesWords);
        check("Rope (Ext. Mix)", "Rope (Extended Mix)", Fit::Same);
        check("Low Water", "Low Water (Live)", Fit::OneSided);
        check("Low Water (2024 Remaster)", "Low Water", Fit::OneSided);
        check("Low Watr (Bobby Remix)", "Low Water (Bobby Remix)", Fit::Alike);
        check("Low Water (Bobby Remix)", "Low Water (Robby Remix)", Fit::SharesWords);
        check("Low Water", "Wintering", Fit::Different);
        check("Low Water (feat. Ana)", "Low Water (feat. Bob)", Fit::SharesWords);
        check("Movement I", "Movement II", Fit::SharesWords);
        check("Variation XVII", "Variation XVIII", Fit::SharesWords);
        check("Piano Concerto No. 1", "Piano Concerto No. 10", Fit::SharesWords);
        check(
            "Symphony No. 5 in C minor: I",
            "Symphony No. 5 in C minor: II",
            Fit::SharesWords,
        );
        check("Symphony No. 5 in C min", "Symphony No. 5 in C minor: II", Fit::Alike);
        check("Thursday", "Tuesday", Fit::Different);
        check("Love", "Lose", Fit::Different);
        check("Song 1", "Song 2", Fit::SharesWords);
        check("Track 11", "Track 12", Fit::SharesWords);
        check("Cafe of the Sea", "Café del Mar", Fit::SharesWords);
        check("夜明け", "Yoake", Fit::OtherScript);
        check("Prelude in C# minor", "Prelude in C minor", Fit::SharesWords);
        check("Plus +", "Plus", Fit::SharesWords);
        check("Prelude in C#", "Prelude in C♭", Fit::SharesWords);
        check("Prelude 🌊", "Prelude 🔥", Fit::SharesWords);
        check("Study 1.11", "Study 11.1", Fit::SharesWords);
    }

    #[track_caller]
    fn check(a: &str, b: &str, expected: Fit) {
        assert_eq!(fit(a, b, &["Maren Holt"]), expected, "{a:?} {b:?}");
        assert_eq!(fit(b, a, &["Maren Holt"]), expected, "{b:?} {a:?}");
    }
}
