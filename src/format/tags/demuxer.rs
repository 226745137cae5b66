//! The second reader of Matroska and WebM, which lofty does not know: symphonia's demuxer.

use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader};
use symphonia::core::io::MediaSourceStream;
use symphonia::default::formats::MkvReader;

use super::items::is_code_key;
use super::reader::BoundedReader;
use crate::bytes::source::ReadAt;
use crate::format::tags::{TagError, quietly};

/// What may be fetched in all. A file that holds more in front of its clusters, such as fonts, is not looked at.
const BUDGET: u64 = 8 << 20;

/// Every name and value that is no code, with what it is about. Sorted, since it says nothing in which of several lists of
/// tags of a file one is.
pub(super) fn texts(bytes: &(dyn ReadAt + Sync)) -> Result<Vec<(String, String)>, TagError> {
    let read = || -> Result<Vec<(String, String)>, Error> {
        let stream = MediaSourceStream::new(Box::new(BoundedReader::within(bytes, BUDGET)), Default::default());
        let mut demuxer = MkvReader::try_new(stream, FormatOptions::default())?;
        let mut metadata = demuxer.metadata();
        let mut texts = Vec::new();
        while let Some(revision) = metadata.current() {
            let of_tracks = revision.per_track.iter();
            let of_tracks = of_tracks.map(|track| (track.track_id.to_string(), &track.metadata.tags));
            for (about, tags) in std::iter::once((String::new(), &revision.media.tags)).chain(of_tracks) {
                // The names of symphonia begin with the target: `TRACK@ISRC`.
                let name = |key: &str| key.rsplit('@').next().unwrap_or_default().to_owned();
                let others = tags.iter().filter(|tag| !is_code_key(&name(&tag.raw.key)));
                texts.extend(others.map(|tag| (format!("{about}/{}", tag.raw.key), format!("{:?}", tag.raw))));
            }
            if metadata.pop().is_none() {
                break;
            }
        }
        texts.sort();
        Ok(texts)
    };
    quietly(read).ok_or(TagError::Panicked)?.map_err(TagError::Demux)
}

#[cfg(test)]
mod tests {
    use crate::format::Format;
    use crate::format::tags::{Expected, same_but_codes};

    /// The file with other bytes of the same length at the first place of `old`.
    fn changed(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
        let at = bytes.windows(old.len()).position(|window| window == old).unwrap();
        [&bytes[..at], new, &bytes[at + old.len()..]].concat()
    }

    #[test]
    fn other_texts_are_seen_and_other_codes_passed_over() {
        let old = std::fs::read("testdata/seeds/matroska-ffmpeg.mka").unwrap();
        let texts = super::texts(&old).unwrap();
        assert!(texts.iter().any(|(name, _)| name.ends_with("@DURATION")), "{texts:?}");
        assert!(texts.iter().all(|(name, _)| !name.ends_with("ISRC")), "{texts:?}");
        let check = |new: Vec<u8>| same_but_codes(&old, &new, Format::Matroska, Expected::Same);
        assert_eq!(
            check(changed(&old, b"DURATION", b"DURATIOM")).unwrap_err(),
            "the second reader sees other texts"
        );
        assert_eq!(check(old.clone()), Ok(()));
        assert_eq!(check(changed(&old, b"ISRC", b"isrc")), Ok(()));
    }
}
