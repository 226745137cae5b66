//! From a change to patches: the values, the atoms around them, the padding, and the offsets that follow.
//!
//! Every step adds [`Edit`]s; sizes are then derived from all edits inside an atom, so that they cannot disagree.

use std::ops::Range;

use super::change::{Created, Edit, Level, NewPadding, freeform};
use super::walk::{Data, Item, MOOV, Meta, NodeId, Structure};
use super::{front_places, padding, references, value};
use crate::format::identify::Front;
use crate::format::place::{Access, Action, Change};
use crate::format::{Layout, Refusal, Splice, SpliceError, values};
use crate::isrc::Isrc;
use crate::pieces::Patch;
use crate::source::{ReadError, Source};

/// An item of a code is some hundred bytes; what is removed becomes zero bytes of padding in memory.
const REMOVED_LIMIT: u64 = 1 << 20;

impl Layout for Structure {
    fn edit(&self, source: &mut Source, front: &Front, change: &Change) -> Result<Splice, SpliceError> {
        splice(source, front, self, change)
    }
}

fn splice(source: &mut Source, front: &Front, structure: &Structure, change: &Change) -> Result<Splice, SpliceError> {
    let in_front = front_places(front);
    let audio = audio(structure);
    if change.is_empty() {
        return Ok(Splice {
            patches: Vec::new(),
            audio,
        });
    }
    if let Some(trouble) = structure.trouble {
        return Err(Refusal::new(trouble).into());
    }
    if change.actions.len() != in_front.len() + structure.places.len() {
        return Err(Refusal::new("the file has changed since it was looked at").into());
    }
    let (front_actions, actions) = change.actions.split_at(in_front.len());
    let mut patches = front_patches(source, front, front_actions)?;
    patches.extend(movie_patches(source, structure, actions, change.create)?);
    Ok(Splice {
        patches: in_order(patches)?,
        audio,
    })
}

fn audio(structure: &Structure) -> Vec<Range<u64>> {
    let media = structure.top.iter().filter(|atom| &atom.kind == b"mdat");
    media.map(|atom| atom.body()..atom.end).collect()
}

/// Tags in front change only within their own padding, so that no atom moves.
fn front_patches(source: &mut Source, front: &Front, actions: &[Action]) -> Result<Vec<Patch>, SpliceError> {
    let mut patches = Vec::new();
    let mut left = actions;
    for tag in &front.tags {
        let (own, others) = left.split_at(tag.place_count());
        left = others;
        if own.iter().all(|action| *action == Action::Keep) {
            continue;
        }
        let splice = tag.splice(source, own, None)?;
        if splice.growth != 0 {
            return Err(Refusal::new("the ID3v2 tag in front of the first atom has no room for the change").into());
        }
        patches.extend(splice.patches);
    }
    Ok(patches)
}

fn movie_patches(
    source: &mut Source,
    structure: &Structure,
    actions: &[Action],
    create: Option<Isrc>,
) -> Result<Vec<Patch>, SpliceError> {
    let mut edits = Vec::new();
    let mut create = create;
    for item in &structure.items {
        item_edits(source, structure, item, actions, &mut create, &mut edits)?;
    }
    for (place, action) in structure.places.iter().zip(actions) {
        if place.access == Access::ReadOnly && *action != Action::Keep {
            return Err(Refusal::new("a place that is only read was to be changed").into());
        }
    }
    let mut new_padding = edits
        .last()
        .and_then(|edit: &Edit| padding_behind_list(structure, edit.inside));
    if let Some(isrc) = create {
        new_padding = Some(create_item(structure, isrc, &mut edits)?);
    }
    let Some(new_padding) = new_padding else {
        return Ok(Vec::new());
    };
    if edits.iter().any(|edit| edit.at.end - edit.at.start > REMOVED_LIMIT) {
        return Err(Refusal::new("the item holds far more than a code").into());
    }

    let grown = padding::balance(structure, &mut edits, new_padding);
    edits.sort_by_key(|edit| (edit.at.start, edit.at.end));
    let mut patches = resized(structure, &edits)?;
    if grown {
        patches.extend(references::correct(source, structure, &edits)?);
    }
    patches.extend(
        edits
            .into_iter()
            .map(|Edit { at, bytes, inside: _ }| Patch { at, bytes }),
    );
    Ok(patches)
}

