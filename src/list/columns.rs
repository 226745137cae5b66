//! Which column of a table is which: by the names that labels, distributors and programs give them, in any case and
//! order, or as the user says.

use std::str::FromStr;

use crate::recording::fold::fold;

/// What a column of a list can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    Isrc,
    /// A path or a file name.
    File,
    Title,
    Version,
    Artist,
    Album,
    Disc,
    Track,
    Duration,
    Upc,
    Published,
    ContentType,
    /// The state of a code, as the ledger's export tells it.
    CodeState,
}

impl Column {
    pub const ALL: [Column; 13] = [
        Column::Isrc,
        Column::File,
        Column::Title,
        Column::Version,
        Column::Artist,
        Column::Album,
        Column::Disc,
        Column::Track,
        Column::Duration,
        Column::Upc,
        Column::Published,
        Column::ContentType,
        Column::CodeState,
    ];

    /// The name in `--columns` and in messages.
    pub fn word(self) -> &'static str {
        match self {
            Column::Isrc => "isrc",
            Column::File => "file",
            Column::Title => "title",
            Column::Version => "version",
            Column::Artist => "artist",
            Column::Album => "album",
            Column::Disc => "disc",
            Column::Track => "track",
            Column::Duration => "duration",
            Column::Upc => "upc",
            Column::Published => "published",
            Column::ContentType => "type",
            Column::CodeState => "code_state",
        }
    }

    fn index(self) -> usize {
        self as usize
    }

    /// Usual names, folded, the most telling first: where a table has several, the first of this list is meant.
    fn usual_names(self) -> &'static [&'static str] {
        match self {
            Column::Isrc => &[
                "trackisrc",
                "recordingisrc",
                "songisrc",
                "audioisrc",
                "isrctrack",
                "isrc",
                "isrccode",
                "isrcnumber",
                "isrcno",
                "isrcnr",
                "isrcnummer",
                "codeisrc",
                "codigoisrc",
                "numeroisrc",
                "isrcs",
            ],
            Column::File => &[
                "path",
                "filepath",
                "fullpath",
                "pfad",
                "dateipfad",
                "chemin",
                "chemindufichier",
                "ruta",
                "location",
                "filename",
                "audiofilename",
                "trackfilename",
                "audiofile",
                "file",
                "dateiname",
                "datei",
                "nomdufichier",
                "nomdefichier",
                "fichier",
                "nombredearchivo",
                "nombredelarchivo",
                "archivo",
                "fichero",
            ],
            Column::Title => &[
                "tracktitle",
                "trackname",
                "songtitle",
                "songname",
                "recordingtitle",
                "title",
                "titel",
                "tracktitel",
                "songtitel",
                "titre",
                "titredelapiste",
                "titredupiste",
                "titulo",
                "titulodelapista",
                "song",
                "name",
            ],
            Column::Version => &[
                "trackversion",
                "versiontitle",
                "recordingversion",
                "version",
                "mixversion",
                "mixname",
                "subtitle",
                "tracksubtitle",
                "versionstitel",
            ],
            Column::Artist => &[
                "trackartist",
                "trackartists",
                "mainartist",
                "primaryartist",
                "displayartist",
                "artist",
                "artistname",
                "artists",
                "performer",
                "interpret",
                "kunstler",
                "artiste",
                "interprete",
                "artista",
            ],
            Column::Album => &[
                "album",
                "albumtitle",
                "albumname",
                "releasetitle",
                "releasename",
                "producttitle",
                "release",
                "albumtitel",
                "titredelalbum",
                "titulodelalbum",
            ],
            Column::Disc => &[
                "disc",
                "discno",
                "discnumber",
                "discnum",
                "disk",
                "diskno",
                "disknumber",
                "disknr",
                "cd",
                "cdno",
                "cdnr",
                "cdnumber",
                "volume",
                "volumeno",
                "volumenumber",
                "medium",
                "disque",
                "nodedisque",
                "disco",
                "nodedisco",
            ],
            Column::Track => &[
                "trackno",
                "tracknumber",
                "tracknr",
                "tracknum",
                "track",
                "tracksequence",
                "titelnr",
                "titelnummer",
                "nodepiste",
                "numerodepiste",
                "piste",
                "nodepista",
                "numerodepista",
                "pista",
                "position",
                "sequence",
                "seq",
                "no",
                "nr",
                "#",
            ],
            Column::Duration => &[
                "trackduration",
                "tracklength",
                "tracktime",
                "duration",
                "durationms",
                "length",
                "time",
                "playingtime",
                "runningtime",
                "runtime",
                "dauer",
                "spieldauer",
                "lange",
                "laufzeit",
                "duree",
                "duracion",
            ],
            Column::Upc => &[
                "upc",
                "ean",
                "upcean",
                "eanupc",
                "upccode",
                "barcode",
                "gtin",
                "icpn",
                "strichcode",
                "codebarre",
                "codebarres",
                "codigodebarras",
            ],
            Column::Published => &[
                "published",
                "publicationdate",
                "dateoffirstpublication",
                "firstpublicationdate",
                "originalreleasedate",
                "releasedate",
                "veroffentlichungsdatum",
                "datedesortie",
                "fechadelanzamiento",
            ],
            Column::ContentType => &["contenttype", "recordingtype", "type"],
            Column::CodeState => &["codestate"],
        }
    }
}

