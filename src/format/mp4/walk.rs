//! The one walk over a file, which places and edits both follow: top level, `moov`, `udta`, `meta`, `ilst`, items.

use std::ops::Range;

use super::atom::{Atom, OVERRUN, Walker, is_padding};
use super::items::leading;
use crate::bytes::source::{ReadError, Source};
use crate::format::Depth;
use crate::format::damaged;
use crate::format::edit::tree::{NodeId, Tree};
use crate::format::place::{Access, Place, Standing};
use crate::format::stream::identify::Front;
use crate::format::words::Holds;

/// What is read at once behind an atom that was stepped over, where much is left: the rest holds a picture, which is
/// stepped over too.
const TAGS_WINDOW: u64 = 2048;

/// What is read at once where that is all that is left.
const TAIL_WINDOW: u64 = 4096;

/// An atom longer than this was left unread when it was stepped over.
const JUMP: u64 = 1024;

/// The file from its first atom on, and the `moov` atom.
pub(super) const FILE: NodeId = 0;
pub(super) const MOOV: NodeId = 1;

/// Room left for edits.
pub(super) struct Padding {
    pub atom: Atom,
    pub inside: NodeId,
}

/// The one `meta` in which all programs look: the first in the first user data of the movie.
pub(super) struct Meta {
    pub node: NodeId,
    pub atom: Atom,
    /// The handler type of its `hdlr` atom, and where that ends.
    pub handler: Option<([u8; 4], u64)>,
    /// Its first list.
    pub list: Option<Filled>,
    /// Where its last child ends; only zero bytes may follow.
    pub content_end: u64,
}

/// An atom of children, and where the last of them ends.
pub(super) type Filled = (NodeId, u64);

pub(super) struct Walk<'w, 'b> {
    pub walker: Walker<'w, 'b>,
    pub tree: Tree<'static>,
    depth: Depth,
    /// The atoms of the top level.
    pub top: Vec<Atom>,
    pub movie_content_end: u64,
    /// The first of the movie.
    pub user_data: Option<Filled>,
    pub first_meta: Option<Meta>,
    /// Items are located by offsets in the file (ISO/IEC 14496-12, 8.11.3).
    pub has_item_locations: bool,
    pub paddings: Vec<Padding>,
    /// User data of the movie, and all metadata.
    pub tags: Vec<Atom>,
    /// As in [`Located`](crate::format::Located).
    pub picture: Option<Range<u64>>,
    /// Padding and lists behind one that holds a code were looked for too.
    pub is_whole: bool,
    /// As in [`Located`](crate::format::Located).
    pub forgiven: bool,
}

impl<'w, 'b> Walk<'w, 'b> {
    /// Walks the file from its first atom.
    pub(super) fn new(source: &'w mut Source<'b>, front: &Front, depth: Depth) -> Result<Walk<'w, 'b>, ReadError> {
        let mut tree = Tree::default();
        tree.node(front.start..source.len(), None);
        let places = front.places();
        let of_front = places.len();
        let mut walk = Walk {
            walker: Walker::new(source, places),
            tree,
            depth,
            top: Vec::new(),
            movie_content_end: 0,
            user_data: None,
            first_meta: None,
            has_item_locations: false,
            paddings: Vec::new(),
            tags: Vec::new(),
            picture: None,
            is_whole: true,
            forgiven: false,
        };
        walk.file(front.start)?;
        // What was cut off may have held the codes, so "no code" would be a guess.
        if walk.walker.overrun && walk.places().len() == of_front {
            return damaged(OVERRUN);
        }
        Ok(walk)
    }

    fn has_movie(&self) -> bool {
        self.tree.nodes.len() > MOOV
    }

    pub(super) fn places(&mut self) -> &mut Vec<Place> {
        &mut self.walker.notes.places
    }

