//! Reads, judges and edits ISRC recording codes (ISO 3901) in audio files.
//!
//! ```text
//! discover -> read -> judge -> plan -> edit -> report
//!  paths     tracks  findings  changes  pieces  text, JSON, CSV
//! ```
//!
//! Data flows one way. [`discover`] lists files; [`source`] and [`mod@format`] locate the places where codes stand;
//! [`judge`] turns places into findings; [`plan`] turns a wish into a change; [`pieces`] describes the new file
//! as parts of the old one; [`edit`] proves, writes, journals and takes back; [`report`] renders.
//!
//! A value is judged by itself:
//!
//! ```
//! use isrctag::isrc::decode::{Class, decode};
//!
//! let decoded = decode("us-rc1-76-07839", 2026);
//! assert_eq!(decoded.class, Class::Normalised);
//! assert_eq!(decoded.isrc.unwrap().as_str(), "USRC17607839");
//! ```
//!
//! Files are listed, read and judged; nothing of a picture or the audio is read:
//!
//! ```
//! use isrctag::discover::{Found, Hidden, Walk};
//! use isrctag::judge::{Kind, judge};
//! use isrctag::read::read;
//! use isrctag::source::Links;
//!
//! let walk = Walk {
//!     roots: vec!["testdata/seeds/mp3-hyphens-padded.mp3".into()],
//!     links: Links::Refuse,
//!     hidden: Hidden::Skip,
//!     exclude: globset::GlobSet::empty(),
//!     share: None,
//! };
//! for found in walk.found() {
//!     let Found::Audio(path) = found else { continue };
//!     let (_file, located) = read(&path, walk.links)?;
//!     assert_eq!(located.places[0].name.to_string(), "id3v2:TSRC");
//!     let judged = judge(&located, 2026);
//!     assert_eq!(judged.findings[0].kind, Kind::Malformed);
//! }
//! # Ok::<(), isrctag::source::ReadError>(())
//! ```
//!
//! A wish becomes a plan, and the plan an edit that is proved; a preview stops there:
//!
//! ```
//! use isrctag::edit::prepare::{Detail, preview};
//! use isrctag::edit::{InPlace, Outcome, Request};
//! use isrctag::plan::{Misplaced, Wish, plan};
//!
//! let files = [Request::of("testdata/seeds/mp3-hyphens-padded.mp3".into())];
//! let fix = Wish::Fix(Misplaced::Leave);
//! let edited = preview(&files, &|_, located| plan(located, &fix, 2026), InPlace::Auto, Detail::Steps);
//! assert!(matches!(edited[0].outcome, Outcome::Planned));
//! assert_eq!(edited[0].steps[0].place, "id3v2:TSRC");
//! ```
//!
//! Pieces describe the new file; the way back is a value of the same kind:
//!
//! ```
//! use isrctag::pieces::{Patch, Pieces};
//!
//! let old = b"TSRC US-RC1-76-07839 audio".to_vec();
//! let pieces = Pieces::from_patches(old.len() as u64, &[Patch::new(5..20, *b"USRC17607839")])?;
//! assert_eq!(pieces.to_string(), "keep 0..5\nput 12 bytes \"USRC17607839\"\nkeep 20..26");
//! let back = pieces.invert(&old)?;
//! assert_eq!((back.old_len(), back.new_len()), (23, 26));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A session proves, journals, writes and syncs:
//!
//! ```
//! use std::sync::atomic::AtomicBool;
//!
//! use isrctag::edit::session::Session;
//! use isrctag::edit::{InPlace, Options, Outcome, Request, Times};
//! use isrctag::plan::{Misplaced, Wish, plan};
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("song.mp3");
//! std::fs::copy("testdata/seeds/mp3-hyphens-padded.mp3", &path)?;
//! let options = Options { in_place: InPlace::Auto, times: Times::Update };
//! let (mut session, _recovered) = Session::open(&folder.path().join("state"), options, "an example")?;
//! let fix = Wish::Fix(Misplaced::Leave);
//! let planner = |_, located: &_| plan(located, &fix, 2026);
//! let edited = session.edit(&[Request::of(path)], &planner, &AtomicBool::new(false))?;
//! assert!(matches!(edited[0].outcome, Outcome::Written));
//! assert!(session.finish()?.is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A scan is all of the reading, in parallel, into a report:
//!
//! ```
//! use std::sync::atomic::AtomicBool;
//!
//! use isrctag::discover::{Hidden, Walk};
//! use isrctag::in_flight::{Effort, Threads};
//! use isrctag::inspect::{Describe, Detail, Inspection};
//! use isrctag::judge::Listed;
//! use isrctag::report::jsonl::JsonlReport;
//! use isrctag::scan::{Observer, scan};
//! use isrctag::source::Links;
//!
//! struct Unwatched;
//! impl Observer for Unwatched {
//!     fn inspected(&self, _files: u64) {}
//! }
//!
//! let walk = Walk {
//!     roots: vec!["testdata/seeds/flac-untagged.flac".into()],
//!     links: Links::Refuse,
//!     hidden: Hidden::Skip,
//!     exclude: globset::GlobSet::empty(),
//!     share: None,
//! };
//! let inspection = Inspection { this_year: 2026, detail: Detail::WithFindings, description: Describe::Tags };
//! let mut report = JsonlReport::new(std::io::sink(), 2026);
//! let effort = Effort { threads: Threads::Measured, stop: &AtomicBool::new(false) };
//! let outcome = scan(&walk, effort, &inspection, &Listed::all(), &mut report, &Unwatched, None)?;
//! assert_eq!(outcome.summary.missing, 1);
//! # Ok::<(), std::io::Error>(())
//! ```

pub mod audio;
pub mod cli;
pub mod commands;
pub mod database;
pub mod discover;
pub mod edit;
pub mod exit;
pub mod format;
pub mod in_flight;
pub mod index;
pub mod inspect;
pub mod isrc;
pub mod judge;
pub mod ledger;
pub mod list;
pub mod listen;
pub mod paths;
pub mod pieces;
pub mod plan;
pub(crate) mod platform;
pub mod read;
pub mod recording;
pub mod report;
pub mod scan;
pub mod source;
pub mod table;
pub mod tags;
