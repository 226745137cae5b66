//! What an edit keeps and what is new, by the names that a file's own format gives its parts: proof to hand over.
//!
//! This is a small reader of its own, beside the walk that plans the edit: only headers are read. What it does not
//! understand has no name, and is proved all the same.

use std::io;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::bytes::pieces::compare::read_exact_at;
use crate::bytes::pieces::{Pieces, PiecesView};
use crate::bytes::source::ReadAt;

/// Parts beyond this are not named.
const MOST: usize = 1000;

/// What is read at once of the audio.
const STEP: u64 = 1 << 20;

/// What is the same in the new file as in the old one, byte for byte, and what is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub parts: Vec<KeptPart>,
    /// The audio, where the format says where it is.
    pub audio: Option<KeptAudio>,
    /// Parts of the new file that were not there, or not so.
    pub new: Vec<KeptPart>,
}

/// A chunk, block, atom or frame, and the bytes in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptPart {
    pub name: String,
    pub bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptAudio {
    /// The part that holds it, such as `data`, or `audio`.
    pub name: String,
    pub bytes: u64,
    /// SHA-256 over them (FIPS 180-4), in hexadecimal digits.
    pub sha256: String,
}

/// A part and where its bytes are.
type Named = (String, Range<u64>);

/// Names what `pieces` keep of a file, and reads its audio once for the checksum.
pub(crate) fn kept(old: &dyn ReadAt, pieces: &Pieces, audio: &[Range<u64>]) -> io::Result<Kept> {
    let before = parts(old)?;
    let holds_audio = |range: &Range<u64>| {
        audio
            .iter()
            .any(|audio| range.start <= audio.start && audio.end <= range.end)
    };
    let mut name = "audio".to_owned();
    let mut parts_kept = Vec::new();
    for (part, range) in before {
        match holds_audio(&range) {
            true => name = part,
            false if pieces.kept(&range) => parts_kept.push(KeptPart {
                name: part,
                bytes: range.end - range.start,
            }),
            false => {}
        }
    }
    let mut unmatched = parts_kept.clone();
    let mut new = Vec::new();
    for (part, range) in parts(&PiecesView { old, pieces })? {
        let bytes = range.end - range.start;
        let known = unmatched
            .iter()
            .position(|kept| kept.name == part && kept.bytes == bytes);
        match known {
            Some(known) => drop(unmatched.swap_remove(known)),
            None if part == name => {}
            None => new.push(KeptPart { name: part, bytes }),
        }
    }
    Ok(Kept {
        parts: parts_kept,
        audio: summed(old, audio, name)?,
        new,
    })
}

fn summed(file: &dyn ReadAt, audio: &[Range<u64>], name: String) -> io::Result<Option<KeptAudio>> {
    let bytes = audio.iter().map(|range| range.end - range.start).sum();
    if bytes == 0 {
        return Ok(None);
    }
    let mut digest = Sha256::new();
    let mut buffer = Vec::new();
    for range in audio.iter().flat_map(|range| crate::bytes::pieces::cut(range, STEP)) {
        buffer.resize((range.end - range.start) as usize, 0);
        read_exact_at(file, &mut buffer, range.start)?;
        digest.update(&buffer);
    }
    let sha256 = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Some(KeptAudio { name, bytes, sha256 }))
}

/// The parts of a file, as far as they are understood.
fn parts(file: &dyn ReadAt) -> io::Result<Vec<Named>> {
    let mut named = Vec::new();
    let mut at = 0;
    if &head::<3>(file, 0)? == b"ID3" {
        at = frames(file, &mut named)?;
    }
    match &head::<4>(file, at)? {
        b"RIFF" | b"RF64" | b"BW64" => chunks(file, at + 12, Nesting::Riff, &mut named)?,
        b"FORM" => chunks(file, at + 12, Nesting::Iff, &mut named)?,
        b"FRM8" => chunks(file, at + 16, Nesting::Iff64, &mut named)?,
        b"fLaC" => blocks(file, at + 4, &mut named)?,
        _ if &head::<4>(file, at + 4)? == b"ftyp" => atoms(file, at..file.len(), "", &mut named)?,
        _ => {}
    }
    named.truncate(MOST);
    Ok(named)
}

/// Zeros behind the end.
fn head<const N: usize>(file: &dyn ReadAt, at: u64) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    let there = file.len().saturating_sub(at).min(N as u64) as usize;
    read_exact_at(file, &mut bytes[..there], at)?;
    Ok(bytes)
}

fn name_of(bytes: &[u8]) -> String {
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    text.trim_end().to_owned()
}

#[derive(Clone, Copy)]
enum Nesting {
    /// Little endian (Multimedia Programming Interface 1.0).
    Riff,
    /// Big endian (EA IFF 85).
    Iff,
    /// Sizes of eight bytes (DSDIFF 1.5).
    Iff64,
}

