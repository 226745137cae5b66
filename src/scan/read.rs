//! One file from its path to the places where codes are in it. The file is opened, walked and closed here.

use std::path::Path;

use crate::bytes::source::{Links, ReadError, Source, SourceFile};
use crate::discover::Extension;
use crate::format::tags;
use crate::format::{self, Glanced, Located};

/// Opens the file at `path` and locates its codes. A parser's panic costs this one file.
pub fn read(path: &Path, links: Links) -> Result<(SourceFile, Located), ReadError> {
    let file = SourceFile::open(path, links)?;
    let extension = Extension::of(path.as_os_str());
    let glanced = glance(&mut Source::new(&file), extension.as_ref())?;
    Ok((file, glanced.into_located()))
}

/// Locates the codes of a file that is open already, of which `extension` is only a hint: see [`format::glance`].
pub fn glance(source: &mut Source, extension: Option<&Extension>) -> Result<Glanced, ReadError> {
    let extension = extension.and_then(Extension::as_str);
    tags::quietly(|| format::glance(source, extension)).unwrap_or(Err(ReadError::ParserPanicked))
}
