//! The table of formats: one row a kind of audio file. Whatever else the program knows of a kind by itself, its words,
//! its file names, its first bytes, where its code belongs and who reads it, is read from here.
//!
//! A kind that carries audio and is not read has a row as well: it is `unsupported`, and never taken for another.

use std::sync::LazyLock;

use crate::format::chunks::{aiff, dsdiff, riff};
use crate::format::{Walk, asf, caf, dsf, flac, matroska, mp4, ogg, stream};

/// The first bytes of a container, filled up with zeros where a file ends sooner.
pub(super) type Head = [u8; 16];

/// One kind of audio file.
#[derive(Debug)]
pub struct Row {
    pub format: Format,
    /// The word for it in JSON and CSV.
    pub word: &'static str,
    /// The kind's own name, for people.
    pub name: &'static str,
    /// The endings of file names that may hold it, parted by spaces.
    extensions: &'static str,
    /// By any of these it is told. None where it takes more than the first bytes, or has none of its own.
    magic: &'static [Magic],
    /// The name of the place to which a code is written where the file has none; "none" where there is none.
    pub standard_place: &'static str,
    /// The walk over its container; none where it is not read.
    pub(super) walk: Option<Walk>,
    /// None where the second reader does not know the kind, or the kind is not read.
    pub reader: Option<Reader>,
}

/// The reader of a second library that knows the tags of a kind: of symphonia for Matroska, of lofty for all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    Mpeg,
    Aac,
    Flac,
    Vorbis,
    Opus,
    Speex,
    Mp4,
    Wav,
    Aiff,
    WavPack,
    Ape,
    Musepack,
    Matroska,
}

