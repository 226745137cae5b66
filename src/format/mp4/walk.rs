//! The one walk over a file, which places and edits both follow: top level, `moov`, `udta`, `meta`, `ilst`, items.

use std::ops::Range;

use super::atom::{Atom, OVERRUN, SizeForm, Walker, is_padding};
use crate::bytes::source::{ReadError, Source};
use crate::format::Depth;
use crate::format::place::{Access, Place, Standing};

/// What is read at once behind an atom that was stepped over, where much is left: the rest holds a picture, which is
/// stepped over too.
const TAGS_WINDOW: u64 = 2048;

/// What is read at once where that is all that is left.
const TAIL_WINDOW: u64 = 4096;

/// An atom longer than this was left unread when it was stepped over.
const JUMP: u64 = 1024;

/// Index into [`Structure::nodes`].
pub(super) type NodeId = usize;

/// The `moov` atom.
pub(super) const MOOV: NodeId = 0;

/// An atom on the way to a value: its size follows the value's.
#[derive(Debug)]
pub(super) struct Node {
    pub atom: Atom,
    pub inside: Option<NodeId>,
    /// Where its last child ends; only zero bytes may follow.
    pub content_end: u64,
}

/// Room left for edits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Padding {
    pub atom: Atom,
    /// `None` at the top level.
    pub inside: Option<NodeId>,
}

#[derive(Debug)]
pub(super) struct Meta {
    pub node: NodeId,
    /// The handler type of its `hdlr` atom, and where that ends.
    pub handler: Option<([u8; 4], u64)>,
    pub ilst: Option<NodeId>,
    /// It locates other items by offsets in the file (ISO/IEC 14496-12, 8.11.3).
    pub iloc: bool,
}

/// An atom of an `ilst` that names a code and that an edit may change.
#[derive(Debug)]
pub(super) struct Item {
    pub node: NodeId,
    /// The one where most programs look.
    pub standard: bool,
    /// Its `data` atoms, as a range of [`Structure::data`].
    pub data: Range<usize>,
}

/// One `data` atom of an item.
#[derive(Debug)]
pub(super) struct Data {
    pub node: NodeId,
    pub value: Range<u64>,
    /// Its places, as a range of [`Structure::places`]; an empty value has none.
    pub places: Range<usize>,
}

#[derive(Debug, Default)]
pub(super) struct Structure {
    /// The atoms of the top level.
    pub top: Vec<Atom>,
    /// Where bytes begin that are no atom, behind the last one.
    pub junk: Option<u64>,
    /// The first is [`MOOV`].
    pub nodes: Vec<Node>,
    /// Those of the movie.
    pub user_data: Vec<NodeId>,
    pub metas: Vec<Meta>,
    pub paddings: Vec<Padding>,
    pub items: Vec<Item>,
    pub data: Vec<Data>,
    pub places: Vec<Place>,
    /// How many there are.
    pub place_count: usize,
    /// What is odd about the file: a scan goes on past it, an edit does not.
    pub trouble: Option<&'static str>,
    /// The trouble behind which codes may be that were not seen.
    pub doubt: Option<&'static str>,
    /// As in [`WalkOutcome`](crate::format::WalkOutcome).
    pub picture: Option<Range<u64>>,
    /// Padding and lists behind one that holds a code were looked for too.
    pub is_whole: bool,
    /// As in [`WalkOutcome`](crate::format::WalkOutcome).
    pub forgiven: bool,
}

impl Structure {
    /// The one `meta` in which all programs look, if it is there: the first in the first user data of the movie.
    pub(super) fn first_meta(&self) -> Option<&Meta> {
        let user_data = self.user_data.first()?;
        self.metas
            .iter()
            .find(|meta| self.nodes[meta.node].inside == Some(*user_data))
    }
}

/// Walks the file from `start`, its first atom. Items are numbered from `first_item` on.
pub(super) fn walk(source: &mut Source, start: u64, first_item: u32, depth: Depth) -> Result<Structure, ReadError> {
    let mut walk = Walk {
        walker: Walker::new(source),
        found: Structure {
            is_whole: true,
            ..Structure::default()
        },
        depth,
        item: first_item,
    };
    walk.file(start)?;
    let Walk { walker, mut found, .. } = walk;
    if found.nodes.is_empty() {
        return Err(ReadError::Damaged("it has no moov atom"));
    }
    // What was cut off may have held the codes, so "no code" would be a guess.
    if walker.overrun && found.places.is_empty() {
        return Err(ReadError::Damaged(OVERRUN));
    }
    found.place_count = found.places.len();
    found.trouble = walker.trouble;
    found.doubt = walker.doubt;
    Ok(found)
}

