//! `export` and `apply`: the inventory out, codes back in.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write as _};
use std::path::PathBuf;

use anyhow::{Context as _, bail};

use super::edit::{Decision, Run, Target, ignore};
use super::look::{Looked, look, nothing_done};
use super::output::Output;
use super::walk::walk_of;
use super::{Surroundings, hard_to_believe};
use crate::cli::lists::{Apply, Export};
use crate::exit::Exit;
use crate::inspect::{Describe, Inspected};
use crate::isrc::Isrc;
use crate::judge::shared::{CodeIndex, Group};
use crate::judge::{Kind, Severity};
use crate::list::matching::problem::{describe, is_of_formats, no_row, numbers, without_row};
use crate::list::matching::{Folders, Match, match_rows};
use crate::list::{Reading, inventory, read};
use crate::plan::{Replace, Wish};
use crate::recording::FileInfo;
use crate::recording::evidence::Headers;
use crate::recording::part::part;
use crate::report::advice::shell_words;
use crate::report::edits::Unchanged;
use crate::report::terminal::{count, printable};
use crate::table::SheetFormat;

pub(super) fn export(arguments: Export, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Export {
        paths,
        output,
        force,
        walk,
    } = arguments;
    let Some(format) = SheetFormat::of_ending(&output) else {
        bail!(
            "cannot tell the format of a table named {}\nhint: end it in .csv, .xlsx or .jsonl",
            output.display()
        );
    };
    if !force && output.is_file() {
        bail!("{} exists already\nhint: --force replaces it", output.display());
    }
    let Looked { files, exit } = look(&walk_of(paths, &walk)?, surroundings, Describe::TagsAndAudio);
    if surroundings.interrupted() {
        return Ok(nothing_done(surroundings));
    }
    if files.is_empty() && exit != Exit::Fine {
        // What could not be read has been told. An empty table would only be in the way of the next one.
        return Ok(exit);
    }
    let (written, file) = Output::create(&output).with_context(|| format!("cannot write {}", output.display()))?;
    let mut out = io::BufWriter::new(file);
    let shared = shared_wrongly(&files);
    let mut rows = files.iter().enumerate().map(|(number, (path, file))| {
        let also: &[Kind] = if shared.contains(&(number as u32)) {
            &[Kind::Shared]
        } else {
            &[]
        };
        inventory::row(path, file, also)
    });
    inventory::write(&mut out, format, &mut rows).with_context(|| format!("cannot write {}", output.display()))?;
    out.flush()?;
    drop(out);
    written.put()?;
    let files = count(files.len() as u64, "file", "files");
    surroundings.talk(&format!("{files} listed in {}", printable(&output.to_string_lossy())));
    Ok(exit)
}

/// The files whose code stands in another one, too, but for those that are one recording by their headers.
fn shared_wrongly(files: &[(PathBuf, Inspected)]) -> BTreeSet<u32> {
    let mut index = CodeIndex::default();
    for (number, (_, file)) in (0..).zip(files) {
        file.judged.codes.iter().for_each(|isrc| index.add(*isrc, number));
    }
    let is_wrong = |group: &Group| {
        let of_group = group.files.iter().map(|&number| &files[number as usize]);
        let infos: Vec<FileInfo> = of_group.map(|(path, file)| FileInfo::of(path, file)).collect();
        let parted = part(&infos, &Headers);
        parted.verdict().severity() > Severity::Info
    };
    let groups = index.shared().into_iter().filter(is_wrong);
    groups.flat_map(|group| group.files).collect()
}