/// Behind the `ilst` that the edited atom `inside` belongs to.
fn padding_behind_list(structure: &Structure, inside: Option<NodeId>) -> Option<NewPadding> {
    let mut node = inside;
    while let Some(id) = node {
        let atom = structure.nodes[id].atom;
        node = structure.nodes[id].inside;
        if &atom.kind == b"ilst" {
            return node.map(|meta| NewPadding::At {
                offset: atom.end,
                inside: meta,
            });
        }
    }
    None
}

/// The edits of one item. Takes `create` if the item is the standard one and would be left empty.
fn item_edits(
    source: &mut Source,
    structure: &Structure,
    item: &Item,
    actions: &[Action],
    create: &mut Option<Isrc>,
    edits: &mut Vec<Edit>,
) -> Result<(), ReadError> {
    let all_data = &structure.data[item.data.clone()];
    let dropped = |data: &Data| {
        actions[data.places.clone()]
            .iter()
            .all(|action| *action == Action::Drop)
    };
    let is_left_empty = all_data.iter().all(dropped);
    let has_values = all_data.iter().any(|data| !data.places.is_empty());
    if is_left_empty {
        if item.standard
            && let Some(isrc) = create.take_if(|_| !all_data.is_empty())
        {
            replace_values(structure, all_data, isrc, edits);
        } else if has_values {
            let atom = structure.nodes[item.node].atom;
            edits.push(Edit {
                at: atom.start..atom.end,
                bytes: Vec::new(),
                inside: structure.nodes[item.node].inside,
            });
        }
        return Ok(());
    }
    for data in all_data.iter().filter(|data| !data.places.is_empty()) {
        if dropped(data) {
            remove_data(structure, data, edits);
        } else {
            value_edits(source, structure, data, &actions[data.places.clone()], edits)?;
        }
    }
    Ok(())
}

/// The first value becomes the code, the others go.
fn replace_values(structure: &Structure, all_data: &[Data], isrc: Isrc, edits: &mut Vec<Edit>) {
    let first = all_data.iter().position(|data| !data.places.is_empty()).unwrap_or(0);
    for (index, value) in all_data.iter().enumerate() {
        if index == first {
            edits.extend(written(structure, value, isrc.as_bytes()));
        } else {
            remove_data(structure, value, edits);
        }
    }
}

/// A value becomes this text, and its type that of UTF-8; the locale stays.
fn written(structure: &Structure, data: &Data, text: &[u8]) -> [Edit; 2] {
    let atom = &structure.nodes[data.node].atom;
    let (kind, value) = (atom.body(), atom.body() + 8);
    let edit = |at, bytes: &[u8]| Edit {
        at,
        bytes: bytes.to_vec(),
        inside: Some(data.node),
    };
    // From the locale on, so that a byte order mark goes.
    [
        edit(kind..kind + 4, &value::UTF_8.to_be_bytes()),
        edit(value..atom.end, text),
    ]
}

fn remove_data(structure: &Structure, data: &Data, edits: &mut Vec<Edit>) {
    let node = &structure.nodes[data.node];
    edits.push(Edit {
        at: node.atom.start..node.atom.end,
        bytes: Vec::new(),
        inside: node.inside,
    });
}

/// Edits of a value of which at least one piece stays. A piece goes with the separator that joins it to a kept one.
fn value_edits(
    source: &mut Source,
    structure: &Structure,
    data: &Data,
    actions: &[Action],
    edits: &mut Vec<Edit>,
) -> Result<(), ReadError> {
    if actions.iter().all(|action| *action == Action::Keep) {
        return Ok(());
    }
    let places = &structure.places[data.places.clone()];
    let text = match places {
        [_] => places[0].text.clone(),
        // A list of codes is ASCII, in whatever encoding.
        _ => source
            .at(data.value.start, (data.value.end - data.value.start) as usize)?
            .iter()
            .filter(|byte| **byte != 0)
            .map(|byte| char::from(*byte))
            .collect(),
    };
    let mut at = 0;
    let ranges: Vec<Range<usize>> = places
        .iter()
        .map(|place| {
            let start = at + text[at..].find(&*place.text).unwrap_or(0);
            at = start + place.text.len();
            start..at
        })
        .collect();
    let kept: Vec<bool> = actions.iter().map(|action| *action != Action::Drop).collect();
    let mut changes: Vec<(Range<usize>, &str)> = values::removals(&ranges, &kept)
        .into_iter()
        .map(|range| (range, ""))
        .collect();
    for (range, action) in ranges.into_iter().zip(actions) {
        if let Action::Write(isrc) = action {
            changes.push((range, isrc.as_str()));
        }
    }
    changes.sort_by_key(|(range, _)| (range.start, range.end));
    let mut new = text;
    for (range, piece) in changes.into_iter().rev() {
        new.replace_range(range, piece);
    }
    for edit in written(structure, data, new.as_bytes()) {
        if !is_same(source, &edit.at, &edit.bytes)? {
            edits.push(edit);
        }
    }
    Ok(())
}

