//! What speaks against a match that titles, numbers and names have made, and what is told where little speaks for it.

pub(super) mod claims;
pub(super) mod counted;
pub(super) mod discs;
pub mod distrust;
pub(super) mod releases;
pub(super) mod unheaded;
pub(super) mod weak;
