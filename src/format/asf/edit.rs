//! What of a header can be edited, as a tree: its objects, their attributes, and padding.

use super::attributes::{Attribute, TEXT};
use super::walk::{EXTENDED_CONTENT, EXTENSION, FILE_PROPERTIES, HEADER_EXTENSION, OBJECT, PADDING, Structure};
use crate::format::edit;
use crate::format::identify::Front;
use crate::format::place::{Action, Change};
use crate::format::tree::{
    Domain, Encode, Field, Fresh, Item, New, NodeId, Seat, Size, Slack, States, Text, Tree, Value,
};
use crate::format::words::Words;
use crate::format::{Layout, Refusal, Splice, SpliceError, values};
use crate::isrc::Isrc;
use crate::pieces::Patch;
use crate::source::Source;

/// What a header gets that has to grow.
const NEW_PADDING: u64 = 1024;

impl Layout for Structure {
    fn edit(&self, source: &mut Source, _: &Front, change: &Change) -> Result<Splice, SpliceError> {
        let audio = self.data.clone().into_iter().collect();
        edit::splice(source, audio, self.trouble, change, |source| tree(source, self))
    }

    fn words(&self) -> Option<Words> {
        Some(self.words.clone())
    }
}

fn tree<'t>(source: &mut Source, structure: &'t Structure) -> Result<Tree<'t>, SpliceError> {
    let mut tree = Tree::default();
    let header = structure.header.clone();
    // As little wrong afterwards as before: some programs count what stands behind the audio, others do not.
    let file = tree.node(header.start..source.len(), None);
    for object in structure.objects.iter().filter(|object| object.guid == FILE_PROPERTIES) {
        let at = object.range.start + 40;
        let stated = u64::from_le_bytes(source.array(at)?);
        if let Some(without) = (source.len() - header.start).checked_sub(stated) {
            let states = States::Length { without };
            tree.nodes[file].fields.push(Field {
                at,
                size: Size::Le64,
                states,
            });
        }
    }
    let node = tree.sized(header.clone(), Some(file), header.start + 16, Size::Le64, 0);
    let count = structure.objects.iter().filter(|object| !object.is_inner).count() as u64;
    tree.nodes[node].fields.push(Field {
        at: header.start + 24,
        size: Size::Le32,
        states: States::Count(count),
    });

    let (mut nodes, mut slacks, mut extension) = (Vec::new(), Vec::new(), node);
    for object in &structure.objects {
        let (range, start) = (object.range.clone(), object.range.start);
        let inside = if object.is_inner { extension } else { node };
        let own = tree.sized(range.clone(), Some(inside), start + 16, Size::Le64, 0);
        tree.nodes[own].is_roomy = true;
        match object.guid {
            HEADER_EXTENSION if !object.is_inner => {
                extension = own;
                let states = States::Length { without: EXTENSION };
                let size = Size::Le32;
                tree.nodes[own].fields.push(Field {
                    at: start + 42,
                    size,
                    states,
                });
            }
            PADDING => slacks.push(Slack {
                node: own,
                range,
                header: OBJECT,
                largest: u64::from(u32::MAX),
                is_even: false,
                grows: true,
            }),
            _ => {}
        }
        nodes.push(own);
    }
    tree.domains.push(Domain {
        node,
        slacks,
        padding: NEW_PADDING,
        longest: u64::MAX,
        fresh: Some(Fresh {
            header: OBJECT,
            make: |len| object(PADDING, &vec![0; len as usize]),
            is_last_resort: false,
        }),
    });

    let mut counted = Vec::new();
    for attribute in &structure.attributes {
        let holder = nodes[attribute.object];
        if !counted.contains(&holder) {
            counted.push(holder);
            count_attributes(source, &mut tree, holder)?;
        }
        item(&mut tree, holder, attribute);
    }
    let extended = structure
        .objects
        .iter()
        .position(|object| object.guid == EXTENDED_CONTENT && !object.is_inner);
    tree.new = Some(match extended {
        Some(index) => {
            let holder = nodes[index];
            if !counted.contains(&holder) {
                count_attributes(source, &mut tree, holder)?;
            }
            New {
                at: structure.objects[index].range.end,
                inside: Some(holder),
                beside_slack: false,
                make: Box::new(|isrc, _| attribute(isrc)),
                padding: 0,
                also: Vec::new(),
                refusal: None,
            }
        }
        None => New {
            at: header.end,
            inside: Some(node),
            beside_slack: true,
            make: Box::new(|isrc, _| object(EXTENDED_CONTENT, &[&1u16.to_le_bytes(), &attribute(isrc)[..]].concat())),
            padding: 0,
            also: Vec::new(),
            refusal: None,
        },
    });
    Ok(tree)
}

/// The number of attributes stands in front of them (sections 3.11, 4.7 and 4.8).
fn count_attributes(source: &mut Source, tree: &mut Tree, holder: NodeId) -> Result<(), SpliceError> {
    let at = tree.nodes[holder].range.start + OBJECT;
    let count = u16::from_le_bytes(source.array(at)?);
    tree.nodes[holder].too_large = "its header would have more attributes than it can count";
    tree.nodes[holder].fields.push(Field {
        at,
        size: Size::Le16,
        states: States::Count(count.into()),
    });
    Ok(())
}

fn item<'t>(tree: &mut Tree<'t>, holder: NodeId, attribute: &'t Attribute) {
    let node = tree.node(attribute.range.clone(), Some(holder));
    let size = if attribute.length.bytes == 2 {
        Size::Le16
    } else {
        Size::Le32
    };
    let value = tree.sized(attribute.value.clone(), Some(node), attribute.length.at, size, 0);
    tree.items.push(Item {
        node,
        seat: Seat::standard(attribute.is_standard),
        refusal: None,
        values: vec![Value {
            node: value,
            at: attribute.value.clone(),
            codes: attribute.codes.clone(),
            text: Text::Own(Box::new(attribute)),
        }],
    });
}

impl Encode for &Attribute {
    fn encode(&self, source: &mut Source, value: &Value, actions: &[Action]) -> Result<Vec<Patch>, SpliceError> {
        if let [Action::Write(isrc)] = actions {
            let kind = Patch::new(self.kind_at..self.kind_at + 2, TEXT.to_le_bytes());
            return Ok(vec![kind, Patch::new(value.at.clone(), utf16(isrc.as_str(), true))]);
        }
        if u16::from_le_bytes(source.array(self.kind_at)?) != TEXT {
            return Err(Refusal::new("a value with several codes is not of the type of a text").into());
        }
        Ok(values::rewritten(&value.codes, actions, |isrc| {
            utf16(isrc.as_str(), false)
        }))
    }
}

fn utf16(text: &str, is_closed: bool) -> Vec<u8> {
    let zero = is_closed.then_some(0);
    text.encode_utf16().chain(zero).flat_map(u16::to_le_bytes).collect()
}

fn object(guid: [u8; 16], body: &[u8]) -> Vec<u8> {
    let size = OBJECT + body.len() as u64;
    [&guid, &size.to_le_bytes()[..], body].concat()
}

/// A new attribute of an Extended Content Description Object (section 3.11).
fn attribute(isrc: Isrc) -> Vec<u8> {
    let (name, value) = (utf16("WM/ISRC", true), utf16(isrc.as_str(), true));
    let length = |bytes: &[u8]| (bytes.len() as u16).to_le_bytes();
    [&length(&name), &name[..], &TEXT.to_le_bytes(), &length(&value), &value].concat()
}
