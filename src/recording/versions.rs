//! What a title says of the version of a recording: whether two titles are of one, or a version word is on one side
//! only.

use self::words::{WordKind, is_credit, is_year, may_end_version, phrases};
use super::fold::{are_other_signs, fold, is_all_of, names_touch, signs};
use crate::format::tags::Medium;

pub use album::{is_genre, is_release, version_of_album, version_of_one};

mod album;
pub mod fit;
mod words;

/// How two titles stand to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Titles {
    Same,
    /// The same title, but these words are on one side only: nobody can tell without asking.
    OneSided(String),
    Different,
}

/// A title as it is compared, read once for all comparisons.
#[derive(Debug, Clone)]
pub struct Title {
    folded: String,
    /// As it is, and with the version words that it ends with taken for such: "Song Live" is "Song (Live)".
    readings: [Folded; 2],
    guests: Option<String>,
    signs: String,
}

#[derive(Debug, Clone)]
struct Folded {
    main: String,
    additions: Vec<String>,
}

impl Title {
    pub fn of(title: &str) -> Title {
        let folded = fold(title);
        let mut reading = VersionReading::of(title);
        let as_it_stands = Folded {
            main: match reading.main == title {
                true => folded.clone(),
                false => fold(&reading.main),
            },
            additions: reading.additions.clone(),
        };
        let without_versions = match reading.take_trailing_versions() {
            true => Folded {
                main: fold(&reading.main),
                additions: reading.additions,
            },
            false => as_it_stands.clone(),
        };
        Title {
            folded,
            readings: [as_it_stands, without_versions],
            guests: reading.guests,
            signs: signs(title),
        }
    }

    /// What is no version, folded.
    pub fn main(&self) -> &str {
        &self.readings[1].main
    }

    fn has_other_guests(&self, other: &Title) -> bool {
        let guests = self.guests.as_deref().zip(other.guests.as_deref());
        guests.is_some_and(|(a, b)| !names_touch(a, b))
    }

    /// Whether both say a version of one song, and each another one: "(2011 Remaster)" and "(2024 Remaster)".
    pub fn is_other_version(&self, other: &Title) -> bool {
        let mut readings = self.readings.iter().zip(&other.readings);
        let are_apart = |a: &Folded, b: &Folded| {
            !without(&a.additions, &b.additions).is_empty() && !without(&b.additions, &a.additions).is_empty()
        };
        readings
            .find(|(a, b)| a.main == b.main)
            .is_some_and(|(a, b)| are_apart(a, b))
    }

    /// Whether two titles are of one recording. Case, accents, punctuation and what is added for the listener do not
    /// count, but for guests where both name some: with others it is another recording.
    pub fn compare(&self, other: &Title) -> Titles {
        if are_other_signs(&self.signs, &other.signs) {
            return Titles::Different;
        }
        if self.folded == other.folded {
            return Titles::Same;
        }
        let mut readings = self.readings.iter().zip(&other.readings);
        let Some((a, b)) = readings.find(|(a, b)| a.main == b.main) else {
            return Titles::Different;
        };
        if self.has_other_guests(other) {
            return Titles::Different;
        }
        let only_in_a = without(&a.additions, &b.additions);
        let only_in_b = without(&b.additions, &a.additions);
        match (only_in_a.is_empty(), only_in_b.is_empty()) {
            (true, true) => Titles::Same,
            (false, false) => Titles::Different,
            (true, false) => Titles::OneSided(only_in_b.join(" ")),
            (false, true) => Titles::OneSided(only_in_a.join(" ")),
        }
    }
}

/// A title with the guests that stand beside it, unless it names some itself.
pub fn with_guests(title: &str, guests: &str) -> Option<String> {
    VersionReading::of(title)
        .guests
        .is_none()
        .then(|| format!("{title} (feat. {guests})"))
}

/// The guests in the credit of an artist: "Ana feat. Bob".
pub fn guests_of(artist: &str) -> Option<String> {
    let begins = |word: &str| word.trim_start_matches(['(', '[']).starts_with(['f', 'F']);
    let may_have = artist.split_whitespace().skip(1).any(begins);
    may_have.then(|| VersionReading::of(artist).guests).flatten()
}

/// Whether two titles name different guests.
pub fn have_other_guests(a: &str, b: &str) -> bool {
    Title::of(a).has_other_guests(&Title::of(b))
}

