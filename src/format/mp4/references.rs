//! The offsets in a file that point at its media, and how they follow when the media moves.
//!
//! Corrected are `stco` and `co64` (ISO/IEC 14496-12, 8.7.5), the base data offset of `tfhd` (8.8.7) and the `moof`
//! offset of `tfra` (8.8.10): each entry by itself, and only if what it points at moves. Whatever else may hold an
//! offset from the start of the file is refused once media moves.

use std::ops::Range;

use super::atom::{Atom, Walker, is_padding};
use crate::bytes::pieces::Patch;
use crate::bytes::source::{ReadError, Source};
use crate::format::edit::tree::{Follow, Size};
use crate::format::edit::{self, Edit};
use crate::format::{Refusal, SpliceError, refuse};

/// What tables may take in memory, all together: some forty hours of the smallest chunks there are.
const TABLES_LIMIT: u64 = 32 << 20;

/// The children of `stbl` that hold no offset from the start of the file, or that are corrected.
const SAMPLE_TABLES: [&[u8; 4]; 24] = [
    b"stsd", b"stts", b"ctts", b"cslg", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"stss", b"stsh", b"stps",
    b"padb", b"stdp", b"sdtp", b"sbgp", b"sgpd", b"csgp", b"subs", b"saiz", b"free", b"skip", b"uuid", b"udta",
];

/// Where the bytes of the old file are in the new one.
struct Shift {
    /// What is replaced, sorted, and by how much all that follows moves.
    replaced: Vec<(Range<u64>, i64)>,
    /// Of the old file.
    len: u64,
}

impl Shift {
    fn new(edits: &[&Edit], len: u64) -> Shift {
        let mut growth = 0;
        let replaced = edits.iter().map(|edit| {
            growth += edit.growth();
            (edit.at.clone(), growth)
        });
        Shift {
            replaced: replaced.collect(),
            len,
        }
    }

    fn moved(&self, offset: u64) -> Result<u64, Refusal> {
        const LOST: Refusal = Refusal::new("an offset points into bytes that change");
        if offset > self.len {
            return refuse("an offset points behind the end of the file");
        }
        let before = self.replaced.partition_point(|(at, _)| at.start <= offset);
        let Some((at, growth)) = self.replaced[..before].last() else {
            return Ok(offset);
        };
        if offset < at.end {
            return Err(LOST);
        }
        offset.checked_add_signed(*growth).ok_or(LOST)
    }
}

/// All offsets follow the edits, if these change the length of the file.
pub(super) struct References {
    /// The atoms of the top level.
    pub top: Vec<Atom>,
    /// In its metadata.
    pub has_item_locations: bool,
}

impl Follow for References {
    fn follow(&self, source: &mut Source, edits: &mut Vec<Edit>) -> Result<(), SpliceError> {
        let own: Vec<&Edit> = edits.iter().filter(|edit| edit.inside.is_some()).collect();
        if own.iter().map(|edit| edit.growth()).sum::<i64>() != 0 {
            let patches = self.correct(source, &own)?;
            for patch in patches {
                edit::insert(edits, Edit::of(patch));
            }
        }
        Ok(())
    }
}

impl References {
    fn movie(&self) -> &Atom {
        let movie = self.top.iter().find(|atom| &atom.kind == b"moov");
        movie.expect("a file without one is not read")
    }

    /// The patches of all offsets, for `edits` (sorted) that change the length of the file.
    fn correct(&self, source: &mut Source, edits: &[&Edit]) -> Result<Vec<Patch>, SpliceError> {
        let strict = self.moves_media();
        let shift = Shift::new(edits, source.len());
        if strict {
            self.refuse_unknown(edits)?;
        }
        let mut correction = Correction {
            walker: Walker::new(source, Vec::new()),
            shift,
            strict,
            left: TABLES_LIMIT,
            patches: Vec::new(),
        };
        let holds_offsets = |atom: &&Atom| matches!(&atom.kind, b"moof" | b"mfra");
        for parent in std::iter::once(self.movie()).chain(self.top.iter().filter(holds_offsets)) {
            for atom in correction.walker.children(parent.body(), parent)? {
                match (&parent.kind, &atom.kind) {
                    (b"moov", b"trak") => correction.track(&atom)?,
                    (b"moof", b"traf") => correction.fragment_header(&atom)?,
                    (b"mfra", b"tfra") => correction.fragment_offsets(&atom)?,
                    _ => {}
                }
            }
        }
        if let Some(trouble) = correction.walker.notes.fault() {
            return refuse(trouble);
        }
        Ok(correction.patches)
    }