    fn file(&mut self, start: u64) -> Result<(), ReadError> {
        let end = self.walker.source.len();
        let mut at = start;
        let mut outside = Vec::new();
        while at < end {
            if end - at <= TAIL_WINDOW {
                self.walker.source.expect(at, end - at)?;
            }
            let Some(atom) = self.top(at, end)? else { break };
            match &atom.kind {
                b"moov" if !self.has_movie() => self.movie(atom)?,
                b"moov" => self.walker.notes.hides("there are two moov atoms"),
                b"meta" | b"udta" => outside.push(atom),
                kind if is_padding(kind) => self.padding(atom, FILE),
                _ => {}
            }
            self.top.push(atom);
            at = atom.end;
        }
        if !self.has_movie() {
            return damaged("it has no moov atom");
        }
        let first = self.places().len();
        for atom in outside {
            self.tags(atom, FILE)?;
        }
        // What is in front of the media or behind it would move it in ways of its own.
        for place in &mut self.places()[first..] {
            place.access = Access::ReadOnly;
        }
        Ok(())
    }

    /// The top-level atom at `at`; `None` if the bytes there are no atom, which is borne with behind the `moov`:
    /// taggers for other formats append tags there, and copying tools zero bytes.
    fn top(&mut self, at: u64, end: u64) -> Result<Option<Atom>, ReadError> {
        self.walker.notes.spend()?;
        let has_movie = self.has_movie();
        let junk = match has_movie {
            true => Ok(None),
            false => damaged("bytes that are no atom stand before the moov atom"),
        };
        let left = end - at;
        if left < 8 {
            return junk;
        }
        let (kind, len, form) = self.walker.stated(at, left)?;
        if !kind.iter().all(|byte| matches!(byte, b' '..=b'~' | 0xA9)) {
            return junk;
        }
        if len < form.header_len() {
            if len == 1 && is_known(&kind) {
                self.walker.source.reach(at + 16)?;
            }
            return junk;
        }
        if len > left {
            if !has_movie || is_known(&kind) {
                self.walker.source.reach(at.saturating_add(len))?;
            }
            return Ok(None);
        }
        Ok(Some(Atom {
            kind,
            start: at,
            end: at + len,
            form,
        }))
    }

    /// The end of a child of the movie, or of its list of tags. One read then serves what follows, up to the header of
    /// the atom behind the movie.
    pub(super) fn step_over(&mut self, atom: &Atom) -> Result<u64, ReadError> {
        let movie_end = self.tree.nodes[MOOV].range.end;
        if atom.len() > JUMP && atom.end < movie_end {
            let left = movie_end + 16 - atom.end;
            let wanted = if left <= TAIL_WINDOW { left } else { TAGS_WINDOW };
            self.walker.source.expect(atom.end, wanted)?;
        }
        Ok(atom.end)
    }

    fn padding(&mut self, atom: Atom, inside: NodeId) {
        self.paddings.push(Padding { atom, inside });
    }

    fn movie(&mut self, movie: Atom) -> Result<(), ReadError> {
        let node = movie.declare(FILE, &mut self.tree);
        let mut at = movie.body();
        let mut of_tracks = Vec::new();
        while let Some(atom) = self.walker.child(at, movie.end)? {
            match &atom.kind {
                b"udta" | b"meta" => self.tags(atom, node)?,
                b"trak" => {
                    let first = self.places().len();
                    self.track(atom)?;
                    of_tracks.push(first..self.places().len());
                }
                // QTFF, "Compressed movie resources": everything that is looked for is inside.
                b"cmov" => return damaged("its moov atom is compressed, which is not read"),
                kind if is_padding(kind) => self.padding(atom, node),
                _ => {}
            }
            at = self.step_over(&atom)?;
        }
        self.movie_content_end = at;
        // One of several tracks is not the file.
        if of_tracks.len() > 1 {
            for place in of_tracks.into_iter().flatten() {
                self.places()[place].standing = Standing::OfTrack;
            }
        }
        Ok(())
    }

