//! The table of folders: how many of their files carry a code.

use std::io::{self, Write};

use maud::{Markup, html};

use super::folders::{CountedFolder, FolderAlbum};
use super::page::{number, write_tables};
use super::rows::{self, PageRows};
use crate::isrc::words::{count, thousands};
use crate::report::terminal::printable;

/// Folders beyond this are not listed.
const FOLDERS_LISTED: usize = 20_000;

pub(super) fn write_folders(out: &mut impl Write, folders: &[CountedFolder]) -> io::Result<()> {
    if folders.is_empty() {
        return Ok(());
    }
    let mut rows = PageRows::default();
    for folder in folders.iter().take(FOLDERS_LISTED) {
        rows.push(folder_row(folder));
    }
    let fine = folders.iter().filter(|folder| folder.is_fine()).count() as u64;
    let head = html! {
        h2 id="folders" { "Folders " (number(&rows)) }
        p {
            (thousands(fine)) " of " (count(folders.len() as u64, "folder", "folders")) " complete and without a finding."
            @if folders.len() > FOLDERS_LISTED { " Only the first " (thousands(FOLDERS_LISTED as u64)) " are listed." }
        }
    };
    // Scrolled on its own where it is long, so that the findings stay near.
    write!(
        out,
        "<section class=folders data-list aria-labelledby=folders>{}<div class=scroll tabindex=0 role=region aria-labelledby=folders>",
        head.into_string()
    )?;
    write_tables(
        out,
        &rows,
        "folders",
        &[("d", "Folder"), ("p", "In its stored form"), ("n", "Findings")],
    )?;
    out.write_all(b"</div></section>\n")
}

fn folder_row(folder: &CountedFolder) -> Markup {
    let CountedFolder {
        path,
        files,
        with_code,
        to_repair,
        findings,
        album,
    } = folder;
    let ready = with_code - to_repair;
    let name = match path.as_os_str().is_empty() {
        true => ".".into(),
        false => path.to_string_lossy(),
    };
    html! {
        tr {
            td.d {
                b { (printable(&name)) }
                @if let FolderAlbum::One(album) = album { small { bdi { (rows::text(album)) } } }
            }
            td.p data-s=(format!("{:.4}", share(ready, *files))) {
                (bar(ready, *with_code, *files)) (thousands(ready)) " of " (thousands(*files))
                @if *to_repair > 0 { ", " (thousands(*to_repair)) " can be repaired" }
            }
            td.n { (thousands(*findings)) }
        }
    }
}

/// The text beside it says the same, so readers of the screen are spared it.
pub(super) fn bar(ready: u64, with_code: u64, whole: u64) -> Markup {
    let width = |part| format!("{:.2}", share(part, whole) * 100.0);
    html! {
        svg.bar viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            rect.whole width="100" height="4" {}
            @if with_code > ready { rect.mend width=(width(with_code)) height="4" {} }
            rect.part width=(width(ready)) height="4" {}
        }
    }
}

fn share(part: u64, whole: u64) -> f64 {
    match whole {
        0 => 0.0,
        whole => part as f64 / whole as f64,
    }
}

/// Rounded towards the middle: 100 % means all, 0 % means none.
pub(super) fn percent(part: u64, whole: u64) -> String {
    let tenths = (share(part, whole) * 1000.0).round();
    match part {
        part if part == whole => "100 %".to_owned(),
        0 => "0 %".to_owned(),
        _ => format!("{:.1} %", tenths.clamp(1.0, 999.0) / 10.0),
    }
}