fn is_same(source: &mut Source, at: &Range<u64>, bytes: &[u8]) -> Result<bool, ReadError> {
    Ok(at.end - at.start == bytes.len() as u64 && source.at(at.start, bytes.len())? == bytes)
}

/// Adds the edit that creates the standard item, and says where padding would go.
fn create_item(structure: &Structure, isrc: Isrc, edits: &mut Vec<Edit>) -> Result<NewPadding, Refusal> {
    let Some(meta) = itunes_meta(structure) else {
        let (inside, level) = match structure.user_data.first() {
            Some(udta) => (*udta, Level::Meta),
            None => (MOOV, Level::UserData),
        };
        return Ok(create_atoms(
            Created { isrc, level },
            structure.nodes[inside].content_end,
            inside,
            edits,
        ));
    };
    if let Some(list) = meta.ilst {
        let node = &structure.nodes[list];
        edits.push(Edit {
            at: node.content_end..node.content_end,
            bytes: freeform(isrc),
            inside: Some(list),
        });
        return Ok(NewPadding::At {
            offset: node.atom.end,
            inside: meta.node,
        });
    }
    let (level, at) = match meta.handler {
        Some((_, end)) => (Level::List, end),
        None => (Level::HandlerAndList, structure.nodes[meta.node].content_end),
    };
    // A `meta` that is empty to the last byte lacks its version and flags, which stand in front of all that it holds.
    let atom = &structure.nodes[meta.node].atom;
    let missing = 4u64.saturating_sub(atom.end - atom.body());
    if missing > 0 {
        edits.push(Edit {
            at: at..at,
            bytes: vec![0; missing as usize],
            inside: Some(meta.node),
        });
    }
    Ok(create_atoms(Created { isrc, level }, at, meta.node, edits))
}

fn create_atoms(created: Created, at: u64, inside: NodeId, edits: &mut Vec<Edit>) -> NewPadding {
    edits.push(Edit {
        at: at..at,
        bytes: created.render(0),
        inside: Some(inside),
    });
    NewPadding::InCreated(created)
}

/// The `meta` in user data that holds iTunes' tags: handler `mdir`, or none said, as some writers leave it out.
fn itunes_meta(structure: &Structure) -> Option<&Meta> {
    let candidates = structure.metas.iter().filter(|meta| {
        let in_user_data = structure.nodes[meta.node].inside != Some(MOOV);
        in_user_data && meta.handler.is_none_or(|(kind, _)| kind == *b"mdir")
    });
    candidates
        .clone()
        .find(|meta| meta.ilst.is_some())
        .or(candidates.clone().next())
}

/// The patches that correct the sizes of all atoms around the edits.
fn resized(structure: &Structure, edits: &[Edit]) -> Result<Vec<Patch>, Refusal> {
    let mut growth = vec![0i64; structure.nodes.len()];
    for edit in edits {
        let mut node = edit.inside;
        while let Some(id) = node {
            growth[id] += edit.growth();
            node = structure.nodes[id].inside;
        }
    }
    let mut patches = Vec::new();
    for (node, growth) in structure.nodes.iter().zip(growth).filter(|(_, growth)| *growth != 0) {
        patches.extend(node.atom.resized(growth)?);
    }
    Ok(patches)
}

/// Sorts patches and joins those that touch.
fn in_order(mut patches: Vec<Patch>) -> Result<Vec<Patch>, Refusal> {
    patches.sort_by_key(|patch| (patch.at.start, patch.at.end));
    let mut joined: Vec<Patch> = Vec::with_capacity(patches.len());
    for patch in patches {
        match joined.last_mut() {
            Some(last) if patch.at.start < last.at.end => {
                return Err(Refusal::new("two changes meet in the same bytes"));
            }
            Some(last) if patch.at.start == last.at.end => {
                last.at.end = patch.at.end;
                last.bytes.extend(patch.bytes);
            }
            _ => joined.push(patch),
        }
    }
    Ok(joined)
}