/// What the user says with `--columns isrc=…,title=…`: for a column its heading, or its letter.
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
        "there is no column {0:?}\nhint: columns are isrc, file, title, version, artist, album, disc, track, duration, \
         upc, published and type"
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
                _ => Column::ALL.into_iter().find(|column| column.word() == name),
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
    pub(super) fn given(&self, column: Column) -> Option<&str> {
        let found = self.given.iter().find(|(given, _)| *given == column);
        found.map(|(_, heading)| heading.as_str())
    }

    /// Whether the user wants a column left out: `file=-`.
    fn is_left_out(&self, column: Column) -> bool {
        self.given(column) == Some("-")
    }
}

/// Where each column stands in a table; 0 is the first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    positions: [Option<usize>; Column::ALL.len()],
}

/// Why a row of headings cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LayoutError {
    #[error("two columns may hold the {column}: {first:?} and {second:?}\nhint: choose with --columns {column}=…")]
    Two {
        column: &'static str,
        first: String,
        second: String,
    },
    #[error("no column is headed {0:?}, as --columns says")]
    NoSuchHeading(String),
}

impl Layout {
    pub fn position(&self, column: Column) -> Option<usize> {
        self.positions[column.index()]
    }

    /// How many columns are known; of several ways to cut a table the one with the most is right.
    pub fn known(&self) -> usize {
        self.positions.iter().flatten().count()
    }
}

/// Reads a row as headings. `None` if it has no column of codes, so that it is not the row of headings.
pub fn layout(cells: &[String], columns: &Columns) -> Result<Option<Layout>, LayoutError> {
    let headings: Vec<String> = cells.iter().map(|cell| folded_heading(cell)).collect();
    let Some(isrc) = position(Column::Isrc, cells, &headings, columns)? else {
        return Ok(None);
    };
    let mut layout = Layout::default();
    layout.positions[Column::Isrc.index()] = Some(isrc);
    for column in &Column::ALL[1..] {
        let found = position(*column, cells, &headings, columns)?;
        if let (None, Some(given), false) = (found, columns.given(*column), columns.is_left_out(*column)) {
            return Err(LayoutError::NoSuchHeading(given.to_owned()));
        }
        // A column that the user names for one thing is not taken for another by its heading.
        layout.positions[column.index()] = found.filter(|found| !layout.positions.contains(&Some(*found)));
    }
    Ok(Some(layout))
}

fn position(
    column: Column,
    cells: &[String],
    headings: &[String],
    columns: &Columns,
) -> Result<Option<usize>, LayoutError> {
    let only = |name: &str| {
        let mut found = headings.iter().enumerate().filter(|(_, heading)| *heading == name);
        match (found.next(), found.next()) {
            (None, _) => Ok(None),
            (Some((index, _)), None) => Ok(Some(index)),
            (Some((first, _)), Some((second, _))) => Err(LayoutError::Two {
                column: column.word(),
                first: format!("{} ({})", cells[first].trim(), letters(first)),
                second: format!("{} ({})", cells[second].trim(), letters(second)),
            }),
        }
    };
    if columns.is_left_out(column) {
        return Ok(None);
    }
    if let Some(given) = columns.given(column) {
        let by_heading = only(&folded_heading(given))?;
        return Ok(by_heading.or_else(|| from_letters(given).filter(|index| *index < cells.len())));
    }
    for name in column.usual_names() {
        if let Some(found) = only(name)? {
            let is_taken = Column::ALL
                .iter()
                .filter_map(|other| columns.given(*other))
                .any(|given| folded_heading(given) == headings[found] || from_letters(given) == Some(found));
            if !is_taken {
                return Ok(Some(found));
            }
        }
    }
    Ok(None)
}

/// A heading without case, accents, punctuation, and what stands in brackets: "Track #" and "ISRC (12 characters)".
fn folded_heading(heading: &str) -> String {
    let bare = match heading.split_once(['(', '[']) {
        Some((before, _)) if !before.trim().is_empty() => before,
        _ => heading,
    };
    match bare.trim() {
        "#" => "#".to_owned(),
        bare => fold(&bare.replace(['#', '№'], " no ").replace("N°", "no").replace("n°", "no")),
    }
}

/// The letters over a column: 0 is `A`, 26 is `AA`.
pub fn letters(index: usize) -> String {
    let mut letters = Vec::new();
    let mut number = index + 1;
    while number > 0 {
        letters.push(b'A' + ((number - 1) % 26) as u8);
        number = (number - 1) / 26;
    }
    letters.iter().rev().map(|letter| char::from(*letter)).collect()
}

