//! Commands that only look: at one code, or at the codes of files.

pub mod decode;
pub mod get;
pub mod show;
