//! The words that speak of a version, and the phrases that a text is made of. They are data, see `versions.tsv`.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::recording::fold::fold;

pub fn is_year(word: &str) -> bool {
    word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// What a word of a title or of an addition to it is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordKind {
    /// Makes another recording: "live".
    Version,
    /// Says that there is no version: "album version".
    Neutral,
    /// Stands before guests: "feat.".
    Credit,
    /// Says nothing beside others: "version", "the".
    Filler,
}

#[derive(Debug)]
struct VersionWord {
    kind: WordKind,
    /// The word that stands for this one in comparisons.
    same_as: String,
}

#[derive(Debug)]
struct Words {
    /// By their folded words, with a space between.
    phrases: HashMap<String, VersionWord>,
    /// How many words those have at most that begin with this one.
    longest: HashMap<String, usize>,
    /// The last words of those.
    ends: HashSet<String>,
    /// Words of scripts that put no spaces, the longest first.
    unspaced: Vec<(String, VersionWord)>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| read_words(include_str!("../versions.tsv")));

fn read_words(table: &str) -> Words {
    let mut words = Words {
        phrases: HashMap::new(),
        longest: HashMap::new(),
        ends: HashSet::new(),
        unspaced: Vec::new(),
    };
    for row in table.lines().filter(|row| !row.starts_with('#')).skip(1) {
        let mut cells = row.split('\t');
        let (word, kind, same_as) = (cells.next(), cells.next(), cells.next());
        let (Some(word), Some(kind)) = (word, kind.and_then(kind_of)) else {
            continue;
        };
        let phrase = folded_words(word);
        let same_as = match same_as {
            None | Some("") => phrase.join(" "),
            Some(other) => folded_words(other).join(" "),
        };
        let entry = VersionWord { kind, same_as };
        if word.chars().any(is_unspaced) {
            words.unspaced.push((phrase.concat(), entry));
        } else {
            if let [first, ..] = &phrase[..] {
                let longest = words.longest.entry(first.clone()).or_default();
                *longest = phrase.len().max(*longest);
            }
            words.ends.extend(phrase.last().cloned());
            words.phrases.insert(phrase.join(" "), entry);
        }
    }
    words.unspaced.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
    words
}

fn kind_of(word: &str) -> Option<WordKind> {
    match word {
        "version" => Some(WordKind::Version),
        "neutral" => Some(WordKind::Neutral),
        "credit" => Some(WordKind::Credit),
        "filler" => Some(WordKind::Filler),
        _ => None,
    }
}

/// Of a script that puts no spaces between words: Japanese, Chinese; Korean, which hangs syllables on.
fn is_unspaced(letter: char) -> bool {
    matches!(letter, '\u{1100}'..='\u{11ff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

fn folded_words(text: &str) -> Vec<String> {
    let cut = |letter: char| {
        letter.is_whitespace() || matches!(letter, '.' | '/' | ',' | '-' | '–' | '—' | '+' | ';' | ':' | '_' | '・')
    };
    text.split(cut)
        .filter(|word| !word.is_empty())
        .map(fold)
        .filter(|word| !word.is_empty())
        .collect()
}

/// Whether a word is put before the names of guests: "feat.".
pub fn is_credit(word: &str) -> bool {
    let entry = WORDS.phrases.get(&fold(word));
    entry.is_some_and(|entry| entry.kind == WordKind::Credit)
}

/// The words and phrases of a text, each with what is known of it.
pub fn phrases(text: &str) -> Vec<(Option<WordKind>, String)> {
    let words = folded_words(text);
    let mut pieces = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let longest = WORDS.longest.get(&words[at]).copied().unwrap_or(0);
        let lengths = (1..=longest.min(words.len() - at)).rev();
        let phrase = lengths
            .map(|length| (length, WORDS.phrases.get(&words[at..at + length].join(" "))))
            .find_map(|(length, entry)| Some((length, entry?)));
        match phrase {
            Some((length, entry)) => {
                pieces.push((Some(entry.kind), entry.same_as.clone()));
                at += length;
            }
            None => {
                match glued(&words[at]) {
                    Some([first, second]) => {
                        pieces.extend([first, second].map(|entry| (Some(entry.kind), entry.same_as.clone())))
                    }
                    None => unspaced_pieces(&words[at], &mut pieces),
                }
                at += 1;
            }
        }
    }
    pieces
}

/// Whether a title whose last word this is can end in words of a version, which most titles cannot.
pub fn may_end_version(word: &str) -> bool {
    let words = folded_words(word);
    words.last().is_none_or(|last| {
        is_year(last) || WORDS.ends.contains(last) || glued(last).is_some() || last.chars().any(is_unspaced)
    })
}

/// The two words of "Radioedit", "Instrumentalversion", "Akustikfassung".
fn glued(word: &str) -> Option<[&'static VersionWord; 2]> {
    const ENDS: [&str; 12] = [
        "version",
        "versions",
        "versionen",
        "fassung",
        "fassungen",
        "edit",
        "edits",
        "mix",
        "mixes",
        "remix",
        "remaster",
        "aufnahme",
    ];
    let cuts = ENDS.iter().filter_map(|end| Some((word.strip_suffix(end)?, *end)));
    cuts.filter_map(|(first, end)| Some([WORDS.phrases.get(first)?, WORDS.phrases.get(end)?]))
        .find(|[first, _]| first.kind != WordKind::Filler)
}

/// The known words inside of one that is written without spaces, and what is left of it.
fn unspaced_pieces(word: &str, pieces: &mut Vec<(Option<WordKind>, String)>) {
    if !word.chars().any(is_unspaced) {
        pieces.push((None, word.to_owned()));
        return;
    }
    let mut rest = word.to_owned();
    for (known, entry) in &WORDS.unspaced {
        while let Some(at) = rest.find(known.as_str()) {
            rest.replace_range(at..at + known.len(), "");
            pieces.push((Some(entry.kind), entry.same_as.clone()));
        }
    }
    if !rest.is_empty() {
        pieces.push((None, rest));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        let rows = include_str!("../versions.tsv")
            .lines()
            .filter(|row| !row.starts_with('#'))
            .skip(1);
        let (mut count, mut keys) = (0, HashSet::new());
        for row in rows {
            let cells: Vec<&str> = row.split('\t').collect();
            assert_eq!(cells.len(), 4, "{row:?}");
            assert!(kind_of(cells[1]).is_some(), "{row:?}");
            assert!(keys.insert(folded_words(cells[0]).join(" ")), "twice: {row:?}");
            count += 1;
        }
        assert_eq!(WORDS.phrases.len() + WORDS.unspaced.len(), count);
    }
}
