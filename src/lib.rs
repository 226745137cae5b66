//! Reads, judges and edits ISRC recording codes (ISO 3901) in audio files.
//!
//! ```text
//! discover -> scan -> judge -> plan -> edit -> report
//!  paths     places  findings  changes  pieces  text, JSON, CSV, workbook, page
//! ```
//!
//! Data flows one way. What is below is for other programs; the rooms themselves are private, so that the compiler knows
//! what nobody uses.
//!
//! # The way of a scan
//!
//! | step | where |
//! |---|---|
//! | arguments to a walk, outputs and an index | `cli/scan.rs`, `commands/scan/` |
//! | folders are listed, in one order | `discover/` |
//! | files go to threads and come back in that order | `system/in_flight/` |
//! | a file is opened, and read through small windows | `bytes/source/` |
//! | what kind of file it is, and where its codes are | `format/formats.rs`, then the folder of its kind |
//! | title, artist, length | `format/tags/` |
//! | places to findings, each kind of which is declared once | `isrc/`, `judge/kinds.rs` |
//! | files of one code to recordings, by header, name, samples or ear | `judge/shared.rs`, `recording/`, `audio/` |
//! | lines, pages and workbooks | `report/`, `system/table/` |
//!
//! # The way of an edit
//!
//! | step | where |
//! |---|---|
//! | which file is to have which code | `plan/fill.rs`, `plan/assign.rs`, `plan/apply.rs`; lists: `list/read`, `list/table`, `list/matching` |
//! | a wish to a change of places | `plan/mod.rs` |
//! | all of them in turn, and what is told | `commands/edit/run.rs`, `report/edits.rs` |
//! | a change to the bytes of the new file | `format/edit/` (`format/README.md` shows the trees), `bytes/pieces/` |
//! | the file is held, locked, and still what was looked at | `edit/prepare.rs` |
//! | the new bytes are read again, by us and by another reader | `prove/` |
//! | what leads back is on the disk first | `edit/journal/` |
//! | in place, or as a new file that takes the name | `edit/write/` |
//! | taken back, or settled after an interruption | `edit/undo.rs`, `edit/recover.rs` |
//!
//! # What a new one touches
//!
//! | new | where |
//! |---|---|
//! | kind of finding | `judge/kinds.rs` (a [`Kind`], and what to do about it), a count in `report/summary.rs` |
//! | report format | a file in `report/`; a word and its endings in `cli/scan.rs` (those of tables are in `system/table/mod.rs`), an arm in `commands/scan/reports.rs` |
//! | answer of a command | a type with [`Answer`](report::answer::Answer) in `report/answer/`, which gives its text and its JSON |
//! | command | a file in `cli/` and one in `commands/`, each named in the `mod.rs` beside it; lines in `cli/examples.tsv` |
//! | container | a folder in `format/` with its walk, a row in `format/formats.rs`, its name in `format/mod.rs` |
//! | column of `export` | `report/inventory.rs` |
//! | column of a list | `list/table/columns.rs`, and a use in `list/table/cell.rs`; its headings in `list/table/headings.tsv` |
//!
//! A value is judged by itself:
//!
//! ```
//! use isrctag::{Class, decode};
//!
//! let decoded = decode("us-rc1-76-07839", 2026);
//! assert_eq!(decoded.class, Class::Normalised);
//! assert_eq!(decoded.isrc.unwrap().as_str(), "USRC17607839");
//! ```
//!
//! Files are listed, read and judged; nothing of a picture or the audio is read:
//!
//! ```
//! use isrctag::{Found, Hidden, Kind, Links, Walk, judge, read};
//!
//! let roots = vec!["testdata/seeds/mp3-hyphens-padded.mp3".into()];
//! let walk = Walk::of(roots, Links::Refuse, Hidden::Skip, globset::GlobSet::empty());
//! for found in walk.found() {
//!     let (Found::Named(path) | Found::Audio(path)) = found else { continue };
//!     let (_file, located) = read(&path, walk.links)?;
//!     assert_eq!(located.places[0].name.to_string(), "id3v2:TSRC");
//!     let judged = judge(&located, 2026);
//!     assert_eq!(judged.findings[0].kind, Kind::Malformed);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Pieces describe a new file by the old one; the way back is a value of the same kind:
//!
//! ```
//! use isrctag::{Patch, Pieces};
//!
//! let old = b"TSRC US-RC1-76-07839 audio".to_vec();
//! let pieces = Pieces::from_patches(old.len() as u64, &[Patch::new(5..20, *b"USRC17607839")])?;
//! assert_eq!(pieces.to_string(), "keep 0..5\nput 12 bytes \"USRC17607839\"\nkeep 20..26");
//! let back = pieces.invert(&old)?;
//! assert_eq!((back.old_len(), back.new_len()), (23, 26));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A wish becomes a plan for each file; a session proves, journals, writes and syncs it, and `isrctag undo` takes it
//! back:
//!
//! ```
//! use std::sync::atomic::AtomicBool;
//!
//! use isrctag::{Misplaced, Options, Outcome, Request, Session, Wish, plan};
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("song.mp3");
//! std::fs::copy("testdata/seeds/mp3-hyphens-padded.mp3", &path)?;
//! let (mut session, _recovered) = Session::open(&folder.path().join("state"), Options::default(), "an example")?;
//! let fix = Wish::Fix(Misplaced::Leave);
//! let planner = |_, located: &_| plan(located, &fix, 2026);
//! let edited = session.edit(&[Request::of(path)], &planner, &AtomicBool::new(false))?;
//! assert!(matches!(edited[0].outcome, Outcome::Written));
//! assert!(session.finish()?.is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![allow(
    rustdoc::private_intra_doc_links,
    reason = "those who work on the program build the pages with the private items"
)]

