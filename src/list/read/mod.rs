//! From the bytes of a list to its cells, whatever kind of list it is ([`source`]).

pub(in crate::list) mod blocks;
mod contents;
mod fixed;
pub(in crate::list) mod grid;
mod lines;
pub mod page;
mod sheets;
pub mod source;
mod text;
mod workbook;
