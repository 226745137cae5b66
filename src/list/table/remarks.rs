//! What a table says of its rows beside what finds their files: a version under any heading, a line or a sheet's name above
//! a block of rows, a code that is void.
//!
//! Nothing here finds a file; it keeps a code from a file that it is not for.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::list::read::grid::Grid;
use crate::list::table::columns::{self, Column, Layout};
use crate::recording::fold::fold;
use crate::recording::versions;

struct Words {
    void: Vec<String>,
    draft: Vec<Vec<String>>,
    plain: Vec<Vec<String>>,
    loud: Vec<String>,
    nothing: HashSet<&'static str>,
    sheets: HashSet<&'static str>,
    yes: HashSet<&'static str>,
    no: HashSet<&'static str>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let of = |wanted: &str| -> Vec<&'static str> {
        let rows = include_str!("remarks.tsv").lines().filter(|row| !row.starts_with('#'));
        let cells = rows.filter_map(|row| row.split_once('\t'));
        let words = cells.filter(|(kind, _)| *kind == wanted);
        words.map(|(_, rest)| rest.split('\t').next().unwrap_or(rest)).collect()
    };
    Words {
        void: of("void").into_iter().map(fold).collect(),
        draft: of("draft").into_iter().map(words).collect(),
        plain: of("plain").into_iter().map(words).collect(),
        nothing: of("nothing").into_iter().collect(),
        sheets: of("sheet").into_iter().collect(),
        yes: of("yes").into_iter().collect(),
        no: of("no").into_iter().collect(),
        loud: of("loud").into_iter().flat_map(versions::version_words).collect(),
    }
});

fn words(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(fold).collect()
}

/// Whether a cell says that the code of its row is not to be used.
pub(in crate::list) fn is_void(cell: &str) -> bool {
    cell.len() <= 60 && WORDS.void.contains(&fold(cell))
}

/// Whether a cell says that there is nothing to say: "TBC", "N/A".
pub(in crate::list) fn is_nothing(cell: &str) -> bool {
    cell.is_empty() || (cell.len() <= 24 && WORDS.nothing.contains(&*cell.to_lowercase()))
}

/// Whether the name of a sheet says that it is not the list, when others are there: "Old", "Backup".
pub(in crate::list) fn is_other_sheet(name: &str) -> bool {
    let name = name.to_lowercase();
    name.split(|letter: char| !letter.is_alphabetic())
        .any(|word| WORDS.sheets.contains(word))
}

/// Whether a line, or the name of a sheet, says that the list does not count.
pub(in crate::list) fn is_draft(line: &str) -> bool {
    let line = words(line);
    WORDS
        .draft
        .iter()
        .any(|phrase| line.windows(phrase.len()).any(|words| words == &phrase[..]))
}

/// The longest cell that may be a remark and not prose.
const LONGEST: usize = 60;

/// The version that a cell or a line says, where it says nothing else.
pub(in crate::list) fn version(text: &str) -> Option<&str> {
    let text = text.trim().trim_end_matches(':').trim_end();
    let is_one = text.len() <= LONGEST
        && versions::is_version(text)
        && !versions::version_words(&without_plain_words(text)).is_empty();
    is_one.then_some(text)
}

fn without_plain_words(text: &str) -> String {
    let mut rest = words(text);
    for plain in &WORDS.plain {
        while let Some(at) = rest.windows(plain.len()).position(|words| words == &plain[..]) {
            rest.drain(at..at + plain.len());
        }
    }
    rest.join(" ")
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

/// What the cells of a row say that no known column holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::list) struct Said {
    /// With the column where it is.
    pub(in crate::list) version: Option<(usize, String)>,
    /// "Explicit" or "Clean".
    pub(in crate::list) advisory: Option<&'static str>,
    pub(in crate::list) void: Option<String>,
    /// A version under the heading of something else: it counts where the row has nothing but a number.
    pub(in crate::list) quiet: Option<String>,
}

/// The columns of a table that may say something, and what their cells have said.
pub(in crate::list) struct Remarks<'g> {
    grid: &'g Grid,
    columns: Vec<(usize, RemarkKind)>,
    /// Cells that were read, since many say the same.
    seen: HashMap<(RemarkKind, &'g str), Said>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum RemarkKind {
    Any,
    /// Names of people who made another version.
    Remixer,
    /// Of the state of codes alone.
    State,
    /// Headed as something else: what makes another product counts all the same.
    Silent,
    /// Whether it is explicit: a word, or yes and no.
    Advisory,
}