/// Whether two titles are of one recording, for a single comparison.
pub fn compare(a: &str, b: &str) -> Titles {
    Title::of(a).compare(&Title::of(b))
}

/// A key that titles share unless [`compare`] finds them different.
pub fn main_title(title: &str) -> String {
    // No file is called "Sonata: I. Allegro", but "Sonata - I. Allegro" is the same.
    let mut reading = match title.contains(": ") {
        true => VersionReading::of(&title.replace(": ", " - ")),
        false => VersionReading::of(title),
    };
    reading.take_trailing_versions();
    fold(&reading.main)
}

/// A title and what it says of the version, if anything: "Song (Live) [feat. N. N.]" is "Song" and "Live".
pub fn split(title: &str) -> (&str, Option<&str>) {
    let bare = without_additions(title);
    match last_addition(bare) {
        Some((before, version)) if !before.trim().is_empty() && has_version(version) => {
            (before.trim_end(), Some(version.trim()))
        }
        _ => (bare, None),
    }
}

/// A title without what is added to it for the listener and says nothing of the recording: "(Album Version)",
/// "- Bonus Track", "[feat. N. N.]".
pub fn without_additions(title: &str) -> &str {
    let mut rest = title.trim_end();
    while let Some((before, addition)) = last_addition(rest) {
        let before = before.trim_end();
        if before.is_empty() || !meaning(addition).is_empty() {
            break;
        }
        rest = before;
    }
    rest
}

/// A title with its version, which files carry in the title and lists in a column of its own.
pub fn whole_title(title: &str, version: Option<&str>) -> String {
    let Some(version) = version else {
        return title.to_owned();
    };
    let whole = format!("{title} ({version})");
    // "Alive" holds the letters of "Live", and does not say it.
    let may_say = fold(title).contains(&fold(version));
    match may_say && compare(title, &whole) == Titles::Same {
        true => title.to_owned(),
        false => whole,
    }
}

/// A title with the version that fields of their own say: a text about the version or subtitle, and where nothing names
/// one, who made the remix. A subtitle that is no version says nothing of the recording.
pub fn title_with_fields(title: &str, version: Option<&str>, remixer: Option<&str>, artist: Option<&str>) -> String {
    let version = version.filter(|version| is_version(version));
    let remix = remixer.filter(|_| version.is_none() && !has_version(title));
    // Taggers fill the field with the artist, or with a word for nobody.
    let remix = remix.filter(|remixer| {
        let is_nobody = matches!(&*fold(remixer), "na" | "none" | "unknown" | "various");
        let is_artist = artist.is_some_and(|artist| names_touch(artist, remixer));
        !is_nobody && !is_artist && remixer.contains(char::is_alphabetic)
    });
    let remix = remix.map(|remixer| format!("{remixer} Remix"));
    whole_title(title, version.or(remix.as_deref()))
}

/// Whether a text holds a word that makes another version.
pub fn has_version(text: &str) -> bool {
    phrases(text).iter().any(|(kind, _)| *kind == Some(WordKind::Version))
}

/// The words of a text that make another version, each in one spelling: of "Live at Home (Radio Edit)" live, radio and edit.
pub fn version_words(text: &str) -> Vec<String> {
    let phrases = phrases(text).into_iter();
    once_each(
        phrases
            .filter(|(kind, _)| *kind == Some(WordKind::Version))
            .map(|(_, word)| word)
            .collect(),
    )
}

/// Whether a text says what medium something is.
pub fn says_medium(text: &str, medium: Medium) -> bool {
    let is_said = |word: &String| match medium {
        Medium::Video => matches!(&word[..], "video" | "lyric video" | "visualizer"),
        Medium::Surround => matches!(&word[..], "surround" | "atmos" | "5.1" | "quad" | "360 reality audio"),
        Medium::Stereo | Medium::Sound => true,
    };
    version_words(text).iter().any(is_said)
}

/// The words of a text that make another version, and those that nothing is known of: of "Tides Live" live and tides.
pub fn version_and_rest(text: &str) -> (Vec<String>, Vec<String>) {
    let known = phrases(text)
        .into_iter()
        .filter(|(kind, _)| matches!(kind, None | Some(WordKind::Version)));
    let (versions, rest): (Vec<_>, Vec<_>) = known.partition(|(kind, _)| kind.is_some());
    let words = |phrases: Vec<(_, String)>| once_each(phrases.into_iter().map(|(_, word)| word).collect());
    (words(versions), words(rest))
}

