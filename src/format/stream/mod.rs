//! Bare streams with tags in front and behind: MP3, TTA (whose own tag is ID3v2), WavPack, Monkey's Audio, Musepack, TAK
//! and OptimFROG (whose own tag is APEv2), AAC (which has either, and gets APEv2).
//!
//! The stream itself is never walked. Invariant: the tags of a [`Structure`] are in file order, and what is between
//! the last tag in front and the first one behind is audio.

use std::ops::Range;

use super::behind::{self, MOST_TAGS, TAIL};
use super::place::{Change, Standing};
use super::{Depth, Format, Layout, Located, Splice, SpliceError, WalkOutcome, apev2, edit, formats, id3v2};
use crate::bytes::source::{ReadError, Source};
use crate::format::edit::tree::{New, Tree};
use crate::format::stream::identify::Front;

pub(in crate::format) mod identify;
pub(crate) mod mpeg;
#[cfg(test)]
mod tests;

/// How much of the end is searched for a torn tag.
const TORN: u64 = 32 * 1024;

pub(super) fn walk(source: &mut Source, front: &Front, _: Depth) -> Result<WalkOutcome, ReadError> {
    let structure = structure(source, front)?;
    let mut places = Vec::new();
    for tag in &structure.tags {
        match &tag.body {
            Body::Front(index) => front.tags[*index].places(tag.standing, &mut places),
            Body::Other(other) => other.places(tag.standing, &mut places),
        }
    }
    let others = || structure.tags.iter().filter_map(|tag| tag.body.other());
    let located = Located {
        doubt: others().find_map(behind::Tag::doubt).or(structure.torn),
        // At an APEv2 tag in front some programs give up.
        forgiven: others().any(behind::Tag::is_forgiven) || front.hidden.is_some(),
        ..Located::certain(front.format, places)
    };
    Ok(WalkOutcome::of(located, structure))
}

impl Layout for Structure {
    fn edit(&self, source: &mut Source, front: &Front, change: &Change) -> Result<Splice, SpliceError> {
        let audio = vec![self.audio.clone()];
        edit::splice(source, front, audio, None, change, |source| self.tree(source, front))
    }
}

impl Structure {
    fn tree<'t>(&'t self, source: &mut Source, front: &'t Front) -> Result<Tree<'t>, SpliceError> {
        // The standard tag takes the new code, the first one in front or the last one behind.
        let own = own_tag(front.format);
        let is_standard = |tag: &Tagged| tag.standing == Standing::Standard;
        let target = match own {
            Own::Id3v2 => self.tags.iter().position(is_standard),
            Own::Ape | Own::ApeOrId3v2 => self.tags.iter().rposition(|tag| is_standard(tag) && tag.body.is_ape()),
        };
        let mut tree = Tree::default();
        for (index, tag) in self.tags.iter().enumerate() {
            let takes = target == Some(index);
            match &tag.body {
                Body::Front(index) => front.tags[*index].declare(source, &mut tree, None, takes)?,
                Body::Other(other) => other.declare(source, &mut tree, takes)?,
            }
        }
        tree.new.get_or_insert_with(|| match own {
            Own::Id3v2 => id3v2::new(0, None),
            Own::Ape | Own::ApeOrId3v2 => New::item(self.new_ape_at, None, |isrc, _| apev2::new_tag(isrc)),
        });
        Ok(tree)
    }
}

/// Which tag is a format's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Own {
    Id3v2,
    Ape,
    /// Both are read where they are, and a new code goes to APEv2: mutagen and Picard cannot open an ADTS file that
    /// gets an ID3v2 tag in front.
    ApeOrId3v2,
}

/// Whether the kind has no container: its stream may begin anywhere, and its own tag is in front or behind.
fn is_bare(format: Format) -> bool {
    matches!(format, Format::Mp3 | Format::Tta) || own_tag(format) != Own::Id3v2
}

fn own_tag(format: Format) -> Own {
    match format.standard_place() {
        _ if format == Format::Aac => Own::ApeOrId3v2,
        formats::APE => Own::Ape,
        _ => Own::Id3v2,
    }
}

/// The tags of a file, in file order.
#[derive(Debug)]
struct Structure {
    tags: Vec<Tagged>,
    audio: Range<u64>,
    /// Where a new APEv2 tag belongs: behind the audio, in front of Lyrics3 and ID3v1 tags.
    new_ape_at: u64,
    /// That the end of the file is one of a tag that was cut off.
    torn: Option<&'static str>,
}

