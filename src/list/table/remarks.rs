//! What a table says of its rows beside what finds their files: a version under any heading, a line or a sheet's name above
//! a block of rows, a code that is void (`remarks.tsv`).
//!
//! Nothing here finds a file; it keeps a code from a file that it is not for.

use std::collections::HashMap;

use self::asked::Asked;
use crate::list::read::grid::Grid;
use crate::list::table::columns::{self, Column, Columns, Layout};
use crate::list::table::{SAMPLE_ROWS, words};
use crate::recording::fold::fold;
use crate::recording::names::album_and_disc;
use crate::recording::versions;

mod asked;
pub(in crate::list) mod beside;
pub(in crate::list) mod footnotes;
pub(in crate::list) mod states;

/// The longest cell that may be a remark and not prose.
const LONGEST: usize = 60;

/// The longest cell that may be a title, or a file name.
const LONGEST_TITLE: usize = 255;

/// Whether a cell says that the code of its row is not to be used.
pub(in crate::list) fn is_void(cell: &str) -> bool {
    let is_said = |rest: &str| {
        let rest = rest.trim_start();
        let is_year = |word: &str| word.len() == 4 && word.bytes().all(|letter| letter.is_ascii_digit());
        let begins = |word: String| words::is("by", &word) || is_year(&word);
        rest.starts_with(|letter: char| !letter.is_alphanumeric())
            || words::folded_words(rest).into_iter().next().is_some_and(begins)
            || codes_within(rest).next().is_some()
    };
    let mut ends = cell.char_indices().filter(|(_, letter)| !letter.is_alphanumeric());
    // "Superseded by …", but not "Wrong Way".
    let mut begins = || {
        ends.any(|(end, _)| {
            let (first, rest) = cell.split_at(end);
            words::is("begin", first) || (words::is("void", first) && is_said(rest))
        })
    };
    cell.len() <= LONGEST && (words::is("void", cell) || begins() || codes_below(cell, true) == Some(false))
}

/// Whether a cell names another code that is to be used in place of its row's: "replaced by QZ…", "use QZ… instead", but not
/// "replaces QZ…", "UK release: QZ…".
fn names_successor(cell: &str, is_own: impl Fn(&str) -> bool) -> bool {
    let is_plain = |word: &String| {
        ["list", "sentence"].iter().any(|kind| words::is(kind, word)) || word.bytes().all(|byte| byte.is_ascii_digit())
    };
    // The last phrase before the code decides, the longest where several end there, unless other words are between.
    let leads = |before: &str| {
        let words = words::folded_words(before);
        for end in (1..=words.len()).rev() {
            let of_kinds = |kinds: &[&str]| {
                let phrases = kinds.iter().flat_map(|kind| words::phrases(kind));
                phrases
                    .filter(|phrase| words[..end].ends_with(phrase))
                    .map(Vec::len)
                    .max()
            };
            let (next, past) = (of_kinds(&["next", "by", "begin"]), of_kinds(&["past", "old", "void"]));
            if next.is_some() || past.is_some() {
                return next > past;
            }
            if !is_plain(&words[end - 1]) {
                return false;
            }
        }
        false
    };
    let mut codes = codes_within(cell)
        .filter(|code| !is_own(code))
        .filter_map(|code| cell.split_once(code));
    codes.any(|(before, after)| leads(before) || words::folded_words(after) == ["instead"])
}

/// The codes among other words.
fn codes_within(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '-');
    words.filter(|word| (12..=15).contains(&word.len()) && super::cell::is_code(word))
}

/// Whether a cell says that there is nothing to say: "TBC", "N/A".
pub(in crate::list) fn is_nothing(cell: &str) -> bool {
    let is_it = |known: &words::Known| known.kind == "nothing" && known.word == cell.to_lowercase();
    cell.is_empty() || (cell.len() <= 24 && words::known(&fold(cell)).iter().any(is_it))
}

/// Whether the name of a sheet says that it is not the list, when others are there: "Old", "Backup".
pub(in crate::list) fn is_other_sheet(name: &str) -> bool {
    let is_void = || ["void", "old"].iter().any(|kind| words::is(kind, name)) || is_draft(name);
    words::says("sheet", &name.replace(char::is_numeric, " ")) || is_void()
}