fn chunks(file: &dyn ReadAt, mut at: u64, layout: Nesting, named: &mut Vec<Named>) -> io::Result<()> {
    let size_len = if matches!(layout, Nesting::Iff64) { 8 } else { 4 };
    // That of RF64's data, which is behind that of the whole (EBU Tech 3306).
    let mut long_data = None;
    while at + 4 + size_len <= file.len() && named.len() < MOST {
        let header = head::<12>(file, at)?;
        // Samples, where a size says less than there is.
        if !header[..4].iter().all(|byte| (b' '..=b'~').contains(byte)) {
            break;
        }
        let four: [u8; 4] = [header[4], header[5], header[6], header[7]];
        let size = match layout {
            Nesting::Riff => {
                let long = long_data.filter(|_| &header[..8] == b"data\xff\xff\xff\xff");
                long.unwrap_or(u64::from(u32::from_le_bytes(four)))
            }
            Nesting::Iff => u64::from(u32::from_be_bytes(four)),
            Nesting::Iff64 => header[4..].iter().fold(0, |size, byte| size << 8 | u64::from(*byte)),
        };
        let start = at + 4 + size_len;
        // What is longer than the file ends with it.
        let end = start.saturating_add(size).min(file.len());
        if matches!(layout, Nesting::Riff) && &header[..4] == b"ds64" {
            long_data = Some(u64::from_le_bytes(head::<8>(file, start + 8)?));
        }
        named.push((name_of(&header[..4]), start..end));
        at = end + (size & 1);
    }
    Ok(())
}

/// Metadata blocks (RFC 9639, section 8.1).
fn blocks(file: &dyn ReadAt, mut at: u64, named: &mut Vec<Named>) -> io::Result<()> {
    const NAMES: [&str; 7] = [
        "STREAMINFO",
        "PADDING",
        "APPLICATION",
        "SEEKTABLE",
        "VORBIS_COMMENT",
        "CUESHEET",
        "PICTURE",
    ];
    while at + 4 <= file.len() && named.len() < MOST {
        let [kind, a, b, c] = head::<4>(file, at)?;
        let end = at + 4 + u64::from(u32::from_be_bytes([0, a, b, c]));
        let name = NAMES.get(usize::from(kind & 0x7f)).copied().unwrap_or("block");
        named.push((name.to_owned(), at + 4..end.min(file.len())));
        at = end;
        if kind & 0x80 != 0 {
            break;
        }
    }
    Ok(())
}

/// Atoms (ISO/IEC 14496-12, section 4.2), and those inside `moov`.
fn atoms(file: &dyn ReadAt, within: Range<u64>, above: &str, named: &mut Vec<Named>) -> io::Result<()> {
    let mut at = within.start;
    while at + 8 <= within.end && named.len() < MOST {
        let header = head::<16>(file, at)?;
        let size = u64::from(u32::from_be_bytes([header[0], header[1], header[2], header[3]]));
        let long = header[8..].iter().fold(0, |size, byte| size << 8 | u64::from(*byte));
        let (header_len, size) = match size {
            0 => (8, within.end - at),
            1 => (16, long),
            size => (8, size),
        };
        if size < header_len {
            break;
        }
        let name = format!("{above}{}", name_of(&header[4..8]));
        let inside = at + header_len..at.saturating_add(size).min(within.end);
        at = inside.end;
        match name.as_str() {
            "moov" => atoms(file, inside, "moov/", named)?,
            _ => named.push((name, inside)),
        }
    }
    Ok(())
}

