//! From the bytes of a list to its cells, whatever kind of list it is ([`source`]).

pub(in crate::list) mod blocks;
pub(in crate::list) mod contents;
pub(in crate::list) mod fixed;
pub(in crate::list) mod grid;
pub(in crate::list) mod lines;
mod markers;
pub mod page;
pub(in crate::list) mod sheets;
pub mod source;
pub(in crate::list) mod text;
pub(in crate::list) mod workbook;