/// Whether a line, or the name of a sheet or of a list, says that its codes do not count: "Draft 2", "Old codes".
pub(in crate::list) fn is_draft(line: &str) -> bool {
    words::says("draft", line) || says_of_codes(line) == Some(true)
}

/// Whether the name of a list says so: "Void" alone may be the name of an album that has more words.
pub(in crate::list) fn is_draft_name(name: &str) -> bool {
    let is_long = |phrase: &&Vec<String>| phrase.len() > 1;
    let words = words::folded_words(name);
    let phrases = ["draft", "void"].into_iter().flat_map(words::phrases);
    let mut long = phrases.filter(is_long);
    says_of_codes(name) == Some(true)
        || bare_names(name).any(|name| words::is("draft", name))
        || long.any(|phrase| words.windows(phrase.len()).any(|window| window == &phrase[..]))
}

/// Whether a line among the rows says that the codes below it count, "New codes", or do not: "Old codes", but not "Old
/// tracks", nor "Void" where titles are, which is one that has no code yet.
pub(in crate::list) fn codes_below(line: &str, is_title: bool) -> Option<bool> {
    let words = words::folded_words(line);
    let speaks = says_of_codes(line).filter(|_| words.iter().any(|word| words::is("codes", word)));
    let is_void = match is_title {
        true => words::is("draft", line) && (words.len() > 1 || line.ends_with(':')),
        false => words::says("draft", line),
    };
    // "Current", "Valid codes".
    let counts = |word: &String| words::is("valid", word) || words::is("list", word);
    let is_valid = words.iter().all(counts) && words.iter().any(|word| words::is("valid", word));
    let is_valid = is_valid && (!is_title || words.len() > 1 || line.ends_with(':'));
    let of_other = || is_void.then_some(false).or(is_valid.then_some(true));
    speaks.map(|is_old| !is_old).or_else(of_other)
}

/// Whether a line speaks of codes or lists and of nothing else, and whether it says that they are old: "New codes",
/// "Former ISRCs (2019)".
pub(in crate::list) fn says_of_codes(line: &str) -> Option<bool> {
    let words = words::folded_words(line);
    let is_of = |kind: &'static str| move |word: &String| words::is(kind, word);
    let is_void = |word: &String| is_of("old")(word) || (is_of("void")(word) && !is_of("list")(word));
    let is_old = words.iter().any(is_void);
    let is_plain =
        |word: &String| is_void(word) || is_of("list")(word) || word.bytes().all(|byte| byte.is_ascii_digit());
    let speaks = words.len() > 1 && words.iter().all(is_plain) && words.iter().any(is_of("list"));
    (speaks && (is_old || words.iter().any(is_of("codes")))).then_some(is_old)
}

/// Whether a line says who made a recording: "Written by: N. N.". Without a colon it may be a title, "Music by Night".
pub(in crate::list) fn is_credit(line: &str) -> bool {
    let label = line.split_once(':').map(|(label, _)| words::folded_words(label));
    label.is_some_and(|label| words::phrases("credit").contains(&label))
}

/// The version that a cell or a line says, where it says nothing else.
pub(in crate::list) fn version(text: &str) -> Option<&str> {
    let text = text.trim().trim_end_matches(':').trim_end();
    let is_one = text.len() <= LONGEST
        && versions::is_version(text)
        && (words::is("loud", text) || !versions::version_words(&without(&["plain"], text)).is_empty());
    is_one.then_some(text)
}

/// Whether a list or a folder is called by a kind of music or like a track of an album, though these words make a version
/// in a title: "Lofi Beats", "The Reprise".
pub(in crate::list) fn is_name(text: &str) -> bool {
    versions::is_version(text) && versions::version_words(&without(&["plain", "name"], text)).is_empty()
}

/// A text without words of these kinds.
fn without(kinds: &[&str], text: &str) -> String {
    let mut rest = words::folded_words(text);
    for plain in kinds.iter().flat_map(|kind| words::phrases(kind)) {
        while let Some(at) = rest.windows(plain.len()).position(|words| words == &plain[..]) {
            rest.drain(at..at + plain.len());
        }
    }
    rest.join(" ")
}

