//! The items of an `ilst` and of user data that name a code, and their values.

use std::ops::Range;

use super::atom::Atom;
use super::value::{self, DataText};
use super::walk::{Filled, Walk};
use crate::bytes::source::ReadError;
use crate::format::edit::tree::{Item, NodeId, Seat, Text, Value};
use crate::format::larger;
use crate::format::notes::code_name;
use crate::format::place::{self, Access, Label, MP4_XID, PlaceName, Standing, next_item, vendor_code};
use crate::isrc::normalise::normalise;

/// Metadata keys that end in `isrc`; a file has one or two.
const KEY_LIMIT: usize = 64;

/// The longest key, mean or name that is taken for one.
const NAME_LIMIT: u64 = 256;

/// What a `----` atom of a code is named.
fn code_of(name: &[u8]) -> Option<&'static str> {
    std::str::from_utf8(name).ok().and_then(code_name)
}

/// The payload of the atom that `bytes` begin with, and what is behind it, if it is of this kind and lies whole in them.
pub(super) fn leading<'a>(bytes: &'a [u8], kind: &[u8; 4]) -> Option<(&'a [u8], &'a [u8])> {
    let (size, rest) = bytes.split_first_chunk()?;
    let (found, _) = rest.split_first_chunk::<4>()?;
    let (atom, behind) = bytes.split_at_checked(u32::from_be_bytes(*size) as usize)?;
    (found == kind).then_some((atom.get(8..)?, behind))
}

impl Walk<'_, '_> {
    /// The metadata keys that end in `isrc`, with their numbers (QTFF, "Metadata item keys atom"; from 1).
    pub(super) fn keys(&mut self, keys: Atom) -> Result<Vec<(u32, Box<str>)>, ReadError> {
        let mut named = Vec::new();
        let mut at = keys.body() + 8;
        let mut number = 1u32;
        while at + 8 <= keys.end {
            self.walker.notes.spend()?;
            let (size, _namespace) = self.walker.header(at)?;
            let end = at + u64::from(size);
            if size < 8 || end > keys.end {
                self.walker.notes.hides("the list of metadata keys contradicts itself");
                break;
            }
            let len = end - at - 8;
            if (4..=NAME_LIMIT).contains(&len) && named.len() < KEY_LIMIT {
                let key = self.walker.source.at(at + 8, len as usize)?;
                if key[key.len() - 4..].eq_ignore_ascii_case(b"isrc") {
                    named.push((number, String::from_utf8_lossy(key).into()));
                }
            }
            number += 1;
            at = end;
        }
        Ok(named)
    }

    pub(super) fn list(
        &mut self,
        list: Atom,
        meta: NodeId,
        keys: &[(u32, Box<str>)],
        is_first: bool,
    ) -> Result<Filled, ReadError> {
        let node = list.declare(meta, &mut self.tree);
        self.tree.nodes[node].is_roomy = true;
        let mut at = list.body();
        while let Some(atom) = self.walker.child(at, list.end)? {
            match &atom.kind {
                b"----" if self.is_named_otherwise(&atom) => {}
                b"----" => self.freeform(atom, node, is_first)?,
                b"xid " => self.vendor_id(atom)?,
                b"covr" => larger(&mut self.picture, atom.body()..atom.end),
                kind => {
                    let number = u32::from_be_bytes(*kind);
                    if let Some((_, key)) = keys.iter().find(|(named, _)| *named == number) {
                        self.keyed(atom, node, key)?;
                    }
                }
            }
            at = self.step_over(&atom)?;
        }
        Ok((node, at))
    }

    /// Whether a `----` atom is at hand and begins with a `mean` and a `name` that is no code's, as dozens in a list do.
    fn is_named_otherwise(&self, atom: &Atom) -> bool {
        let bytes = self.walker.source.at_hand(atom.body());
        let len = (atom.end - atom.body()).min(bytes.len() as u64);
        let named = leading(&bytes[..len as usize], b"mean").and_then(|(_, behind)| leading(behind, b"name"));
        // Behind version and flags.
        let name = named.and_then(|(name, _)| name.get(4..));
        name.is_some_and(|name| code_of(name).is_none())
    }

    /// A `----` atom: `mean` and `name`, in any order, and a `data` atom for each value.
    fn freeform(&mut self, atom: Atom, list: NodeId, is_first: bool) -> Result<(), ReadError> {
        let Some(name) = self.walker.find(&atom, b"name")? else {
            return Ok(());
        };
        let Some(key) = self.full_atom_text(&name)? else {
            return Ok(());
        };
        let Some(name) = code_name(&key) else {
            return Ok(());
        };
        let mean = match self.walker.find(&atom, b"mean")? {
            Some(mean) => self.full_atom_text(&mean)?.unwrap_or_default(),
            None => Box::default(),
        };
        // Most programs read the three atoms in their usual order only.
        let is_usual = self
            .walker
            .child(atom.body(), atom.end)?
            .is_some_and(|first| &first.kind == b"mean");
        let is_standard =
            is_first && is_usual && name == "ISRC" && key.len() == name.len() && &*mean == "com.apple.iTunes";
        let place = PlaceName::new(format!("mp4:{mean}:{name}"));
        let key = (&*key != name).then_some(key);
        self.item(atom, list, place, key, Standing::standard(is_standard))?;
        Ok(())
    }

