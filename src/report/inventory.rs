//! The inventory that `export` writes: one row a file or one a recording, in columns that `apply` reads back.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::str::FromStr;

use crate::format::tags::Description;
use crate::isrc::Isrc;
use crate::isrc::words::words;
use crate::judge::shared::clock;
use crate::judge::{Finding, Kind, Severity};
use crate::recording::versions;
use crate::scan::inspect::Inspected;
use crate::system::table::{Cell, RowMark, SheetColumn, SheetRow};

words! {
    /// A column of the inventory.
    pub enum InventoryField {
        Path = "path",
        File = "file",
        Disc = "disc",
        Track = "track",
        Title = "title",
        Version = "version",
        Artist = "artist",
        Album = "album",
        Duration = "duration",
        Isrc = "isrc",
        Format = "format",
        Files = "files",
        Finding = "finding",
        FromName = "from_name",
    }
}

impl InventoryField {
    fn column(self) -> SheetColumn {
        let width = match self {
            InventoryField::Path => 50,
            InventoryField::File | InventoryField::Title => 36,
            InventoryField::Finding => 30,
            InventoryField::Artist | InventoryField::Album => 28,
            InventoryField::Version | InventoryField::FromName => 20,
            InventoryField::Isrc => 16,
            InventoryField::Format => 14,
            InventoryField::Duration => 10,
            InventoryField::Disc | InventoryField::Track | InventoryField::Files => 6,
        };
        let name = self.word();
        SheetColumn { name, width }
    }
}

/// The columns that a table is to have, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields(Vec<InventoryField>);

/// A word that names no column, or one for the second time.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoFields {
    #[error("there is no column {word:?}; there are {}", InventoryField::ALL.map(InventoryField::word).join(", "))]
    Unknown { word: String },
    #[error("the column {0} is named twice")]
    Twice(&'static str),
}

impl FromStr for Fields {
    type Err = NoFields;

    fn from_str(text: &str) -> Result<Fields, NoFields> {
        let mut fields = Vec::new();
        for word in text.split(',').map(str::trim) {
            let named = |field: &InventoryField| field.word().eq_ignore_ascii_case(word);
            let field = InventoryField::ALL
                .into_iter()
                .find(named)
                .ok_or_else(|| NoFields::Unknown { word: word.to_owned() })?;
            if fields.contains(&field) {
                return Err(NoFields::Twice(field.word()));
            }
            fields.push(field);
        }
        Ok(Fields(fields))
    }
}

impl Fields {
    /// Of a table with one row a file.
    pub fn of_files() -> Fields {
        use InventoryField::*;
        Fields(vec![
            Path, Disc, Track, Title, Artist, Album, Duration, Isrc, Format, Finding, FromName,
        ])
    }

    /// Of a table with one row a recording: what receivers ask for comes first.
    pub fn of_recordings() -> Fields {
        use InventoryField::*;
        Fields(vec![
            Isrc, Artist, Title, Version, Duration, Album, Disc, Track, Path, Format, Files, Finding, FromName,
        ])
    }

    pub fn columns(&self) -> Vec<SheetColumn> {
        self.0.iter().map(|field| field.column()).collect()
    }

    pub fn row(&self, item: &InventoryRow) -> SheetRow {
        SheetRow {
            cells: self.0.iter().map(|field| self.cell(*field, item)).collect(),
            mark: item.mark,
        }
    }