/// How first bytes tell a kind.
#[derive(Debug)]
enum Magic {
    /// These bytes, of which a `?` is any.
    Bytes(&'static [u8]),
    By(fn(&Head) -> bool),
}

use Magic::{By, Bytes};

impl Magic {
    fn fits(&self, head: &Head) -> bool {
        match self {
            Bytes(bytes) => matches(bytes, head),
            By(tells) => tells(head),
        }
    }
}

#[inline]
fn matches(magic: &[u8], head: &Head) -> bool {
    magic
        .iter()
        .zip(head)
        .all(|(magic, byte)| magic == byte || *magic == b'?')
}

const fn read(
    format: Format,
    [word, name]: [&'static str; 2],
    extensions: &'static str,
    magic: &'static [Magic],
    standard_place: &'static str,
    walk: Option<Walk>,
    reader: Option<Reader>,
) -> Row {
    Row {
        format,
        word,
        name,
        extensions,
        magic,
        standard_place,
        walk,
        reader,
    }
}

const fn unread(
    format: Format,
    names: [&'static str; 2],
    extensions: &'static str,
    magic: &'static [Magic],
    standard_place: &'static str,
) -> Row {
    read(format, names, extensions, magic, standard_place, None, None)
}

const TSRC: &str = "id3v2:TSRC";
const COMMENT: &str = "vorbis:ISRC";
pub(super) const APE: &str = "apev2:ISRC";
const NONE: &str = "none";

/// Makes each row a variant of [`Format`], and the row at its place in [`FORMATS`].
macro_rules! formats {
    ($($(#[$doc:meta])* $read:ident($format:ident, $($row:tt)*),)*) => {
        /// A kind of audio file, told by its content. [`FORMATS`] says all else of it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Format {
            $($(#[$doc])* $format,)*
        }

        impl Format {
            const COUNT: usize = [$(Format::$format),*].len();
        }

        pub static FORMATS: [Row; Format::COUNT] = [$($read(Format::$format, $($row)*),)*];
    };
}

// What is not read is behind what is, so that nothing rare is asked about first.
formats! {
    read(Mp3, ["mp3", "MP3"], "mp3 mp2 mp1 mpa mpga m1a m2a", &[], TSRC, Some(stream::walk), Some(Reader::Mpeg)),
    read(Aac, ["aac", "AAC (ADTS)"], "aac adts", &[Bytes(b"ADIF")], APE, Some(stream::walk), Some(Reader::Aac)),
    // The second reader knows neither TTA, TAK nor OptimFROG, but their tags are where those of an MP3 file are.
    read(Tta, ["tta", "TTA"], "tta", &[Bytes(b"TTA1"), Bytes(b"TTA2")], TSRC, Some(stream::walk), Some(Reader::Mpeg)),
    read(Flac, ["flac", "FLAC"], "flac fla", &[Bytes(b"fLaC")], COMMENT, Some(flac::walk), Some(Reader::Flac)),
    // Ogg is told by its first packets.
    read(OggVorbis, ["ogg", "Ogg Vorbis"], "ogg oga ogx ogm", &[], COMMENT, Some(ogg::walk), Some(Reader::Vorbis)),
    read(OggOpus, ["opus", "Opus"], "opus ogg oga ogx", &[], COMMENT, Some(ogg::walk), Some(Reader::Opus)),
    read(OggSpeex, ["speex", "Speex"], "spx ogg oga ogx", &[], COMMENT, Some(ogg::walk), Some(Reader::Speex)),
    read(OggFlac, ["oggflac", "Ogg FLAC"], "ogg oga ogx", &[], COMMENT, Some(ogg::walk), None),
    read(Mp4, ["mp4", "MP4"], "m4a m4b m4p m4r m4v mp4 mp4a aax aaxc mov qt 3gp 3ga 3g2 3gpp alac", &[By(is_atom)],
        "mp4:com.apple.iTunes:ISRC", Some(mp4::walk), Some(Reader::Mp4)),
    // Sony's ATRAC3 is a WAV by its chunks.
    read(Wav, ["wav", "WAV"], "wav wave bwf rf64 bw64 at3", &[Bytes(b"RIFF????WAVE"), Bytes(b"RIFX????WAVE")],
        TSRC, Some(riff::walk), Some(Reader::Wav)),
    read(Rf64, ["rf64", "RF64"], "wav wave bwf rf64 bw64", &[Bytes(b"RF64????WAVE"), Bytes(b"BW64????WAVE")],
        TSRC, Some(riff::walk), None),
    read(Aiff, ["aiff", "AIFF"], "aif aiff aifc afc", &[Bytes(b"FORM????AIFF")], TSRC, Some(aiff::walk), Some(Reader::Aiff)),
    read(Aifc, ["aifc", "AIFC"], "aif aiff aifc afc", &[Bytes(b"FORM????AIFC")], TSRC, Some(aiff::walk), Some(Reader::Aiff)),
    read(WavPack, ["wavpack", "WavPack"], "wv wavpack", &[Bytes(b"wvpk")], APE, Some(stream::walk), Some(Reader::WavPack)),
    read(MonkeysAudio, ["ape", "Monkey's Audio"], "ape mac", &[Bytes(b"MAC "), Bytes(b"MACF")],
        APE, Some(stream::walk), Some(Reader::Ape)),
    read(Musepack, ["musepack", "Musepack"], "mpc mp+ mpp", &[Bytes(b"MPCK"), By(is_musepack_7)],
        APE, Some(stream::walk), Some(Reader::Musepack)),
    read(Tak, ["tak", "TAK"], "tak", &[Bytes(b"tBaK")], APE, Some(stream::walk), Some(Reader::Mpeg)),
    read(OptimFrog, ["optimfrog", "OptimFROG"], "ofr ofs", &[Bytes(b"OFR ")], APE, Some(stream::walk), Some(Reader::Mpeg)),
    read(Dsf, ["dsf", "DSF"], "dsf", &[Bytes(b"DSD ")], TSRC, Some(dsf::walk), None),
    read(Dsdiff, ["dsdiff", "DSDIFF"], "dff dsdiff", &[Bytes(b"FRM8????????DSD ")], TSRC, Some(dsdiff::walk), None),
    read(Wma, ["wma", "WMA (ASF)"], "wma asf",
        &[Bytes(b"\x30\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9\x00\xAA\x00\x62\xCE\x6C")],
        "asf:WM/ISRC", Some(asf::walk), None),
    // Both are told by their DocType.
    read(Matroska, ["matroska", "Matroska"], "mka mkv webm weba", &[], "matroska:ISRC", Some(matroska::walk), Some(Reader::Matroska)),
    read(Webm, ["webm", "WebM"], "webm weba mka mkv", &[], "matroska:ISRC", Some(matroska::walk), Some(Reader::Matroska)),
    read(Caf, ["caf", "CAF"], "caf caff", &[Bytes(b"caff")], "caf:ISRC", Some(caf::walk), None),

    unread(Au, ["au", "AU"], "au snd", &[Bytes(b".snd"), Bytes(b"dns.")], NONE),
    unread(Ac3, ["ac3", "AC-3"], "ac3 eac3 ec3", &[By(is_ac3)], NONE),
    unread(Amr, ["amr", "AMR"], "amr awb amrnb amrwb", &[Bytes(b"#!AMR\n"), Bytes(b"#!AMR-")], NONE),
    unread(RealAudio, ["realaudio", "RealAudio"], "ra ram rm", &[Bytes(b".RMF"), Bytes(b".ra\xFD")], NONE),
    unread(Wave64, ["w64", "Wave64"], "w64",
        &[Bytes(b"riff\x2E\x91\xCF\x11\xA5\xD6\x28\xDB\x04\xC1\x00\x00")], NONE),
    unread(Dts, ["dts", "DTS"], "dts dtshd dtsma",
        &[By(is_dts), Bytes(b"DTSHDHDR"), Bytes(b"\x64\x58\x20\x25")], NONE),
    /// Meridian Lossless Packing, of which Dolby TrueHD is a kind.
    unread(Mlp, ["mlp", "MLP or TrueHD"], "mlp thd truehd",
        &[Bytes(b"????\xF8\x72\x6F\xBA"), Bytes(b"????\xF8\x72\x6F\xBB")], NONE),
    unread(Shorten, ["shorten", "Shorten"], "shn", &[Bytes(b"ajkg")], NONE),
    /// Sound Designer II, whose header is in a resource fork.
    unread(Sd2, ["sd2", "Sound Designer II"], "sd2 sd2f", &[], NONE),
    /// Samples alone.
    unread(Raw, ["raw", "raw PCM"], "pcm raw lpcm cdda cdr alaw ulaw mulaw al ul s8 u8 l16 s16 s16le s16be s24 u24 s24le s24be s32 s32le s32be f32 f32le f32be f64 f64le f64be sln ima", &[], NONE),
    unread(Ircam, ["ircam", "IRCAM"], "sf ircam", &[By(is_ircam)], NONE),
    unread(Voc, ["voc", "Creative Voice"], "voc", &[Bytes(b"Creative Voice F")], NONE),
    unread(Aptx, ["aptx", "aptX"], "aptx aptxhd",
        &[Bytes(b"\x4B\xBF\x4B\xBF\x4B\xBF"), Bytes(b"\x73\xBE\xFF\x73\xBE\xFF")], NONE),
    unread(Adx, ["adx", "ADX"], "adx", &[By(is_adx)], NONE),
    unread(Ac4, ["ac4", "AC-4"], "ac4", &[], NONE),
    unread(Loas, ["loas", "AAC (LOAS)"], "loas latm", &[], NONE),
    unread(Spdif, ["spdif", "S/PDIF"], "spdif",
        &[Bytes(b"\x72\xF8\x1F\x4E"), Bytes(b"\xF8\x72\x4E\x1F")], NONE),
    unread(Atrac, ["atrac", "ATRAC"], "oma omg aa3 at3 at9 aea", &[Bytes(b"EA3\x01"), Bytes(b"ea3\x03")], NONE),
    unread(Audible, ["audible", "Audible"], "aa", &[Bytes(b"????\x57\x90\x75\x36")], NONE),
    unread(Vqf, ["vqf", "TwinVQ"], "vqf vql vqe", &[Bytes(b"TWIN97012000"), Bytes(b"TWIN00052200")], NONE),
    unread(Qcp, ["qcp", "QCP"], "qcp", &[Bytes(b"RIFF????QLCM")], NONE),
    unread(Dictation, ["dss", "DSS"], "dss ds2 dvf msv",
        &[Bytes(b"\x02dss"), Bytes(b"\x03dss"), Bytes(b"\x03ds2"), Bytes(b"\x07ds2")], NONE),
    unread(Xwma, ["xwma", "xWMA"], "xwma xma", &[Bytes(b"RIFF????XWMA")], NONE),
    unread(Svx, ["svx", "IFF 8SVX"], "8svx svx 16sv maud",
        &[Bytes(b"FORM????8SVX"), Bytes(b"FORM????16SV"), Bytes(b"FORM????MAUD")], NONE),
    unread(Sphere, ["sphere", "NIST SPHERE"], "sph nist", &[Bytes(b"NIST_1A\n")], NONE),
    unread(Paf, ["paf", "PARIS"], "paf fap", &[Bytes(b" paf"), Bytes(b"fap ")], NONE),
    unread(Pvf, ["pvf", "PVF"], "pvf", &[Bytes(b"PVF1\n"), Bytes(b"PVF2\n")], NONE),
    unread(Avr, ["avr", "AVR"], "avr", &[Bytes(b"2BIT")], NONE),
    unread(Sox, ["sox", "SoX"], "sox", &[Bytes(b".SoX"), Bytes(b"XoS.")], NONE),
    unread(Psion, ["wve", "Psion WVE"], "wve", &[Bytes(b"ALawSoundFile**\0")], NONE),
    unread(Wsd, ["wsd", "WSD"], "wsd", &[Bytes(b"1bit")], NONE),
    unread(La, ["la", "LA"], "", &[Bytes(b"LA02"), Bytes(b"LA03"), Bytes(b"LA04")], NONE),
    unread(Lpac, ["lpac", "LPAC"], "pac", &[Bytes(b"LPAC")], NONE),
    unread(Rka, ["rka", "RK Audio"], "rka", &[Bytes(b"RKA7")], NONE),
    unread(Bonk, ["bonk", "Bonk"], "bonk", &[Bytes(b"\0BONK")], NONE),
    unread(Als, ["als", "MPEG-4 ALS"], "", &[Bytes(b"ALS\0")], NONE),
    unread(Qoa, ["qoa", "QOA"], "qoa", &[Bytes(b"qoaf")], NONE),
    unread(Codec2, ["codec2", "Codec 2"], "c2 codec2", &[Bytes(b"\xC0\xDE\xC2")], NONE),
    unread(Ilbc, ["ilbc", "iLBC"], "lbc ilbc", &[Bytes(b"#!iLBC")], NONE),
    /// Speech codecs that have no header: GSM, G.72x, Dialogic ADPCM, SBC.
    unread(Voice, ["voice", "speech without a header"], "gsm vox lc3 evs g722 g723 g726 g729 sbc cvs cvsd cvu vms dvms", &[], NONE),
    /// Of trackers. Those called .mod are told by no first bytes, and the name is also that of Go's modules and of video.
    unread(Module, ["module", "tracker module"], "xm s3m stm mtm 669 ult okt mptm mo3 ptm dbm mt2",
        &[Bytes(b"Extended Module:"), Bytes(b"IMPM"), Bytes(b"MTM\x10"), Bytes(b"MAS_UTrack_V00"), Bytes(b"OKTASONG"),
            Bytes(b"MMD0\0"), Bytes(b"MMD1\0"), Bytes(b"MMD2\0"), Bytes(b"MMD3\0"), Bytes(b"DBM0"), Bytes(b"MT20")], NONE),
    /// Programs and data for the sound chips of home computers and consoles.
    unread(Chip, ["chip", "chip music"], "sid nsf nsfe spc vgm vgz gbs ay ym hes kss sap gym psf2 minipsf",
        &[Bytes(b"PSID\0"), Bytes(b"RSID\0"), Bytes(b"NESM\x1A"), Bytes(b"NSFE"), Bytes(b"SNES-SPC700 Soun"), Bytes(b"Vgm "),
            Bytes(b"GBS\x01"), Bytes(b"ZXAYEMUL"), Bytes(b"YM5!LeOnArD!"), Bytes(b"YM6!LeOnArD!"), Bytes(b"HESM"), Bytes(b"KSCC"),
            Bytes(b"KSSX"), Bytes(b"GYMX"), Bytes(b"PSF\x01"), Bytes(b"PSF\x02"), Bytes(b"PSF\x11"), Bytes(b"PSF\x12"),
            Bytes(b"PSF\x21"), Bytes(b"PSF\x22"), Bytes(b"PSF\x24")], NONE),
    unread(SampleDump, ["sds", "MIDI sample dump"], "sds", &[Bytes(b"\xF0\x7E?\x01")], NONE),
    /// Of the old Macintosh; its magic is behind the first bytes.
    unread(Hcom, ["hcom", "HCOM"], "hcom fssd", &[], NONE),
    unread(Sndtool, ["sndtool", "SNDTOOL"], "sndt sndr", &[Bytes(b"SOUND\x1A")], NONE),
    unread(Txw, ["txw", "Yamaha TX-16W"], "txw", &[Bytes(b"LM8953")], NONE),
    unread(Game, ["game", "game audio"], "brstm bcstm bfstm hca vag",
        &[Bytes(b"RSTM\xFE\xFF"), Bytes(b"CSTM\xFF\xFE"), Bytes(b"FSTM\xFE\xFF"), Bytes(b"HCA\0"), Bytes(b"VAGp")], NONE),
}

/// First bytes of files that are no audio, or hold it among other things: video and programs, archives and images in
/// which audio may be uncompressed, pictures and documents. No stream is looked for in them. As in [`Magic::Bytes`].
#[rustfmt::skip]
static FOREIGN: &[&[u8]] = &[
    // MPEG program streams and their packets, and MPEG video (ISO 13818-1, table 2-22; 13818-2, table 6-1).
    b"\0\0\x01\xBA", b"\0\0\x01\xB3", b"\0\0\x01\xB0", b"\0\0\x01\xB5", b"\0\0\x01\xB8", b"\0\0\x01\xBB",
    b"\0\0\x01\xBC", b"\0\0\x01\xBD", b"\0\0\x01\xBE", b"\0\0\x01\xBF", b"\0\0\x01\xC0", b"\0\0\x01\xE0",
    b"\0\0\x01\x67", b"\0\0\0\x01\x67", b"\0\0\0\x01\x09", b"\0\0\0\x01\x40", b"\0\0\0\x01\x46",
    // What else chunks may hold: AVI, MIDI, SoundFonts, pictures.
    b"RIFF", b"RIFX", b"RF64", b"BW64", b"FORM", b"FRM8", b"ON2 ", b"riff",
    b"FLV\x01", b"FWS", b"CWS", b"ZWS", b"DKIF\0\0", b"nut/multimedia c", b"YUV4MPEG2 ",
    b"\x06\x0E\x2B\x34\x02\x05\x01", b"\x1A\x45\xDF\xA3", b"MThd\0\0\0\x06",
    // Archives, images of disks, programs.
    b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"Rar!\x1A\x07", b"7z\xBC\xAF\x27\x1C", b"\x1F\x8B\x08", b"BZh??AY&SY",
    b"\xFD7zXZ\0", b"\x28\xB5\x2F\xFD", b"\x04\x22\x4D\x18", b"!<arch>\n", b"070701", b"070707", b"MSCF\0\0\0\0", b"SIT!",
    b"StuffIt (c)1997-", b"xar!\0\x1C", b"\x7FELF", b"MZ?\0?\0", b"\xCF\xFA\xED\xFE", b"\xCE\xFA\xED\xFE", b"\xCA\xFE\xBA\xBE",
    b"\x00\x05\x16\x07\x00\x02\x00\x00", b"\x00\x05\x16\x00\x00\x02\x00\x00",
    // Pictures and documents.
    b"\xFF\xD8\xFF", b"\x89PNG\r\n\x1A\n", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*", b"BM????\0\0\0\0", b"8BPS\0\x01", b"%PDF-",
    b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", b"SQLite format 3\0", b"bplist00", b"<?xml ", b"<!DOCTYPE ", b"<!doctype ",
];

/// The kind that first bytes tell, of those that the first bytes tell.
pub(crate) fn by_magic(head: &Head) -> Option<Format> {
    let row = FORMATS
        .iter()
        .find(|row| row.magic.iter().any(|magic| magic.fits(head)));
    row.map(|row| row.format)
}

/// Whether first bytes are those of a file in which no stream is looked for.
pub(super) fn is_foreign(head: &Head) -> bool {
    FOREIGN.iter().any(|magic| matches(magic, head))
}

/// Whether a first atom of an MP4 or QuickTime file is here.
fn is_atom(head: &Head) -> bool {
    let size = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
    let is_first = matches!(
        &head[4..8],
        b"ftyp" | b"moov" | b"mdat" | b"wide" | b"free" | b"skip" | b"pnot" | b"styp"
    );
    is_first && !(2..8).contains(&size)
}

fn is_musepack_7(head: &Head) -> bool {
    head.starts_with(b"MP+") && head[3] & 0x0F == 7
}

/// A sync word, a sampling rate code that is not reserved, and a known version (ATSC A/52, section 5.3).
fn is_ac3(head: &Head) -> bool {
    let known = |sizes: u8, version: u8| match version >> 3 {
        // Of the older versions the sizes of frames are a table, too.
        0..=10 => sizes >> 6 != 3 && sizes & 0x3F < 38,
        version => version <= 16 && sizes >> 6 != 3,
    };
    match head {
        [0x0B, 0x77, ..] => known(head[4], head[5]),
        // In words of 16 bits, as it is sent on.
        [0x77, 0x0B, ..] => known(head[5], head[4]),
        _ => false,
    }
}

/// The sync words of words of 16 and 14 bits, in both byte orders (ETSI TS 102 114, section 5.3).
fn is_dts(head: &Head) -> bool {
    match head {
        [0x7F, 0xFE, 0x80, 0x01, ..] | [0xFE, 0x7F, 0x01, 0x80, ..] => true,
        [0x1F, 0xFF, 0xE8, 0x00, 0x07, last, ..] | [0xFF, 0x1F, 0x00, 0xE8, last, 0x07, ..] => last >> 4 == 0xF,
        _ => false,
    }
}

/// One of the four machines of its time, in either byte order.
fn is_ircam(head: &Head) -> bool {
    matches!(head, [0x64, 0xA3, 1..=4, 0, ..] | [0, 1..=4, 0xA3, 0x64, ..])
}

/// Blocks of 18 bytes and samples of 4 bits, which every encoder writes.
fn is_adx(head: &Head) -> bool {
    matches!(head, [0x80, 0x00, _, _, 2..=4, 18, 4, 1..=8, ..])
}

/// Kinds of audio, as a file name claims them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Formats(u128);

// One bit a format.
const _: () = assert!(Format::COUNT <= 128);

impl Formats {
    pub const fn of(format: Format) -> Formats {
        Formats(1 << format as u32)
    }

    pub fn contains(self, format: Format) -> bool {
        self.0 & Formats::of(format).0 != 0
    }

    fn and(self, format: Format) -> Formats {
        Formats(self.0 | Formats::of(format).0)
    }

    /// The first of these kinds, if none of them is read.
    pub fn unread(self) -> Option<Format> {
        let mut formats = FORMATS
            .iter()
            .map(|row| row.format)
            .filter(|format| self.contains(*format));
        let first = formats.next()?;
        (!first.is_supported() && formats.all(|format| !format.is_supported())).then_some(first)
    }
}

/// The longest file name extension that says something.
pub const LONGEST_EXTENSION: usize = 8;

/// The kinds that an extension, in lower case, claims; `None` if it is that of no audio.
pub fn claimed(extension: &[u8]) -> Option<Formats> {
    let wanted = key(extension)?;
    let claims: &[(u64, Formats)] = &CLAIMS;
    let index = claims.binary_search_by_key(&wanted, |(key, _)| *key).ok()?;
    Some(claims[index].1)
}

/// Sorted by the extensions' keys: a scan asks for a million of them.
static CLAIMS: LazyLock<Vec<(u64, Formats)>> = LazyLock::new(|| {
    let mut claims: Vec<(u64, Formats)> = Vec::new();
    for row in &FORMATS {
        for extension in row.extensions.split_ascii_whitespace() {
            let key = key(extension.as_bytes()).expect("no extension of the table is longer than the longest");
            match claims.iter_mut().find(|(other, _)| *other == key) {
                Some((_, formats)) => *formats = formats.and(row.format),
                None => claims.push((key, Formats::of(row.format))),
            }
        }
    }
    claims.sort_unstable_by_key(|(key, _)| *key);
    claims
});

/// An extension as a number.
fn key(extension: &[u8]) -> Option<u64> {
    let mut bytes = [0; LONGEST_EXTENSION];
    bytes.get_mut(..extension.len())?.copy_from_slice(extension);
    Some(u64::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_unique_and_no_magic_of_one_kind_is_that_of_another() {
        for (index, row) in FORMATS.iter().enumerate() {
            assert!(
                FORMATS[..index].iter().all(|earlier| earlier.word != row.word),
                "{}",
                row.word
            );
            for magic in row.magic {
                if let Bytes(bytes) = magic {
                    let mut head = [0; 16];
                    head[..bytes.len()].copy_from_slice(bytes);
                    assert_eq!(by_magic(&head), Some(row.format), "{}", row.word);
                }
            }
        }
    }

    #[test]
    fn names_that_claim_only_what_is_not_read_say_so() {
        let unread = |extension: &str| claimed(extension.as_bytes()).unwrap().unread();
        assert_eq!(unread("w64"), Some(Format::Wave64));
        assert_eq!(unread("webm"), None);
        assert_eq!(unread("wav"), None);
        assert_eq!(unread("at3"), None);
        for raw in ["al", "mulaw", "lpcm", "l16"] {
            assert_eq!(unread(raw), Some(Format::Raw));
        }
        assert_eq!(
            (unread("amrnb"), unread("msv")),
            (Some(Format::Amr), Some(Format::Dictation))
        );
        assert_eq!(
            (unread("xma"), unread("evs")),
            (Some(Format::Xwma), Some(Format::Voice))
        );
        for read in ["aax", "mp4a", "caff", "wavpack", "ogm"] {
            assert_eq!(unread(read), None, "{read}");
        }
        assert!(claimed(b"jpg").is_none());
        assert!(claimed(b"").is_none());
    }
}