/// Whether a text says a version and nothing else: "Instrumental", "Live in Oslo", "N. N. Remix", but no "Live Forever".
pub fn is_version(text: &str) -> bool {
    let phrases = phrases(text);
    let is = |at: usize, wanted: WordKind| phrases.get(at).is_some_and(|(kind, _)| *kind == Some(wanted));
    let is_known =
        |(kind, word): &(Option<WordKind>, String)| kind.is_some_and(|kind| kind != WordKind::Credit) || is_year(word);
    let all = phrases.iter().all(is_known) && (0..phrases.len()).any(|at| is(at, WordKind::Version));
    let place = is(0, WordKind::Version) && is(1, WordKind::Filler);
    let remix = phrases
        .last()
        .is_some_and(|(_, word)| matches!(word.as_str(), "remix" | "edit" | "rework" | "remaster"));
    all || place || remix
}

/// The word of a version that an album's name goes on with: "live" of "Tides Live at the Hall".
pub fn performance(text: &str) -> Option<String> {
    let phrases = phrases(text);
    let is_place = |word: &str| matches!(word, "at" | "in" | "from" | "on");
    let mut pairs = phrases.windows(2);
    pairs.find_map(|pair| {
        let ((kind, word), (_, next)) = (&pair[0], &pair[1]);
        (*kind == Some(WordKind::Version) && is_place(next)).then(|| word.clone())
    })
}

/// Whether a text says that there is no version, and nothing else: "Album versions", "Bonus tracks".
pub fn is_neutral(text: &str) -> bool {
    let phrases = phrases(text);
    let is = |wanted: WordKind| phrases.iter().any(|(kind, _)| *kind == Some(wanted));
    is(WordKind::Neutral)
        && phrases
            .iter()
            .all(|(kind, _)| matches!(kind, Some(WordKind::Neutral | WordKind::Filler)))
}

/// A title taken apart.
#[derive(Debug)]
struct VersionReading {
    main: String,
    /// The words that count, folded; in every spelling and language as one word.
    additions: Vec<String>,
    /// Who is named behind "feat.".
    guests: Option<String>,
}

impl VersionReading {
    fn of(title: &str) -> VersionReading {
        let (main, added) = parts(title);
        let (main, credit) = without_credit(main);
        let mut additions: Vec<String> = added.iter().flat_map(|part| meaning(part)).collect();
        if has_version(credit) {
            additions.extend(meaning(credit));
        }
        let guests = added.iter().copied().chain([credit]).find_map(guests);
        VersionReading {
            main: main.trim().to_owned(),
            additions: once_each(additions),
            guests,
        }
    }

    /// Moves the version words that the title itself ends with to the additions, if there are some. One word stays: "Live"
    /// is a title.
    fn take_trailing_versions(&mut self) -> bool {
        let words: Vec<&str> = self.main.split_whitespace().collect();
        if !words.last().is_some_and(|last| may_end_version(last)) {
            return false;
        }
        let is_version = |from: usize| {
            let phrases = phrases(&words[from..].join(" "));
            let is_word = |(kind, word): &(Option<WordKind>, String)| kind.is_some() || is_year(word);
            phrases.iter().all(is_word) && phrases.iter().any(|(kind, _)| *kind == Some(WordKind::Version))
        };
        let Some(from) = (1..words.len()).find(|from| is_version(*from)) else {
            return false;
        };
        self.additions.extend(meaning(&words[from..].join(" ")));
        self.additions = once_each(std::mem::take(&mut self.additions));
        self.main = words[..from].join(" ");
        true
    }
}

const BRACKETS: [(char, char); 6] = [
    ('(', ')'),
    ('[', ']'),
    ('{', '}'),
    ('（', '）'),
    ('【', '】'),
    ('［', '］'),
];
const DASHES: [&str; 3] = [" - ", " – ", " — "];