#[derive(Debug)]
struct Tagged {
    body: Body,
    standing: Standing,
}

#[derive(Debug)]
enum Body {
    /// In front of the audio, walked when the file was identified.
    Front(usize),
    /// Behind it, or an APEv2 tag in front.
    Other(behind::Tag),
}

impl Body {
    fn other(&self) -> Option<&behind::Tag> {
        match self {
            Body::Front(_) => None,
            Body::Other(tag) => Some(tag),
        }
    }

    fn is_ape(&self) -> bool {
        matches!(self, Body::Other(behind::Tag::Ape(_)))
    }
}

fn structure(source: &mut Source, front: &Front) -> Result<Structure, ReadError> {
    let own = own_tag(front.format);
    let mut tags = Vec::with_capacity(2);
    let mut at = 0;
    for (index, tag) in front.tags.iter().enumerate() {
        apes_in_front(source, at..tag.range.start, &mut tags)?;
        // Of several tags most programs read the first alone. Behind junk it takes new codes as well: a new tag in
        // front of it would hide all that it holds.
        let standing = match own {
            Own::Id3v2 | Own::ApeOrId3v2 if index == 0 => Standing::Standard,
            Own::Id3v2 | Own::ApeOrId3v2 | Own::Ape => Standing::Odd,
        };
        tags.push(Tagged {
            body: Body::Front(index),
            standing,
        });
        at = tag.range.end;
    }
    apes_in_front(source, at..front.start, &mut tags)?;
    let in_front = tags.len();

    let mut behind = behind::walk(source, front.start)?;
    let is_sound = own == Own::Id3v2 && front.tags.first().is_some_and(|tag| tag.doubt().is_none());
    let torn = match behind.start == source.len() || behind.stray.is_some() {
        true => torn(source, front.start, own, behind.stray.filter(|_| is_sound))?,
        false => None,
    };
    tags.extend(behind.tags.drain(..).map(|tag| Tagged {
        body: Body::Other(tag),
        standing: Standing::Odd,
    }));
    // Of several tags the one nearest to the end is read. In front of a container there is none that programs get past.
    let from = match own {
        Own::Id3v2 => tags.len(),
        Own::Ape => in_front,
        Own::ApeOrId3v2 => 0,
    };
    if let Some(tag) = tags[from..].iter_mut().rfind(|tag| tag.body.is_ape()) {
        tag.standing = Standing::Standard;
    }
    Ok(Structure {
        tags,
        audio: front.start..behind.start,
        new_ape_at: behind.new_ape_at,
        torn: torn.or(behind.lost),
    })
}

/// Looks for tags that are lost since the file ends in the middle of them, or of what is behind them. Where APEv2 is
/// the format's own and there is none, some more is read to find out; else only what was read already. `stray` is a
/// footer that lost its tag and says nothing of the file, since another tag does.
fn torn(source: &mut Source, floor: u64, own: Own, stray: Option<u64>) -> Result<Option<&'static str>, ReadError> {
    let near = source.len().saturating_sub(TAIL).max(floor);
    if behind::is_torn_id3v2(source, near)? {
        return Ok(Some("an ID3v2 tag at its end is cut short"));
    }
    let from = match own {
        Own::Ape => source.len().saturating_sub(TORN).max(floor),
        Own::Id3v2 | Own::ApeOrId3v2 => near,
    };
    let end = stray.unwrap_or(source.len());
    let is_torn = from < end && apev2::is_torn(source, from, end)?;
    Ok(is_torn.then_some("an APEv2 tag at its end is cut short, or what stands behind it"))
}

/// APEv2 tags that are in `gap`, where identification stepped over them.
fn apes_in_front(source: &mut Source, gap: Range<u64>, tags: &mut Vec<Tagged>) -> Result<(), ReadError> {
    let mut at = gap.start;
    while at < gap.end && tags.len() < MOST_TAGS {
        let Some(tag) = apev2::walk_front(source, at)? else {
            break;
        };
        at = tag.range.end;
        tags.push(Tagged {
            body: Body::Other(behind::Tag::Ape(tag)),
            standing: Standing::Odd,
        });
    }
    Ok(())
}