    fn cell(&self, field: InventoryField, item: &InventoryRow) -> Cell {
        let InventoryRow {
            path,
            description,
            from_name,
            isrc,
            formats,
            files,
            findings,
            mark: _,
        } = item;
        let title = description.title.as_deref();
        let parts = title.map(versions::split);
        let joined = |words: &[String], by: &str| Cell::text((!words.is_empty()).then(|| words.join(by)).as_deref());
        match field {
            InventoryField::Path => Cell::Path(path.to_path_buf()),
            InventoryField::File => path.file_name().map_or(Cell::Empty, |name| Cell::Path(name.into())),
            InventoryField::Disc => Cell::number(description.disc),
            InventoryField::Track => Cell::number(description.track),
            // A version stands once: in its own column, or where there is none in the title.
            InventoryField::Title if self.0.contains(&InventoryField::Version) => match parts {
                Some((title, Some(_))) => Cell::text(Some(title)),
                Some((_, None)) | None => Cell::text(title),
            },
            InventoryField::Title => Cell::text(title),
            InventoryField::Version => Cell::text(
                parts
                    .and_then(|(_, version)| version)
                    .or(description.version.as_deref()),
            ),
            InventoryField::Artist => Cell::text(description.artist.as_deref()),
            InventoryField::Album => Cell::text(description.album.as_deref()),
            InventoryField::Duration => Cell::text(description.duration.map(clock).as_deref()),
            InventoryField::Isrc => Cell::text(isrc.as_ref().map(Isrc::as_str)),
            InventoryField::Format => joined(formats, ", "),
            InventoryField::Files => Cell::Number(*files),
            InventoryField::Finding => joined(findings, "; "),
            InventoryField::FromName => Cell::text((!from_name.is_empty()).then(|| from_name.join(", ")).as_deref()),
        }
    }
}

/// What a row tells: a file, or a recording by the file that stands for it.
#[derive(Debug)]
pub struct InventoryRow<'a> {
    path: &'a Path,
    description: Description,
    /// What of the description comes from the name of the file and its folders.
    from_name: Vec<&'static str>,
    isrc: Option<Isrc>,
    formats: Vec<String>,
    files: u32,
    findings: Vec<String>,
    mark: RowMark,
}

/// The codes that stand in several rows, and the files of these.
pub fn repeated_codes<'a>(rows: &[InventoryRow<'a>]) -> BTreeMap<Isrc, Vec<&'a Path>> {
    let mut files: BTreeMap<Isrc, Vec<&Path>> = BTreeMap::new();
    for row in rows {
        if let Some(isrc) = row.isrc {
            files.entry(isrc).or_default().push(row.path);
        }
    }
    files.retain(|_, files| files.len() > 1);
    files
}