    /// Whether anything that may be pointed at is behind the movie.
    fn moves_media(&self) -> bool {
        let movie = self.movie().start;
        let behind = self.top.iter().filter(|atom| atom.start > movie);
        behind
            .clone()
            .any(|atom| !is_padding(&atom.kind) && !matches!(&atom.kind, b"wide" | b"uuid" | b"mfra"))
    }

    fn refuse_unknown(&self, edits: &[&Edit]) -> Result<(), Refusal> {
        if self.top.first().is_some_and(|atom| atom.start > 0) {
            // Whether offsets count from the first byte of the file or from its first atom is not said anywhere.
            return refuse("a tag stands in front of the first atom, and the media would move");
        }
        let first = edits.first().map_or(0, |edit| edit.at.start);
        for atom in &self.top {
            let reason = match &atom.kind {
                b"ftyp" | b"pdin" | b"moov" | b"moof" | b"mfra" | b"mdat" | b"free" | b"skip" | b"wide" | b"uuid"
                | b"styp" | b"ssix" | b"prft" | b"emsg" | b"udta" | b"meta" | b"pnot" | b"PICT" => continue,
                // Its offsets count from its own end, so it matters only if it is before what moves.
                b"sidx" if atom.start >= first => continue,
                b"sidx" => "a segment index stands before the movie, and the media would move",
                _ => "an unknown atom stands beside the media, and the media would move",
            };
            return refuse(reason);
        }
        match self.has_item_locations {
            true => refuse("items are located by offsets in the file, and the media would move"),
            false => Ok(()),
        }
    }
}

struct Correction<'w, 'b> {
    walker: Walker<'w, 'b>,
    shift: Shift,
    /// Media moves, so what is not understood is refused.
    strict: bool,
    /// Of [`TABLES_LIMIT`].
    left: u64,
    patches: Vec<Patch>,
}

impl Correction<'_, '_> {
    /// An atom in an atom.
    fn path(&mut self, parent: &Atom, [outer, inner]: [&[u8; 4]; 2]) -> Result<Option<Atom>, ReadError> {
        let outer = self.walker.find(parent, outer)?;
        outer.map_or(Ok(None), |outer| self.walker.find(&outer, inner))
    }

    fn track(&mut self, track: &Atom) -> Result<(), SpliceError> {
        let Some(information) = self.path(track, [b"mdia", b"minf"])? else {
            return Ok(());
        };
        if self.strict && self.is_elsewhere(&information)? {
            return refuse("a track takes its media from another file");
        }
        let Some(tables) = self.walker.find(&information, b"stbl")? else {
            return Ok(());
        };
        for atom in self.walker.children(tables.body(), &tables)? {
            match &atom.kind {
                b"stco" => self.table(&atom, 4)?,
                b"co64" => self.table(&atom, 8)?,
                kind if SAMPLE_TABLES.contains(&kind) || !self.strict => {}
                b"saio" => {
                    return refuse("encryption data is located by offsets, and the media would move");
                }
                _ => {
                    return refuse("an unknown sample table may point at the media, which would move");
                }
            }
        }
        Ok(())
    }

