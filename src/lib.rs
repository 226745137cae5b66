//! Reads, judges and edits ISRC recording codes (ISO 3901) in audio files.
//!
//! ```text
//! discover -> read -> judge -> plan -> edit -> report
//!  paths     tracks  findings  changes  pieces  text, JSON, CSV
//! ```
//!
//! Data flows one way. [`discover`] lists files; [`source`] and [`format`] locate the places where codes stand;
//! [`judge`] turns places into findings; [`plan`] turns a wish into a change; [`pieces`] describes the new file
//! as parts of the old one; [`edit`] proves, writes, journals and takes back; [`report`] renders.

pub mod audio;
pub mod edit;
pub mod format;
pub mod isrc;
pub mod pieces;
pub mod source;
