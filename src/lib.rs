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

pub mod audio;
pub mod cli;
pub mod commands;
pub mod discover;
pub mod edit;
pub mod exit;
pub mod format;
pub mod inspect;
pub mod isrc;
pub mod judge;
pub mod ledger;
pub mod listen;
pub mod manifest;
pub mod paths;
pub mod pieces;
pub mod plan;
pub(crate) mod platform;
pub mod read;
pub mod recording;
pub mod report;
pub mod scan;
pub mod source;
pub mod tags;