/// Cuts "Title (Version) [feat. N. N.] - Live" into the title and all that follows it.
fn parts(title: &str) -> (&str, Vec<&str>) {
    let opens = |letter: char| BRACKETS.iter().any(|(open, _)| *open == letter);
    let starts = title.match_indices(opens).map(|(at, _)| at).chain(
        DASHES
            .iter()
            .flat_map(|dash| title.match_indices(dash).map(|(at, _)| at)),
    );
    // "(I Can't Get No) Satisfaction": what is in front of a title belongs to it.
    let cut = starts.filter(|at| !title[..*at].trim().is_empty()).min();
    let (main, rest) = title.split_at(cut.unwrap_or(title.len()));
    let is_mark = |letter: char| BRACKETS.iter().any(|(open, close)| [*open, *close].contains(&letter));
    let added = rest
        .split(is_mark)
        .flat_map(|part| part.split(" - "))
        .flat_map(|part| part.split(" – "))
        .flat_map(|part| part.split(" — "))
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    (main, added)
}

/// Cuts "Title (addition)", `Title [addition]` and "Title - addition".
fn last_addition(title: &str) -> Option<(&str, &str)> {
    for (open, close) in BRACKETS {
        if let Some(inner) = title.strip_suffix(close) {
            return inner.rsplit_once(open);
        }
    }
    let cuts = DASHES.iter().filter_map(|dash| title.rsplit_once(dash));
    cuts.max_by_key(|(before, _)| before.len())
}

/// Cuts "Song feat. N. N." before the credit.
fn without_credit(main: &str) -> (&str, &str) {
    let mut at = 0;
    for word in main.split_inclusive(char::is_whitespace) {
        if at > 0 && is_credit(word) {
            return main.split_at(at);
        }
        at += word.len();
    }
    (main, "")
}

/// Whether titles say what kind of a version it is: of "Live in Oslo" the live. "Live Forever" does not.
pub fn says_kind(titles: &[&str], version: &str) -> bool {
    let additions = |title: &&str| match is_version(title) {
        true => version_words(title),
        false => Title::of(title).readings[1].additions.clone(),
    };
    let said: Vec<String> = titles.iter().flat_map(additions).collect();
    version_words(version).iter().all(|word| said.contains(word))
}

/// Whether texts say all of a version: of "Live in Oslo" the live and the Oslo, in any spelling and order. A year counts
/// where they say one.
pub fn says_all(texts: &[&str], version: &str) -> bool {
    let said: Vec<String> = texts.iter().flat_map(|text| meaning(text)).collect();
    let has_year = said.iter().any(|word| is_year(word));
    let is_said = |word: &String| said.contains(word) || (is_year(word) && !has_year);
    meaning(version).iter().all(is_said)
}

/// The words of an addition that count.
fn meaning(addition: &str) -> Vec<String> {
    let phrases = phrases(addition);
    let names_people = phrases.first().is_some_and(|(kind, _)| *kind == Some(WordKind::Credit));
    // "(feat. N. N.)" says nothing; "(feat. N. N. Remix)" does.
    if names_people && !phrases.iter().any(|(kind, _)| *kind == Some(WordKind::Version)) {
        return Vec::new();
    }
    let counts = |(kind, word): (Option<WordKind>, String)| match kind {
        None | Some(WordKind::Version) => Some(word),
        Some(WordKind::Neutral | WordKind::Credit | WordKind::Filler) => None,
    };
    phrases.into_iter().filter_map(counts).collect()
}

/// The names behind "feat.", where it is all that an addition says.
fn guests(addition: &str) -> Option<String> {
    let (first, names) = addition.trim().split_once(char::is_whitespace)?;
    let is_guest = matches!(fold(first).as_str(), "feat" | "ft" | "featuring");
    (is_guest && !has_version(names)).then(|| names.to_owned())
}

/// "(Live) [Live Version]" says one thing.
fn once_each(words: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::with_capacity(words.len());
    for word in words {
        if !kept.contains(&word) {
            kept.push(word);
        }
    }
    kept
}