/// What a cell that says of what kind its row is makes of it: a version, or no audio.
pub(in crate::list) fn version_of_kind(cell: &str) -> Option<&str> {
    version(cell).or_else(|| words::is("video", cell).then_some("Video"))
}

/// The version that a line above rows says of them: "Instrumentals", "Small Hours (Live)". `Some(None)` where it says
/// that they are of none.
pub(in crate::list) fn version_of_line(line: &str) -> Option<Option<&str>> {
    if let Some(version) = version(line) {
        return Some(Some(version));
    }
    if let (_, Some(addition)) = versions::split(line.trim())
        && let Some(version) = version(addition)
    {
        return Some(Some(version));
    }
    let bare = line.trim().trim_end_matches(':');
    (versions::is_neutral(bare)).then_some(None)
}

/// The version that a sentence says of all tracks: "All tracks are instrumental versions".
pub(in crate::list) fn version_of_sentence(line: &str) -> Option<String> {
    let mut words = words::folded_words(line);
    let all = words.len();
    words.retain(|word| !words::is("sentence", word));
    let is_sentence = words.len() < all && line.len() <= LONGEST;
    version_of_kind(&words.join(" "))
        .filter(|_| is_sentence)
        .map(str::to_owned)
}

/// The name of a sheet or of a list, and what is left of it without "ISRC", "final", "2024" and the like at its end.
fn bare_names(name: &str) -> impl Iterator<Item = &str> {
    fn without_last<'n>(name: &&'n str) -> Option<&'n str> {
        let (rest, last) = name.rsplit_once(SEPARATORS)?;
        let says_nothing = words::is("list", last) || last.bytes().all(|byte| byte.is_ascii_digit());
        says_nothing.then(|| rest.trim_end_matches(SEPARATORS))
    }
    std::iter::successors(Some(name.trim_matches(SEPARATORS)), without_last)
}

const SEPARATORS: [char; 5] = [' ', '_', '-', '–', '.'];

/// The disc that the name of a list ends with: "Small Hours CD 2 ISRC".
pub(in crate::list) fn disc_of_name(name: &str) -> Option<u32> {
    bare_names(name).find_map(|name| album_and_disc(name).1)
}

/// The version that the name of a sheet or of a list ends with: "Small Hours (Live)", "Small Hours - Karaoke ISRC".
pub(in crate::list) fn version_of_name<'n>(name: &'n str) -> Option<&'n str> {
    let at_end = |name: &'n str| {
        // The longest of the last words that are a version; an "edit" may be one of the list.
        let is_between = |letter: char| SEPARATORS.contains(&letter) || matches!(letter, '(' | ')' | '[' | ']');
        let starts = name.match_indices(is_between).map(|(at, _)| at);
        let ends = std::iter::once(0).chain(starts);
        let ends = ends.map(|at| name[at..].trim_matches(is_between));
        let ends = ends.filter(|end| !words::is("list", end));
        let mut ends = ends.filter(|end| {
            versions::version_and_rest(end)
                .1
                .iter()
                .all(|word| word.parse::<u16>().is_ok())
        });
        let of_part = || {
            version_of_line(name)
                .flatten()
                .filter(|version| version.len() < name.trim().len())
        };
        of_part().or_else(|| ends.find_map(version))
    };
    bare_names(name).filter(|name| !is_name(name)).find_map(at_end)
}

/// What the cells of a row say that no known column holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::list) struct Said {
    /// With the column where it is.
    pub(in crate::list) version: Option<(usize, String)>,
    /// "Explicit" or "Clean".
    pub(in crate::list) advisory: Option<&'static str>,
    pub(in crate::list) void: Option<String>,
    pub(in crate::list) guests: Option<String>,
    /// A version under the heading of something else: it counts where the row has nothing but a number.
    pub(in crate::list) quiet: Option<String>,
    /// A code among other words, with the column where it is.
    pub(in crate::list) code: Option<(usize, String)>,
    /// Yes under the name of a version.
    pub(in crate::list) answer: Option<String>,
}