    /// A QuickTime metadata item: the number of its key as its kind, and `data` atoms.
    fn keyed(&mut self, atom: Atom, list: NodeId, key: &str) -> Result<(), ReadError> {
        let first = self.places().len();
        let others = self.item(
            atom,
            list,
            PlaceName::new(format!("mp4:mdta:{key}")),
            None,
            Standing::Odd,
        )?;
        if others {
            // Other atoms may say more about the value than is understood here.
            for place in &mut self.places()[first..] {
                place.access = Access::ReadOnly;
            }
        }
        Ok(())
    }

    /// Whether the item holds other atoms than values.
    fn item(
        &mut self,
        atom: Atom,
        list: NodeId,
        name: PlaceName,
        key: Option<Box<str>>,
        standing: Standing,
    ) -> Result<bool, ReadError> {
        let node = atom.declare(list, &mut self.tree);
        let number = next_item(self.places());
        let (mut values, mut others) = (Vec::new(), false);
        for child in self.walker.children(atom.body(), &atom)? {
            if &child.kind != b"data" {
                others = true;
                continue;
            }
            let Some(read) = value::read(self.walker.source, &child)? else {
                self.walker.notes.hides("a data atom has no room for its type");
                continue;
            };
            values.push(Value {
                node: child.declare(node, &mut self.tree),
                at: read.value.clone(),
                codes: vec![read.value; read.pieces.len()],
                text: Text::Own(Box::new(DataText(child))),
            });
            let label = Label {
                access: read.access,
                ..Label::of(name.clone(), key.clone(), standing.hidden_by(read.hidden))
            };
            let pieces = read.pieces.into_iter();
            self.places()
                .extend(pieces.map(|(span, text)| label.place(number, span, text)));
            place::limit(self.places().len())?;
        }
        self.tree.items.push(Item {
            node,
            seat: Seat::standard(standing.is_standard()),
            refusal: None,
            values,
        });
        Ok(others)
    }

    /// `xid ` holds `Vendor:isrc:CODE` for what the store sold, or a code alone; other schemes hold other numbers.
    fn vendor_id(&mut self, atom: Atom) -> Result<(), ReadError> {
        let number = next_item(self.places());
        for child in self.walker.children(atom.body(), &atom)? {
            let read = match &child.kind {
                b"data" => value::read(self.walker.source, &child)?,
                _ => None,
            };
            let codes = read.into_iter().flat_map(|read| read.pieces);
            for (span, text) in codes.filter(|(_, text)| vendor_code(text).is_some() || normalise(text).is_ok()) {
                self.read_only(MP4_XID, text, span, number)?;
            }
        }
        Ok(())
    }

    /// QuickTime user data text: for each language a length, the language and the text (QTFF, "User data text strings").
    pub(super) fn user_text(&mut self, atom: Atom) -> Result<(), ReadError> {
        let number = next_item(self.places());
        let mut at = atom.body();
        while at + 4 <= atom.end {
            self.walker.notes.spend()?;
            let len = u64::from(u16::from_be_bytes(self.walker.source.array(at)?));
            let text = at + 4..at + 4 + len;
            if text.end > atom.end {
                break;
            }
            if len > 0 {
                let bytes = self.walker.source.at(text.start, len as usize)?;
                let string = String::from_utf8_lossy(bytes).into_owned();
                self.read_only("mp4:udta/\u{A9}isr", string, text.clone(), number)?;
            }
            at = text.end;
        }
        Ok(())
    }

    fn read_only(&mut self, name: &'static str, text: String, span: Range<u64>, item: u32) -> Result<(), ReadError> {
        self.tree.leave_alone(1);
        let label = Label::odd(PlaceName::new(name), Access::ReadOnly);
        self.places().push(label.place(item, span, text));
        place::limit(self.places().len())
    }

    /// The text of a `mean` or `name` atom, behind its version and flags.
    fn full_atom_text(&mut self, atom: &Atom) -> Result<Option<Box<str>>, ReadError> {
        let start = atom.body() + 4;
        if start > atom.end || atom.end - start > NAME_LIMIT {
            return Ok(None);
        }
        let text = self.walker.source.at(start, (atom.end - start) as usize)?;
        Ok(Some(String::from_utf8_lossy(text).into()))
    }
}
