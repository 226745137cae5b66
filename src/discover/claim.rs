//! What a file name says of the file.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fmt;
use std::sync::LazyLock;

use crate::format::Format;
use crate::format::formats::{self, Formats};

/// What a file name's extension claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Audio, of one of these kinds.
    Audio(Formats),
    /// Something else that lies in music folders: covers, logs, playlists, cue sheets, documents.
    Other,
    /// No extension, or one that says nothing here.
    None,
}

impl Claim {
    /// Whether a file with this claim may hold `format` without its name telling a lie.
    pub fn allows(self, format: Format) -> bool {
        match self {
            Claim::Audio(formats) => formats.contains(format),
            Claim::Other => false,
            Claim::None => true,
        }
    }
}

/// A name that says another kind than its file holds.
#[derive(Debug, Clone, Copy)]
pub struct Misnamed {
    extension: Extension,
    format: Format,
}

impl Misnamed {
    /// None where the name says nothing, or what is so.
    pub fn of(extension: Option<&Extension>, format: Format) -> Option<Misnamed> {
        let extension = *extension?;
        let is_so = claim(Some(&extension)).allows(format);
        (!is_so).then_some(Misnamed { extension, format })
    }
}

impl fmt::Display for Misnamed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Misnamed { extension, format } = self;
        let extension = String::from_utf8_lossy(extension.as_bytes());
        write!(f, "named .{extension} but holds {}", format.name())
    }
}

/// A file name's extension, in lower case, without its dot. Longer ones than any that is known here count as none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extension {
    lower: [u8; Extension::LONGEST],
    len: u8,
}

impl Extension {
    const LONGEST: usize = formats::LONGEST_EXTENSION;

    /// Of the last part of a path. By bytes, since a scan asks for a million of them.
    pub fn of(path: &OsStr) -> Option<Extension> {
        let bytes = path.as_encoded_bytes();
        // One byte of the name before the dot, at least: `.mp3` is a hidden file without extension.
        let end = &bytes[bytes.len().saturating_sub(Extension::LONGEST + 2)..];
        let dot = end.iter().rposition(|&byte| byte == b'.' || is_separator(byte))?;
        if end[dot] != b'.' || is_separator(*end[..dot].last()?) {
            return None;
        }
        let extension = &end[dot + 1..];
        let mut lower = [0; Extension::LONGEST];
        lower.get_mut(..extension.len())?.copy_from_slice(extension);
        lower.make_ascii_lowercase();
        Some(Extension {
            lower,
            len: extension.len() as u8,
        })
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.lower[..usize::from(self.len)]
    }

    /// None if it is not text.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.as_bytes()).ok()
    }
}

/// Extensions of what else lies in music folders. A correction file (`.wvc`, `.ofc`) is half of the audio beside it.
const OTHER: &str = "\
    jpg jpeg jpe png gif bmp tif tiff webp heic avif svg psd ico log txt md nfo rtf pdf doc docx odt xls xlsx ods \
    csv tsv json jsonl xml xmp html htm url webloc lnk cue m3u m3u8 pls xspf wpl asx accurip toc sfv md5 ffp st5 \
    sha1 sha256 par2 torrent lrc srt db sqlite ini ds_store bak tmp part zip rar 7z gz bz2 xz tar iso exe dll mid \
    midi pk asd als reapeaks py rs toml yaml yml sh wvc ofc";

static OTHERS: LazyLock<HashSet<&'static [u8]>> =
    LazyLock::new(|| OTHER.split_ascii_whitespace().map(str::as_bytes).collect());

/// What a file name's extension claims.
pub fn claim(extension: Option<&Extension>) -> Claim {
    let Some(extension) = extension.map(Extension::as_bytes) else {
        return Claim::None;
    };
    match formats::claimed(extension) {
        Some(formats) => Claim::Audio(formats),
        None if OTHERS.contains(extension) => Claim::Other,
        None => Claim::None,
    }
}

fn is_separator(byte: u8) -> bool {
    byte == b'/' || byte == std::path::MAIN_SEPARATOR as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_claim_in_any_case() {
        let claim = |name: &str| claim(Extension::of(name.as_ref()).as_ref());
        assert_eq!(claim("folder.d/a.FLAC"), Claim::Audio(Formats::of(Format::Flac)));
        assert_eq!(claim("cover.Jpg"), Claim::Other);
        assert_eq!(claim("a.extraordinary"), Claim::None);
        assert_eq!(claim("folder.mp3/name"), Claim::None);
        assert_eq!(claim(".mp3"), Claim::None);
        assert_eq!(claim("a."), Claim::None);
        assert_eq!(claim("a.w64"), Claim::Audio(Formats::of(Format::Wave64)));
        assert_eq!(claim("a.wvc"), Claim::Other);
    }

    #[test]
    fn a_name_may_say_any_of_its_kinds() {
        check("a.wav", Format::Rf64, None);
        check("a.ogg", Format::OggOpus, None);
        check("a.mp2", Format::Mp3, None);
        check("a.aiff", Format::Aifc, None);
        check("a.mka", Format::Webm, None);
        check("a", Format::Mp3, None);
        check("a.01", Format::Mp3, None);
        check("a.m4a", Format::Mp3, Some("named .m4a but holds MP3"));
        check("a.MP3", Format::Wave64, Some("named .mp3 but holds Wave64"));
        check("a.opus", Format::OggVorbis, Some("named .opus but holds Ogg Vorbis"));
        check("cover.jpg", Format::Mp3, Some("named .jpg but holds MP3"));
    }

    #[track_caller]
    fn check(name: &str, format: Format, expected: Option<&str>) {
        let misnamed = Misnamed::of(Extension::of(name.as_ref()).as_ref(), format);
        assert_eq!(misnamed.map(|misnamed| misnamed.to_string()).as_deref(), expected);
    }
}