pub(super) struct Walk<'w, 'b> {
    pub walker: Walker<'w, 'b>,
    pub found: Structure,
    depth: Depth,
    /// The number of the next item.
    pub item: u32,
}

impl Walk<'_, '_> {
    fn file(&mut self, start: u64) -> Result<(), ReadError> {
        let end = self.walker.source.len();
        let mut at = start;
        let mut outside = Vec::new();
        while at < end {
            if end - at <= TAIL_WINDOW {
                self.walker.source.expect(at, end - at)?;
            }
            let Some(atom) = self.top(at, end)? else {
                self.found.junk = Some(at);
                break;
            };
            match &atom.kind {
                b"moov" if self.found.nodes.is_empty() => self.movie(atom)?,
                b"moov" => self.walker.hides("there are two moov atoms"),
                b"meta" | b"udta" => outside.push(atom),
                kind if is_padding(kind) => self.padding(atom, None),
                _ => {}
            }
            self.found.top.push(atom);
            at = atom.end;
        }
        if self.found.nodes.is_empty() {
            return Ok(());
        }
        let first = self.found.places.len();
        for atom in outside {
            self.tags(atom, None)?;
        }
        // What is in front of the media or behind it would move it in ways of its own.
        for place in &mut self.found.places[first..] {
            place.access = Access::ReadOnly;
        }
        Ok(())
    }

