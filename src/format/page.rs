//! The page of trees (`README.md` in this folder), drawn from what the walks of real files declare.

use std::cell::{Cell, RefCell};
use std::fmt::Write;

use super::place::{Access, Action, Change};
use super::{edit, walk};
use crate::bytes::source::Source;
use crate::format::edit::tree::{NodeId, Size, States, Tree};
use crate::isrc::Isrc;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/format/README.md");

/// One small file of each family.
const FILES: [&str; 12] = [
    "flac-metaflac.flac",
    "mp3-id3v23-apev2.mp3",
    "wavpack-apev2.wv",
    "wav-kid3.wav",
    "aiff-id3-in-front-of-audio.aiff",
    "dsdiff-id3-tight.dff",
    "dsf-id3v24-tight.dsf",
    "m4a-free-behind-ilst.m4a",
    "opus-hyphens-padded.opus",
    "wma-mutagen.wma",
    "matroska-ffmpeg.mka",
    "caf-ffmpeg.caf",
];

thread_local! {
    /// What the offsets of the trees count from, while they are drawn: an Ogg file's count from its comment packet.
    static BASE: Cell<Option<u64>> = const { Cell::new(None) };
    /// The tree that was edited last.
    static DRAWN: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Takes note of a tree that is edited.
pub(super) fn draw(source: &mut Source, tree: &Tree) {
    let Some(base) = BASE.get() else { return };
    let mut bytes = vec![0; (source.len() - base) as usize];
    source.read_into(base, &mut bytes).unwrap();
    let source = &mut Source::new(&bytes);
    let mut lines = Vec::new();
    roots(tree, None).for_each(|node| draw_node(source, tree, node, 0, &mut lines));
    if let Some(new) = &tree.new {
        let inside = new.inside.map_or("the file".to_owned(), |node| {
            label(source, tree.nodes[node].range.start)
        });
        lines.push(format!("a new item: at {} in {inside}", new.at));
    }
    DRAWN.set(lines.join("\n"));
}

fn roots(tree: &Tree, inside: Option<NodeId>) -> impl Iterator<Item = NodeId> {
    let mut nodes: Vec<NodeId> = (0..tree.nodes.len())
        .filter(|node| tree.nodes[*node].inside == inside)
        .collect();
    nodes.sort_by_key(|node| tree.nodes[*node].range.start);
    nodes.into_iter()
}

fn draw_node(source: &mut Source, tree: &Tree, id: NodeId, depth: usize, lines: &mut Vec<String>) {
    let node = &tree.nodes[id];
    let mut line = format!(
        "{:depth$}{:?} {}",
        "",
        node.range,
        label(source, node.range.start),
        depth = 2 * depth
    );
    for field in &node.fields {
        let bytes = source.at(field.at, field.size.width()).unwrap();
        let stated = field.size.read(bytes);
        let _ = match (field.size, field.states) {
            (Size::Unstated, _) => write!(line, ", keeps its length"),
            (size, States::Length { .. }) => write!(line, ", size {size:?} at {} = {stated}", field.at),
            (size, States::Count(_)) => write!(line, ", count {size:?} at {} = {stated}", field.at),
        };
    }
    if let Some(pad) = node.pad {
        let _ = write!(line, ", pad {}", pad.len);
    }
    let domains = tree.domains.iter();
    for slack in domains
        .flat_map(|domain| &domain.slacks)
        .filter(|slack| slack.node == id)
    {
        let start = slack.range.start + slack.header;
        let _ = write!(line, ", slack {:?}", start..slack.range.end);
    }
    lines.push(line);
    let values = tree
        .items
        .iter()
        .flat_map(|item| &item.values)
        .filter(|value| value.node == id);
    for code in values.flat_map(|value| &value.codes) {
        let text = source.at(code.start, (code.end - code.start) as usize).unwrap();
        lines.push(format!(
            "{:depth$}{code:?} code {}",
            "",
            text.escape_ascii(),
            depth = 2 * depth + 2
        ));
    }
    roots(tree, Some(id)).for_each(|inner| draw_node(source, tree, inner, depth + 1, lines));
}

/// The first bytes of a box, which name it.
fn label(source: &mut Source, at: u64) -> String {
    let count = source.len().saturating_sub(at).min(8) as usize;
    let shown = |byte: &u8| match byte.is_ascii_graphic() {
        true => char::from(*byte),
        false => '·',
    };
    source.at(at, count).unwrap().iter().map(shown).collect()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the page is made anew on demand")]
fn the_page_shows_the_trees_of_real_files() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let isrc = Isrc::from_stored("QZTSE2699999").unwrap();
    let mut expected = String::new();
    for name in FILES {
        let path = format!("{}/testdata/seeds/{name}", env!("CARGO_MANIFEST_DIR"));
        let bytes = std::fs::read(path).unwrap();
        let mut source = Source::new(&bytes);
        let packet = bytes.windows(8).position(|view| view == b"OpusTags");
        BASE.set(Some(packet.unwrap_or(0) as u64));
        let walked = walk(&mut source, name.rsplit('.').next()).unwrap();
        let change = Change {
            actions: walked
                .located
                .places
                .iter()
                .map(|place| match place.access {
                    Access::Write => Action::Write(isrc),
                    Access::ReadOnly => Action::Keep,
                })
                .collect(),
            ..Change::default()
        };
        edit(&mut source, &walked, &change).unwrap();
        let _ = write!(expected, "### `{name}`\n\n```text\n{}\n```\n\n", DRAWN.take());
    }
    BASE.set(None);
    let (text, shown) = page.split_once("<!-- trees -->\n\n").unwrap();
    let expected = expected.trim_end_matches('\n').to_owned() + "\n";
    if shown != expected && std::env::var_os("ISRCTAG_PAGE").is_some() {
        std::fs::write(PAGE, format!("{text}<!-- trees -->\n\n{expected}")).unwrap();
    }
    assert_eq!(shown, expected, "ISRCTAG_PAGE=new writes the page anew");
}
