//! What stands between the rows of a list and their files, in words.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use crate::isrc::words::count;
use crate::list::List;
use crate::list::matching::Matching;
use crate::list::matching::problem::{Of, Problem, What};
use crate::list::told::{numbers, quoted, shortened_path};
use crate::recording::FileInfo;
use crate::recording::fold::fold;

/// A problem as a sentence without full stop: `row 5: "N/A" is a placeholder`. Not yet fit for a terminal.
pub fn describe(problem: &Problem, list: &List, files: &[FileInfo]) -> String {
    let path = |file: usize| {
        files
            .get(file)
            .map_or(Path::new(""), |file| &file.path)
            .display()
            .to_string()
    };
    let what = match &problem.what {
        What::Unusable { text, why, .. } => format!("{} is no code to write: {why}", quoted(text)),
        What::Repeated { isrc } => format!("{isrc} is given to several recordings"),
        What::Elsewhere { isrc, file } => format!("{isrc} stands in {} already", path(*file)),
        What::Replaces { file, before, isrc } => {
            format!("{} carries {before}, not {isrc}; --replace replaces it", path(*file))
        }
        What::NamesNothing => "neither file, track nor title tells which file it is for".to_owned(),
        What::Unmatched { wanted } => format!("no file here is {}", shortened_path(wanted)),
        What::SeveralAlbums { wanted } => {
            let wanted = shortened_path(wanted);
            format!("{wanted} does not tell one file: the files are of several albums or discs")
        }
        What::Ambiguous { by, count, candidates } => {
            let shown: Vec<String> = candidates.iter().map(|file| path(*file)).collect();
            let more = match count.saturating_sub(shown.len()) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("the {} fits several files: {}{more}", by.word(), shown.join(", "))
        }
        What::SameFile { file } => format!("they give one file different codes, {}", path(*file)),
        What::Claimed { file, row } => {
            let (path, of, row) = (path(*file), places(&[*row], list), &list.rows[*row]);
            match row.code.isrc().filter(|_| row.void.is_none()) {
                Some(_) => format!("{path} is that of {of}"),
                None => format!("{path} may be that of {of}, which has no code to write"),
            }
        }
        What::Contradicts {
            file,
            of,
            wanted,
            found,
        } => contradiction(*of, &path(*file), wanted, found),
        What::TitleAlone { file } => {
            let named = list.rows[problem.rows[0]].file.as_ref().map_or("title", |_| "name");
            format!(
                "only its {named} is that of {}, and most of the list is not here",
                path(*file)
            )
        }
        What::OffDisc { file, disc, others } => {
            let path = path(*file);
            format!("it says no disc, {path} is on disc {disc}, and the rows beside it are of disc {others}")
        }
        What::OffRelease { file, beside } => {
            let [path, beside] = [path(*file), path(*beside)];
            format!("only {path} is called so, and the rows beside it are of another release, that of {beside}")
        }
        What::FewerNumbers { rows, tracks } => {
            let [rows, tracks] = [rows, tracks].map(|number| count(*number as u64, "track", "tracks"));
            format!("they say numbers alone, {rows} of {tracks} here: it may be the list of another album")
        }
    };
    format!("{}: {what}", places(&problem.rows, list))
}

/// What a row says, and a file says otherwise.
fn contradiction(of: Of, file: &str, wanted: &str, found: &str) -> String {
    let (quoted_wanted, quoted_found) = (quoted(wanted), quoted(found));
    let other = |column: &str| format!("its {column} is {quoted_wanted}, but that of {file} is {quoted_found}");
    let version = |says: &str| {
        format!("{says} {quoted_wanted}, and {file} is {quoted_found}: nobody can tell whether that is this version")
    };
    match of {
        Of::Title { .. } if found.is_empty() => {
            format!("its title is {quoted_wanted}, that of another file than {file}, which has its number")
        }
        // Rows that differ in capitals or signs alone.
        Of::Title { .. } if fold(wanted) == fold(found) => {
            format!("its title is {quoted_wanted}, and {quoted_found}, that of {file}, is the title of another row")
        }
        Of::Title { .. } => other("title"),
        Of::Artist => other("artist"),
        Of::Album => other("album"),
        Of::Version => version("its title is"),
        Of::VersionAlone => version("it says"),
        Of::Medium => {
            format!("{file} {found} and needs a code of its own, and the list does not say that this is it")
        }
        Of::Disc => format!("it is of disc {wanted}, and {file} may be of any disc"),
        Of::Duration => format!("its duration is {wanted}, but {file} lasts {found}"),
        Of::CodeInName => format!("it says {wanted}, but the name of {file} holds {found}"),
        Of::CuesheetTrack => format!("{file} has no track {wanted} in a CUESHEET block"),
    }
}

