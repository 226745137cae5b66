//! Which column of a table is which: by the headings that labels, distributors and programs give them, in any case and
//! order (`headings.tsv`), or as the user says.

use std::str::FromStr;

use super::words;
use crate::isrc::words::words;
use crate::recording::fold::fold;
use crate::recording::versions;

words! {
    /// What a column of a list can hold, with its name in `--columns`, in messages and in `headings.tsv`.
    pub enum Column {
        Isrc = "isrc",
        /// A path or a file name.
        File = "file",
        /// A folder to which the file name belongs, or a whole path.
        Folder = "folder",
        Title = "title",
        Version = "version",
        Artist = "artist",
        Album = "album",
        Disc = "disc",
        Track = "track",
        /// The side of a record, on which the numbers of tracks may begin anew.
        Side = "side",
        Duration = "duration",
        Upc = "upc",
        Published = "published",
        ContentType = "type",
        /// The state of a code: "void" in the ledger's export, "cancelled" in those of offices.
        State = "state",
        /// A path that is not UTF-8, in base64, as our own tables carry it.
        PathBytes = "path_bytes",
        /// What our own tables say of a file only by its name or its folder.
        FromName = "from_name",
        /// The code is for this track of the file's CUESHEET block.
        CuesheetTrack = "cuesheet_track",
    }
}

/// Whether a heading is that of ranges of codes: "ISRC from".
pub(in crate::list) fn is_of_ranges(heading: &str) -> bool {
    is("range", heading)
}

/// Whether a heading of lengths may be over the times at which tracks begin.
pub(in crate::list) fn may_be_start(heading: &str) -> bool {
    is("time", bare(heading))
}

/// What a heading that is no column of its own says of what is below it: "remixer", names that make a version, "guests",
/// "advisory", whether it is explicit, or "silent", under which a version word means something else.
pub(in crate::list) fn remark(heading: &str) -> Option<&'static str> {
    let known = |heading: &str| {
        let kinds = words::known(&folded(heading)).iter().map(|known| known.kind);
        kinds
            .into_iter()
            .find(|kind| matches!(*kind, "remixer" | "guests" | "silent" | "advisory"))
    };
    known(heading).or_else(|| known(bare(heading)))
}

/// Whether a heading says that its codes are not those of these recordings: "Video ISRC", "ISRC (old)".
pub(in crate::list) fn is_of_others(heading: &str) -> bool {
    let inside = heading.split_once(['(', '[']).map_or("", |(_, inside)| inside);
    says_other(heading) || makes_other_codes(inside)
}

fn says_other(heading: &str) -> bool {
    OTHERS.iter().any(|kind| words::says(kind, heading))
}

/// The kinds of words that say what a column is not.
const OTHERS: [&str; 2] = ["other", "old"];

fn is(kind: &str, heading: &str) -> bool {
    words::known(&folded(heading)).iter().any(|known| known.kind == kind)
}

/// A heading without what is in brackets, or asked.
fn bare(heading: &str) -> &str {
    heading.split(['(', '[', '?']).next().unwrap_or(heading)
}

/// What the user says with `--columns isrc=…,title=…`: for a column its heading, or its letter, or `-` to leave it out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    given: Vec<(Column, String)>,
}

/// Why `--columns` cannot be understood.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ColumnsError {
    #[error("{0:?} is not of the form column=heading")]
    NoHeading(String),
    #[error(
        "there is no column {0:?}\nhint: columns are isrc, file, folder, title, version, artist, album, disc, track, \
         side, duration, upc, published and type"
    )]
    Unknown(String),
    #[error("the column {0} is given twice")]
    Twice(&'static str),
}

impl FromStr for Columns {
    type Err = ColumnsError;

    fn from_str(text: &str) -> Result<Columns, ColumnsError> {
        let mut columns = Columns::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let Some((name, heading)) = part.split_once('=').filter(|(_, heading)| !heading.trim().is_empty()) else {
                return Err(ColumnsError::NoHeading(part.to_owned()));
            };
            let name = name.trim().to_ascii_lowercase();
            let column = match name.as_str() {
                "path" | "filename" => Some(Column::File),
                "status" => Some(Column::State),
                _ => Column::of_word(&name),
            };
            let column = column.ok_or(ColumnsError::Unknown(name))?;
            if columns.given(column).is_some() {
                return Err(ColumnsError::Twice(column.word()));
            }
            columns.given.push((column, heading.trim().to_owned()));
        }
        Ok(columns)
    }
}

