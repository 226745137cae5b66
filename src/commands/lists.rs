//! `export`: the inventory out.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::PathBuf;

use anyhow::bail;

use super::Surroundings;
use super::look::{Looked, look, nothing_done};
use super::output::Output;
use super::walk::{read_by, walk_of};
use crate::cli::lists::Export;
use crate::commands::exit::Exit;
use crate::commands::scan::listening::listener;
use crate::isrc::words::count;
use crate::judge::shared::{CodeIndex, SharedGroup};
use crate::judge::{Kind, Severity};
use crate::recording::FileInfo;
use crate::recording::evidence::Headers;
use crate::recording::group::Recordings;
use crate::recording::part::part;
use crate::recording::side::Side;
use crate::report::inventory::{Fields, InventoryRow, repeated_codes};
use crate::report::terminal::printable;
use crate::scan::inspect::{Describe, Inspected};
use crate::scan::listen::samples::Samples;
use crate::system::table::{self, Cell, SheetFormat, SheetHead};

pub(super) fn export(arguments: Export, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Export {
        paths,
        output,
        recordings,
        columns,
        force,
        walk,
    } = arguments;
    let format = SheetFormat::of_ending(&output)?;
    if !force && output.is_file() {
        bail!("{} exists already\nhint: --force replaces it", output.display());
    }
    let (written, file) = Output::create(&output, &read_by(&walk))?;
    let walk = walk_of(paths, &walk)?;
    let Looked { files, exit } = look(&walk, surroundings, Describe::TagsAndAudio);
    if surroundings.interrupted() {
        return Ok(nothing_done(surroundings));
    }
    if files.is_empty() && exit != Exit::Fine {
        // What could not be read has been told. An empty table would only be in the way of the next one.
        return Ok(exit);
    }
    let infos: Vec<FileInfo> = files.iter().map(|(path, file)| FileInfo::of(path, file)).collect();
    let (items, fields, name) = match recordings {
        false => (items_of_files(&files, &infos), Fields::of_files(), "Files"),
        true => {
            let recordings = Samples::recordings(&listener(surroundings, walk.opening())?, &infos);
            if surroundings.interrupted() {
                return Ok(nothing_done(surroundings));
            }
            let items = items_of_recordings(&files, &infos, recordings);
            (items, Fields::of_recordings(), "Recordings")
        }
    };
    let fields = columns.unwrap_or(fields);
    let mut about = about();
    about.extend(walk.roots.iter().map(|root| ("folder", Cell::Path(root.clone()))));
    let sheet = SheetHead {
        name,
        columns: fields.columns(),
        about,
    };
    let mut out = io::BufWriter::new(file);
    let mut rows = items.iter().map(|item| fields.row(item));
    table::write(&mut out, format, &sheet, &mut rows)?;
    out.flush()?;
    drop(out);
    written.put()?;
    let of_codes = match recordings {
        true => tell_repeated(&items, surroundings),
        false => Exit::Fine,
    };
    let counted = count(files.len() as u64, "file", "files");
    let counted = match recordings {
        false => counted,
        true => format!("{} in {counted}", count(items.len() as u64, "recording", "recordings")),
    };
    surroundings.talk(&format!("{counted} listed in {}", printable(&output.to_string_lossy())));
    Ok(exit.max(of_codes))
}

/// Tells the codes that stand in several rows, which receivers refuse.
fn tell_repeated(items: &[InventoryRow], surroundings: &Surroundings) -> Exit {
    let repeated = repeated_codes(items);
    for (isrc, files) in &repeated {
        let paths: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
        let told = format!("{isrc} stands in {} rows: {}", paths.len(), paths.join(", "));
        surroundings.complain(&printable(&told));
    }
    match repeated.is_empty() {
        true => Exit::Fine,
        false => Exit::Findings,
    }
}

/// What a workbook says of itself: when, and by what.
pub(super) fn about() -> Vec<(&'static str, Cell)> {
    let now = Cell::Moment(jiff::Timestamp::now().as_second());
    let program = Cell::Text(format!("isrctag {}", env!("CARGO_PKG_VERSION")));
    vec![("date", now), ("program", program)]
}

fn items_of_files<'a>(files: &'a [(PathBuf, Inspected)], infos: &[FileInfo]) -> Vec<InventoryRow<'a>> {
    let shared = shared_wrongly(files);
    let rows = (0u32..).zip(files).zip(Side::all(infos));
    rows.map(|((number, (path, file)), side)| {
        let also: &[Kind] = if shared.contains(&number) { &[Kind::Shared] } else { &[] };
        InventoryRow::of_file(path, file, &side.called, also)
    })
    .collect()
}

fn items_of_recordings<'a>(
    files: &'a [(PathBuf, Inspected)],
    infos: &[FileInfo],
    recordings: Recordings,
) -> Vec<InventoryRow<'a>> {
    let mut items: Vec<Option<InventoryRow>> = items_of_files(files, infos).into_iter().map(Some).collect();
    recordings
        .groups
        .into_iter()
        .filter_map(|group| {
            InventoryRow::of_recording(group.files.iter().filter_map(|&file| items[file].take()).collect())
        })
        .collect()
}

/// The files whose code is in another one, too, but for those that are one recording by their headers.
fn shared_wrongly(files: &[(PathBuf, Inspected)]) -> BTreeSet<u32> {
    let mut index = CodeIndex::default();
    for (number, (_, file)) in (0..).zip(files) {
        file.judged.codes.iter().for_each(|isrc| index.add(*isrc, number));
    }
    let is_wrong = |group: &SharedGroup| {
        let of_group = group.files.iter().map(|&number| &files[number as usize]);
        let infos: Vec<FileInfo> = of_group.map(|(path, file)| FileInfo::of(path, file)).collect();
        let parted = part(&infos, &[], &Headers);
        parted.verdict().severity() > Severity::Info
    };
    let groups = index.shared().into_iter().filter(is_wrong);
    groups.flat_map(|group| group.files).collect()
}