/// The most lines about files without a row, or those that samples reached: a list of one album may be applied to a whole archive.
const MOST_LINES: usize = 20;

/// Lines about the files that no row is for, in their order. Where other files of the folder have one, each is named, since
/// a row may be missing; the files of other folders are counted.
pub fn without_row(files: &[FileInfo], matching: &Matching) -> Vec<String> {
    let folder = |file: &usize| files[*file].path.parent();
    let unmatched = &matching.unmatched_files;
    let with_rows = (0..files.len()).filter(|file| unmatched.binary_search(file).is_err());
    let with_rows: HashSet<Option<&Path>> = with_rows.map(|file| folder(&file)).collect();
    let mut counts: HashMap<Option<&Path>, usize> = HashMap::new();
    unmatched
        .iter()
        .for_each(|file| *counts.entry(folder(file)).or_default() += 1);
    // With the number of files that each is about.
    let mut lines: Vec<(usize, String)> = Vec::new();
    for file in unmatched {
        let at = folder(file);
        if with_rows.contains(&at) || counts.get(&at) == Some(&1) {
            lines.push((1, no_row(&files[*file])));
        } else if let Some(told) = counts.remove(&at) {
            // A bare file name is in the current folder.
            let at = at.filter(|at| !at.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let number = count(told as u64, "file", "files");
            lines.push((told, format!("{}: no row is for {number} in it", at.display())));
        }
    }
    if lines.len() > MOST_LINES {
        let left: usize = lines.drain(MOST_LINES - 1..).map(|(files, _)| files).sum();
        let left = count(left as u64, "more file", "more files");
        lines.push((0, format!("no row is for {left}; -v names them")));
    }
    lines.into_iter().map(|(_, line)| line).collect()
}

/// Lines about the files that equal samples alone reached: all of them, or the first.
pub fn reached(reached: &[String], all: bool) -> Vec<String> {
    let shown = if all { reached.len() } else { MOST_LINES };
    let mut lines: Vec<String> = reached.iter().take(shown).cloned().collect();
    if let Some(more @ 1..) = reached.len().checked_sub(shown) {
        let more = count(more as u64, "more file", "more files");
        lines.push(format!("and {more} by identical audio; -v names them"));
    }
    lines
}

/// What `--check` says where so many files do not carry the code of their row.
pub fn checked(differing: u64, matching: &Matching) -> Option<String> {
    match (differing, matching.is_whole()) {
        (0, true) => Some("every file carries the listed code".to_owned()),
        (0, false) if matching.distrust.is_none() && !matching.matched.is_empty() => {
            Some("the files of all other rows carry the listed code".to_owned())
        }
        (0, false) => None,
        (1.., _) => {
            let files = count(differing, "file does", "files do");
            Some(format!("{files} not carry the listed code"))
        }
    }
}

/// The line about one file that no row is for.
pub fn no_row(file: &FileInfo) -> String {
    format!("{}: no row is for it", file.path.display())
}

/// `row 5`, `rows 5, 6 and 9`, with their sheets where there are several.
fn places(rows: &[usize], list: &List) -> String {
    let told = |sheet: Option<u16>| {
        let rows = rows.iter().map(|row| &list.rows[*row]);
        let of_sheet = rows.filter(|row| sheet.is_none_or(|sheet| row.sheet == sheet));
        let found: Vec<u32> = of_sheet.map(|row| row.number).collect();
        (!found.is_empty()).then(|| numbers(&found, list.numbering))
    };
    if list.sheets.is_empty() {
        return told(None).unwrap_or_default();
    }
    let of_sheets = (0..).zip(&list.sheets);
    let of_sheets = of_sheets.filter_map(|(at, name)| Some(format!("sheet {}, {}", quoted(name), told(Some(at))?)));
    of_sheets.collect::<Vec<_>>().join("; ")
}