    /// Whether a data reference of a track does not say that the media is in this very file (8.7.2, flag 1).
    fn is_elsewhere(&mut self, information: &Atom) -> Result<bool, SpliceError> {
        let Some(references) = self.path(information, [b"dinf", b"dref"])? else {
            return Ok(false);
        };
        for atom in self.walker.children(references.body() + 8, &references)? {
            let is_cut = atom.end - atom.body() < 4;
            if is_cut || Size::Be32.read_at(self.walker.source, atom.body())? & 1 == 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Chunk offsets of `width` bytes behind version, flags and count.
    fn table(&mut self, atom: &Atom, width: usize) -> Result<(), SpliceError> {
        const WRONG: Refusal = Refusal::new("a table of offsets contradicts its own size");
        let start = atom.body() + 8;
        if start > atom.end {
            return Err(WRONG.into());
        }
        let count = Size::Be32.read_at(self.walker.source, start - 4)?;
        self.entries(start..atom.end, count, width, 0..width, WRONG)
    }

    /// Corrects so many entries of `len` bytes, each with an offset at `field`. They are `wrong` if they need more than `range`.
    fn entries(
        &mut self,
        range: Range<u64>,
        count: u64,
        len: usize,
        field: Range<usize>,
        wrong: Refusal,
    ) -> Result<(), SpliceError> {
        const TOO_LARGE: Refusal = Refusal::new("the tables of offsets are larger than this version takes on");
        let size = count * len as u64;
        if size > range.end - range.start {
            return Err(wrong.into());
        }
        self.left = self.left.checked_sub(size).ok_or(TOO_LARGE)?;
        let mut entries = self.walker.source.copy(range.start, size, TABLES_LIMIT)?;
        let mut is_changed = false;
        for entry in entries.chunks_exact_mut(len) {
            is_changed |= correct_entry(&mut entry[field.clone()], &self.shift)?;
        }
        if is_changed {
            self.patches.push(Patch::new(range.start..range.start + size, entries));
        }
        Ok(())
    }

    /// Version and flags, track, and with flag 1 the base data offset. Without it offsets count from the `moof`.
    fn fragment_header(&mut self, track: &Atom) -> Result<(), SpliceError> {
        const WRONG: Refusal = Refusal::new("a fragment header is too short");
        let Some(header) = self.walker.find(track, b"tfhd")? else {
            return Ok(());
        };
        let body = header.body();
        if header.end - body < 8 {
            return Err(WRONG.into());
        }
        match Size::Be32.read_at(self.walker.source, body)? & 1 {
            0 => Ok(()),
            _ => self.entries(body + 8..header.end, 1, 8, 0..8, WRONG),
        }
    }

    /// Version and flags, track, widths of the last three fields of an entry, count; then entries of time and `moof`
    /// offset, both of 32 bits (64 in version 1), and those fields.
    fn fragment_offsets(&mut self, atom: &Atom) -> Result<(), SpliceError> {
        const WRONG: Refusal = Refusal::new("an index of fragments contradicts its own size");
        let body = atom.body();
        if atom.end - body < 16 {
            return Err(WRONG.into());
        }
        let [version, ..] = self.walker.source.array::<4>(body)?;
        let widths = Size::Be32.read_at(self.walker.source, body + 8)?;
        let count = Size::Be32.read_at(self.walker.source, body + 12)?;
        let width = if version == 1 { 8 } else { 4 };
        let fields: u64 = [4, 2, 0].into_iter().map(|shift| (widths >> shift & 3) + 1).sum();
        let len = 2 * width + fields as usize;
        self.entries(body + 16..atom.end, count, len, width..2 * width, WRONG)
    }
}

/// Corrects a big-endian offset of 4 or 8 bytes. Returns whether it changed.
fn correct_entry(entry: &mut [u8], shift: &Shift) -> Result<bool, Refusal> {
    let offset = Size::Be64.read(entry);
    let moved = shift.moved(offset)?;
    if entry.len() == 4 && moved > u64::from(u32::MAX) {
        return refuse("an offset would outgrow its 32 bits");
    }
    entry.copy_from_slice(&moved.to_be_bytes()[8 - entry.len()..]);
    Ok(moved != offset)
}
