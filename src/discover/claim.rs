//! What a file name says of the file.

use std::ffi::OsStr;

use crate::format::Format;

/// What a file name's extension claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Audio, of one of these kinds.
    Audio(&'static [Format]),
    /// Something else that lies in music folders: covers, logs, playlists, cue sheets, documents.
    Other,
    /// No extension, or one that says nothing here.
    None,
}

impl Claim {
    /// Whether a file with this claim may hold `format` without its name telling a lie.
    pub fn allows(self, format: Format) -> bool {
        match self {
            Claim::Audio(formats) => formats.contains(&format),
            Claim::Other => false,
            Claim::None => true,
        }
    }
}

/// A file name's extension, in lower case, without its dot. Longer ones than any that is known here count as none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extension {
    lower: [u8; Extension::LONGEST],
    len: u8,
}

impl Extension {
    const LONGEST: usize = 8;

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

/// What a file name's extension claims.
pub fn claim(extension: Option<&Extension>) -> Claim {
    use Format::*;
    let Some(extension) = extension else {
        return Claim::None;
    };
    let formats: &'static [Format] = match extension.as_bytes() {
        b"mp3" | b"mp2" | b"mp1" | b"mpga" => &[Mp3],
        b"aac" | b"adts" => &[Aac],
        b"tta" => &[Tta],
        b"flac" | b"fla" => &[Flac],
        b"ogg" | b"oga" | b"ogx" => &[OggVorbis, OggOpus, OggSpeex, OggFlac],
        b"opus" => &[OggOpus],
        b"spx" => &[OggSpeex],
        b"m4a" | b"m4b" | b"m4p" | b"m4r" | b"m4v" | b"mp4" | b"mov" | b"qt" | b"3gp" | b"3ga" | b"3g2" | b"3gpp"
        | b"alac" => &[Mp4],
        b"wav" | b"wave" | b"bwf" | b"rf64" | b"bw64" => &[Wav, Rf64],
        b"aif" | b"aiff" | b"aifc" | b"afc" => &[Aiff, Aifc],
        b"wv" => &[WavPack],
        b"ape" | b"mac" => &[MonkeysAudio],
        b"mpc" | b"mp+" | b"mpp" => &[Musepack],
        b"tak" => &[Tak],
        b"ofr" | b"ofs" => &[OptimFrog],
        b"dsf" => &[Dsf],
        b"dff" | b"dsdiff" => &[Dsdiff],
        b"wma" | b"asf" => &[Wma],
        b"mka" | b"mkv" => &[Matroska, Webm],
        b"webm" | b"weba" => &[Webm, Matroska],
        b"caf" => &[Caf],
        b"au" | b"snd" => &[Au],
        b"ac3" | b"eac3" | b"ec3" => &[Ac3],
        b"amr" | b"awb" => &[Amr],
        b"ra" | b"ram" | b"rm" => &[RealAudio],
        b"jpg" | b"jpeg" | b"jpe" | b"png" | b"gif" | b"bmp" | b"tif" | b"tiff" | b"webp" | b"heic" | b"avif"
        | b"svg" | b"psd" | b"ico" | b"log" | b"txt" | b"md" | b"nfo" | b"rtf" | b"pdf" | b"doc" | b"docx" | b"odt"
        | b"xls" | b"xlsx" | b"ods" | b"csv" | b"tsv" | b"json" | b"jsonl" | b"xml" | b"xmp" | b"html" | b"htm"
        | b"url" | b"webloc" | b"lnk" | b"cue" | b"m3u" | b"m3u8" | b"pls" | b"xspf" | b"wpl" | b"asx" | b"accurip"
        | b"toc" | b"sfv" | b"md5" | b"ffp" | b"st5" | b"sha1" | b"sha256" | b"par2" | b"torrent" | b"lrc" | b"srt"
        | b"db" | b"sqlite" | b"ini" | b"ds_store" | b"bak" | b"tmp" | b"part" | b"zip" | b"rar" | b"7z" | b"gz"
        | b"bz2" | b"xz" | b"tar" | b"iso" | b"exe" | b"dll" | b"mid" | b"midi" | b"pk" | b"asd" | b"als"
        | b"reapeaks" | b"py" | b"rs" | b"toml" | b"yaml" | b"yml" | b"sh" => return Claim::Other,
        _ => return Claim::None,
    };
    Claim::Audio(formats)
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
        assert_eq!(claim("folder.d/a.FLAC"), Claim::Audio(&[Format::Flac]));
        assert_eq!(claim("cover.Jpg"), Claim::Other);
        assert_eq!(claim("a.extraordinary"), Claim::None);
        assert_eq!(claim("folder.mp3/name"), Claim::None);
        assert_eq!(claim(".mp3"), Claim::None);
        assert_eq!(claim("a."), Claim::None);
    }
}