pub(super) fn apply(arguments: Apply, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Apply {
        manifest: path,
        mut paths,
        columns,
        sheet,
        partial,
        replace,
        edit,
        walk,
    } = arguments;
    if path.is_dir() {
        let folder = shell_words(std::slice::from_ref(&path));
        bail!(
            "{} is a folder\nhint: the list comes first: isrctag apply LIST {folder}",
            path.display()
        );
    }
    let reading = Reading {
        columns: columns.unwrap_or_default(),
        sheet,
        this_year: surroundings.this_year,
    };
    let list = read(&path, &reading).with_context(|| format!("the list {} cannot be used", path.display()))?;
    let absolute = std::path::absolute(&path)?;
    let folder = absolute.parent().map(PathBuf::from).unwrap_or_default();
    if paths.is_empty() && walk.files_from.is_none() {
        let beside = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        paths.push(beside.map_or_else(|| PathBuf::from("."), PathBuf::from));
    }
    let Looked {
        files,
        exit: exit_of_look,
    } = look(&walk_of(paths, &walk)?, surroundings, Describe::TagsAndAudio);
    if surroundings.interrupted() {
        return Ok(nothing_done(surroundings));
    }
    let files: Vec<FileInfo> = files.iter().map(|(path, file)| FileInfo::of(path, file)).collect();
    let folders = Folders {
        current: std::env::current_dir().context("cannot tell the current folder")?,
        list: folder,
    };
    let replace = if replace { Replace::Allow } else { Replace::Refuse };
    let matching = match_rows(&list, &files, &folders, replace);
    for problem in &matching.problems {
        surroundings.talk(&printable(&describe(problem, list.numbering, &files)));
    }
    if !matching.rows_without_code.is_empty() {
        let rows = numbers(&matching.rows_without_code, list.numbering);
        surroundings.talk(&format!("{rows}: no code, so nothing is asked for"));
    }
    let asking = |found: &&Match| found.before != Some(found.isrc);
    for found in matching.matched.iter().filter(asking) {
        if let Some(doubt) = &found.doubt {
            let (word, row) = (list.numbering.word(), list.rows[found.row].number);
            surroundings.talk(&format!("{word} {row}: {}", hard_to_believe(found.isrc, doubt)));
        }
    }
    let lines = match surroundings.verbose {
        true => matching
            .unmatched_files
            .iter()
            .map(|&file| no_row(&files[file]))
            .collect(),
        false => without_row(&files, &matching),
    };
    lines.iter().for_each(|line| surroundings.talk(&printable(line)));
    if let Some(why) = matching.distrust() {
        bail!(
            "{why}; nothing was written\nhint: if its numbers are no track numbers, leave them out with --columns track=-"
        );
    }
    if !matching.problems.is_empty() && !partial {
        let formats = match matching.problems.iter().any(|problem| is_of_formats(problem, &files)) {
            true => {
                "\nhint: apply the list to the folder of one format; isrctag fill gives its codes to the other formats"
            }
            false => "",
        };
        bail!(
            "{} in the list; nothing was written{formats}{}",
            count(matching.problems.len() as u64, "problem", "problems"),
            // A hint that would write nothing is none.
            match matching.matched.iter().any(|found| found.before != Some(found.isrc)) {
                true => "\nhint: --partial writes the rows that are certain",
                false => "",
            }
        );
    }
    if !matching.problems.is_empty() && matching.matched.is_empty() {
        bail!("no row of the list can be used; nothing was written");
    }
    let mut decided = Vec::new();
    // All tracks of one file are one edit.
    let mut tracks: BTreeMap<usize, Vec<(u8, Isrc)>> = BTreeMap::new();
    for found in &matching.matched {
        match found.cuesheet_track {
            Some(track) => tracks.entry(found.file).or_default().push((track, found.isrc)),
            None => {
                let path = files[found.file].path.clone();
                decided.push((Target::named(path), Decision::Wish(Wish::Set(found.isrc, replace))));
            }
        }
    }
    for (file, codes) in tracks {
        let path = files[file].path.clone();
        decided.push((Target::named(path), Decision::Wish(Wish::SetTracks(codes, replace))));
    }
    let run = Run::open(&edit, surroundings, Unchanged::List)?;
    let exit = run.carry_out(decided, &mut ignore)?.max(exit_of_look);
    // With problems left out the answer is not all that was asked for.
    match matching.problems.is_empty() {
        true => Ok(exit),
        false => Ok(exit.max(Exit::Findings)),
    }
}