impl<'a> InventoryRow<'a> {
    /// One file, which must have been described with its audio, and what it is called. `also` tells findings on several files, such as a shared
    /// code.
    pub fn of_file(path: &'a Path, file: &Inspected, called: &Description, also: &[Kind]) -> InventoryRow<'a> {
        let Inspected {
            format,
            places: _,
            judged,
            description,
            empty_tracks: _,
            is_out_of_reach: _,
        } = file;
        let mut findings: Vec<String> = judged.findings.iter().map(words).collect();
        findings.extend(also.iter().map(|kind| kind.word().to_owned()));
        let own = judged.findings.iter().map(|finding| finding.kind.severity());
        let is_problem = own
            .chain(also.iter().map(|kind| kind.severity()))
            .any(|severity| severity >= Severity::Warning);
        let mut description = description.clone();
        InventoryRow {
            path,
            from_name: completed(&mut description, called),
            description,
            isrc: judged.isrc,
            formats: format.map(|format| format.word().to_owned()).into_iter().collect(),
            files: 1,
            findings,
            mark: if is_problem { RowMark::Problem } else { RowMark::Fine },
        }
    }

    /// The files of one recording, at least one, the first of which stands for it. Each says what the ones before it
    /// leave open.
    pub fn of_recording(files: Vec<InventoryRow<'a>>) -> Option<InventoryRow<'a>> {
        let count = files.len();
        let codes: BTreeSet<Isrc> = files.iter().filter_map(|file| file.isrc).collect();
        let without = files.iter().filter(|file| file.isrc.is_none()).count();
        let mut files = files.into_iter();
        let mut whole = files.next()?;
        let mut kinds: Vec<String> = std::mem::take(&mut whole.findings);
        for InventoryRow {
            path: _,
            description,
            from_name,
            isrc: _,
            formats,
            files: _,
            findings,
            mark,
        } in files
        {
            complete(&mut whole, description, &from_name);
            whole.formats.extend(
                formats
                    .into_iter()
                    .filter(|format| !whole.formats.contains(format))
                    .collect::<Vec<_>>(),
            );
            kinds.extend(
                findings
                    .into_iter()
                    .filter(|finding| !kinds.contains(finding))
                    .collect::<Vec<_>>(),
            );
            if mark == RowMark::Problem {
                whole.mark = mark;
            }
        }
        if !codes.is_empty() && without > 0 {
            kinds.retain(|kind| kind != Kind::Missing.word());
            kinds.insert(0, format!("missing in {without} of {count} files"));
        }
        let all: Vec<&str> = codes.iter().map(Isrc::as_str).collect();
        if codes.len() > 1 {
            kinds.insert(0, format!("different codes: {}", all.join(", ")));
            whole.mark = RowMark::Problem;
        }
        whole.isrc = codes.first().copied().filter(|_| codes.len() == 1);
        whole.files = u32::try_from(count).unwrap_or(u32::MAX);
        whole.findings = kinds;
        Some(whole)
    }
}

/// Takes from another file of a recording what the first leaves open, or says by its name only.
fn complete(whole: &mut InventoryRow, other: Description, from_name: &[&'static str]) {
    let InventoryRow {
        description,
        from_name: guessed,
        ..
    } = whole;
    let Description {
        title,
        version,
        artist,
        album,
        disc,
        track,
        duration,
        flac_md5: _,
        flac_layout: _,
        medium: _,
    } = other;
    let mut better = |word: &'static str, is_there: bool, is_known: bool| {
        let is_guess = from_name.contains(&word);
        let takes = is_there && (!is_known || (guessed.contains(&word) && !is_guess));
        if takes {
            guessed.retain(|guess| *guess != word);
            guessed.extend(is_guess.then_some(word));
        }
        takes
    };
    if better("title", title.is_some(), description.title.is_some()) {
        (description.title, description.version) = (title, version);
    }
    if better("artist", artist.is_some(), description.artist.is_some()) {
        description.artist = artist;
    }
    if better("album", album.is_some(), description.album.is_some()) {
        description.album = album;
    }
    if better("disc", disc.is_some(), description.disc.is_some()) {
        description.disc = disc;
    }
    if better("track", track.is_some(), description.track.is_some()) {
        description.track = track;
    }
    description.duration = description.duration.or(duration);
}

/// Adds what the names say and the tags do not, and tells what that is.
fn completed(description: &mut Description, called: &Description) -> Vec<&'static str> {
    fn fill<T: Clone>(known: &mut Option<T>, called: &Option<T>, is_said: bool) -> bool {
        let fills = !is_said && called.is_some();
        if fills {
            known.clone_from(called);
        }
        fills
    }
    let is_said = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
    let Description {
        title,
        artist,
        album,
        disc,
        track,
        ..
    } = description;
    let (has_title, has_artist, has_album) = (is_said(title), is_said(artist), is_said(album));
    let (has_disc, has_track) = (disc.is_some(), track.is_some());
    let filled = [
        ("disc", fill(disc, &called.disc, has_disc)),
        ("track", fill(track, &called.track, has_track)),
        ("title", fill(title, &called.title, has_title)),
        ("artist", fill(artist, &called.artist, has_artist)),
        ("album", fill(album, &called.album, has_album)),
    ];
    filled
        .iter()
        .filter(|(_, fills)| *fills)
        .map(|(word, _)| *word)
        .collect()
}

fn words(finding: &Finding) -> String {
    match finding.kind.info().told_by_word {
        true => finding.kind.word().to_owned(),
        false => format!("{}: {}", finding.kind.word(), finding.reason),
    }
}
