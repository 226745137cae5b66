//! One atom, and the step from atom to atom inside a bounded range (ISO/IEC 14496-12, 4.2; QTFF, "Atoms").
//!
//! There is no recursion here or in the walk above: the levels that matter are named one by one. Invariant: an
//! [`Atom`] lies inside the range it was asked for, and a walk ends after [`ATOM_LIMIT`] atoms.

use crate::bytes::source::{ReadError, Source, VIEW_LIMIT};
use crate::format::edit::tree::{NodeId, Size, States, Tree};
use crate::format::notes::Notes;
use crate::format::place::Place;

/// What one walk looks at: a day of audio in fragments of one second, and more than any other real file.
const ATOM_LIMIT: u32 = 1 << 18;

pub(super) const OVERRUN: &str = "an atom is larger than the one around it";

/// How an atom states its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SizeForm {
    /// 32 bits.
    Short,
    /// 32 bits that say 1, and 64 bits behind the kind.
    Long,
    /// 0: to the end of the file. Only the last atom of a file may say so.
    ToEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Atom {
    pub kind: [u8; 4],
    pub start: u64,
    pub end: u64,
    pub form: SizeForm,
}

impl SizeForm {
    pub(super) fn header_len(self) -> u64 {
        match self {
            SizeForm::Short | SizeForm::ToEnd => 8,
            SizeForm::Long => 16,
        }
    }
}

impl Atom {
    /// Where the payload begins. It may be behind `end` only for an atom that was cut at its parent's end.
    pub(super) fn body(&self) -> u64 {
        (self.start + self.form.header_len()).min(self.end)
    }

    pub(super) fn len(&self) -> u64 {
        self.end - self.start
    }

    /// Declares it as a box, in which its size can be stated.
    pub(super) fn declare(&self, inside: NodeId, tree: &mut Tree) -> NodeId {
        let node = tree.node(self.start..self.end, Some(inside));
        let (at, size) = match self.form {
            SizeForm::Short => (self.start, Size::Be32),
            SizeForm::Long => (self.start + 8, Size::Be64),
            SizeForm::ToEnd => return node,
        };
        tree.nodes[node].too_large = "an atom would outgrow the 32 bits of its size";
        tree.field(node, at, size, States::Length { without: 0 });
        node
    }
}

/// Whether the atom is room that a writer left for later edits.
pub(super) fn is_padding(kind: &[u8; 4]) -> bool {
    kind == b"free" || kind == b"skip"
}

/// An atom with a 32-bit size.
pub(super) fn atom(kind: &[u8; 4], payload: &[&[u8]]) -> Vec<u8> {
    let payload = payload.concat();
    [&(8 + payload.len() as u32).to_be_bytes(), &kind[..], &payload].concat()
}

/// A `free` atom of `len` bytes, at least 8.
pub(super) fn free(len: u64) -> Vec<u8> {
    atom(b"free", &[&vec![0; len as usize - 8]])
}

/// Steps over the atoms of one file and notes what is odd about them: a scan goes on past it, an edit does not.
pub(super) struct Walker<'w, 'b> {
    pub source: &'w mut Source<'b>,
    pub notes: Notes,
    /// An atom was cut at its parent's end, so that places may have stayed unseen.
    pub overrun: bool,
}

impl<'w, 'b> Walker<'w, 'b> {
    pub(super) fn new(source: &'w mut Source<'b>, places: Vec<Place>) -> Walker<'w, 'b> {
        Walker {
            source,
            notes: Notes::of(places, ATOM_LIMIT),
            overrun: false,
        }
    }

    /// The first atom of this kind in another.
    pub(super) fn find(&mut self, parent: &Atom, kind: &[u8; 4]) -> Result<Option<Atom>, ReadError> {
        let mut at = parent.body();
        while let Some(atom) = self.child(at, parent.end)? {
            if &atom.kind == kind {
                return Ok(Some(atom));
            }
            at = atom.end;
        }
        Ok(None)
    }

    /// All atoms in another, from `at` on.
    pub(super) fn children(&mut self, mut at: u64, parent: &Atom) -> Result<Vec<Atom>, ReadError> {
        let mut children = Vec::new();
        while let Some(atom) = self.child(at, parent.end)? {
            at = atom.end;
            children.push(atom);
        }
        Ok(children)
    }

    /// The atom at `at` inside a parent that ends at `end`; `None` where its atoms end, which may be before `end`.
    pub(super) fn child(&mut self, at: u64, end: u64) -> Result<Option<Atom>, ReadError> {
        let left = end.saturating_sub(at);
        if left < 8 {
            if left > 0 && !self.is_zero(at, left)? {
                self.notes.troubles("stray bytes stand at the end of an atom");
            }
            return Ok(None);
        }
        self.notes.spend()?;
        let (kind, len, form) = self.stated(at, left)?;
        // QTFF ends the list of a user data atom with 32 zero bits; some writers leave more of them.
        if form == SizeForm::ToEnd {
            if !self.is_zero(at, left)? {
                self.notes.hides("an atom inside another has no size");
            }
            return Ok(None);
        }
        if len < form.header_len() {
            self.notes.hides("an atom is smaller than its own header");
            self.overrun = true;
            return Ok(None);
        }
        if len > left {
            self.notes.hides(OVERRUN);
            self.overrun = true;
        }
        Ok(Some(Atom {
            kind,
            start: at,
            end: at + len.min(left),
            form,
        }))
    }

    /// What the header at `at` says of kind and length, where so many bytes are left.
    pub(super) fn stated(&mut self, at: u64, left: u64) -> Result<([u8; 4], u64, SizeForm), ReadError> {
        let (size, kind) = self.header(at)?;
        let (len, form) = match size {
            0 => (left, SizeForm::ToEnd),
            1 if left >= 16 => (u64::from_be_bytes(self.source.array(at + 8)?), SizeForm::Long),
            size => (u64::from(size), SizeForm::Short),
        };
        Ok((kind, len, form))
    }

    /// Where the first child of a `meta` atom starts, or would start if it had one; `None` if that cannot be told. In MP4
    /// the atom has a version and flags (ISO/IEC 14496-12, 8.11.1), in QuickTime it has not; either occurs in either, and
    /// they are told apart by where the kind of the first child is.
    pub(super) fn first_of_meta(&mut self, meta: &Atom) -> Result<Option<u64>, ReadError> {
        let body = meta.body();
        let len = meta.end - body;
        if len == 4 || len < 4 && self.is_zero(body, len)? {
            return Ok(Some(meta.end));
        }
        for at in [body, body + 4] {
            if meta.end.saturating_sub(at) < 8 {
                continue;
            }
            let (size, kind) = self.header(at)?;
            if size >= 8 && kind.iter().all(|byte| matches!(byte, b' '..=b'~')) {
                return Ok(Some(at));
            }
        }
        // Version and flags, and nothing but zero bytes behind them.
        Ok(self.is_zero(body, len)?.then_some(body + 4))
    }

    pub(super) fn header(&mut self, at: u64) -> Result<(u32, [u8; 4]), ReadError> {
        let [a, b, c, d, kind @ ..] = self.source.array::<8>(at)?;
        Ok((u32::from_be_bytes([a, b, c, d]), kind))
    }

    fn is_zero(&mut self, at: u64, len: u64) -> Result<bool, ReadError> {
        Ok(len <= VIEW_LIMIT as u64 && self.source.leading_zeros(at..at + len, len)? == len)
    }
}