fn from_letters(text: &str) -> Option<usize> {
    let is_letters = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    let value = |number: usize, byte: u8| number * 26 + usize::from(byte.to_ascii_uppercase() - b'A') + 1;
    is_letters.then(|| text.bytes().fold(0, value) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(headings: &[&str], columns: &str) -> Result<Option<String>, String> {
        let cells: Vec<String> = headings.iter().map(|heading| heading.to_string()).collect();
        let layout = layout(&cells, &columns.parse().unwrap()).map_err(|error| error.to_string())?;
        let words = |layout: Layout| {
            let known = Column::ALL.into_iter().filter_map(|column| {
                let position = layout.position(column)?;
                Some(format!("{}={}", column.word(), letters(position)))
            });
            known.collect::<Vec<_>>().join(" ")
        };
        Ok(layout.map(words))
    }

    #[track_caller]
    fn check(headings: &[&str], columns: &str, expected: &str) {
        assert_eq!(found(headings, columns), Ok(Some(expected.to_owned())), "{headings:?}");
    }

    #[test]
    fn usual_headings_are_known_in_any_case_and_order() {
        check(&["ISRC", "Filename"], "", "isrc=A file=B");
        check(
            &["Track #", "Track Title", "Version", "ISRC Code"],
            "",
            "isrc=D title=B version=C track=A",
        );
        check(
            &["TRACK NO.", "Disc", "track isrc", "duration (mm:ss)"],
            "",
            "isrc=C disc=B track=A duration=D",
        );
        check(
            &["UPC", "Release Title", "Artist Name", "Title", "isrc"],
            "",
            "isrc=E title=D artist=C album=B upc=A",
        );
        check(
            &["#", "Song", "Length", "ISRC (12 characters)"],
            "",
            "isrc=D title=B track=A duration=C",
        );
        check(
            &[
                "path", "disc", "track", "title", "artist", "album", "duration", "isrc", "format", "finding",
            ],
            "",
            "isrc=H file=A title=D artist=E album=F disc=B track=C duration=G",
        );
    }

    #[test]
    fn german_french_and_spanish_headings_are_known() {
        check(
            &["Titel-Nr.", "Titel", "Künstler", "Länge", "ISRC-Code"],
            "",
            "isrc=E title=B artist=C track=A duration=D",
        );
        check(
            &["N° de piste", "Titre", "Interprète", "Durée", "Code ISRC"],
            "",
            "isrc=E title=B artist=C track=A duration=D",
        );
        check(
            &["Nº de pista", "Título", "Artista", "Duración", "Código ISRC"],
            "",
            "isrc=E title=B artist=C track=A duration=D",
        );
    }

    #[test]
    fn the_more_telling_of_two_headings_is_meant() {
        check(&["Title", "Track Title", "ISRC"], "", "isrc=C title=B");
        check(&["Track", "Track No", "ISRC", "Track ISRC"], "", "isrc=D track=B");
    }

    #[test]
    fn the_user_has_the_last_word() {
        check(
            &["Code", "Name of song"],
            "isrc=code,title=NAME OF SONG",
            "isrc=A title=B",
        );
        check(&["x", "y"], "isrc=B,file=A", "isrc=B file=A");
        check(&["Title", "ISRC", "Filename"], "file=Title", "isrc=B file=A");
    }

    #[test]
    fn rows_without_a_column_of_codes_are_no_headings() {
        assert_eq!(found(&["Title", "Filename"], ""), Ok(None));
        assert_eq!(found(&["Our release schedule"], ""), Ok(None));
    }

    #[test]
    fn doubtful_headings_are_asked_about() {
        let error = found(&["ISRC", "Title", "isrc"], "").unwrap_err();
        assert!(
            error.starts_with("two columns may hold the isrc: \"ISRC (A)\" and \"isrc (C)\""),
            "{error}"
        );
        let error = found(&["ISRC", "Title"], "file=Datei").unwrap_err();
        assert_eq!(error, "no column is headed \"Datei\", as --columns says");
    }

    #[test]
    fn columns_that_cannot_be_understood_are_refused() {
        let parse = |text: &str| text.parse::<Columns>().unwrap_err();
        assert_eq!(parse("isrc"), ColumnsError::NoHeading("isrc".to_owned()));
        assert_eq!(parse("isrc="), ColumnsError::NoHeading("isrc=".to_owned()));
        assert_eq!(parse("colour=A"), ColumnsError::Unknown("colour".to_owned()));
        assert_eq!(parse("file=A,path=B"), ColumnsError::Twice("file"));
    }

    #[test]
    fn columns_have_letters() {
        for (index, expected) in [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ")] {
            assert_eq!(letters(index), expected);
            assert_eq!(from_letters(expected), Some(index));
        }
        assert_eq!(from_letters("AAA"), None);
    }
}
