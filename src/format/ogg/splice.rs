//! The patches of an edited Ogg file.

use std::cell::Cell;
use std::ops::Range;

use super::super::edit::{self, Edit, OTHER_STATE};
use super::super::place::{Action, Change};
use super::layout::Region;
use super::packet::Packet;
use super::page::{self, FIRST, LAST, Page, SEQUENCE_AT};
use super::{Link, Magic, Structure, tail, walk_link};
use crate::bytes::pieces::Patch;
use crate::bytes::source::{ReadError, Source};
use crate::format::edit::tree::{Domain, Follow, NEW_PADDING, Size, Slack, States, Tree};
use crate::format::stream::identify::Front;
use crate::format::{Layout, Refusal, Splice, SpliceError, refuse};

impl Layout for Structure {
    fn edit(&self, source: &mut Source, front: &Front, change: &Change) -> Result<Splice, SpliceError> {
        let Structure { link, behind } = self;
        // The rest of its pages is looked for only now.
        let mut link = link.clone();
        let region = region(source, &mut link)?;
        let end = region.pages.last().map_or(front.start, Page::end);
        if change.is_empty() {
            let patches = Vec::new();
            let audio = audio(end..behind.start);
            return Ok(Splice { patches, audio });
        }
        if let Some(reason) = later_codes(source, &mut link)? {
            return refuse(reason);
        }

        let mut around = Tree::default();
        front.declare(source, &mut around)?;
        let in_front = around.code_count();
        behind.declare(source, &mut around)?;
        let of_behind = around.code_count() - in_front;
        let (of_front, actions) = change.actions.split_at_checked(in_front).ok_or(OTHER_STATE)?;
        let own = actions.len().checked_sub(of_behind).ok_or(OTHER_STATE)?;
        let (actions, of_behind) = actions.split_at(own);
        let mut patches = edit::edit(source, &around, &[of_front, of_behind].concat(), None, &[])?;
        let moves = |patch: &&Patch| patch.at.start <= front.start;
        let front_growth: i64 = patches.iter().filter(moves).map(Patch::growth).sum();
        let actions = own_actions(&link, actions)?;
        let cell = Cell::default();
        if change.create.is_some() || actions.iter().any(|action| *action != Action::Keep) {
            let mut tree = tree(source, &mut link, &region)?;
            tree.follows.push(Box::new(Pages {
                region: &region,
                len: link.chain.len,
                behind: end..behind.start,
                laid: &cell,
            }));
            patches.extend(edit::edit(source, &tree, actions, change.create, &[])?);
        }
        let laid: Laid = cell.take();
        if link.has_offsets && (laid.is_resized || front_growth != 0) {
            return refuse("its Skeleton index holds byte offsets, and the file would get another length");
        }
        patches.sort_by_key(|patch| patch.at.start);
        let audio = laid.audio.unwrap_or_else(|| audio(end..behind.start));
        Ok(Splice { patches, audio })
    }
}

fn audio(range: Range<u64>) -> Vec<Range<u64>> {
    (!range.is_empty()).then_some(range).into_iter().collect()
}

/// Those of the comments: cue sheets in other packets are left alone.
fn own_actions<'a>(link: &Link, actions: &'a [Action]) -> Result<&'a [Action], Refusal> {
    let (actions, others) = actions.split_at_checked(link.list.value_count()).ok_or(OTHER_STATE)?;
    match others.iter().all(|action| *action == Action::Keep) {
        true => Ok(actions),
        false => refuse("a code in the cue sheet of an Ogg stream is left alone"),
    }
}

/// The comment packet, in its own offsets.
fn tree<'t>(source: &mut Source, link: &mut Link, region: &Region) -> Result<Tree<'t>, SpliceError> {
    let len = link.chain.len;
    let packet = &mut Packet::new(source, &mut link.chain);
    let mut tree = Tree::default();
    let node = tree.node(0..len, None);
    if link.codec.magic == Magic::FlacBlock {
        let head = packet.view(0, 4)?;
        if Size::Be24.read(&head[1..]) + 4 != len {
            return refuse("its comment block is not as long as its Ogg packet");
        }
        tree.nodes[node].too_large = "its comment block would be longer than a block can be";
        tree.field(node, 1, Size::Be24, States::Length { without: 4 });
    }
    link.list.declare(&mut tree, node);
    if let Some(padding) = tail::padding(packet, &link.list, len, link.codec.format)? {
        tree.domains.push(Domain {
            // Less than the usual padding rather than a further page; where that comes anyway, it holds all of it.
            longest: region.room(),
            ..Domain::new(node, vec![Slack::new(node, padding, 0)], NEW_PADDING)
        });
    }
    Ok(tree)
}

/// What the new pages are like.
#[derive(Debug, Default)]
struct Laid {
    is_resized: bool,
    /// Where the audio is, if its pages got other numbers.
    audio: Option<Vec<Range<u64>>>,
}

/// Makes of the edits of a packet those of the pages that it lies in.
struct Pages<'t> {
    region: &'t Region,
    /// Of the packet.
    len: u64,
    /// What is behind its pages.
    behind: Range<u64>,
    laid: &'t Cell<Laid>,
}