    /// The top-level atom at `at`; `None` if the bytes there are no atom, which is borne with behind the `moov`:
    /// taggers for other formats append tags there, and copying tools zero bytes.
    fn top(&mut self, at: u64, end: u64) -> Result<Option<Atom>, ReadError> {
        self.walker.spend()?;
        let has_movie = !self.found.nodes.is_empty();
        let junk = match has_movie {
            true => Ok(None),
            false => Err(ReadError::Damaged("bytes that are no atom stand before the moov atom")),
        };
        let left = end - at;
        if left < 8 {
            return junk;
        }
        let (size, kind) = self.walker.header(at)?;
        if !kind.iter().all(|byte| matches!(byte, b' '..=b'~' | 0xA9)) {
            return junk;
        }
        let (len, form) = match size {
            0 => (left, SizeForm::ToEnd),
            1 if left < 16 => {
                return if is_known(&kind) {
                    Err(cut_short(at, 16, end))
                } else {
                    junk
                };
            }
            1 => (u64::from_be_bytes(self.walker.source.array(at + 8)?), SizeForm::Long),
            size => (u64::from(size), SizeForm::Short),
        };
        let least = if form == SizeForm::Long { 16 } else { 8 };
        if len < least {
            return junk;
        }
        if len > left {
            return if has_movie && !is_known(&kind) {
                Ok(None)
            } else {
                Err(cut_short(at, len, end))
            };
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
        let movie_end = self.found.nodes[MOOV].atom.end;
        if atom.len() > JUMP && atom.end < movie_end {
            let left = movie_end + 16 - atom.end;
            let wanted = if left <= TAIL_WINDOW { left } else { TAGS_WINDOW };
            self.walker.source.expect(atom.end, wanted)?;
        }
        Ok(atom.end)
    }

    fn padding(&mut self, atom: Atom, inside: Option<NodeId>) {
        self.found.paddings.push(Padding { atom, inside });
    }

    pub(super) fn node(&mut self, atom: Atom, inside: Option<NodeId>) -> NodeId {
        self.found.nodes.push(Node {
            atom,
            inside,
            content_end: atom.end,
        });
        self.found.nodes.len() - 1
    }

    fn movie(&mut self, movie: Atom) -> Result<(), ReadError> {
        let node = self.node(movie, None);
        let mut at = movie.body();
        let mut of_tracks = Vec::new();
        while let Some(atom) = self.walker.child(at, movie.end)? {
            match &atom.kind {
                b"udta" | b"meta" => self.tags(atom, Some(node))?,
                b"trak" => {
                    let first = self.found.places.len();
                    self.track(atom)?;
                    of_tracks.push(first..self.found.places.len());
                }
                // QTFF, "Compressed movie resources": everything that is looked for is inside.
                b"cmov" => return Err(ReadError::Damaged("its moov atom is compressed, which is not read")),
                kind if is_padding(kind) => self.padding(atom, Some(node)),
                _ => {}
            }
            at = self.step_over(&atom)?;
        }
        self.found.nodes[node].content_end = at;
        // One of several tracks is not the file.
        if of_tracks.len() > 1 {
            for place in of_tracks.into_iter().flatten() {
                self.found.places[place].standing = Standing::OfTrack;
            }
        }
        Ok(())
    }

    /// Tags of a track, which few programs read.
    fn track(&mut self, track: Atom) -> Result<(), ReadError> {
        let mut node = None;
        let mut at = track.body();
        while let Some(atom) = self.walker.child(at, track.end)? {
            if matches!(&atom.kind, b"udta" | b"meta") {
                let node = *node.get_or_insert_with(|| self.node(track, Some(MOOV)));
                self.tags(atom, Some(node))?;
            }
            at = atom.end;
        }
        Ok(())
    }

    /// User data or metadata.
    fn tags(&mut self, atom: Atom, inside: Option<NodeId>) -> Result<(), ReadError> {
        match &atom.kind {
            b"udta" => self.user_data(atom, inside),
            _ => self.meta(atom, inside),
        }
    }

    fn user_data(&mut self, udta: Atom, inside: Option<NodeId>) -> Result<(), ReadError> {
        let node = self.node(udta, inside);
        if inside == Some(MOOV) {
            self.found.user_data.push(node);
        }
        let mut at = udta.body();
        while let Some(atom) = self.walker.child(at, udta.end)? {
            match &atom.kind {
                b"meta" => self.meta(atom, Some(node))?,
                b"\xA9isr" => self.user_text(atom)?,
                kind if is_padding(kind) => self.padding(atom, Some(node)),
                _ => {}
            }
            at = atom.end;
        }
        self.found.nodes[node].content_end = at;
        Ok(())
    }

    fn meta(&mut self, meta: Atom, inside: Option<NodeId>) -> Result<(), ReadError> {
        let node = self.node(meta, inside);
        let index = self.found.metas.len();
        self.found.metas.push(Meta {
            node,
            handler: None,
            ilst: None,
            iloc: false,
        });
        let is_first = self.found.first_meta().is_some_and(|first| first.node == node);
        let mut keys = None;
        let mut lists: Vec<Atom> = Vec::with_capacity(1);
        let mut first_list = None;
        let Some(mut at) = self.walker.first_of_meta(&meta)? else {
            self.walker.hides("a meta atom is of no known form");
            self.found.metas[index].handler = Some(([0; 4], meta.end));
            return Ok(());
        };
        while let Some(atom) = self.walker.child(at, meta.end)? {
            match &atom.kind {
                b"hdlr" if self.found.metas[index].handler.is_none() && atom.end - atom.body() >= 12 => {
                    let kind = self.walker.source.array(atom.body() + 8)?;
                    self.found.metas[index].handler = Some((kind, atom.end));
                }
                b"keys" => keys = Some(atom),
                b"ilst" => lists.push(atom),
                b"iloc" => self.found.metas[index].iloc = true,
                kind if is_padding(kind) => self.padding(atom, Some(node)),
                _ => {}
            }
            at = atom.end;
            // Behind iTunes' list there is only padding, and looking for it may cost a read behind a picture. Where the list
            // has no code, a second one may follow it.
            let is_itunes = matches!(self.found.metas[index].handler, Some((kind, _)) if kind == *b"mdir");
            if let (true, [list]) = (is_itunes && first_list.is_none(), &lists[..]) {
                let before = self.found.places.len();
                first_list = Some(self.list(*list, node, &[], is_first)?);
                if self.depth.is_enough(&self.found.places[before..]) {
                    self.found.is_whole = false;
                    break;
                }
            }
        }
        self.found.nodes[node].content_end = at;
        // Some programs give up at one that is empty.
        self.found.forgiven |= self.found.metas[index].handler.is_none() && lists.is_empty();
        let keys = match (keys, self.found.metas[index].handler) {
            (Some(keys), Some((kind, _))) if kind == *b"mdta" => self.keys(keys)?,
            _ => Vec::new(),
        };
        let mut lists = lists.into_iter();
        let first = lists.next();
        self.found.metas[index].ilst = match (first_list, first) {
            (None, Some(list)) => Some(self.list(list, node, &keys, is_first)?),
            (parsed, _) => parsed,
        };
        // Most programs read the first list alone.
        for list in lists {
            self.list(list, node, &keys, false)?;
        }
        Ok(())
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

fn cut_short(at: u64, len: u64, file: u64) -> ReadError {
    ReadError::CutShort {
        needed: at.saturating_add(len),
        len: file,
    }
}