impl Columns {
    pub(in crate::list) fn given(&self, column: Column) -> Option<&str> {
        let found = self.given.iter().find(|(given, _)| *given == column);
        found.map(|(_, heading)| heading.as_str())
    }

    /// Whether the user wants a column left out: `file=-`.
    pub(in crate::list) fn is_left_out(&self, column: Column) -> bool {
        self.given(column) == Some("-")
    }

    /// Whether the user says where a column is.
    pub(in crate::list) fn names_any(&self) -> bool {
        self.given.iter().any(|(_, heading)| heading != "-")
    }

    /// Each of the columns that it says alone, with its heading.
    pub(in crate::list) fn each(&self) -> impl Iterator<Item = (Columns, String)> {
        let one = |(column, name): &(Column, String)| (Columns::default().with(*column, name), name.clone());
        self.given.iter().map(one)
    }

    /// The same with one more column said.
    pub(in crate::list) fn with(&self, column: Column, heading: &str) -> Columns {
        let mut given = self.given.clone();
        given.retain(|(given, _)| *given != column);
        given.push((column, heading.to_owned()));
        Columns { given }
    }

    /// As it is typed.
    pub fn argument(&self) -> String {
        let parts = self
            .given
            .iter()
            .map(|(column, name)| format!("{}={name}", column.word()));
        parts.collect::<Vec<_>>().join(",")
    }
}

/// Where each column is in a table; 0 is the first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    positions: [Option<usize>; Column::ALL.len()],
    /// Every column that is headed as one of codes, the most telling first.
    pub(in crate::list) codes: Vec<usize>,
    /// Every column that is headed as one of titles, the most telling first.
    pub(in crate::list) titles: Vec<usize>,
    /// Of titles, numbers and files the columns that may hold them beside the one that is read; of others those with its
    /// very heading.
    pub(in crate::list) doubles: Vec<(Column, usize, usize)>,
}

impl Layout {
    pub fn position(&self, column: Column) -> Option<usize> {
        self.positions[column as usize]
    }

    /// Whether a column is read as something.
    pub(in crate::list) fn is_known(&self, at: usize) -> bool {
        self.positions.contains(&Some(at)) || self.codes.contains(&at)
    }

    /// How many columns are known; of several rows or ways to cut a table the one with the most is right.
    pub fn known(&self) -> usize {
        self.positions.iter().flatten().count()
    }

    pub(in crate::list) fn put(&mut self, column: Column, position: Option<usize>) {
        self.positions[column as usize] = position;
    }
}

/// Reads a row as headings. `Err` with the heading that the user gave if a cell of that name is missing.
pub fn layout<'c>(cells: &[&str], columns: &'c Columns) -> Result<Layout, &'c str> {
    let mut layout = Layout::default();
    for (column, given) in columns.given.iter().filter(|(_, given)| given != "-") {
        let named = |is_it: &dyn Fn(&str) -> bool| cells.iter().position(|cell| is_it(cell));
        let found = named(&|cell| cell.trim() == given)
            .or_else(|| named(&|cell| folded(cell) == folded(given)))
            .or_else(|| from_letters(given).filter(|index| *index < cells.len()));
        layout.put(*column, Some(found.ok_or(given.as_str())?));
    }
    // A column that the user names for one thing is not taken for another by its heading.
    let is_given = |at: usize| layout.positions.contains(&Some(at));
    let open = cells
        .iter()
        .enumerate()
        .filter(|(at, cell)| !is_given(*at) && !cell.trim().is_empty());
    let meanings_of =
        |(at, cell): (usize, &&str)| meanings(cell).into_iter().map(move |(column, rank)| (column, rank, at));
    let mut found: Vec<(Column, usize, usize)> = open.flat_map(meanings_of).collect();
    found.sort_unstable();
    for (column, rank, at) in found {
        layout.titles.extend((column == Column::Title).then_some(at));
        let goes_with_file = column == Column::Folder && columns.is_left_out(Column::File);
        if columns.given(column).is_some() || goes_with_file {
            continue;
        }
        if column == Column::Isrc {
            layout.codes.push(at);
        }
        match layout.position(column) {
            None if !layout.positions.contains(&Some(at)) => layout.put(column, Some(at)),
            Some(first)
                if first != at && (are_told_apart(column) || meanings(cells[first]).contains(&(column, rank))) =>
            {
                layout.doubles.push((column, first, at));
            }
            None | Some(_) => {}
        }
    }
    let Layout { positions, doubles, .. } = &mut layout;
    doubles.retain(|(column, _, at)| *column != Column::Isrc && !positions.contains(&Some(*at)));
    if columns.given(Column::Isrc).is_some() {
        layout.codes = layout.position(Column::Isrc).into_iter().collect();
    }
    Ok(layout)
}