impl Follow for Pages<'_> {
    fn follow(&self, source: &mut Source, edits: &mut Vec<Edit>) -> Result<(), SpliceError> {
        if edits.is_empty() {
            return Ok(());
        }
        check_pages(source, self.region)?;
        let growth: i64 = edits.iter().map(Edit::growth).sum();
        let packet = edits.drain(..).map(|Edit { at, bytes, .. }| Patch { at, bytes });
        let new_len = self.len.saturating_add_signed(growth);
        let (mut patches, more_pages) = self.region.relay(source, packet.collect(), new_len)?;
        let mut laid = Laid {
            is_resized: growth != 0 || more_pages > 0,
            audio: None,
        };
        if more_pages > 0 {
            let behind = self.behind.clone();
            laid.audio = Some(renumber(source, behind, self.region, more_pages, &mut patches)?);
        }
        self.laid.set(laid);
        edits.extend(patches.into_iter().map(Edit::of));
        Ok(())
    }
}

/// The pages of the comment packet.
fn region(source: &mut Source, link: &mut Link) -> Result<Region, ReadError> {
    Packet::new(source, &mut link.chain).complete()?;
    let chain = &link.chain;
    let pages: Result<Vec<Page>, ReadError> = chain
        .chunks
        .iter()
        .map(|chunk| Page::read(source, chunk.page))
        .collect();
    Ok(Region {
        pages: pages?,
        in_front: chain.segments_in_front,
        behind: chain.segments_behind,
    })
}

/// Pages that are written anew get a right checksum, so a wrong one must not be covered up.
fn check_pages(source: &Source, region: &Region) -> Result<(), SpliceError> {
    for page in &region.pages {
        if !page.is_sound(source)? {
            return refuse("the checksum of an Ogg page that would change is wrong");
        }
    }
    let in_order = region
        .pages
        .windows(2)
        .all(|pair| pair[0].sequence.wrapping_add(1) == pair[1].sequence);
    if !in_order {
        return refuse("its Ogg pages are not numbered in order");
    }
    Ok(())
}

/// Gives all further pages of the stream in this link a number that is `more` higher. Returns where the audio is.
fn renumber(
    source: &mut Source,
    range: Range<u64>,
    region: &Region,
    more: u32,
    patches: &mut Vec<Patch>,
) -> Result<Vec<Range<u64>>, SpliceError> {
    let mut audio = Vec::new();
    let Range { start: mut at, end } = range;
    // The numbers end with the stream: at its last page, or where the next link begins.
    let serial = region.pages.last().map(|page| page.serial);
    let mut is_over = region.pages.iter().any(|page| page.has(LAST));
    while !is_over && at < end {
        let Some(page) = Page::at(source, at)?.filter(|page| page.end() <= end) else {
            return refuse("its Ogg pages cannot be followed to the end of the stream");
        };
        if Some(page.serial) != serial {
            at = page.end();
            continue;
        }
        if page.has(FIRST) {
            break;
        }
        if !page.is_sound(source)? {
            return refuse("the checksum of an Ogg page that would change is wrong");
        }
        let sequence = page.sequence.wrapping_add(more);
        let header = page::header(page.flags, page.granule, page.serial, sequence, page.segments());
        let mut digest = page::Checksum::new();
        digest.update(&header);
        digest.add(source, page.body())?;
        let mut bytes = sequence.to_le_bytes().to_vec();
        bytes.extend_from_slice(&digest.finalize().to_le_bytes());
        let field = page.at + SEQUENCE_AT;
        patches.push(Patch::new(field..field + bytes.len() as u64, bytes));
        audio.push(page.body());
        at = page.end();
        is_over = page.has(LAST);
    }
    audio.extend((at < end).then_some(at..end));
    Ok(audio)
}

/// The walk reads the first link of a chain only. Where a later one has codes of its own, an edit of the first would
/// be an edit of a part, and "no code" would be wrong: then this is the reason. A later link that uses a serial number of
/// the first again, which RFC 3533 forbids, is not told apart, and left as it is.
pub(super) fn later_codes(source: &mut Source, link: &mut Link) -> Result<Option<&'static str>, ReadError> {
    const LOST: &str = "it goes on behind its Ogg stream with something else";
    if ends_in(source, &link.serials)? {
        return Ok(None);
    }
    let region = region(source, link)?;
    let Some(mut at) = region.pages.last().map(Page::end) else {
        return Ok(None);
    };
    let mut is_inside_heads = false;
    while at < source.len() {
        let Some(page) = Page::at(source, at)? else {
            return Ok(Some(LOST));
        };
        if page.has(FIRST) && !is_inside_heads {
            let mut places = Vec::new();
            match walk_link(source, at, &|_| true, &mut places) {
                Err(error @ ReadError::Io(_)) => return Err(error),
                Err(_) => return Ok(Some(LOST)),
                Ok(_) if places.is_empty() => {}
                Ok(_) => return Ok(Some("it is a chain of streams, and a later one has codes of its own")),
            }
        }
        is_inside_heads = page.has(FIRST);
        at = page.end();
    }
    Ok(None)
}

/// Whether the last page of the file is one of these streams': then nothing is chained behind them.
fn ends_in(source: &mut Source, serials: &[u32]) -> Result<bool, ReadError> {
    // The tail of a whole file holds the start of a page.
    let start = source.len().saturating_sub(page::LONGEST);
    let tail = source.copy(start, source.len() - start, page::LONGEST)?;
    for at in memchr::memmem::rfind_iter(&tail, b"OggS") {
        // The letters may be in the data of a page.
        if let Some(page) = Page::at(source, start + at as u64)? {
            return Ok(serials.contains(&page.serial));
        }
    }
    Ok(false)
}