/// What is in `a` more often than in `b`.
fn without(a: &[String], b: &[String]) -> Vec<String> {
    let mut others = b.to_vec();
    let is_left = |word: &&String| match others.iter().position(|other| other == *word) {
        Some(at) => {
            others.swap_remove(at);
            false
        }
        None => true,
    };
    a.iter().filter(is_left).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(a: &str, b: &str, expected: Titles) {
        assert_eq!(compare(a, b), expected, "{a:?} {b:?}");
        assert_eq!(compare(b, a), expected, "{b:?} {a:?}");
    }

    fn one_sided(words: &str) -> Titles {
        Titles::OneSided(words.to_owned())
    }

    #[test]
    fn spelling_and_additions_for_the_listener_do_not_count() {
        check("Song", "SONG!", Titles::Same);
        check("Song ♥", "Song", Titles::Same);
        check("Song (30 sec)", "Song (30 Seconds)", Titles::Same);
        check("Song (Live)", "Song - Live", Titles::Same);
        check("Song (Live)", "Song Live", Titles::Same);
        check("Song (En Vivo)", "Song [live]", Titles::Same);
        check("Song (2011 Remaster)", "Song (Remastered 2011)", Titles::Same);
        check(
            "Song (Remasterisé en 2011)",
            "Song - 2011 Digital Remaster",
            Titles::Same,
        );
        check("Song", "Song (Original Mix)", Titles::Same);
        check("Song", "Song - Album Version", Titles::Same);
        check("Song", "Song [feat. Ana & Bob]", Titles::Same);
        check("Song", "Song ft. Ana", Titles::Same);
        check("Song (Live)", "Song feat. Ana (Live)", Titles::Same);
        check("Song", "Song - Bonus Track", Titles::Same);
        check("Song (Acoustic)", "Song (Acoustic Version)", Titles::Same);
        check("Song (feat. Ana & Bob)", "Song ft. Ana", Titles::Same);
        check("Song (Live)", "Song (Live) [Live Version]", Titles::Same);
        check("Song (Instrumental)", "Song (Instrumentalversion)", Titles::Same);
        check("Song (Radioedit)", "Song - Radio Edit", Titles::Same);
        check("Song (Acapella)", "Song (A Cappella)", Titles::Same);
        check("曲（ライブ）", "曲 (Live)", Titles::Same);
        check("歌（现场版）", "歌 (Live)", Titles::Same);
    }

    #[test]
    fn a_version_on_one_side_only_is_to_be_asked() {
        check("Song", "Song (Remastered)", one_sided("remaster"));
        check("Song (Extended Mix)", "Song (Extended Mix) [Mixed]", one_sided("mixed"));
        check("Song", "Song (Clip)", one_sided("snippet"));
        check("Song", "Song (2024 Remaster)", one_sided("2024 remaster"));
        check("Song", "Song [Explicit]", one_sided("explicit"));
        check("Song", "Song (Instrumental)", one_sided("instrumental"));
        check("Song", "Song Instrumental", one_sided("instrumental"));
        check("Song", "Song - sped up", one_sided("sped up"));
        check("Song", "Song (Unplugged)", one_sided("unplugged"));
        check("Song (Live)", "Song (Live) [2009 Remaster]", one_sided("2009 remaster"));
        check("Song (Remix)", "Song (Ana Remix)", one_sided("ana"));
        check("Song", "Song (feat. Ana - Bob Remix)", one_sided("bob remix"));
        check("Song", "Song feat. Ana Remix", one_sided("ana remix"));
        check("Song", "Song (Part 2)", one_sided("part 2"));
        check("Long Live", "Long Live (Live)", one_sided("live"));
        check("歌", "歌（伴奏）", one_sided("backing track"));
        check("노래", "노래 (라이브)", one_sided("live"));
        check("Песня", "Песня (ремикс)", one_sided("remix"));
    }

    #[test]
    fn one_of_two_albums_is_called_a_version() {
        let check = |a, b, expected: Option<&str>| {
            assert_eq!(version_of_one(a, b).as_deref(), expected, "{a:?} {b:?}");
            assert_eq!(version_of_one(b, a).as_deref(), expected, "{b:?} {a:?}");
        };
        check("Tides", "Tides Live", Some("live"));
        check("Tides", "Live Tides 2019", Some("live"));
        check("Tides (Clean)", "Tides", Some("clean"));
        check("Tides Live", "Live Tides", None);
        check("Lo-Fi Nights", "Nights", None);
        check("Live Forever", "Masters", None);
        check("Piano Works", "upload", None);
        check("Ebb - Single", "Ebb", None);
        check("Tides", "Instrumentals", None);
    }

    #[test]
    fn fields_of_their_own_say_a_version_too() {
        let check = |fields: (&str, Option<&str>, Option<&str>), expected: &str| {
            let title = title_with_fields(fields.0, fields.1, fields.2, Some("Ana"));
            assert_eq!(title, expected, "{fields:?}");
        };
        check(("Alive", Some("Live"), None), "Alive (Live)");
        check(("Live Forever", Some("Live"), None), "Live Forever (Live)");
        check(("Rope", Some("for piano four hands"), Some("Ana")), "Rope");
        check(("Rope", None, Some("N/A")), "Rope");
        check(("Rope", None, Some(" - ")), "Rope");
        check(("Rope", Some("Instrumental"), None), "Rope (Instrumental)");
        check(("Rope (Live)", Some("live"), None), "Rope (Live)");
        check(("Rope", Some("Op. 16"), None), "Rope");
        check(("Rope", None, Some("Bob")), "Rope (Bob Remix)");
        check(
            ("Rope (Bob's Extended Mix)", None, Some("Bob")),
            "Rope (Bob's Extended Mix)",
        );
        check(("Rope", Some("Radio Edit"), Some("Bob")), "Rope (Radio Edit)");
    }

    #[test]
    fn other_titles_and_other_versions_differ() {
        check("Song", "Song 2", Titles::Different);
        check("New", "Newer", Titles::Different);
        check("(Intro)", "(Outro)", Titles::Different);
        check("Song (Live)", "Song (Radio Edit)", Titles::Different);
        check("Song (Live)", "Song (Live in the Studio)", Titles::Different);
        check("Song (Ana Remix)", "Song (Bob Remix)", Titles::Different);
        check("Song (Clean)", "Song (Explicit)", Titles::Different);
        check("Song (Part 1)", "Song (Part 2)", Titles::Different);
        check("Song - Part 1 (Live)", "Song - Part 2 (Live)", Titles::Different);
        check("Live", "Remix", Titles::Different);
        check("???", "!!!", Titles::Different);
        check("Prelude 🌊", "Prelude 🔥", Titles::Different);
        check("Prelude in C# minor", "Prelude in C minor", Titles::Different);
        check("Study 1.1", "Study 11", Titles::Different);
        check("Song (30 sec)", "Song (60 sec)", Titles::Different);
        check("Song (TV Mix)", "Song (Karaoke)", Titles::Different);
        check("Song (432 Hz)", "Song (528Hz)", Titles::Different);
        check("Song (Peel Session)", "Song (BBC Session)", Titles::Different);
        check("Song (Nightcore)", "Song (Sped Up)", Titles::Different);
        check("Song (Rough Mix)", "Song (Demo)", Titles::Different);
        check("Song", "", Titles::Different);
        check("Song (feat. Ana)", "Song (feat. Bob)", Titles::Different);
        check("Song ft. Ana", "Song [feat. Bob Cid]", Titles::Different);
    }

    #[test]
    fn additions_for_the_listener_are_dropped_and_versions_stay() {
        let check = |title: &str, expected: &str| assert_eq!(without_additions(title), expected, "{title:?}");
        check("Song (Album Version)", "Song");
        check("Song [Original Mix] (ft. A & B)", "Song");
        check("Song - Bonus Track", "Song");
        check("Song (Remastered)", "Song (Remastered)");
        check("Song - 2011 Remaster", "Song - 2011 Remaster");
        check("Song [Explicit]", "Song [Explicit]");
        check("Song (Live) [Bonus Track]", "Song (Live)");
        check("Song - Single Version", "Song - Single Version");
        check("Song (Stereo Mix)", "Song (Stereo Mix)");
        check("(Album Version)", "(Album Version)");
        check("A - B", "A - B");
        check(")", ")");
        check("", "");
    }

    #[test]
    fn a_title_is_split_from_its_version() {
        let check = |title: &str, expected: (&str, Option<&str>)| assert_eq!(split(title), expected, "{title:?}");
        check(
            "Song (Live at the Hall) [feat. Ana]",
            ("Song", Some("Live at the Hall")),
        );
        check("Song - 2011 Remaster", ("Song", Some("2011 Remaster")));
        check("Song (Part 2)", ("Song (Part 2)", None));
        check("(Live)", ("(Live)", None));
        check("Song", ("Song", None));
    }

    #[test]
    fn titles_differ_by_what_they_say_of_the_recording() {
        let check = |a: &str, b: &str, expected: bool| {
            let differ = |a, b| compare(a, b) == Titles::Different;
            assert_eq!((differ(a, b), differ(b, a)), (expected, expected), "{a:?} {b:?}");
        };
        check("Song", "SONG (Remastered)", false);
        check("Song", "Song (Radio Edit)", false);
        check("Song (Live)", "Song - Live", false);
        check("Song (Live)", "Song (Radio Edit)", true);
        check("Song", "Song 2", true);
        check("New", "Newer", true);
        check("(Intro)", "(Outro)", true);
    }
}