    /// Tags of a track, which few programs read.
    fn track(&mut self, track: Atom) -> Result<(), ReadError> {
        let (mut node, mut holds) = (None, Holds::Sound);
        let mut header = None;
        let mut at = track.body();
        while let Some(atom) = self.walker.child(at, track.end)? {
            if matches!(&atom.kind, b"udta" | b"meta") {
                let node = *node.get_or_insert_with(|| track.declare(MOOV, &mut self.tree));
                self.tags(atom, node)?;
            } else if &atom.kind == b"mdia" {
                holds = self.held_in(&atom)?;
            } else if &atom.kind == b"tkhd" && atom.end - atom.body() >= 4 {
                header = Some(atom.body());
            }
            at = atom.end;
        }
        if let (Holds::Video, Some(header)) = (holds, header) {
            // A track that is not enabled has the pictures of chapters (ISO/IEC 14496-12, section 8.3.2).
            let [.., flags] = self.walker.source.array::<4>(header)?;
            if flags & 1 == 0 {
                holds = Holds::Other;
            }
        }
        self.walker.notes.track(holds);
        Ok(())
    }

    /// What the handler says that is in the media of a track, where all writers have it (ISO/IEC 14496-12, section 8.4.3; QTFF,
    /// "Handler reference atoms").
    fn held_in(&mut self, media: &Atom) -> Result<Holds, ReadError> {
        const HANDLER: u64 = 256;
        // With the description of a video, and how many pictures there are.
        const VIDEO: u64 = 1024;
        self.walker
            .source
            .expect(media.body(), HANDLER.min(media.end - media.body()))?;
        let bytes = self.walker.source.at_hand(media.body());
        let handler = leading(bytes, b"mdhd").and_then(|(_, behind)| leading(behind, b"hdlr"));
        match handler.and_then(|(handler, _)| handler.get(8..12)) {
            Some(b"vide") => {}
            Some(b"auxv" | b"pict" | b"text" | b"sbtl" | b"subt" | b"clcp" | b"hint" | b"tmcd" | b"meta") => {
                return Ok(Holds::Other);
            }
            Some(_) | None => {
                return Ok(match is_surround(bytes) {
                    Some(true) => Holds::Surround,
                    Some(false) | None => Holds::Sound,
                });
            }
        }
        self.walker
            .source
            .expect(media.body(), VIDEO.min(media.end - media.body()))?;
        match is_still(self.walker.source.at_hand(media.body())) {
            true => Ok(Holds::Other),
            false => Ok(Holds::Video),
        }
    }

    /// User data or metadata.
    fn tags(&mut self, atom: Atom, inside: NodeId) -> Result<(), ReadError> {
        match &atom.kind {
            b"udta" => self.user_data(atom, inside),
            _ => self.meta(atom, inside),
        }
    }

    fn user_data(&mut self, udta: Atom, inside: NodeId) -> Result<(), ReadError> {
        let node = udta.declare(inside, &mut self.tree);
        if inside == MOOV {
            self.tags.push(udta);
            self.user_data.get_or_insert((node, udta.end));
        }
        let mut at = udta.body();
        while let Some(atom) = self.walker.child(at, udta.end)? {
            match &atom.kind {
                b"meta" => self.meta(atom, node)?,
                b"\xA9isr" => self.user_text(atom)?,
                kind if is_padding(kind) => self.padding(atom, node),
                _ => {}
            }
            at = atom.end;
        }
        if let Some((first, content_end)) = &mut self.user_data
            && *first == node
        {
            *content_end = at;
        }
        Ok(())
    }

    fn meta(&mut self, meta: Atom, inside: NodeId) -> Result<(), ReadError> {
        let node = meta.declare(inside, &mut self.tree);
        self.tags.push(meta);
        let is_first = self.first_meta.is_none() && self.user_data.is_some_and(|(first, _)| first == inside);
        let mut found = Meta {
            node,
            atom: meta,
            handler: None,
            list: None,
            content_end: meta.end,
        };
        self.in_meta(&mut found, is_first)?;
        if is_first {
            self.first_meta = Some(found);
        }
        Ok(())
    }