impl<'g> Remarks<'g> {
    /// `heading` is the row of headings.
    pub(in crate::list) fn of(
        grid: &'g Grid,
        layout: &Layout,
        heading: Option<usize>,
        left_out: &dyn Fn(Column) -> bool,
    ) -> Remarks<'g> {
        let kind = |at: usize| {
            let heading = heading.map_or("", |row| grid.cell(row, at));
            let is_state = layout.position(Column::State) == Some(at);
            match columns::remark(heading) {
                _ if is_state => Some(RemarkKind::State),
                _ if layout.is_known(at) => None,
                Some("remixer") => Some(RemarkKind::Remixer),
                Some("advisory") => Some(RemarkKind::Advisory),
                Some(_) => Some(RemarkKind::Silent),
                None => Some(RemarkKind::Any),
            }
        };
        let columns = (0..grid.columns()).filter_map(|at| Some((at, kind(at)?)));
        let wanted = |(_, kind): &(usize, RemarkKind)| match kind {
            RemarkKind::Remixer | RemarkKind::Silent => !left_out(Column::Version),
            RemarkKind::State => !left_out(Column::State),
            RemarkKind::Any | RemarkKind::Advisory => true,
        };
        Remarks {
            grid,
            columns: columns.filter(wanted).collect(),
            seen: HashMap::new(),
        }
    }

    pub(in crate::list) fn of_row(&mut self, row: usize) -> Said {
        let mut said = Said::default();
        for &(at, kind) in &self.columns {
            let cell = self.grid.cell(row, at).trim();
            if cell.is_empty() || cell.len() > LONGEST || !cell.chars().any(char::is_alphabetic) {
                continue;
            }
            let of_cell = self.seen.entry((kind, cell)).or_insert_with(|| read(kind, cell));
            let Said {
                version,
                advisory,
                void,
                quiet,
            } = of_cell.clone();
            said.version = said.version.or(version.map(|(_, version)| (at, version)));
            said.advisory = said.advisory.or(advisory);
            said.void = said.void.or(void);
            said.quiet = said.quiet.or(quiet);
        }
        said
    }
}

fn read(kind: RemarkKind, cell: &str) -> Said {
    let cell = &*super::cell::said(cell);
    let void = || is_void(cell).then(|| cell.to_owned());
    match kind {
        RemarkKind::State => Said {
            void: void(),
            ..Said::default()
        },
        RemarkKind::Silent => match version(cell).map(str::to_owned) {
            Some(version) if is_loud(&version) => Said {
                version: Some((0, version)),
                ..Said::default()
            },
            quiet => Said {
                quiet,
                ..Said::default()
            },
        },
        RemarkKind::Advisory => Said {
            advisory: advisory(cell).or_else(|| {
                let is = |words: &HashSet<&str>| words.contains(&*cell.to_lowercase());
                is(&WORDS.yes)
                    .then_some("Explicit")
                    .or(is(&WORDS.no).then_some("Clean"))
            }),
            ..Said::default()
        },
        RemarkKind::Remixer if cell.is_empty() => Said::default(),
        RemarkKind::Remixer => Said {
            version: Some((
                0,
                match versions::has_version(cell) {
                    true => cell.to_owned(),
                    false => format!("{cell} Remix"),
                },
            )),
            ..Said::default()
        },
        RemarkKind::Any => Said {
            version: version(cell).map(|version| (0, version.to_owned())),
            advisory: advisory(cell),
            void: void(),
            quiet: None,
        },
    }
}

fn is_loud(version: &str) -> bool {
    let words = versions::version_words(version);
    words.iter().all(|word| WORDS.loud.contains(word))
}

/// What a cell that says nothing else warns of.
fn advisory(cell: &str) -> Option<&'static str> {
    match versions::version_words(cell).as_slice() {
        [word] if versions::is_version(cell) => ["Explicit", "Clean"].into_iter().find(|known| fold(known) == *word),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_says_a_version_or_something_else() {
        for cell in [
            "Instrumental",
            "Instrumentalversion",
            "Radioedit",
            "Live",
            "Live in Oslo",
            "Karaoke Version",
            "N. N. Remix",
            "Instrumentals",
            "LIVE VERSION:",
            "Radio Edits",
            "Remaster 2024",
            "Dolby Atmos",
            "Akustikversion",
        ] {
            assert!(version(cell).is_some(), "{cell}");
        }
        for cell in [
            "Single",
            "Album",
            "Stereo",
            "House",
            "Explicit",
            "Live Forever",
            "Live Nation",
            "Audio",
            "Albumversion",
            "Original Mix",
            "Low Water",
            "Recorded live, mixed and mastered by N. N. in the old mill house at the river",
            "",
        ] {
            assert_eq!(version(cell), None, "{cell}");
        }
    }

    #[test]
    fn a_code_or_a_list_may_be_void() {
        for cell in ["void", "VOID", "Cancelled", "do not use", "storniert", "Annulé"] {
            assert!(is_void(cell), "{cell}");
        }
        for cell in ["", "active", "assigned", "live", "void of course"] {
            assert!(!is_void(cell), "{cell}");
        }
        assert!(is_draft("Label copy - DRAFT 2") && is_draft("Do not use!") && is_draft("Entwurf"));
        assert!(!is_draft("Label copy") && !is_draft("Overdraft") && !is_draft(""));
    }

    #[test]
    fn lines_above_rows_say_a_version_or_none() {
        assert_eq!(version_of_line("Small Hours (Live)"), Some(Some("Live")));
        assert_eq!(version_of_line("Instrumentals:"), Some(Some("Instrumentals")));
        assert_eq!(version_of_line("Album versions"), Some(None));
        assert_eq!(version_of_line("Side B"), None);
        assert_eq!(version_of_line("Low Water"), None);
    }
}
