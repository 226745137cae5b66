//! `export`: the inventory out.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::PathBuf;

use anyhow::{Context as _, bail};

use super::Surroundings;
use super::look::{Looked, look, nothing_done};
use super::output::Output;
use super::walk::{read_by, walk_of};
use crate::cli::lists::Export;
use crate::exit::Exit;
use crate::inspect::{Describe, Inspected};
use crate::judge::shared::{CodeIndex, Group};
use crate::judge::{Kind, Severity};
use crate::list::inventory;
use crate::recording::FileInfo;
use crate::recording::evidence::Headers;
use crate::recording::part::part;
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
    let (written, file) = Output::create(&output, &read_by(&walk))?;
    let Looked { files, exit } = look(&walk_of(paths, &walk)?, surroundings, Describe::TagsAndAudio);
    if surroundings.interrupted() {
        return Ok(nothing_done(surroundings));
    }
    if files.is_empty() && exit != Exit::Fine {
        // What could not be read has been told. An empty table would only be in the way of the next one.
        return Ok(exit);
    }
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