    fn in_meta(&mut self, found: &mut Meta, is_first: bool) -> Result<(), ReadError> {
        let (node, meta) = (found.node, found.atom);
        let mut keys = None;
        let mut lists: Vec<Atom> = Vec::with_capacity(1);
        let Some(mut at) = self.walker.first_of_meta(&meta)? else {
            self.walker.notes.hides("a meta atom is of no known form");
            found.handler = Some(([0; 4], meta.end));
            return Ok(());
        };
        while let Some(atom) = self.walker.child(at, meta.end)? {
            match &atom.kind {
                b"hdlr" if found.handler.is_none() && atom.end - atom.body() >= 12 => {
                    let kind = self.walker.source.array(atom.body() + 8)?;
                    found.handler = Some((kind, atom.end));
                }
                b"keys" => keys = Some(atom),
                b"ilst" => lists.push(atom),
                b"iloc" => self.has_item_locations = true,
                kind if is_padding(kind) => self.padding(atom, node),
                _ => {}
            }
            at = atom.end;
            // Behind iTunes' list there is only padding, and looking for it may cost a read behind a picture. Where the list
            // has no code, a second one may follow it.
            let is_itunes = matches!(found.handler, Some((kind, _)) if kind == *b"mdir");
            if let (true, [list]) = (is_itunes && found.list.is_none(), &lists[..]) {
                let before = self.places().len();
                found.list = Some(self.list(*list, node, &[], is_first)?);
                if self.depth.is_enough(&self.walker.notes.places[before..]) {
                    self.is_whole = false;
                    break;
                }
            }
        }
        found.content_end = at;
        // Some programs give up at one that is empty.
        self.forgiven |= found.handler.is_none() && lists.is_empty();
        let keys = match (keys, found.handler) {
            (Some(keys), Some((kind, _))) if kind == *b"mdta" => self.keys(keys)?,
            _ => Vec::new(),
        };
        let done = usize::from(found.list.is_some());
        for (index, list) in lists.into_iter().enumerate().skip(done) {
            // Most programs read the first list alone.
            let filled = self.list(list, node, &keys, is_first && index == 0)?;
            found.list.get_or_insert(filled);
        }
        Ok(())
    }
}

/// Whether the media of a video, as far as they are at hand, are pictures as in a cover, or a single one.
fn is_still(media: &[u8]) -> bool {
    const STILL: [&[u8]; 6] = [b"jpeg", b"mjpa", b"mjpb", b"png ", b"gif ", b"tiff"];
    let coding = table(media, b"stsd").and_then(|descriptions| descriptions.get(12..16));
    let times = table(media, b"stts").and_then(|times| times.get(4..12));
    coding.is_some_and(|coding| STILL.contains(&coding)) || times == Some(&[0, 0, 0, 1, 0, 0, 0, 1])
}

/// Whether sound is in more than two channels, of which the field for their number says nothing (ETSI TS 102 366, F.4 and
/// F.6: acmod; the others are for nothing else).
fn is_surround(media: &[u8]) -> Option<bool> {
    let description = table(media, b"stsd")?.get(8..)?;
    let behind = description.get(36..).unwrap_or_default();
    let channels = match (description.get(4..8)?, behind.get(4..8)) {
        (b"ac-3", Some(b"dac3")) => behind.get(9)? >> 3,
        (b"ec-3", Some(b"dec3")) => behind.get(11)? >> 1,
        (b"mha1" | b"mhm1", _) => return Some(true),
        _ => return None,
    };
    Some(channels & 7 > 2)
}

fn table<'a>(media: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    first(first(first(media, b"minf")?, b"stbl")?, kind)
}

/// As much as there is of the payload of the first atom of this kind.
fn first<'a>(mut atoms: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    loop {
        let (size, rest) = atoms.split_first_chunk::<4>()?;
        let size = (u32::from_be_bytes(*size) as usize).max(8);
        if rest.starts_with(kind) {
            return atoms.get(8..size.min(atoms.len()));
        }
        atoms = atoms.get(size..)?;
    }
}

/// Kinds that are at the top level of real files.
fn is_known(kind: &[u8; 4]) -> bool {
    const KNOWN: [&[u8; 4]; 16] = [
        b"ftyp", b"moov", b"mdat", b"moof", b"mfra", b"free", b"skip", b"wide", b"uuid", b"meta", b"sidx", b"styp",
        b"emsg", b"prft", b"udta", b"pdin",
    ];
    KNOWN.contains(&kind)
}
