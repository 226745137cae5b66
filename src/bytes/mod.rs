//! The bytes of a file: of the old one, by range ([`source`]), and of the new one as pieces of the old ([`pieces`]).

pub(crate) mod pieces;
pub(crate) mod source;