/// Whether files tell which of two such columns is meant.
pub(in crate::list) fn are_told_apart(column: Column) -> bool {
    matches!(column, Column::Title | Column::File | Column::Track)
}

/// What a label means before all.
pub(in crate::list) fn meaning(label: &str) -> Option<Column> {
    let first = meanings(label).into_iter().min_by_key(|(_, rank)| *rank);
    first.map(|(column, _)| column)
}

/// What a heading may mean, and how tellingly: as it is, or without what is in brackets ("ISRC (12 characters)").
fn meanings(heading: &str) -> Vec<(Column, usize)> {
    let known = |heading: &str| {
        let mut found: Vec<(Column, usize)> = Vec::new();
        for known in words::known(&folded(heading)) {
            let column = Column::of_word(known.kind).filter(|column| found.iter().all(|(other, _)| other != column));
            found.extend(column.map(|column| (column, known.rank)));
        }
        found
    };
    let found = known(heading);
    match heading.split_once(['(', '[']) {
        Some((before, inside)) if found.is_empty() && !before.trim().is_empty() && !makes_another(inside) => {
            let is_of_codes = |(column, _): &(Column, usize)| *column == Column::Isrc;
            let mut found = known(before);
            found.retain(|column| !is_of_codes(column) || !makes_other_codes(inside));
            found
        }
        _ => found,
    }
}

/// Whether what is in the brackets of a heading makes it another column: "Length (old)".
fn makes_another(inside: &str) -> bool {
    let folded = fold(inside);
    // "ISRC (soundcloud)" is not old in Dutch.
    let is_long = |other: &String| other.len() > 4 || !other.is_ascii();
    let mut others = OTHERS
        .iter()
        .flat_map(|kind| words::phrases(kind))
        .map(|other| other.concat());
    says_other(inside) || others.any(|other| is_long(&other) && folded.contains(&other))
}

/// Whether what is in the brackets of a heading says that its codes are void, or those of another version: "ISRC (Atmos)".
fn makes_other_codes(inside: &str) -> bool {
    words::says("void", inside)
        || words::says("video", inside)
        || versions::version_words(inside)
            .iter()
            .any(|word| !words::is("usual", word))
}

/// A heading without case, accents and punctuation: "Track #", "Piste n°".
fn folded(heading: &str) -> String {
    match heading.trim() {
        "#" => "#".to_owned(),
        bare => {
            let bare = bare.replace(['#', '№'], " no ").replace("N°", "no").replace("n°", "no");
            fold(&bare.replace('º', "o"))
        }
    }
}

/// The letters over a column: 0 is `A`, 26 is `AA`.
pub fn letters(index: usize) -> String {
    let last = char::from(b'A' + (index % 26) as u8);
    match index / 26 {
        0 => last.to_string(),
        before => letters(before - 1) + &last.to_string(),
    }
}

pub(in crate::list) fn from_letters(text: &str) -> Option<usize> {
    let is_letters = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    let value = |number: usize, byte: u8| number * 26 + usize::from(byte.to_ascii_uppercase() - b'A') + 1;
    is_letters.then(|| text.bytes().fold(0, value) - 1)
}

#[cfg(test)]
mod tests;
