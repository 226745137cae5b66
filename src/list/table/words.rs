//! The words of the trade, which are data (`headings.tsv`, `remarks.tsv`): of each its kind, and its rank among all.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::recording::fold::fold;

/// A word as it is in the data.
#[derive(Debug)]
pub(in crate::list) struct Known {
    pub(in crate::list) kind: &'static str,
    pub(in crate::list) word: &'static str,
    /// 0 is the most telling.
    pub(in crate::list) rank: usize,
}

static WORDS: LazyLock<HashMap<String, Vec<Known>>> = LazyLock::new(|| {
    let mut words: HashMap<String, Vec<Known>> = HashMap::new();
    for (rank, (kind, word)) in rows().enumerate() {
        let known = words.entry(fold(word)).or_default();
        known.push(Known { kind, word, rank });
    }
    words
});

/// Of each kind its phrases, as folded words.
static PHRASES: LazyLock<HashMap<&'static str, Vec<Vec<String>>>> = LazyLock::new(|| {
    let mut phrases: HashMap<&'static str, Vec<Vec<String>>> = HashMap::new();
    rows().for_each(|(kind, word)| phrases.entry(kind).or_default().push(folded_words(word)));
    phrases
});

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    let tables = [include_str!("headings.tsv"), include_str!("remarks.tsv")];
    let rows = tables
        .into_iter()
        .flat_map(|table| table.lines().filter(|row| !row.starts_with('#')).skip(1));
    rows.filter_map(|row| {
        let mut cells = row.split('\t');
        Some((cells.next()?, cells.next()?))
    })
}

/// All that a folded text may be.
pub(in crate::list) fn known(folded: &str) -> &'static [Known] {
    WORDS.get(folded).map_or(&[], Vec::as_slice)
}

/// Whether a text is a word of this kind.
pub(in crate::list) fn is(kind: &str, text: &str) -> bool {
    known(&fold(text)).iter().any(|known| known.kind == kind)
}

pub(in crate::list) fn phrases(kind: &str) -> &'static [Vec<String>] {
    PHRASES.get(kind).map_or(&[], Vec::as_slice)
}

/// Whether a text has a phrase of this kind among its words.
pub(in crate::list) fn says(kind: &str, text: &str) -> bool {
    let words = folded_words(text);
    let is_in = |phrase: &Vec<String>| words.windows(phrase.len().max(1)).any(|window| window == &phrase[..]);
    phrases(kind).iter().any(is_in)
}

pub(in crate::list) fn folded_words(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(fold).collect()
}
