//! The versions that albums are called by, beside the words that say a release or a kind of music.

use super::{is_all_of, version_and_rest, version_words, without};

/// A word for a release, no version of what is on it: "Ebb - Single" is how shops call what has "Ebb" on it.
pub fn is_release(word: &str) -> bool {
    matches!(word, "single" | "ep" | "lp" | "deluxe" | "edition")
}

/// A word of a version that albums are called by as well: "House Music", "Ambient Works".
pub fn is_genre(word: &str) -> bool {
    const GENRES: [&str; 14] = [
        "ambient",
        "beats",
        "bonus beats",
        "chill",
        "club",
        "dance",
        "disco",
        "drum and bass",
        "dub",
        "dubstep",
        "house",
        "lo fi",
        "techno",
        "trance",
    ];
    GENRES.contains(&word)
}

/// The version that an album is called by, if it is by one.
pub fn version_of_album(name: &str) -> Option<String> {
    let words: Vec<_> = version_words(name)
        .into_iter()
        .filter(|word| !is_release(word))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// The version that only one of two albums is called by, where they are called the same beside it: "Tides" and "Tides Live".
pub fn version_of_one(a: &str, b: &str) -> Option<String> {
    let ((a, rest_of_a), (b, rest_of_b)) = (version_and_rest(a), version_and_rest(b));
    let are_named = !rest_of_a.is_empty() && !rest_of_b.is_empty();
    let are_one = are_named && (is_all_of(&rest_of_a, &rest_of_b) || is_all_of(&rest_of_b, &rest_of_a));
    let mut words = [without(&a, &b), without(&b, &a)].concat();
    words.retain(|word| !is_release(word) && !is_genre(word));
    (are_one && !words.is_empty()).then(|| words.join(" "))
}
