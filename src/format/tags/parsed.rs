//! The one place that calls lofty: a file of each kind, read with a limit on what is allocated, and panics kept inside.

use lofty::aac::AacFile;
use lofty::ape::ApeFile;
use lofty::config::{GlobalOptions, ParseOptions, apply_global_options};
use lofty::file::{AudioFile, TaggedFile};
use lofty::flac::FlacFile;
use lofty::iff::aiff::AiffFile;
use lofty::iff::wav::WavFile;
use lofty::mp4::Mp4File;
use lofty::mpeg::MpegFile;
use lofty::musepack::MpcFile;
use lofty::ogg::tag::VorbisComments;
use lofty::ogg::{OpusFile, SpeexFile, VorbisFile};
use lofty::wavpack::WavPackFile;

use super::reader::BoundedReader;
use super::{TagError, quietly};
use crate::format::formats::Reader;

/// What lofty may allocate for one item. Its own default is the same; it is thread-local, so it is set here, where lofty is
/// called.
const ALLOCATION_LIMIT: usize = 16 << 20;

macro_rules! parsed {
    ($($kind:ident($file:ty),)*) => {
        /// A file as lofty reads it. Every use reads through here, so that the program holds one copy of each of its readers.
        pub(super) enum Parsed {
            $($kind($file),)*
        }

        impl Parsed {
            pub(super) fn read(reader: Reader, bytes: &mut BoundedReader, options: ParseOptions) -> Result<Parsed, TagError> {
                match reader {
                    $(Reader::$kind => read::<$file>(bytes, options).map(Parsed::$kind),)*
                    Reader::Matroska => Err(TagError::NoReader),
                }
            }

            /// Its tags by what is in them.
            pub(super) fn tagged(self) -> TaggedFile {
                match self {
                    $(Parsed::$kind(file) => file.into(),)*
                }
            }
        }
    };
}

parsed! {
    Mpeg(MpegFile),
    Aac(AacFile),
    Flac(FlacFile),
    Vorbis(VorbisFile),
    Opus(OpusFile),
    Speex(SpeexFile),
    Mp4(Mp4File),
    Wav(WavFile),
    Aiff(AiffFile),
    WavPack(WavPackFile),
    Ape(ApeFile),
    Musepack(MpcFile),
}

impl Parsed {
    /// Vorbis comments of the kinds that have no other tag.
    pub(super) fn comments(&self) -> Option<&VorbisComments> {
        match self {
            Parsed::Flac(file) => file.vorbis_comments(),
            Parsed::Vorbis(file) => Some(file.vorbis_comments()),
            Parsed::Opus(file) => Some(file.vorbis_comments()),
            Parsed::Speex(file) => Some(file.vorbis_comments()),
            _ => None,
        }
    }
}

fn read<F: AudioFile>(bytes: &mut BoundedReader, options: ParseOptions) -> Result<F, TagError> {
    apply_global_options(
        GlobalOptions::new()
            .allocation_limit(ALLOCATION_LIMIT)
            .use_custom_resolvers(false),
    );
    match quietly(|| F::read_from(bytes, options)) {
        Some(read) => read.map_err(TagError::Parse),
        None => Err(TagError::Panicked),
    }
}