/// Frames of an ID3v2.3 or 2.4 tag in front; returns where the tag ends. Tags with an extended header, or unsynchronised
/// as a whole, are one part.
fn frames(file: &dyn ReadAt, named: &mut Vec<Named>) -> io::Result<u64> {
    let [.., version, _, flags, a, b, c, d] = head::<10>(file, 0)?;
    let synchsafe = |bytes: [u8; 4]| bytes.iter().fold(0, |size, byte| size << 7 | u64::from(byte & 0x7f));
    // A footer repeats the header (ID3v2.4 main structure, section 3.4).
    let footer = if version == 4 && flags & 0x10 != 0 { 10 } else { 0 };
    let end = 10 + synchsafe([a, b, c, d]);
    if !matches!(version, 3 | 4) || flags & 0xc0 != 0 {
        named.push(("ID3v2".to_owned(), 10..end.min(file.len())));
        return Ok(end + footer);
    }
    let mut at = 10;
    while at + 10 <= end.min(file.len()) && named.len() < MOST {
        let header = head::<10>(file, at)?;
        let size = [header[4], header[5], header[6], header[7]];
        let size = if version == 4 {
            synchsafe(size)
        } else {
            u64::from(u32::from_be_bytes(size))
        };
        if header[0] == 0 || at + 10 + size > end {
            break;
        }
        named.push((name_of(&header[..4]), at + 10..at + 10 + size));
        at += 10 + size;
    }
    Ok(end + footer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::pieces::Patch;

    fn chunk(name: &[u8], body: &[u8]) -> Vec<u8> {
        let len = (body.len() as u32).to_le_bytes();
        let pad: &[u8] = if body.len() % 2 == 1 { &[0] } else { &[] };
        [name, &len, body, pad].concat()
    }

    #[test]
    fn chunks_are_named_and_the_audio_is_summed() {
        let body = [chunk(b"bext", &[1; 603]), chunk(b"data", &[7; 1000])].concat();
        let old = [
            b"RIFF".as_slice(),
            &(4 + body.len() as u32).to_le_bytes(),
            b"WAVE",
            &body,
        ]
        .concat();
        let data = old.len() as u64 - 1000..old.len() as u64;
        let tag = chunk(b"id3 ", &[9; 40]);
        let patches = [
            Patch {
                at: 4..8,
                bytes: ((old.len() + tag.len() - 8) as u32).to_le_bytes().to_vec(),
            },
            Patch {
                at: data.end..data.end,
                bytes: tag,
            },
        ];
        let pieces = Pieces::from_patches(old.len() as u64, &patches).unwrap();
        let kept = kept(&old, &pieces, &[data]).unwrap();
        let names = |parts: &[KeptPart]| {
            parts
                .iter()
                .map(|part| format!("{} {}", part.name, part.bytes))
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&kept.parts), ["bext 603"]);
        assert_eq!(names(&kept.new), ["id3 40"]);
        let audio = kept.audio.unwrap();
        assert_eq!((audio.name.as_str(), audio.bytes), ("data", 1000));
        // `head -c 1000 /dev/zero | tr '\0' '\7' | sha256sum`
        assert_eq!(
            audio.sha256,
            "df1329c8b6c7cf3740bbe2f8bab34d253a8d9534a79dceea18177081fdf9f0e9"
        );
    }

    /// Bytes in front and behind, and zeros between.
    struct Long {
        front: Vec<u8>,
        back: Vec<u8>,
        len: u64,
    }

    impl ReadAt for Long {
        fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
            let back_at = self.len - self.back.len() as u64;
            let count = (buffer.len() as u64).min(self.len - offset) as usize;
            for (byte, at) in buffer[..count].iter_mut().zip(offset..) {
                let in_back = at.checked_sub(back_at).and_then(|at| self.back.get(at as usize));
                *byte = *in_back.or(self.front.get(at as usize)).unwrap_or(&0);
            }
            Ok(count)
        }

        fn len(&self) -> u64 {
            self.len
        }
    }

    #[test]
    fn what_stands_behind_long_data_has_its_name() {
        const DATA: u64 = 5 << 30;
        let sizes = [0, DATA, DATA / 4].map(u64::to_le_bytes).concat();
        let ds64 = chunk(b"ds64", &[sizes.as_slice(), &[0; 4]].concat());
        let front = [b"RF64\xff\xff\xff\xffWAVE".as_slice(), &ds64, b"data\xff\xff\xff\xff"].concat();
        let back = chunk(b"LIST", b"INFO");
        let file = Long {
            len: front.len() as u64 + DATA + back.len() as u64,
            front,
            back,
        };
        let parts = parts(&file).unwrap();
        let sizes: Vec<_> = parts
            .iter()
            .map(|(name, range)| (name.as_str(), range.end - range.start))
            .collect();
        assert_eq!(sizes, [("ds64", 28), ("data", DATA), ("LIST", 4)]);
    }

    #[test]
    fn samples_behind_a_size_that_is_too_small_have_no_names() {
        let file = [&b"RIFF\x10\0\0\0WAVE"[..], &chunk(b"data", &[1; 8]), &[0; 4000]].concat();
        assert_eq!(parts(&file).unwrap(), [("data".to_owned(), 20..28)]);
    }

    #[test]
    fn what_stands_behind_a_tag_with_a_footer_has_its_name() {
        let mut file = b"ID3\x04\0\x10\0\0\0\x0c".to_vec();
        file.extend(b"TIT2\0\0\0\x02\0\0\0T3DI\x04\0\x10\0\0\0\x0cfLaC\x80\0\0\x22");
        file.extend([0; 34]);
        let names: Vec<_> = parts(&file).unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["TIT2", "STREAMINFO"]);
    }

    #[test]
    fn whatever_the_sizes_say_nothing_is_read_behind_the_end() {
        for bytes in [
            &b"RIFF\xff\xff\xff\xffWAVEdata\xff\xff\xff\xff"[..],
            b"fLaC\x00\xff\xff\xff",
            b"\0\0\0\x01ftyp\0\0\0\0\0\0\0\x01",
            b"ID3\x04\0\0\x7f\x7f\x7f\x7fTIT2\x7f\x7f\x7f\x7f",
            b"FRM8",
            b"",
        ] {
            for (name, range) in parts(&bytes.to_vec()).unwrap() {
                assert!(range.end <= bytes.len() as u64, "{name}: {range:?}");
            }
        }
    }
}