mod audio;
mod bytes;
mod cli;
mod commands;
mod discover;
mod edit;
mod format;
mod index;
mod isrc;
mod judge;
mod ledger;
mod list;
mod plan;
mod prove;
mod recording;
mod report;
mod scan;
mod system;

pub use bytes::pieces::{Patch, Pieces};
pub use bytes::source::Links;
pub use discover::{Found, Hidden, Walk};
pub use edit::session::Session;
pub use edit::{Options, Outcome, Request};
pub use isrc::Isrc;
pub use isrc::decode::{Class, decode};
pub use judge::{Kind, judge};
pub use plan::{Misplaced, Wish, plan};
pub use scan::read::read;

/// What the program itself, its benches and its tests reach; no promise to others.
#[doc(hidden)]
pub mod internals {
    pub use crate::audio::Undecodable;
    pub use crate::audio::cache::{Cache, FILE_NAME};
    pub use crate::audio::compare::{Comparison, EarVerdict, compare, compare_lengths, measure};
    pub use crate::audio::decode::Limits;
    pub use crate::audio::fingerprint::{Fingerprint, fingerprint};
    pub use crate::audio::index::Index;
    pub use crate::audio::pcm;
    pub use crate::bytes::pieces::PiecesView;
    pub use crate::bytes::source::{ReadAt, Source, SourceFile};
    pub use crate::cli::{Cli, command};
    pub use crate::commands::exit::Exit;
    pub use crate::commands::{exit_of, run, show_help, tell, what_was_meant, where_to_begin};
    pub use crate::discover::{Claim, Extension, claim};
    pub use crate::format::place::{Access, Action, Change, Place, Standing};
    pub use crate::format::tags::Description;
    pub use crate::format::{Format, Located, Walked, edit, glance, locate, walk};
    pub use crate::judge::Listed;
    pub use crate::list::Reading;
    pub use crate::list::matching::{Folders, Matcher};
    pub use crate::list::read::source::parse;
    pub use crate::plan::{Plan, Replace};
    pub use crate::prove::prove;
    pub use crate::recording::FileInfo;
    pub use crate::recording::evidence::Headers;
    pub use crate::report::jsonl::JsonlReport;
    pub use crate::report::terminal::printable_lines;
    pub use crate::scan::inspect::{Describe, Detail, Inspection, repair_refusal};
    pub use crate::scan::{Observer, scan};
    pub use crate::system::database::Fault;
    pub use crate::system::in_flight::{Effort, Threads};
}