/// The columns of a table that may say something, and what their cells have said.
pub(in crate::list) struct Remarks<'g> {
    grid: &'g Grid,
    /// The column of codes.
    code: Option<usize>,
    columns: Vec<(usize, RemarkKind)>,
    /// The columns that another is read in place of, or that the user wants left out.
    others: Vec<usize>,
    /// Columns that ask, "Instrumental?", "Void", "In use".
    asked: HashMap<usize, Asked>,
    /// What may contradict titles.
    beside_titles: Vec<usize>,
    /// Cells that were read, since many say the same.
    seen: HashMap<(RemarkKind, &'g str), Said>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum RemarkKind {
    Any,
    /// Names of people who made another version.
    Remixer,
    /// Names of guests.
    Guests,
    /// Of the state of codes alone.
    State,
    /// Headed as something else: what makes another product counts all the same.
    Silent,
    /// Whether it is explicit: a word, or yes and no.
    Advisory,
    /// Other titles: "Intro" is one, and "Withdrawn" too.
    Title,
}

impl<'g> Remarks<'g> {
    /// `heading` is the row of headings.
    pub(in crate::list) fn of(grid: &'g Grid, layout: &Layout, heading: Option<usize>, given: &Columns) -> Remarks<'g> {
        let of_versions = |kind| (!given.is_left_out(Column::Version)).then_some(kind);
        let kind = |at: usize| match columns::remark(heading.map_or("", |row| grid.cell(row, at))) {
            _ if layout.position(Column::State) == Some(at) => Some(RemarkKind::State),
            _ if layout.is_known(at) => None,
            Some("remixer") => of_versions(RemarkKind::Remixer),
            Some("guests") => Some(RemarkKind::Guests),
            Some("advisory") => Some(RemarkKind::Advisory),
            Some(_) => of_versions(RemarkKind::Silent),
            None if layout.titles.contains(&at) => of_versions(RemarkKind::Title),
            None => Some(RemarkKind::Any),
        };
        let is_other = |at: &usize| {
            let meant = columns::meaning(heading.map_or("", |row| grid.cell(row, *at)));
            meant.is_some_and(|column| given.given(column).is_some())
                || layout.doubles.iter().any(|(_, _, double)| double == at)
        };
        let asked = |at: usize| {
            let cells = (0..grid.len().min(SAMPLE_ROWS)).map(|row| grid.cell(row, at).trim());
            Some((at, Asked::of(heading.map_or("", |row| grid.cell(row, at)), cells)?))
        };
        let columns: Vec<(usize, RemarkKind)> = (0..grid.columns()).filter_map(|at| Some((at, kind(at)?))).collect();
        let unknown = columns.iter().filter(|(_, kind)| *kind == RemarkKind::Any);
        let mut remarks = Remarks {
            grid,
            code: layout.position(Column::Isrc),
            asked: unknown.filter_map(|(at, _)| asked(*at)).collect(),
            others: (0..grid.columns()).filter(is_other).collect(),
            columns,
            beside_titles: Vec::new(),
            seen: HashMap::new(),
        };
        remarks.beside_titles = remarks.columns_beside_titles(layout, heading.map_or(0, |row| row + 1), given);
        remarks
    }

    /// The texts of a row under headings that are not known, or of something else: "Label" may be a title.
    pub(in crate::list) fn texts(&self, row: usize) -> Vec<(usize, String)> {
        let is_unknown = |(at, kind): &&(usize, RemarkKind)| {
            matches!(kind, RemarkKind::Any | RemarkKind::Silent) && !self.others.contains(at)
        };
        let unknown = self.columns.iter().filter(is_unknown);
        let texts = unknown.map(|(at, _)| (*at, super::cell::said(self.grid.cell(row, *at))));
        let is_text = |text: &str| text.len() <= LONGEST_TITLE && text.chars().any(char::is_alphabetic);
        let texts = texts.filter(|(_, text)| is_text(text) && !super::cell::is_code(text));
        texts.map(|(at, text)| (at, text.into_owned())).collect()
    }

    pub(in crate::list) fn of_row(&mut self, row: usize) -> Said {
        let mut said = Said::default();
        let own = self.code.map_or("", |at| self.grid.cell(row, at));
        let is_own = |code: &str| !own.is_empty() && fold(code) == fold(own);
        for &(at, kind) in &self.columns {
            let cell = self.grid.cell(row, at).trim();
            let code = || {
                codes_within(cell)
                    .next()
                    .filter(|code| *code != cell)
                    .map(|code| (at, code.to_owned()))
            };
            said.code = said.code.or_else(code);
            // "Old code …" speaks of that one, "replaced by …" of this.
            let may_say = matches!(kind, RemarkKind::State | RemarkKind::Any) && cell.len() <= LONGEST_TITLE;
            if may_say && names_successor(cell, is_own) {
                said.void.get_or_insert_with(|| cell.to_owned());
            }
            if let Some(asked) = self.asked.get(&at) {
                asked.answer((at, cell), &mut said);
            }
            if cell.is_empty() || cell.len() > LONGEST || !cell.chars().any(char::is_alphabetic) {
                continue;
            }
            let of_cell = self
                .seen
                .entry((kind, cell))
                .or_insert_with(|| read(kind, cell))
                .clone();
            said.version = said.version.or(of_cell.version.map(|(_, version)| (at, version)));
            said.advisory = said.advisory.or(of_cell.advisory);
            let is_of_other = codes_within(cell).next().is_some_and(|code| !is_own(code));
            said.void = said.void.or(of_cell.void.filter(|_| !is_of_other));
            said.quiet = said.quiet.or(of_cell.quiet);
            said.guests = said.guests.or(of_cell.guests);
        }
        said
    }
}

fn read(kind: RemarkKind, cell: &str) -> Said {
    let cell = &*super::cell::said(cell);
    let mut said = Said::default();
    let is_any = matches!(kind, RemarkKind::Any | RemarkKind::Title);
    let version = if is_any { version_of_kind(cell) } else { version(cell) }.map(str::to_owned);
    // "Mix: TV" is a TV mix.
    let labelled = || {
        let (label, value) = cell.split_once(':')?;
        version_of_kind(&format!("{} {label}", value.trim())).map(str::to_owned)
    };
    // "ISRC for the video".
    let of_sentence = || is_any.then(|| version_of_sentence(cell)).flatten();
    let version = version.or_else(labelled).or_else(of_sentence);
    if let RemarkKind::State | RemarkKind::Any = kind {
        said.void = is_void(cell).then(|| cell.to_owned());
    }
    if let RemarkKind::Advisory | RemarkKind::Any = kind {
        said.advisory = advisory(cell);
    }
    match kind {
        RemarkKind::State => {}
        RemarkKind::Title if is_name(cell) => {}
        RemarkKind::Any | RemarkKind::Title => said.version = version.map(|version| (0, version)),
        RemarkKind::Silent if version.as_deref().is_some_and(is_loud) => {
            said.version = version.map(|version| (0, version))
        }
        RemarkKind::Silent => said.quiet = version,
        RemarkKind::Advisory => {
            let answers = [("yes", "Explicit"), ("no", "Clean")];
            let answer = || answers.into_iter().find(|(kind, _)| words::is(kind, cell));
            said.advisory = said.advisory.or_else(|| answer().map(|(_, said)| said));
        }
        RemarkKind::Guests if cell.is_empty() || ["yes", "no"].iter().any(|kind| words::is(kind, cell)) => {}
        RemarkKind::Guests => said.guests = Some(cell.to_owned()),
        RemarkKind::Remixer if cell.is_empty() => {}
        RemarkKind::Remixer if versions::has_version(cell) => said.version = Some((0, cell.to_owned())),
        RemarkKind::Remixer => said.version = Some((0, format!("{cell} Remix"))),
    }
    said
}

/// Whether a version makes another product even where nothing else counts.
fn is_loud(version: &str) -> bool {
    versions::version_words(version)
        .iter()
        .all(|word| words::is("loud", word))
}

/// What a cell that says nothing else warns of.
fn advisory(cell: &str) -> Option<&'static str> {
    match versions::version_words(cell).as_slice() {
        [word] if versions::is_version(cell) => ["Explicit", "Clean"].into_iter().find(|known| fold(known) == *word),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
